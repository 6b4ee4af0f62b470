"""Handlers that hand their view, or what they checked, to functions of the project.

    users = user_list(filters=filters.validated_data)
    return get_paginated_response(pagination_class=self.Pages, queryset=users, view=self, ...)

Such a function answers for the handler, or makes a filter set, which only a handler's own statements
may do: they stand in place of the call.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import libcst as cst

from .class_bodies import bound_names, loaded_names
from .operation import code_of
from .sources import FunctionSource
from .walking import has, statements_of
from .world import World

_UNFIT = (cst.FunctionDef, cst.ClassDef, cst.Lambda, cst.Yield, cst.Await, cst.Global, cst.Nonlocal)


def with_functions(world: World, source: FunctionSource) -> FunctionSource:
    """The handler with the statements of these functions; unchanged where it calls none."""
    suite = source.node.body
    if not isinstance(suite, cst.IndentedBlock):
        return source
    handler = _Handler(world, source)
    lines: list[cst.BaseStatement] = []
    for line in suite.body:
        lines.extend(handler.instead(line) or [line])
    if not handler.symbols:
        return source
    node = source.node.with_changes(body=suite.with_changes(body=lines))
    return replace(source, node=node, symbols=tuple(sorted(handler.symbols.items())))


class _Handler:
    """One handler, and what the names mean that its statements get from elsewhere."""

    def __init__(self, world: World, source: FunctionSource) -> None:
        self.world, self.source = world, source
        self.symbols: dict[str, str] = {}
        self.taken = {name.value for name in loaded_names(source.node.body)}
        self.taken |= bound_names(statements_of(source.node))

    def instead(self, line: cst.BaseStatement) -> list[cst.BaseStatement] | None:
        """The function's statements in place of `return f(...)` or `name = f(...)`."""
        small = line.body[0] if isinstance(line, cst.SimpleStatementLine) else None
        if not isinstance(small, cst.Return | cst.Assign) or not isinstance(small.value, cst.Call):
            return None
        call, found = small.value, self._function(small.value)
        if found is None or not (_is_handed_view(call) or self._filters(found)):
            return None
        given = _arguments(found.node, call)
        lines = _whole(statements_of(found.node), ends=isinstance(small, cst.Assign))
        meant = self._meant(found, given or {})
        if given is None or lines is None or meant is None:
            return None
        first, replaced = self._bound(found, given)
        body = [line.visit(_Replaced(replaced)) for line in lines]
        if isinstance(small, cst.Assign):
            last = body.pop()
            assert isinstance(last, cst.SimpleStatementLine)
            answer = last.body[0]
            assert isinstance(answer, cst.Return)
            assert answer.value is not None
            body.append(last.with_changes(body=[small.with_changes(value=answer.value)]))
        self.symbols |= meant
        self.taken |= bound_names(statements_of(found.node))
        return [*first, *body]  # type: ignore[list-item]  # a statement stays one

    def _function(self, call: cst.Call) -> FunctionSource | None:
        """The function of a module of the project that is called, without decorators."""
        if not isinstance(call.func, cst.Name):
            return None
        path = self.world.sources.resolve(self.source.module, call.func.value)
        found = self.world.sources.function(path) if path is not None else None
        if found is None or found.owner or found.node.decorators or found.node.asynchronous:
            return None
        return None if found.path in self.world.sources.ported else found

    def _filters(self, found: FunctionSource) -> bool:
        """Whether the function makes a filter set of the project."""
        names = {name.value for name in loaded_names(found.node.body)}
        paths = {self.world.sources.resolve(found.module, name) for name in names}
        return not paths.isdisjoint(self.world.filterset_names)

    def _meant(
        self, found: FunctionSource, given: dict[str, cst.BaseExpression]
    ) -> dict[str, str] | None:
        """Paths of the function's names; None where the handler means something else by one."""
        bound = bound_names(statements_of(found.node))
        asked = {name.value for value in given.values() for name in loaded_names(value)}
        if bound & (self.taken | asked):
            return None
        meant = {}
        for name in {each.value for each in loaded_names(found.node.body)} - bound - given.keys():
            here = self.world.sources.resolve(self.source.module, name)
            there = self.world.sources.resolve(found.module, name)
            if here == there:
                continue
            if there is None or here is not None or name in self.taken:
                return None
            meant[name] = there
        return meant or {found.node.name.value: found.path}

    def _bound(
        self, found: FunctionSource, given: dict[str, cst.BaseExpression]
    ) -> tuple[list[cst.BaseStatement], dict[str, cst.BaseExpression]]:
        """Statements that give parameters their values, and what simply stands for the others."""
        changed = bound_names(statements_of(found.node))
        lines, replaced = [], {}
        for name, value in given.items():
            if name not in changed:
                replaced[name] = value
            elif code_of(value) != name:
                lines.append(cst.parse_statement(f"{name} = {code_of(value)}"))
        return lines, replaced  # type: ignore[return-value]  # a line is a statement


