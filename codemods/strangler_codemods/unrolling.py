"""Loops over names of attributes that are known while converting, once for each name.

for name in ("title", "text"):               if "title" in data:
    if name not in data:                         note.title = data["title"]
        continue                             if "text" in data:
    setattr(note, name, data[name])              note.text = data["text"]
"""

from __future__ import annotations

import keyword
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias, cast

import libcst as cst

from .class_bodies import bound_names, loaded_names
from .operation import code_of, parse, string_value
from .walking import children, has, walk

_Statement: TypeAlias = cst.BaseStatement
#: What a loop must not hold, since it would mean something else once its lines stand alone.
_UNFIT = (
    *(cst.Break, cst.Lambda, cst.FunctionDef, cst.ClassDef, cst.Yield, cst.Await),
    *(cst.Global, cst.Nonlocal, cst.GeneratorExp),
)
_MOST = 40
_TURNED: dict[type[cst.BaseCompOp], cst.BaseCompOp] = {
    cst.In: cst.NotIn(), cst.NotIn: cst.In(), cst.Is: cst.IsNot(), cst.IsNot: cst.Is(),
}  # fmt: skip


def known_names(node: cst.BaseExpression) -> tuple[str, ...] | None:
    """The names that a literal list or tuple holds; None where it holds something else."""
    if not isinstance(node, cst.List | cst.Tuple) or len(node.elements) > _MOST:
        return None
    texts = [string_value(element.value) for element in node.elements]
    names = tuple(text for text in texts if text is not None and _is_name(text))
    return names if len(set(names)) == len(texts) else None


def _is_name(text: str) -> bool:
    return text.isidentifier() and not keyword.iskeyword(text) and not text.startswith("__")


def sets_named(loop: cst.For) -> bool:
    """Whether a loop sets attributes by the name that it gives: `setattr(row, name, value)`."""
    return names_attributes(loop, ("setattr",))


def names_attributes(
    loop: cst.For, functions: Sequence[str] = ("getattr", "setattr", "get_field")
) -> bool:
    """Whether a loop reads or sets attributes, or looks for fields, by the name that it gives."""
    if not isinstance(loop.target, cst.Name):
        return False
    wanted = loop.target.value
    return any(
        isinstance(each, cst.Call)
        and code_of(each.func).rpartition(".")[2] in functions
        and any(isinstance(a.value, cst.Name) and a.value.value == wanted for a in each.args)
        for each in walk(loop.body)
    )


def unrolled(node: cst.FunctionDef, wanted: Callable[[cst.For], bool]) -> cst.FunctionDef:
    """The function with the lines of each `wanted` loop for each of its names; others stay."""
    loops = [each for each in walk(node.body) if isinstance(each, cst.For)]
    if not any(known_names(loop.iter) is not None and wanted(loop) for loop in loops):
        return node
    if {"getattr", "setattr"} & bound_names(cast("cst.IndentedBlock", node.body).body):
        return node
    return node.with_changes(body=node.body.visit(_Loops(wanted, node.body)))


def _read_outside(node: cst.CSTNode, name: str) -> bool:
    """Whether a variable is read outside of the loops and comprehensions that bind it."""
    if isinstance(node, cst.Name):
        return node.value == name
    if isinstance(node, cst.For) and name in {each.value for each in loaded_names(node.target)}:
        return _read_outside(node.iter, name)
    if isinstance(node, cst.BaseComp) and code_of(node.for_in.target) == name:
        return _read_outside(node.for_in.iter, name)
    inside = [node.value] if isinstance(node, cst.Attribute | cst.Arg) else children(node)
    return any(_read_outside(each, name) for each in inside)


@dataclass
class _Loops(cst.CSTTransformer):
    """function: the whole body."""

    wanted: Callable[[cst.For], bool]
    function: cst.BaseSuite

    def __post_init__(self) -> None:
        super().__init__()

    def visit_FunctionDef(self, node: cst.FunctionDef) -> bool:
        return False

    def leave_IndentedBlock(
        self, original_node: cst.IndentedBlock, updated_node: cst.IndentedBlock
    ) -> cst.BaseSuite:
        lines: list[_Statement] = []
        for line in updated_node.body:
            found = self._lines(line) if isinstance(line, cst.For) else None
            lines.extend([line] if found is None else found)
        return updated_node.with_changes(body=lines or [passing()])

    def _lines(self, loop: cst.For) -> list[_Statement] | None:
        names = known_names(loop.iter)
        if names is None or not self.wanted(loop) or not isinstance(loop.target, cst.Name):
            return None
        name = loop.target.value
        if not can_stand_alone(loop, (name,), self.function):
            return None
        lines = without_continue(cast("cst.IndentedBlock", loop.body).body)
        assert lines is not None
        found = [line for text in names for line in named(lines, name, text)]
        if found:
            above = [*loop.leading_lines, *_above(found[0])]
            found[0] = found[0].with_changes(leading_lines=above)
        return found


def can_stand_alone(loop: cst.For, names: Sequence[str], function: cst.BaseSuite) -> bool:
    """Whether the lines of a loop may stand without it, with values in place of `names`."""
    body = loop.body
    if loop.orelse is not None or loop.asynchronous is not None or has(body, *_UNFIT):
        return False
    if not isinstance(body, cst.IndentedBlock) or without_continue(body.body) is None:
        return False
    inner = {code_of(each.target) for each in walk(body) if isinstance(each, cst.CompFor)}
    rebound = {*inner, *bound_names(body.body)} & {*names}
    return not rebound and not any(_read_outside(function, name) for name in names)


def passing() -> cst.SimpleStatementLine:
    """`pass`."""
    return cst.SimpleStatementLine([cst.Pass()])


