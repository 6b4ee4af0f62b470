"""Models of django-polymorphic: their rows are read as rows of the model that is asked.

Django gives rows of the class that each was made as. What such a class shares with the model above
it reads the same; what it replaces has no rule, and neither has writing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from strangler.facts import Manager, Model, Ref, Reverse

if TYPE_CHECKING:
    from .world import World

_MODEL = "polymorphic.models.PolymorphicModel."
_MANAGER = "polymorphic.managers.PolymorphicManager"
_QUERYSETS = (
    "django.db.models.query.QuerySet",
    "polymorphic.query.PolymorphicQuerySet",
    "polymorphic.managers.PolymorphicQuerySet",
)


def is_polymorphic(model: Model) -> bool:
    """Whether rows of the model may be of classes below it."""
    ref = model.methods.get("pre_save_polymorphic")
    return ref is not None and ref.path.startswith(_MODEL)


def is_its_manager(manager: Manager) -> bool:
    """Whether a manager is the package's own, as it is."""
    queryset = manager.queryset
    return manager.cls.path == _MANAGER and (queryset is None or queryset.path in _QUERYSETS)


def is_its_method(ref: Ref) -> bool:
    """Whether a method is the package's own."""
    return ref.path.startswith(_MODEL)


def column_below(world: World, model: Model, name: str) -> Reverse | None:
    """Where rows of a class right below the model have a column of which no other class knows anything."""
    if not is_polymorphic(model) or world.sources.may_set(name):
        return None
    waiting, found = [model], list[Model]()
    while waiting:
        one = waiting.pop()
        columns = {c.name for c in (*one.fields, *one.many_to_many)}
        ends = {r.accessor for r in one.reverse}
        if name in columns | ends | one.methods.keys() | one.attributes.keys():
            found.append(one)
        waiting += world.children.get(one.name, ())
    below = [r for r in model.reverse if r.one_to_one and [r.model] == [m.name for m in found]]
    return below[0] if len(below) == 1 and not found[0].proxy else None


def replaced_below(world: World, model: Model, name: str) -> bool:
    """Whether a class below the model has something of its own under a name."""
    if not is_polymorphic(model):
        return False
    waiting, own = list(world.children.get(model.name, ())), model.methods.get(name)
    while waiting:
        child = waiting.pop()
        other = child.methods.get(name)
        columns = {c.name for c in (*child.fields, *child.many_to_many)}
        if name in columns or (other is not None and (own is None or other.path != own.path)):
            return True
        waiting += world.children.get(child.name, ())
    return False
