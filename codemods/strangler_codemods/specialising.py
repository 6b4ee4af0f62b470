"""Functions of the project for the names that a call hands them: `updated(row, ["title"], data)`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, cast

import libcst as cst

from .class_bodies import bound_names, loaded_names
from .filled_dicts import without_filled_dicts
from .known_fields import with_known_fields
from .operation import code_of
from .settled import assigned, without_settled
from .sources import FunctionSource, Module
from .types import Instance
from .unrolling import known_names, names_attributes, unrolled
from .walking import statements_of, walk
from .world import World

if TYPE_CHECKING:
    from .arguments import Bound

Names = tuple[str, ...]


def specialised(
    world: World, source: FunctionSource, bound: Bound
) -> tuple[FunctionSource, Mapping[str, Names]]:
    """The function for the names that `bound` hands it, and those by parameter.

    These parameters are the function's no more, and their arguments are taken out of `bound`.
    """
    if source.path in world.sources.ported:
        return source, {}
    taken = {
        name: names
        for name, names in _given(source, bound).items()
        if _is_looped(source.node, name)
    }
    if not taken:
        return source, {}
    node = source.node.visit(_Handed(taken))
    assert isinstance(node, cst.FunctionDef)
    loops = {code_of(each.iter) for each in walk(node.body) if isinstance(each, cst.For)}
    node = unrolled(node, lambda loop: code_of(loop.iter) in loops)
    rows = {
        name: kind.model
        for name, kind in bound.kinds.items()
        if isinstance(kind, Instance) and not kind.optional
    }
    found = without_filled_dicts(with_known_fields(world, replace(source, node=node), rows))
    body = cast("cst.IndentedBlock", found.node.body)
    left = without_settled(body.body)
    for name in taken:
        bound.named.pop(name, None)
        bound.kinds.pop(name, None)
    return replace(found, node=found.node.with_changes(body=body.with_changes(body=left))), taken


def _given(source: FunctionSource, bound: Bound) -> dict[str, Names]:
    """Names by parameter: of the call, or of the default that it leaves."""
    params = source.node.params
    found = dict(bound.names)
    for param in (*params.params, *params.kwonly_params):
        if param.default is not None and param.name.value not in bound.kinds:
            names = known_names(param.default)
            found |= {param.name.value: names} if names is not None else {}
    return found


def _is_looped(node: cst.FunctionDef, name: str) -> bool:
    """Whether a function only loops over a parameter, for the names of attributes, or looks into it."""
    if name in bound_names(statements_of(node)):
        return False
    loops = [
        each for each in walk(node.body) if isinstance(each, cst.For) and code_of(each.iter) == name
    ]
    asked = [
        each
        for each in walk(node.body)
        if isinstance(each, cst.ComparisonTarget)
        and isinstance(each.operator, cst.In | cst.NotIn)
        and code_of(each.comparator) == name
    ]
    reads = [each.value for each in loaded_names(node.body)].count(name)
    return any(map(names_attributes, loops)) and reads == len(loops) + len(asked)


class _Handed(cst.CSTTransformer):
    """Puts lists of names in place of parameters, which go."""

    def __init__(self, names: Mapping[str, Names]) -> None:
        super().__init__()
        self.names = names

    def leave_Param(
        self, original_node: cst.Param, updated_node: cst.Param
    ) -> cst.Param | cst.RemovalSentinel:
        gone = original_node.name.value in self.names
        return cst.RemoveFromParent() if gone else updated_node

    def leave_For(self, original_node: cst.For, updated_node: cst.For) -> cst.For:
        names = self.names.get(code_of(original_node.iter))
        return updated_node if names is None else updated_node.with_changes(iter=_listed(names))

    def leave_ComparisonTarget(
        self, original_node: cst.ComparisonTarget, updated_node: cst.ComparisonTarget
    ) -> cst.ComparisonTarget:
        names = self.names.get(code_of(original_node.comparator))
        return (
            updated_node if names is None else updated_node.with_changes(comparator=_listed(names))
        )


def _listed(names: Names) -> cst.BaseExpression:
    return cst.parse_expression(f"({', '.join(map(repr, names))}{',' if len(names) == 1 else ''})")


def with_names_in_place(world: World, module: Module, node: cst.FunctionDef) -> cst.FunctionDef:
    """The function that hands literal names on itself, where it has a variable for that alone."""
    for place, line in enumerate(statements_of(node)):
        target, value = assigned(line)
        names = known_names(value) if value is not None else None
        rest = statements_of(node)[place + 1 :]
        reads = [each.value for each in loaded_names(node.body)].count(target)
        if (
            names is None or value is None or target in bound_names(rest) or reads != 2
        ):  # bound, read
            continue
        calls = [
            each
            for after in rest
            if not isinstance(after, cst.For | cst.While | cst.FunctionDef | cst.ClassDef)
            for each in walk(after)
            if isinstance(each, cst.Call) and any(code_of(a.value) == target for a in each.args)
        ]
        paths = [world.sources.resolve(module, code_of(call.func)) for call in calls]
        if len(paths) == 1 and paths[0] is not None and world.sources.function(paths[0]):
            return with_names_in_place(world, module, _in_place(node, line, calls[0], value))
    return node


def _in_place(
    node: cst.FunctionDef, line: cst.BaseStatement, call: cst.Call, value: cst.BaseExpression
) -> cst.FunctionDef:
    target = assigned(line)[0]
    args = [
        each.with_changes(value=value) if code_of(each.value) == target else each
        for each in call.args
    ]
    suite = cast("cst.IndentedBlock", node.body)
    left = suite.with_changes(body=[each for each in suite.body if each is not line])
    changed = left.deep_replace(call, call.with_changes(args=args))
    return node.with_changes(body=changed)
