"""A `get_queryset` that keeps what it builds as `self.queryset`: a variable, where nothing else reads it."""

from __future__ import annotations

from dataclasses import replace

import libcst as cst

from strangler.facts import Endpoint

from .operation import code_of
from .sources import FunctionSource
from .walking import walk
from .world import World

_OWN = "self.queryset"
_LOCAL = "queryset"


def with_variable(world: World, endpoint: Endpoint, source: FunctionSource) -> FunctionSource:
    """The function with a variable for `self.queryset` from where it sets it, or as it is."""
    lines = list(source.node.body.body)
    sets = [n for n, line in enumerate(lines) if _set_by(line) is not None]
    if not sets or not isinstance(source.node.body, cst.IndentedBlock):
        return source
    first = sets[0]
    value = _set_by(lines[first])
    before = [*lines[:first], *([value] if value is not None else [])]
    if any(_OWN in code_of(node) for node in before) or _has_name(source.node, _LOCAL):
        return source
    if _others_read(world, endpoint, source):
        return source
    changed = [line.visit(_Renamed()) for line in lines[first:]]
    body = source.node.body.with_changes(body=[*lines[:first], *changed])
    return replace(source, node=source.node.with_changes(body=body))


def _set_by(line: cst.CSTNode) -> cst.BaseExpression | None:
    """The value of a statement that does nothing but `self.queryset = value`."""
    small = line.body[0] if isinstance(line, cst.SimpleStatementLine) else None
    if not isinstance(small, cst.Assign) or len(small.targets) != 1:
        return None
    return small.value if code_of(small.targets[0].target) == _OWN else None


def _has_name(node: cst.FunctionDef, name: str) -> bool:
    """Whether a function uses a name, other than behind a dot."""
    behind = {id(each.attr) for each in walk(node) if isinstance(each, cst.Attribute)}
    names = (n for n in walk(node) if isinstance(n, cst.Name) and id(n) not in behind)
    return any(found.value == name for found in names)


def _others_read(world: World, endpoint: Endpoint, source: FunctionSource) -> bool:
    """Whether other code of the view's classes mentions its queryset."""
    for ref in endpoint.lineage:
        found = world.sources.class_node(ref.path)
        for line in found[0].body.body if found is not None and ref.package is None else ():
            if not isinstance(line, cst.FunctionDef) or f".{_LOCAL}" not in code_of(line):
                continue
            if f"{ref.path}.{line.name.value}" != source.path:
                return True
    return False


class _Renamed(cst.CSTTransformer):
    def leave_Attribute(
        self, original_node: cst.Attribute, updated_node: cst.Attribute
    ) -> cst.BaseExpression:
        return cst.Name(_LOCAL) if code_of(original_node) == _OWN else updated_node