def _above(line: _Statement) -> Sequence[cst.EmptyLine]:
    return cast("Sequence[cst.EmptyLine]", getattr(line, "leading_lines", ()))


def without_continue(lines: Sequence[_Statement]) -> list[_Statement] | None:
    """The lines of a loop with what follows `if a: continue` in the other branch; None if there is more."""
    for place, line in enumerate(lines):
        if not _continues(line):
            continue
        if isinstance(line, cst.SimpleStatementLine) and isinstance(line.body[0], cst.Continue):
            return list(lines[:place])
        rest = without_continue(lines[place + 1 :])
        if not isinstance(line, cst.If) or rest is None:
            return None
        parted = _parted(line, rest)
        return None if parted is None else [*lines[:place], *parted]
    return list(lines)


def _continues(line: cst.CSTNode) -> bool:
    """Whether a line leads on to the next round of the loop that it is a line of."""
    if isinstance(line, cst.Continue):
        return True
    if isinstance(line, cst.For | cst.While):
        return False
    return any(_continues(each) for each in line.children)


def _parted(line: cst.If, rest: list[_Statement]) -> list[_Statement] | None:
    """`if a: b; continue` before other lines: those are the other branch."""
    if not isinstance(line.body, cst.IndentedBlock):
        return None
    *before, last = line.body.body
    ends = isinstance(last, cst.SimpleStatementLine) and isinstance(last.body[-1], cst.Continue)
    otherwise = line.orelse
    if not ends or any(map(_continues, before)) or (otherwise and _continues(otherwise)):
        return None
    assert isinstance(last, cst.SimpleStatementLine)
    if len(last.body) > 1:
        before.append(last.with_changes(body=last.body[:-1]))
    if isinstance(otherwise, cst.If):
        rest = [otherwise, *rest]
    elif otherwise is not None:
        rest = [*cast("cst.IndentedBlock", otherwise.body).body, *rest]
    if not before:
        body = line.body.with_changes(body=rest)
        return [line.with_changes(test=turned(line.test), body=body, orelse=None)] if rest else []
    orelse = cst.Else(body=cst.IndentedBlock(body=rest)) if rest else None
    body = line.body.with_changes(body=before)
    return [line.with_changes(body=body, orelse=orelse)]


def turned(test: cst.BaseExpression) -> cst.BaseExpression:
    """The opposite of a condition."""
    if isinstance(test, cst.UnaryOperation) and isinstance(test.operator, cst.Not):
        return test.expression
    if isinstance(test, cst.Comparison) and len(test.comparisons) == 1:
        operator = _TURNED.get(type(test.comparisons[0].operator))
        if operator is not None:
            return test.with_changes(
                comparisons=[test.comparisons[0].with_changes(operator=operator)]
            )
    return parse(f"not ({code_of(test)})")


def named(lines: Sequence[_Statement], name: str, text: str) -> list[_Statement]:
    """Lines with a text in place of a variable, attributes of that name written as such."""
    return [cast("_Statement", line.visit(_Named(name, text))) for line in lines]


@dataclass
class Valued(cst.CSTTransformer):
    """Puts an expression in place of a variable."""

    name: str
    value: cst.BaseExpression

    def __post_init__(self) -> None:
        super().__init__()

    def leave_Attribute(
        self, original_node: cst.Attribute, updated_node: cst.Attribute
    ) -> cst.BaseExpression:
        return updated_node.with_changes(attr=original_node.attr)

    def leave_Arg(self, original_node: cst.Arg, updated_node: cst.Arg) -> cst.Arg:
        return updated_node.with_changes(keyword=original_node.keyword)

    def leave_Name(self, original_node: cst.Name, updated_node: cst.Name) -> cst.BaseExpression:
        return self.value if self._is(original_node) else updated_node

    def _is(self, node: cst.BaseExpression) -> bool:
        return isinstance(node, cst.Name) and node.value == self.name


class _Named(Valued):
    """Puts a text there, and writes what is read or set by that name as an attribute."""

    def __init__(self, name: str, text: str) -> None:
        super().__init__(name, cst.SimpleString(f'"{text}"'))
        self.text = text

    def leave_FormattedStringExpression(
        self,
        original_node: cst.FormattedStringExpression,
        updated_node: cst.FormattedStringExpression,
    ) -> cst.BaseFormattedStringContent:
        plain = updated_node.format_spec is None and updated_node.conversion is None
        if self._is(original_node.expression) and plain and updated_node.equal is None:
            return cst.FormattedStringText(self.text)
        return updated_node

    def leave_Call(self, original_node: cst.Call, updated_node: cst.Call) -> cst.BaseExpression:
        if not self._reaches(original_node, "getattr", 2):
            return updated_node
        return cst.Attribute(updated_node.args[0].value, cst.Name(self.text))

    def leave_Expr(self, original_node: cst.Expr, updated_node: cst.Expr) -> cst.BaseSmallStatement:
        if not self._reaches(original_node.value, "setattr", 3):
            return updated_node
        args = cast("cst.Call", updated_node.value).args
        target = cst.Attribute(args[0].value, cst.Name(self.text))
        return cst.Assign([cst.AssignTarget(target)], args[2].value)

    def _reaches(self, node: cst.BaseExpression, function: str, arguments: int) -> bool:
        """Whether a call is `getattr(row, name)`, of something that reads the same without brackets."""
        if not isinstance(node, cst.Call) or code_of(node.func) != function:
            return False
        if len(node.args) != arguments or any(a.keyword or a.star for a in node.args):
            return False
        owner = node.args[0].value
        return self._is(node.args[1].value) and isinstance(owner, cst.Name | cst.Attribute)