def _is_handed_view(call: cst.Call) -> bool:
    return any(isinstance(a.value, cst.Name) and a.value.value == "self" for a in call.args)


def _arguments(node: cst.FunctionDef, call: cst.Call) -> dict[str, cst.BaseExpression] | None:
    """Names, attributes and literals by parameter; None for anything that should be read once."""
    params = node.params
    if params.star_kwarg is not None or isinstance(params.star_arg, cst.Param):
        return None
    names = [p.name.value for p in params.params]
    given: dict[str, cst.BaseExpression] = {}
    for position, argument in enumerate(call.args):
        if argument.star or not _is_plain(argument.value):
            return None
        if argument.keyword is None and position >= len(names):
            return None
        name = argument.keyword.value if argument.keyword is not None else names[position]
        given[name] = argument.value
    for param in (*params.params, *params.kwonly_params):
        if param.name.value not in given and param.default is not None:
            given[param.name.value] = param.default
    every = {p.name.value for p in (*params.params, *params.kwonly_params)}
    return given if set(given) == every and all(map(_is_plain, given.values())) else None


def _is_plain(value: cst.BaseExpression) -> bool:
    while isinstance(value, cst.Attribute):
        value = value.value
    return isinstance(value, cst.Name | cst.SimpleString | cst.Integer)


def _whole(lines: Sequence[cst.BaseStatement], *, ends: bool) -> Sequence[cst.BaseStatement] | None:
    """The statements without documentation; `ends`: where the last one alone returns."""
    first = lines[0].body[0] if lines and isinstance(lines[0], cst.SimpleStatementLine) else None
    if isinstance(first, cst.Expr) and isinstance(first.value, cst.SimpleString):
        lines = lines[1:]
    last = lines[-1] if lines else None
    small = last.body[-1] if isinstance(last, cst.SimpleStatementLine) else None
    if (
        not isinstance(small, cst.Return)
        or small.value is None
        or any(has(x, *_UNFIT) for x in lines)
    ):
        return None
    assert isinstance(last, cst.SimpleStatementLine)
    if len(last.body) != 1 or (ends and any(has(line, cst.Return) for line in lines[:-1])):
        return None
    return lines


class _Replaced(cst.CSTTransformer):
    """Puts what was handed over in place of parameters."""

    def __init__(self, values: dict[str, cst.BaseExpression]) -> None:
        super().__init__()
        self.values = values

    def leave_Attribute(
        self, original_node: cst.Attribute, updated_node: cst.Attribute
    ) -> cst.BaseExpression:
        return updated_node.with_changes(attr=original_node.attr)

    def leave_Arg(self, original_node: cst.Arg, updated_node: cst.Arg) -> cst.Arg:
        return updated_node.with_changes(keyword=original_node.keyword)

    def leave_Name(self, original_node: cst.Name, updated_node: cst.Name) -> cst.BaseExpression:
        return self.values.get(original_node.value, updated_node)
