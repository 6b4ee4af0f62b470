"""Arguments that a dictionary of known keys stands for, each by its name.

    filters = {self.lookup_field: self.kwargs["slug"]}       return queryset.filter(slug=self.kwargs["slug"])
    return queryset.filter(**filters)

The dictionary is used for nothing else, in the statement after it, and nothing happens where its values are read.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from keyword import iskeyword
from operator import is_
from typing import TypeAlias, cast

import libcst as cst

from .walking import walk

#: The text of a key, None where it is not known.
KeyOf: TypeAlias = Callable[[cst.BaseExpression], str | None]
#: Where statements hold others.
_BLOCKS = ("body", "orelse", "handlers", "finalbody")
#: What evaluates its parts later, several times or not at all.
_LATER = (
    *(cst.Lambda, cst.IfExp, cst.BooleanOperation, cst.ListComp, cst.SetComp, cst.DictComp),
    *(cst.GeneratorExp, cst.Comparison),
)


def is_unpacked(node: cst.CSTNode) -> bool:
    """Whether a node is `**name` or `**{...}` in a call."""
    unpacked = isinstance(node, cst.Arg) and node.star == "**"
    return unpacked and isinstance(cst.ensure_type(node, cst.Arg).value, cst.Name | cst.Dict)


def spelled_out(node: cst.FunctionDef, key_of: KeyOf) -> cst.FunctionDef:
    """The function with keywords for dictionaries that are given right away; lines that stay keep their places."""
    behind = {id(each.attr) for each in walk(node) if isinstance(each, cst.Attribute)}
    names = Counter(
        each.value for each in walk(node) if isinstance(each, cst.Name) and id(each) not in behind
    )
    return cst.ensure_type(_SpelledOut(names, key_of).inside(node), cst.FunctionDef)


@dataclass
class _SpelledOut:
    names: Counter[str]
    key_of: KeyOf

    def inside(self, node: cst.CSTNode) -> cst.CSTNode:
        """A statement, or a part of one, with what its blocks become."""
        if isinstance(node, cst.IndentedBlock):
            return self._block(node)
        changes: dict[str, object] = {}
        for name in _BLOCKS:
            held = getattr(node, name, None)
            parts = held if isinstance(held, list | tuple) else [held]
            new = [self.inside(part) if isinstance(part, cst.CSTNode) else part for part in parts]
            if any(one is not other for one, other in zip(new, parts, strict=True)):
                changes[name] = new if isinstance(held, list | tuple) else new[0]
        return node.with_changes(**changes) if changes else node

    def _in_place(self, line: cst.BaseStatement) -> cst.BaseStatement:
        """A line with keywords for `**{"name": value}`."""
        if not isinstance(line, cst.SimpleStatementLine):
            return line
        for call in (each for each in walk(line) if isinstance(each, cst.Call)):
            for argument in call.args:
                held = argument.value if argument.star == "**" else None
                given = self._items(held) if isinstance(held, cst.Dict) else None
                if given is not None and not _named(call) & _named(cst.Call(call.func, given)):
                    args = [
                        a for each in call.args for a in (given if each is argument else [each])
                    ]
                    changed = line.deep_replace(call, call.with_changes(args=args))
                    return self._in_place(cst.ensure_type(changed, cst.SimpleStatementLine))
        return line

    def _items(self, value: cst.Dict) -> list[cst.Arg] | None:
        """The items of a dictionary as arguments; None where a key is not known, or there twice."""
        items = [each for each in value.elements if isinstance(each, cst.DictElement)]
        keys = [self.key_of(each.key) for each in items]
        if len(items) != len(value.elements) or len({*keys}) != len(keys):
            return None
        if not all(key is not None and key.isidentifier() and not iskeyword(key) for key in keys):
            return None
        return [
            cst.Arg(
                keyword=cst.Name(key or ""),
                value=item.value,
                equal=cst.AssignEqual(cst.SimpleWhitespace(""), cst.SimpleWhitespace("")),
            )
            for key, item in zip(keys, items, strict=True)
        ]

    def _block(self, block: cst.IndentedBlock) -> cst.IndentedBlock:
        lines: list[cst.BaseStatement] = []
        for line in block.body:
            given = self._arguments(lines[-1]) if lines else None
            called = _calling(line, *given) if given is not None else None
            if called is not None:  # comments stay with what is left
                called = called.with_changes(leading_lines=_comments(lines.pop(), line))
            inside = cast("cst.BaseStatement", self.inside(line))
            lines.append(called or self._in_place(inside))
        same = len(lines) == len(block.body) and all(map(is_, lines, block.body))
        return block if same else block.with_changes(body=lines)

    def _arguments(self, line: cst.BaseStatement) -> tuple[str, list[cst.Arg]] | None:
        """The name that a line gives a dictionary, and its items as arguments."""
        small = line.body[0] if isinstance(line, cst.SimpleStatementLine) else None
        targets = small.targets if isinstance(small, cst.Assign) else ()
        target = targets[0].target if len(targets) == 1 else None
        value = small.value if isinstance(small, cst.Assign) else None
        if not isinstance(target, cst.Name) or not isinstance(value, cst.Dict):
            return None
        if self.names[target.value] != 2:  # here and where it is given
            return None
        if not all(isinstance(e, cst.DictElement) and _is_read(e.value) for e in value.elements):
            return None
        given = self._items(value)
        return None if given is None else (target.value, given)


def _calling(
    line: cst.BaseStatement, name: str, given: list[cst.Arg]
) -> cst.SimpleStatementLine | None:
    """A line with `given` in place of `**name`; None where it does not call with that for certain."""
    if not isinstance(line, cst.SimpleStatementLine):
        return None
    nodes = list(walk(line))
    if any(isinstance(each, _LATER) for each in nodes):
        return None
    for call in (each for each in nodes if isinstance(each, cst.Call)):
        here = [
            a
            for a in call.args
            if is_unpacked(a) and cst.ensure_type(a.value, cst.Name).value == name
        ]
        if here and not _named(call) & _named(cst.Call(call.func, given)):
            args = [a for each in call.args for a in (given if each is here[0] else [each])]
            return cst.ensure_type(
                line.deep_replace(call, call.with_changes(args=args)), cst.SimpleStatementLine
            )
    return None


def _named(call: cst.Call) -> set[str]:
    """The arguments that a call gives by name."""
    return {each.keyword.value for each in call.args if each.keyword is not None}


def _comments(first: cst.BaseStatement, line: cst.BaseStatement) -> list[cst.EmptyLine]:
    """What stands above two lines, without the empty ones between them."""
    assert isinstance(first, cst.SimpleStatementLine)
    assert isinstance(line, cst.SimpleStatementLine)
    return [
        *first.leading_lines,
        *(each for each in line.leading_lines if each.comment is not None),
    ]


def _is_read(value: cst.BaseExpression) -> bool:
    """Whether a value is a name, a constant, or what they hold under a constant key."""
    match value:
        case cst.Attribute():
            return _is_read(value.value)
        case cst.Subscript(slice=[cst.SubscriptElement(slice=cst.Index(value=key))]):
            return _is_read(value.value) and _is_read(key)
        case _:
            return isinstance(value, cst.Name | cst.SimpleString | cst.Integer)
