"""Dictionaries that get values under known names and are looped over: once for each of the names.

later = {}                                    later = []
if "tags" in data:                            if "tags" in data:
    later["tags"] = data["tags"]                  later.append("tags")
for name, value in later.items():             if "tags" in later:
    getattr(note, name).set(value)                note.tags.set(data["tags"])
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TypeAlias, cast

import libcst as cst

from .class_bodies import bound_names, loaded_names
from .operation import code_of, parse, string_value
from .settled import assigned
from .sources import FunctionSource
from .unrolling import Valued, can_stand_alone, named, without_continue
from .walking import statements_of, walk

_Statement: TypeAlias = cst.BaseStatement


def without_filled_dicts(source: FunctionSource) -> FunctionSource:
    """The function without such dictionaries; one that is used for anything else stays."""
    node = source.node
    for name in _empty_dicts(statements_of(node)):
        found = _Filled(name, node)
        body = found.without()
        node = node if body is None else node.with_changes(body=body)
    return source if node is source.node else replace(source, node=node)


def _empty_dicts(lines: Sequence[_Statement]) -> list[str]:
    """Names that the function itself gives `{}`, once."""
    found = []
    for place, line in enumerate(lines):
        target, value = assigned(line)
        others = bound_names([*lines[:place], *lines[place + 1 :]])
        if isinstance(value, cst.Dict) and not value.elements and target not in others:
            found.append(target)
    return found


@dataclass
class _Filled(cst.CSTTransformer):
    name: str
    node: cst.FunctionDef
    #: What it holds under each name.
    values: dict[str, cst.BaseExpression] = field(default_factory=dict)
    used: int = 1

    def __post_init__(self) -> None:
        super().__init__()

    def without(self) -> cst.BaseSuite | None:
        """The body of the function; None where the dictionary is used for something else."""
        fits = all(self._understands(each) for each in walk(self.node.body))
        reads = Counter(name.value for name in loaded_names(self.node.body))
        if not fits or reads[self.name] != self.used:
            return None
        body = self.node.body.visit(self)
        return cast("cst.BaseSuite", body)

    def _understands(self, node: cst.CSTNode) -> bool:
        """Take note of what fills the dictionary, or loops over it; False where that has no rule."""
        if (filled := self._filling(node)) is not None:
            key, value = filled
            self.used += 1
            known = self.values.setdefault(key, value)
            return code_of(known) == code_of(value) and self._lasts(value)
        if isinstance(node, cst.For) and code_of(node.iter) == f"{self.name}.items()":
            self.used += 1
            names = _pair(node.target)
            return names is not None and can_stand_alone(node, names, self.node.body)
        return True

    def _filling(self, node: cst.CSTNode) -> tuple[str, cst.BaseExpression] | None:
        """Name and value of `later["name"] = value`."""
        if not isinstance(node, cst.Assign) or len(node.targets) != 1:
            return None
        match node.targets[0].target:
            case cst.Subscript(
                value=cst.Name(value=self.name),
                slice=[cst.SubscriptElement(slice=cst.Index(value=key))],
            ):
                text = string_value(key)
                return (text, node.value) if text is not None and text.isidentifier() else None
        return None

    def _lasts(self, value: cst.BaseExpression) -> bool:
        """Whether `data["name"]` is the same later on: nothing but reading is done with `data`."""
        match value:
            case cst.Subscript(
                value=cst.Name(value=owner),
                slice=[cst.SubscriptElement(slice=cst.Index(value=cst.SimpleString()))],
            ):
                pass
            case _:
                return False
        if owner in bound_names(statements_of(self.node)):
            return False
        reads = Counter(name.value for name in loaded_names(self.node.body))[owner]
        return reads == sum(_reads(each, owner) for each in walk(self.node.body)) - sum(
            _changes(each, owner) for each in walk(self.node.body)
        )

    def leave_SimpleStatementLine(
        self, original_node: cst.SimpleStatementLine, updated_node: cst.SimpleStatementLine
    ) -> cst.BaseStatement | cst.RemovalSentinel:
        target, _ = assigned(original_node)
        if target == self.name:
            empty = cst.Assign([cst.AssignTarget(cst.Name(self.name))], cst.List([]))
            return (
                updated_node.with_changes(body=[empty]) if self.values else cst.RemoveFromParent()
            )
        filled = [self._filling(each) for each in original_node.body]
        body = [
            old if new is None else cst.Expr(parse(f'{self.name}.append("{new[0]}")'))
            for old, new in zip(updated_node.body, filled, strict=True)
        ]
        return updated_node.with_changes(body=body)

    def leave_For(
        self, original_node: cst.For, updated_node: cst.For
    ) -> cst.BaseStatement | cst.FlattenSentinel[cst.BaseStatement] | cst.RemovalSentinel:
        if code_of(original_node.iter) != f"{self.name}.items()":
            return updated_node
        names = _pair(original_node.target)
        assert names is not None
        body = cast("cst.IndentedBlock", updated_node.body)
        lines = without_continue(body.body)
        assert lines is not None
        found: list[cst.BaseStatement] = []
        for key, value in self.values.items():
            inside = named(lines, names[0], key)
            inside = [cast("_Statement", line.visit(Valued(names[1], value))) for line in inside]
            suite = body.with_changes(body=_without_aliases(inside, self.node))
            test = parse(f'"{key}" in {self.name}')
            found.append(cst.If(test=test, body=suite))
        if not found:
            return cst.RemoveFromParent()
        found[0] = found[0].with_changes(leading_lines=original_node.leading_lines)
        return cst.FlattenSentinel(found)


def _pair(target: cst.BaseExpression) -> tuple[str, str] | None:
    match target:
        case cst.Tuple(
            elements=[
                cst.Element(value=cst.Name(value=key)), cst.Element(value=cst.Name(value=value))
            ]
        ):  # fmt: skip
            return key, value
    return None


def _reads(node: cst.CSTNode, owner: str) -> int:
    """Whether a node is `owner["key"]`, `owner.get(...)` or `key in owner`."""
    match node:
        case cst.Subscript(value=cst.Name(value=name)):
            return name == owner
        case cst.Call(func=cst.Attribute(value=cst.Name(value=name), attr=cst.Name(value="get"))):
            return name == owner
        case cst.ComparisonTarget(operator=cst.In() | cst.NotIn(), comparator=cst.Name(value=name)):
            return name == owner
    return 0


def _changes(node: cst.CSTNode, owner: str) -> int:
    """Whether a node sets or deletes something of `owner`, which only reads would not."""
    match node:
        case (
            cst.AssignTarget(target=target) | cst.AugAssign(target=target) | cst.Del(target=target)
        ):
            return any(_reads(each, owner) for each in walk(target))
    return 0


def _without_aliases(lines: list[_Statement], node: cst.FunctionDef) -> list[_Statement]:
    """`manager = note.tags` and `manager.set(tags)` as `note.tags.set(tags)`."""
    done: list[_Statement] = []
    for line in lines:
        target, value = assigned(done[-1]) if done else ("", None)
        alias = isinstance(value, cst.Attribute) and isinstance(value.value, cst.Name)
        used = [n.value for each in lines for n in loaded_names(each)].count(target)
        here = [n.value for n in loaded_names(line)].count(target)
        everywhere = [n.value for n in loaded_names(node.body)].count(target)
        if alias and value is not None and here == 1 and used == everywhere == 2:  # bound and read
            done.pop()
            done.append(cast("_Statement", line.visit(Valued(target, value))))
        else:
            done.append(line)
    return done
