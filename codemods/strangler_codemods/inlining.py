"""Handlers that hand on to what they override: the statements of DRF's method in place of the call.

    def create(self, request, *args, **kwargs):
        require_open(request.user)
        return super().create(request, *args, **kwargs)

becomes what the mixin's `create` does after `require_open(...)`. So do methods of the project's own
base classes, and its `perform_create` where the handler asks for it.
"""

from __future__ import annotations

import ast
import re
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass, replace
from types import UnionType
from typing import cast

import libcst as cst

from strangler.facts import Endpoint

from .answering_methods import answers_in_pages, bound_arguments, called_method
from .class_bodies import bound_names, loaded_names
from .empty_stars import without_empty_stars
from .generic_views import action_of
from .operation import code_of
from .sources import FunctionSource, Sources
from .walking import has

_MIXINS = "rest_framework.mixins."
#: What stands for DRF's Response, whatever the project's module calls it.
RESPONSE = "DRF_RESPONSE"
_LIST = """
queryset = self.filter_queryset(self.get_queryset())
page = self.paginate_queryset(queryset)
if page is not None:
    serializer = self.get_serializer(page, many=True)
    return self.get_paginated_response(serializer.data)
serializer = self.get_serializer(queryset, many=True)
return DRF_RESPONSE(serializer.data)
"""
_UNPAGED = """
queryset = self.filter_queryset(self.get_queryset())
serializer = self.get_serializer(queryset, many=True)
return DRF_RESPONSE(serializer.data)
"""
_UPDATE = """
instance = self.get_object()
serializer = self.get_serializer(instance, data=request.data{partial})
serializer.is_valid(raise_exception=True)
self.perform_update(serializer)
return DRF_RESPONSE(serializer.data)
"""
#: What DRF's mixins do.
_DONE = {
    "list": _LIST,
    "retrieve": """
instance = self.get_object()
serializer = self.get_serializer(instance)
return DRF_RESPONSE(serializer.data)
""",
    "create": """
serializer = self.get_serializer(data=request.data)
serializer.is_valid(raise_exception=True)
self.perform_create(serializer)
headers = self.get_success_headers(serializer.data)
return DRF_RESPONSE(serializer.data, status=201, headers=headers)
""",
    "update": _UPDATE.replace("{partial}", ""),
    "partial_update": _UPDATE.replace("{partial}", ", partial=True"),
    "destroy": """
instance = self.get_object()
self.perform_destroy(instance)
return DRF_RESPONSE(status=204)
""",
}
#: What their `perform_*` call of what they are handed.
_PERFORMED = {"perform_create": "save", "perform_update": "save", "perform_destroy": "delete"}
_CALL = re.compile(r"(super\(\)|self)\.(\w+)\(request(, \*?args, (\*\*)?kwargs)?\)")
_HANDING = re.compile(r"super\(\)\.|self\.perform_|return self\.")
_DEPTH = 6


