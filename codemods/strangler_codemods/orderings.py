"""Names that clients order by: a relation stands for the order of the model that it leads to."""

from __future__ import annotations

from collections.abc import Iterable

from .refusal import RefusalError
from .types import Query, Type, Unknown
from .value_types import COMPARED_OTHERWISE
from .world import World

_DEPTH = 10


def spelled(world: World, label: str, term: str, place: str) -> tuple[str, ...]:
    """`-shelf` as `("shelf__rank", "-shelf__id")`, where shelves are ordered by `-rank` and `id`.

    Raises:
        RefusalError: the related model's order is computed, or leads round in a circle.
    """
    return tuple(_spelled(world, label, term, place, _DEPTH))


def _spelled(world: World, label: str, term: str, place: str, depth: int) -> list[str]:
    bare = term.removeprefix("-")
    target = _target(world, label, bare.split("__"))
    if target is None or not world.models[target].ordering:
        return [term]
    found: list[str] = []
    for entry in world.models[target].ordering:
        if not isinstance(entry, str) or entry.startswith("?") or not depth:
            text = f"ordering by `{bare}` follows the order of {target}, which has no rule"
            raise RefusalError("F103", text, place)
        descending = entry.startswith("-") != term.startswith("-")
        inner = f"{'-' if descending else ''}{bare}__{entry.removeprefix('-')}"
        found += _spelled(world, label, inner, place, depth - 1)
    return found


def _target(world: World, label: str, parts: list[str]) -> str | None:
    """The model that a path of relations ends at; None where it ends at a column, or is no path."""
    for position, part in enumerate(parts):
        found = world.field_named(label, part)
        relation = found[1].relation if found is not None else None
        if found is not None and (relation is None or part != found[1].name):
            return None
        if relation is not None:
            label = relation.model
        else:
            reverse = (r for r in world.models[label].reverse if r.query_name == part)
            step = next(reverse, None)
            if step is None:
                return None
            label = step.model
        if label not in world.models:
            return None
        if position == len(parts) - 1:
            return label
    return None


def computed_terms(
    world: World, label: str, terms: Iterable[str], rows: Type | None, place: str
) -> dict[str, str]:
    """What the queryset computes of what is ordered by, as texts.

    Raises:
        RefusalError: a term is neither stored nor known.
    """
    if isinstance(rows, Unknown):  # then it says so itself
        return {}
    known = {c.name: c.text for c in rows.computed} if isinstance(rows, Query) else {}
    found = {}
    for term in terms:
        bare = term.removeprefix("-")
        if bare == "?" or is_stored(world, label, bare):
            continue
        if bare not in known and is_method(world, label, bare):
            continue  # Django fails to order by it, and so does compat
        if bare not in known:
            text = f"an order by `{bare}`, which the queryset computes, has no rule"
            raise RefusalError("F103", text, place)
        found[bare] = known[bare]
    return found


def is_method(world: World, label: str, name: str) -> bool:
    """Whether a name is a method of the model, by which no query can be ordered."""
    return not is_stored(world, label, name) and (
        name in world.models[label].methods
        or (name.startswith("get_") and name.endswith("_display"))
    )


def is_stored(world: World, label: str, name: str) -> bool:
    """Whether a path begins at a column or relation of the model."""
    first = name.partition("__")[0]
    if first == "pk" or world.field_named(label, first) is not None:
        return True
    above = [world.models[one] for one in (label, *world.ancestors(label)) if one in world.models]
    return any(
        first in (*(r.query_name for r in model.reverse), *(g.name for g in model.generic))
        for model in above
    )


def require_searched(world: World, label: str, term: str, place: str) -> None:
    """Refuse an entry of `search_fields` that no column can be asked for; `^name` is one of `name`.

    Raises:
        RefusalError: as `require_stored`, but lists and such are looked at as texts.
    """
    name = term.lstrip("^=@$")
    way, _, last = name.rpartition("__")
    owner = _target(world, label, way.split("__")) if way else label
    found = world.field_named(owner, last) if owner is not None else None
    if term != name or found is None or found[1].internal_type not in COMPARED_OTHERWISE:
        require_stored(world, label, name, place)


def require_stored(world: World, label: str, name: str, place: str) -> None:
    """Refuse to filter by what the queryset computes, and by what no text is compared with.

    Raises:
        RefusalError: the path begins at no column or relation, or ends at a list, a range and such.
    """
    if not is_stored(world, label, name):
        text = f"a filter by `{name}`, which the queryset computes, has no rule"
        raise RefusalError("F111", text, place)
    kind = kind_at(world, label, name.split("__"))
    if kind in COMPARED_OTHERWISE:
        raise RefusalError("F111", f"a filter by `{name}`, of the kind {kind}, has no rule", place)


def kind_at(world: World, label: str, parts: list[str]) -> str | None:
    """Django's kind of the column that a path leads to; None where it leads to none."""
    for position, part in enumerate(parts):
        owner = _target(world, label, parts[:position]) if position else label
        column = world.field_named(owner, part) if owner is not None else None
        if column is not None and column[1].relation is None:
            return column[1].internal_type
    return None


def is_cursor_column(world: World, label: str, term: object) -> bool:
    """Whether a term names a column of the model itself, no relation, that is never null."""
    bare = term.removeprefix("-") if isinstance(term, str) else ""
    found = world.field_named(label, bare) if bare else None
    return found is not None and found[1].relation is None and not found[1].null
