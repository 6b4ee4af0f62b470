"""Relations of which a serializer limits the rows when it is made: who asks may not name all.

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        user = self.context["request"].user
        self.fields["shelf"].queryset = Shelf.objects.filter(owner=user)

What is said of one field becomes a function that gives its rows.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import replace

import libcst as cst

from strangler.facts import Serializer

from .operation import code_of, parse
from .refusal import RefusalError
from .shape_lines import field_of
from .sources import FunctionSource
from .walking import walk
from .world import World

#: Where serializers say so.
METHODS = ("__init__", "get_fields")
_DECLARED = cst.Return(parse("super().get_queryset()"))


def limit_of(world: World, serializer: Serializer, field: str) -> FunctionSource | None:
    """The rows of a field as a method that gives them; None where nothing limits them.

    Raises:
        RefusalError: they are limited in more than one place, or in a way that has no rule.
    """
    found = [
        source
        for ref in serializer.lineage
        for method in METHODS
        if (source := world.sources.function(f"{ref.path}.{method}")) is not None
        and any(_field(node) == field for node in walk(source.node) if is_limit(node))
    ]
    if not found:
        return None
    if len(found) > 1:
        text = f"the rows of `{field}` are limited more than once"
        raise RefusalError("S115", text, found[0].source)
    source = found[0]
    many = any(item.child is not None for item in serializer.fields if item.name == field)
    targets = [n for n in walk(source.node) if is_limit(n) and _field(n) == field]
    if any((".child_relation." in code_of(n.target)) is not many for n in targets):  # type: ignore[attr-defined]  # targets
        text = f"`{field}` takes no notice of a `queryset` that is set there"
        raise RefusalError("S115", text, source.source)
    if source.node.name.value == "__init__":
        require_outermost(world, serializer, source)
    suite = source.node.body
    assert isinstance(suite, cst.IndentedBlock)
    lines = _Limit(source, field).lines(suite.body)
    lines.append(cst.SimpleStatementLine([_DECLARED]))
    params = source.node.params.with_changes(star_arg=cst.MaybeSentinel.DEFAULT, star_kwarg=None)
    node = source.node.with_changes(params=params, body=suite.with_changes(body=_needed(lines)))
    return replace(source, node=node)


def require_outermost(
    world: World, serializer: Serializer, source: FunctionSource, *, shown: bool = False
) -> None:
    """Refuse a serializer that takes values inside another one: there, it is made before anybody asks.

    shown: refuse one that only shows them, too.
    """
    for other in world.facts.serializers:
        for item in other.fields:
            if item.serializer == serializer.name and (shown or not item.read_only):
                text = f"`{item.name}` of `{other.name}` is made without a request"
                raise RefusalError("S130", text, source.source)


def is_limit(node: cst.CSTNode) -> bool:
    """Whether an assignment is to the rows of a field."""
    return isinstance(node, cst.AssignTarget) and _field(node) is not None


def limits_by_user(source: FunctionSource) -> bool:
    """Whether the rows of a field follow from who asks: made for nobody, a serializer may fail."""
    limits = any(is_limit(node) for node in walk(source.node))
    return limits and any(
        isinstance(node, cst.Name) and "user" in node.value for node in walk(source.node)
    )


def _field(node: cst.CSTNode) -> str | None:
    """The name in `self.fields["name"].queryset` on the left of an assignment."""
    target = node.target if isinstance(node, cst.AssignTarget) else None
    if not isinstance(target, cst.Attribute) or target.attr.value != "queryset":
        return None
    return field_of(ast.parse(code_of(target.value), mode="eval").body)


class _Limit:
    """The lines of one override that say which rows a field takes."""

    def __init__(self, source: FunctionSource, field: str) -> None:
        self.source, self.field = source, field

    def lines(self, body: Sequence[cst.BaseStatement]) -> list[cst.BaseStatement]:
        found: list[cst.BaseStatement] = []
        limited = False
        for line in body:
            limits = any(_field(n) == self.field for n in walk(line) if is_limit(n))
            if limits and limited:
                text = f"the rows of `{self.field}` are limited more than once"
                raise RefusalError("S115", text, self.source.source)
            limited = limited or limits
            found += self._line(line, limits=limits)
        return found

    def _line(self, line: cst.BaseStatement, *, limits: bool) -> list[cst.BaseStatement]:
        if isinstance(line, cst.SimpleStatementLine):
            small = [kept for each in line.body if (kept := self._small(each)) is not None]
            return [line.with_changes(body=small)] if small else []
        if isinstance(line, cst.If):
            return self._branch(line)
        if limits or any(isinstance(n, cst.Return) for n in walk(line)):
            text = f"the rows of `{self.field}` are limited in a way that has no rule"
            raise RefusalError("S115", text, self.source.source)
        return []

    def _small(self, node: cst.BaseSmallStatement) -> cst.BaseSmallStatement | None:
        if isinstance(node, cst.Return):
            return _DECLARED
        if not isinstance(node, cst.Assign) or len(node.targets) != 1:
            return None
        if _field(node.targets[0]) == self.field:
            return cst.Return(node.value)
        name = isinstance(node.targets[0].target, cst.Name)
        above = code_of(node.value).startswith("super(")
        return node if name and not above else None

    def _branch(self, line: cst.If) -> list[cst.BaseStatement]:
        assert isinstance(line.body, cst.IndentedBlock)
        inner = self.lines(line.body.body)
        other: list[cst.BaseStatement] = []
        if isinstance(line.orelse, cst.If):
            other = self._branch(line.orelse)
        elif line.orelse is not None:
            assert isinstance(line.orelse.body, cst.IndentedBlock)
            other = self.lines(line.orelse.body.body)
        if not any(isinstance(n, cst.Return) for each in (*inner, *other) for n in walk(each)):
            return []
        inner = inner or [cst.SimpleStatementLine([cst.Pass()])]
        first = other[0] if len(other) == 1 else None
        block = cst.Else(cst.IndentedBlock(other)) if other else None
        orelse = first if isinstance(first, cst.If) else block
        return [line.with_changes(body=line.body.with_changes(body=inner), orelse=orelse)]


def _needed(lines: list[cst.BaseStatement]) -> list[cst.BaseStatement]:
    """The lines without variables that nothing reads."""
    while True:
        targets = {
            id(n.target) for each in lines for n in walk(each) if isinstance(n, cst.AssignTarget)
        }
        read = {
            n.value
            for each in lines
            for n in walk(each)
            if isinstance(n, cst.Name) and id(n) not in targets
        }
        kept = [line for line in lines if not _sets_only(line, read)]
        if len(kept) == len(lines):
            return kept
        lines = kept


def _sets_only(line: cst.BaseStatement, read: set[str]) -> bool:
    return isinstance(line, cst.SimpleStatementLine) and all(
        isinstance(n, cst.Assign)
        and all(isinstance(t.target, cst.Name) and t.target.value not in read for t in n.targets)
        for n in line.body
    )