@dataclass
class Inlining:
    """Puts statements in place of calls, for one endpoint."""

    sources: Sources
    endpoint: Endpoint
    depth: int = _DEPTH
    #: Whether DRF's `partial_update` handed on to the method, with `partial=True`.
    partial: bool = False

    def handler(self, source: FunctionSource) -> FunctionSource:
        """The handler with what it hands on to; unchanged where that is not known."""
        body = source.node.body
        if not isinstance(body, cst.IndentedBlock):
            return source
        if self.endpoint.action == "partial_update" and source.node.name.value == "update":
            self.partial = True
        lines = self._block(source, list(_returning(body.body)))
        return replace(source, node=source.node.with_changes(body=body.with_changes(body=lines)))

    def _block(
        self, source: FunctionSource, lines: Sequence[cst.BaseStatement]
    ) -> list[cst.BaseStatement]:
        done: list[cst.BaseStatement] = []
        for line in lines:
            found = self._handed_on(source, line) or self._performed(source, line)
            done.extend(found if found is not None else [self._inside(source, line)])
        return done

    def _inside(self, source: FunctionSource, line: cst.BaseStatement) -> cst.BaseStatement:
        """A compound statement with its blocks; as it is, where nothing in it is handed on."""
        if isinstance(line, cst.SimpleStatementLine) or not _HANDING.search(code_of(line)):
            return line
        inlining = self
        # what handlers of exceptions read must not be what the statements of another method bound
        kept = _names(source) if has(line, cst.Try) else set()

        class Blocks(cst.CSTTransformer):
            def visit_FunctionDef(self, node: cst.FunctionDef) -> bool:
                return False

            def leave_IndentedBlock(
                self, original_node: cst.IndentedBlock, updated_node: cst.IndentedBlock
            ) -> cst.BaseSuite:
                found = []
                for inner in updated_node.body:
                    new = inlining._handed_on(source, inner) or inlining._performed(source, inner)
                    clear = new is not None and not bound_names(new) & kept
                    found.extend(new if new is not None and clear else [inner])
                return updated_node.with_changes(body=found)

        changed = line.visit(Blocks())
        assert isinstance(changed, cst.BaseStatement)
        return changed

    def _handed_on(
        self, source: FunctionSource, line: cst.BaseStatement
    ) -> list[cst.BaseStatement] | None:
        """`return super().create(request, *args, **kwargs)`, its answer under a name or dropped."""
        if (answered := self._answered(source, line)) is not None:
            return answered
        target = _target(line)
        value = _only(line, cst.Return) if target is None else _only(line, cst.Assign | cst.Expr)
        call = _CALL.fullmatch(_one_form(value)) if value is not None else None
        if call is None or self.depth == 0:
            return None
        above = self._above(source) if call[1] == "super()" else self._classes()
        whole = call[3] is not None and "**" in call[3] and "*args" in call[3]
        if not whole and self.partial:  # `partial` is lost on the way
            return None
        lines = self._statements(call[2], above, source, whole=whole)
        return lines if lines is None or target is None else _kept(lines, target, source)

    def _answered(
        self, source: FunctionSource, line: cst.BaseStatement
    ) -> list[cst.BaseStatement] | None:
        """`return self._answer(rows)`, of a method of the project that cuts pages."""
        found = called_method(line)
        owner = next((c for c in self._classes() if found and self._has(c, found[0])), None)
        if found is None or owner is None or self.depth == 0:
            return None
        method = self.sources.function(f"{owner}.{found[0]}")
        if method is None or method.path in self.sources.ported or not answers_in_pages(method):
            return None
        first = bound_arguments(method, found[1])
        if first is None or not self._same_names(method, source):
            return None
        suite = cst.ensure_type(method.node.body, cst.IndentedBlock)
        inner = replace(self, depth=self.depth - 1)
        return [*first, *inner._block(method, _without_docstring(_returning(suite.body)))]

    def _performed(
        self, source: FunctionSource, line: cst.BaseStatement
    ) -> list[cst.BaseStatement] | None:
        """`self.perform_create(serializer)`, where the project wrote that."""
        value = _only(line, cst.Expr)
        text = _one_form(value) if value is not None else ""
        call = re.fullmatch(r"(self|super\(\))\.(perform_\w+)\((\w+)\)", text)
        if call is None or call[2] not in _PERFORMED or self.depth == 0:
            return None
        above = self._above(source) if call[1] == "super()" else self._classes()
        owner = next((c for c in above if self._has(c, call[2])), None)
        if owner is None:
            asked = call[1] == "super()" or call[2] == "perform_destroy"
            usual = asked and any(c.startswith(_MIXINS) for c in above)
            return _parsed(f"{call[3]}.{_PERFORMED[call[2]]}()") if usual else None
        hook = self.sources.function(f"{owner}.{call[2]}")
        if hook is None or hook.path in self.sources.ported:
            return None
        if not self._same_names(hook, source):
            return None
        return self._hook_lines(hook, call[3], source)

    def _hook_lines(
        self, hook: FunctionSource, argument: str, source: FunctionSource
    ) -> list[cst.BaseStatement] | None:
        """The statements of a `perform_*`, its parameter under the caller's name."""
        hook = without_empty_stars(hook)
        names = [p.name.value for p in hook.node.params.params]
        suite = hook.node.body
        if len(names) != 2 or hook.node.decorators or not isinstance(suite, cst.IndentedBlock):
            return None
        if has(suite, cst.Return, cst.FunctionDef):
            return None
        renamed = suite.visit(_Renamed(names[1], argument))
        assert isinstance(renamed, cst.IndentedBlock)
        inner = replace(self, depth=self.depth - 1)
        lines = inner._block(hook, _without_docstring(renamed.body))
        return None if bound_names(lines) & {*_names(source), argument} else lines

    def _statements(
        self, name: str, above: list[str], source: FunctionSource, *, whole: bool
    ) -> list[cst.BaseStatement] | None:
        """What the first of the classes `above` that has the method does.

        whole: whether it is handed `*args, **kwargs` as they are.
        """
        owner = next((c for c in above if self._has(c, name)), None)
        if owner is None:
            return self._of_framework(name, above, source, whole=whole)
        method = self.sources.function(f"{owner}.{name}")
        if method is None or method.node.decorators or not self._same_names(method, source):
            return None
        if method.path in self.sources.ported:
            return None
        params = [p.name.value for p in method.node.params.params]
        if params != ["self", "request"] or not isinstance(method.node.body, cst.IndentedBlock):
            return None
        inner = replace(self, depth=self.depth - 1)
        lines = inner._block(method, _without_docstring(_returning(method.node.body.body)))
        reads = {each.value for line in lines for each in loaded_names(line)} & _stars(method.node)
        unlike = not reads <= _stars(source.node) or not whole
        if reads and (unlike or (name == "update" and not self.partial)):
            return None
        return lines

    def _of_framework(
        self, name: str, above: list[str], source: FunctionSource, *, whole: bool
    ) -> list[cst.BaseStatement] | None:
        """What a mixin of DRF's does, or the mixin that a generic view's `post` hands on to."""
        if (action := action_of(name, above)) is not None:
            return self._statements(action, self._classes(), source, whole=whole)
        if name not in _DONE or not any(c.startswith(_MIXINS) for c in above):
            return None
        if name == "partial_update":
            classes = self._classes()
            if any(self._has(c, "update") for c in classes):
                handed = replace(self, partial=True, depth=self.depth - 1)
                return handed._statements("update", classes, source, whole=True)
        elif name == "update" and self.partial:
            name = "partial_update"
        text = _DONE[name]
        if name == "list" and self.endpoint.paginator is None:
            text = _UNPAGED
        inner = replace(self, depth=self.depth - 1)
        return inner._block(source, _parsed(text))

    def _classes(self) -> list[str]:
        return [ref.path for ref in self.endpoint.lineage]

    def _above(self, source: FunctionSource) -> list[str]:
        """The classes behind the one that a method stands in."""
        classes = self._classes()
        owner = f"{source.module.name}.{source.owner}"
        return classes[classes.index(owner) + 1 :] if owner in classes else []

    def _has(self, path: str, name: str) -> bool:
        return self.sources.function(f"{path}.{name}") is not None

    def _same_names(self, method: FunctionSource, source: FunctionSource) -> bool:
        """Whether the names that a method reads mean the same in the handler's module."""
        if method.module.name == source.module.name:
            return True
        names = {name.value for name in loaded_names(method.node.body)} - {"self", "request"}
        here, there = source.module, method.module
        return all(
            self.sources.resolve(here, name) == self.sources.resolve(there, name) for name in names
        )


