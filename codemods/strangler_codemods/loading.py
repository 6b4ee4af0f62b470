"""Relations loaded ahead: `a__b` as loader options."""

from __future__ import annotations

import re

from .body import Body

_STEP = r"(joinedload|selectinload|defaultload)\((\w+\.\w+)\)"
_CHAIN = re.compile(rf"{_STEP}(?:\s*\.{_STEP})*")
#: Which loader a statement has for the relations on a path.
Loaders = dict[tuple[str, ...], str]


def load_path(
    body: Body, label: str, path: str, *, to_many: bool, before: str = "select("
) -> str | None:
    """`joinedload(A.b).selectinload(B.c)`: to-one joins, to-many selects; None for unknown names.

    before: the statement so far, whose loaders are kept: two for one relation are an error.
    """
    text, taken, steps = "", loaders_of(before), tuple[str, ...]()
    names = path.split("__")
    for place, name in enumerate(names):
        step = relation_step(body, label, name)
        if step is None:
            return None
        owner, attribute, target, many = step
        if many and not to_many:
            return None
        loader = "selectinload" if many or to_many else "joinedload"
        through = to_many and not many and place < len(names) - 1
        if through and "select(" not in before:  # what else is loaded is not seen from here
            loader = "defaultload"
        reference = f"{body.model(owner)}.{attribute}"
        steps = (*steps, reference)
        loader = taken.get(steps, loader)
        if not text:
            body.use("sqlalchemy.orm", loader)
        text = f"{text}.{loader}({reference})" if text else f"{loader}({reference})"
        label = target
    return text


def loaders_of(statement: str) -> Loaders:
    """The loaders that a statement has already, by path."""
    found: Loaders = {}
    for chain in _CHAIN.finditer(statement):
        steps = tuple[str, ...]()
        for loader, reference in re.findall(_STEP, chain[0]):
            steps = (*steps, reference)
            if loader != "defaultload":
                found.setdefault(steps, loader)
    return found


def relation_step(body: Body, label: str, name: str) -> tuple[str, str, str, bool] | None:
    """Owner label, mapped attribute, target label and whether it is to-many."""
    found = body.world.field_named(label, name)
    if found is not None and found[1].relation is not None and name == found[1].name:
        many = found[1].relation.kind == "many_to_many"
        return found[0].name, body.world.attribute(name), found[1].relation.model, many
    for reverse in body.world.models[label].reverse:
        if reverse.accessor == name:
            return label, body.world.attribute(name), reverse.model, not reverse.one_to_one
    return None
