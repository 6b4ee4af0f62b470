"""Whether rows can be written without skipping code of the project: overrides and receivers."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from strangler.facts import Model, ModelField, Receiver, Relation

from .file_cleanup import cleans_nothing
from .links import through_model
from .model_overrides import OVERRIDABLE
from .polymorphic import is_polymorphic
from .refusal import RefusalError

if TYPE_CHECKING:
    from .world import World

_SIGNALS = {
    "save": ("pre_save", "post_save", "pre_init", "post_init"),
    "delete": ("pre_delete", "post_delete", "pre_init", "post_init"),
    "m2m": ("m2m_changed",),
}
# Methods of QuerySets that write; every other one is asked when rows are read.
WRITING = frozenset(
    {
        "create",
        "bulk_create",
        "get_or_create",
        "update_or_create",
        "update",
        "bulk_update",
        "delete",
    }
    | {f"a{name}" for name in ("create", "bulk_create", "get_or_create", "update", "delete")}
)
_STAYING = frozenset({"PROTECT", "RESTRICT", "SET_NULL", "SET_DEFAULT", "SET", "DO_NOTHING"})
# Rows with several parents: what finds them in one table would miss a part.
_OF_SEVERAL_TABLES = frozenset({"M104"})
# What can be done with rows that point to others by several columns; the rest sets these.
OVER_COLUMNS = frozenset({"CASCADE", "PROTECT", "RESTRICT", "DO_NOTHING"})
_EQUALITY = ("__init__", "__eq__", "__hash__")
_OVERRIDES = {
    "save": (
        "save", "save_base", "_save_parents", "_save_table", "_do_insert", "_do_update",
        "_prepare_related_fields_for_save", "prepare_database_save", "_is_pk_set", *_EQUALITY,
    ),
    "delete": ("delete", *_EQUALITY),
    "m2m": _EQUALITY,
}  # fmt: skip


def write_obstacle(world: World, label: str, kind: str) -> str | None:
    """Why rows of a model cannot be saved, deleted or related (`m2m`) yet."""
    if kind == "delete":
        for target in cascades(world, label):
            reason = _obstacle(world, target, kind, own=target == label)
            reason = reason or _handed_on(world, target)
            if reason is not None:
                return reason
        return None
    return _obstacle(world, label, kind, own=True)


def bulk_obstacle(world: World, label: str) -> str | None:
    """Why rows of a model cannot be written many at once, which skips its `save` and receivers."""
    model = world.models[label]
    if world.models[world.concrete(label)].parents:
        return f"{label} has its columns in several tables"
    return _row_obstacle(world, model, "save")


def links_obstacle(world: World, label: str, names: Iterable[str]) -> str | None:
    """Why the many-to-many lists `names` of a model's rows cannot be written yet."""
    for name in names:
        through = through_model(world, label, name)
        if through is None:
            continue
        for kind in ("m2m", "delete"):
            reason = _obstacle(world, through.name, kind, own=False)
            if reason is not None:
                return reason
    return None


def serializer_obstacle(world: World, label: str, serializer: str | None) -> str | None:
    """Why a list that a serializer writes cannot be written yet."""
    found = next((s for s in world.facts.serializers if s.name == serializer), None)
    names = [f.source for f in found.fields if not f.read_only] if found is not None else []
    return links_obstacle(world, label, names)


def _obstacle(world: World, label: str, kind: str, *, own: bool) -> str | None:
    model = world.models[label]
    for name in _OVERRIDES[kind] if own else ():
        ref = model.methods.get(name)
        why = _not_carried(world, label, name) if ref is not None else None
        if ref is not None and why is not None:
            return f"{label} overrides `{name}` at {ref.source or ref.path}{why}"
    reason = _row_obstacle(world, model, kind)
    if reason is not None:
        return reason
    silent = model.auto_created and kind != "m2m"  # Django sends no signals of such rows
    for receiver in () if silent else world.facts.receivers:
        if receiver.signal not in _SIGNALS[kind] or receiver.function.package == "django":
            continue
        if not receiver.senders or label in receiver.senders:
            why = _not_received(world, receiver, label)
            place = receiver.function.source or receiver.function.path
            if why is not None:
                return f"{receiver.signal} of {label} is received at {place}{why}"
    return None