def _one_form(value: cst.BaseExpression) -> str:
    """The text of an expression as Python itself writes it, whatever blanks it has; one line."""
    return ast.unparse(ast.parse(f"({code_of(value)})", mode="eval"))


def _only(
    line: cst.BaseStatement, kind: type[cst.Return | cst.Expr | cst.Assign] | UnionType
) -> cst.BaseExpression | None:
    """The expression of a line that is one statement of this kind."""
    if not isinstance(line, cst.SimpleStatementLine) or len(line.body) != 1:
        return None
    small = line.body[0]
    return small.value if isinstance(small, kind) else None


def _target(line: cst.BaseStatement) -> str | None:
    """The one name that a line assigns to; no name where it is an expression alone."""
    small = line.body[0] if isinstance(line, cst.SimpleStatementLine) else None
    if isinstance(small, cst.Expr):
        return ""
    targets = [each.target for each in small.targets] if isinstance(small, cst.Assign) else []
    return targets[0].value if len(targets) == 1 and isinstance(targets[0], cst.Name) else None


def _kept(
    lines: list[cst.BaseStatement], target: str, source: FunctionSource
) -> list[cst.BaseStatement] | None:
    """Statements that give `target` what they returned, under names that the handler has not.

    Without a target what they return is made and dropped.
    """
    taken = _names(source)
    for name in sorted(bound_names(lines) & taken):
        if f"{name}_" in taken:
            return None
        renamed = _Renamed(name, f"{name}_")
        lines = [cast("cst.BaseStatement", line.visit(renamed)) for line in lines]
    return _assigning(lines, target)


