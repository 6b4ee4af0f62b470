"""List classes of the project's serializers: which of them change how lists are shown."""

from __future__ import annotations

import libcst as cst

from strangler.facts import Serializer

from .functions import is_docstring
from .operation import code_of
from .refusal import RefusalError
from .world import World

# What a list class may replace that only matters when lists are sent.
_SAVING = frozenset({"create", "update", "save", "validate", "run_child_validation"})
_DRF = "rest_framework.serializers.ListSerializer"


def require_lists(world: World, serializer: Serializer, *, written: bool) -> None:
    """Refuse a serializer whose list class may show (`written`: take) lists in its own way.

    Raises:
        RefusalError: it has such a class.
    """
    path = serializer.meta.get("list_serializer_class")
    if not isinstance(path, str) or not path:
        return
    if written or not _only_saves(world, path):
        text = f"`{path}` shows lists in its own way"
        raise RefusalError("S122", text, serializer.source or "")


def _only_saves(world: World, path: str) -> bool:
    """Whether a list class replaces nothing that is asked when lists are shown."""
    if path == _DRF:
        return True
    found = world.sources.class_node(path)
    if found is None or len(found[0].bases) != 1:
        return False
    node, module = found
    if not all(_saves(line) for line in node.body.body):
        return False
    base = world.sources.resolve(module, code_of(node.bases[0].value))
    return base is not None and _only_saves(world, base)


def _saves(line: cst.BaseStatement | cst.BaseSmallStatement) -> bool:
    if isinstance(line, cst.FunctionDef):
        return line.name.value in _SAVING
    return isinstance(line, cst.BaseStatement) and is_docstring(line)