def _not_carried(world: World, label: str, name: str) -> str | None:
    """Why an override is not in the mapped class; None where it is."""
    if name not in OVERRIDABLE or world.carry_override is None:
        return ""
    try:
        world.carry_override(label, name)
    except RefusalError as refusal:
        at = f" ({refusal.source})" if refusal.source else ""
        return f": {refusal.message}{at}"
    return None


def _row_obstacle(world: World, model: Model, kind: str) -> str | None:
    """What a row is made of that has no rule yet."""
    label = model.name
    refused = world.refused.get(label)
    if refused is not None and refused.code in _OF_SEVERAL_TABLES:
        return refused.message
    if kind != "m2m" and is_polymorphic(model):
        return f"rows of {label} are of several classes"
    if kind != "save":
        return None
    if any(m.default and "create" in m.overrides for m in model.managers):
        return f"the default manager of {label} overrides `create`"
    for above in (label, *world.ancestors(label)):
        if above in world.unmade:
            return world.unmade[above]
        if world.models[above].order_with_respect_to:
            return f"{above} numbers its rows (order_with_respect_to)"
    return None


def _not_received(world: World, receiver: Receiver, label: str) -> str | None:
    """Why a receiver is not among compat's; None where it is, or has nothing to do."""
    if cleans_nothing(world, label, receiver):
        return None
    if world.carry_receiver is None or receiver.function.package is not None:
        return ""
    try:
        world.carry_receiver(receiver)
    except RefusalError as refusal:
        at = f" ({refusal.source})" if refusal.source else ""
        return f": {refusal.message}{at}"
    return None


def _handed_on(world: World, label: str) -> str | None:
    """Why what hangs on the rows of a model cannot be treated as Django would."""
    for model in world.facts.models:
        for item in model.foreign_objects:
            known = item.on_delete in OVER_COLUMNS
            if not known and world.concrete(item.model) == world.concrete(label):
                return f"{model.name}.{item.name} points to {label} without a column of its own"
        for column in model.fields:
            relation = column.relation
            if relation is None or plain_on_delete(relation):
                continue
            if world.concrete(relation.model) != world.concrete(label):
                continue
            why = _not_replaced(world, column)
            if why is not None:
                return f"{model.name}.{column.name} has an `on_delete` without a rule{why}"
    return None


def _not_replaced(world: World, column: ModelField) -> str | None:
    """Why the function of `SET(function)` is not in the new app; None where it is."""
    relation = column.relation
    if relation is None or (relation.on_delete, relation.on_delete_value.kind) != (
        "SET",
        "callable",
    ):
        return ""
    if world.carry_replacement is None:
        return ""
    try:
        world.carry_replacement(column)
    except RefusalError as refusal:
        return f": {refusal.message}"
    return None


def plain_on_delete(relation: Relation) -> bool:
    """Whether `on_delete` is one of Django's, with a value that can be written down."""
    value = relation.on_delete_value
    if relation.on_delete == "SET":
        return value.kind == "none" or (value.kind == "literal" and value.path is None)
    return relation.on_delete is None or relation.on_delete in {*_STAYING, "CASCADE"}


def cascades(world: World, label: str) -> list[str]:
    """The model and all whose rows go with one of its rows."""
    found, waiting = [label], [label]
    while waiting:
        current = waiting.pop()
        own = world.models[world.concrete(current)]
        reached = [m.name for m in world.facts.models if _goes_with(world, m, own.name)]
        generic = [g.related for one in (world.models[current], own) for g in one.generic]
        known = [name for name in generic if name in world.models]
        for name in [*reached, *filter(None, known), *own.parents]:
            if name not in found:
                found.append(name)
                waiting.append(name)
    return found


def _goes_with(world: World, model: Model, label: str) -> bool:
    """Whether rows of `model` are deleted with the rows of `label` that they point to."""
    relations = [c.relation for c in model.fields if c.relation is not None]
    cascading = [r.model for r in relations if r.on_delete not in _STAYING]
    cascading += [item.model for item in model.foreign_objects if item.on_delete == "CASCADE"]
    above = () if model.proxy else model.parents
    return any(world.concrete(target) == label for target in (*cascading, *above))
