"""django-cleanup deletes files whose names rows no longer hold: nothing happens where names stay."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from strangler.facts import Receiver

from .field_kinds import FILE_KINDS
from .operation import code_of

if TYPE_CHECKING:
    from .world import World

_HANDLERS = "django_cleanup.handlers."
_SAVING = frozenset({"pre_save", "post_save", "post_init"})


def cleans_nothing(world: World, label: str, receiver: Receiver) -> bool:
    """Whether the receiver is the package's, and no line gives a saved row of the model another file."""
    if not receiver.function.path.startswith(_HANDLERS) or receiver.signal not in _SAVING:
        return False
    family = {label, *world.ancestors(label), *(c.name for c in world.children.get(label, ()))}
    fields = [column for each in family for column in world.models[each].fields]
    columns = {column.name for column in fields if column.internal_type in FILE_KINDS}
    written = {
        part
        for serializer in world.facts.serializers
        if serializer.model in family
        for item in serializer.fields
        if not item.read_only
        for part in (item.name, item.source)
    }
    return not any(name in written or _may_change(world, label, name) for name in columns)


def _may_change(world: World, label: str, name: str) -> bool:
    """Whether code may set the column of a row that there is."""
    named = re.escape(name)
    given = re.compile(rf"\b(?:save|_or_create)\([^()]*\b{named}\b|\bdefaults\b.*\b{named}\b")
    if world.sources.sets_elsewhere(name) or world.sources.says(given):
        return True
    own = [world.sources.class_node(ref.path) for ref in world.models[label].lineage]
    sets = re.compile(rf"\bself\.{named}\s*=(?!=)")
    return any(sets.search(code_of(found[0])) for found in own if found is not None)