def _assigning(lines: Sequence[cst.BaseStatement], target: str) -> list[cst.BaseStatement] | None:
    """Statements with assignments for their returns; what follows an early one becomes its `else`."""
    for place, line in enumerate(lines):
        if not has(line, cst.Return):
            continue
        value = _only(line, cst.Return)
        if value is not None:
            new = f"{target} = {code_of(value)}" if target else _shown_only(value)
            return [*lines[:place], cst.parse_statement(new)] if new else list(lines[:place])
        suite = line.body if isinstance(line, cst.If) and line.orelse is None else None
        if not isinstance(line, cst.If) or not isinstance(suite, cst.IndentedBlock):
            return None
        early = _assigning(suite.body, target)
        later = _assigning(lines[place + 1 :], target)
        if early is None or later is None:
            return None
        orelse = cst.Else(body=cst.IndentedBlock(body=later))
        return [*lines[:place], line.with_changes(body=cst.IndentedBlock(early), orelse=orelse)]
    return None


def _shown_only(answer: cst.BaseExpression) -> str:
    """What is left of an answer that is dropped: its data is made, which may raise."""
    given = answer.args[0] if isinstance(answer, cst.Call) and answer.args else None
    return code_of(given.value) if given is not None and given.keyword is None else ""


def _parsed(text: str) -> list[cst.BaseStatement]:
    return list(cst.parse_module(textwrap.dedent(text).lstrip("\n")).body)


def _without_docstring(lines: Sequence[cst.BaseStatement]) -> list[cst.BaseStatement]:
    first = _only(lines[0], cst.Expr) if lines else None
    return list(lines[1:] if isinstance(first, cst.SimpleString) else lines)


def _names(source: FunctionSource) -> set[str]:
    """The names that a function reads or binds."""
    return {name.value for name in loaded_names(source.node.body)}


def _stars(node: cst.FunctionDef) -> set[str]:
    """The names of `*args` and `**kwargs`."""
    params = node.params
    stars = [p for p in (params.star_arg, params.star_kwarg) if isinstance(p, cst.Param)]
    return {star.name.value for star in stars}


class _Renamed(cst.CSTTransformer):
    """Calls a variable by another name."""

    def __init__(self, name: str, wanted: str) -> None:
        super().__init__()
        self.name, self.wanted = name, wanted

    def visit_Attribute(self, node: cst.Attribute) -> bool:
        return True

    def leave_Attribute(
        self, original_node: cst.Attribute, updated_node: cst.Attribute
    ) -> cst.BaseExpression:
        return updated_node.with_changes(attr=original_node.attr)

    def leave_Arg(self, original_node: cst.Arg, updated_node: cst.Arg) -> cst.Arg:
        return updated_node.with_changes(keyword=original_node.keyword)

    def leave_Name(self, original_node: cst.Name, updated_node: cst.Name) -> cst.BaseExpression:
        if original_node.value != self.name:
            return updated_node
        return updated_node.with_changes(value=self.wanted)


def _returning(lines: Sequence[cst.BaseStatement]) -> list[cst.BaseStatement]:
    """`response = f()` before `return response` as `return f()`, in each branch that leads there."""
    name = _only(lines[-1], cst.Return) if len(lines) > 1 else None
    if not isinstance(name, cst.Name):
        return list(lines)
    ending = _ending(lines[-2], name.value)
    return [*lines[:-2], ending] if ending is not None else list(lines)


def _ending(line: cst.BaseStatement, name: str) -> cst.BaseStatement | None:
    """The statement, returning what it would assign to `name`; None where it does something else."""
    if isinstance(line, cst.SimpleStatementLine):
        small = line.body[-1]
        if not isinstance(small, cst.Assign) or len(small.targets) != 1:
            return None
        if code_of(small.targets[0].target) != name:
            return None
        return line.with_changes(body=[*line.body[:-1], cst.Return(small.value)])
    if isinstance(line, cst.Try) and line.orelse is None and line.finalbody is None:
        body = _ending_block(line.body, name)
        handlers = [_ending_block(handler.body, name) for handler in line.handlers]
        if body is None or None in handlers:
            return None
        pairs = zip(line.handlers, handlers, strict=True)
        return line.with_changes(body=body, handlers=[h.with_changes(body=b) for h, b in pairs])
    if isinstance(line, cst.If) and isinstance(line.orelse, cst.Else):
        body, other = _ending_block(line.body, name), _ending_block(line.orelse.body, name)
        if body is None or other is None:
            return None
        return line.with_changes(body=body, orelse=line.orelse.with_changes(body=other))
    return None


def _ending_block(block: cst.BaseSuite, name: str) -> cst.BaseSuite | None:
    if not isinstance(block, cst.IndentedBlock) or not block.body:
        return None
    last = block.body[-1]
    if isinstance(last, cst.SimpleStatementLine) and isinstance(
        last.body[-1], cst.Return | cst.Raise
    ):
        return block
    ending = _ending(last, name)
    return block.with_changes(body=[*block.body[:-1], ending]) if ending is not None else None
