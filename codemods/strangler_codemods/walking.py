"""Ways through LibCST trees that cost less than its visitors and metadata, which look at each blank."""

from __future__ import annotations

import ast
import functools
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

import libcst as cst
from libcst._nodes.internal import CodegenState

_NEWLINE = re.compile(r"\r\n?|\n")
_BLANK = (cst.Comma, cst.Comment, cst.EmptyLine, cst.Newline, cst.TrailingWhitespace)


def children(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    """What a node is made of but its blanks, commas and comments; in no order of the source."""
    for name in _fields(type(node)):
        value: object = getattr(node, name)
        for each in value if isinstance(value, list | tuple) else (value,):
            if _holds_code(each.__class__):
                yield each


def walk(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    """A node and all that it is made of but blanks, commas and comments."""
    yield node
    for child in children(node):
        yield from walk(child)


def has(node: cst.CSTNode, *kinds: type[cst.CSTNode]) -> bool:
    """Whether a node is, or holds, one of some kinds."""
    return any(isinstance(each, kinds) for each in walk(node))


@functools.cache
def _holds_code(kind: type[object]) -> bool:
    """Whether values of a class are nodes that are more than blanks: asked once for each class."""
    return issubclass(kind, cst.CSTNode) and not issubclass(kind, _BLANK)


@functools.cache
def _fields(kind: type[cst.CSTNode]) -> tuple[str, ...]:
    names: tuple[str, ...] = tuple(kind.__dataclass_fields__)
    return tuple(name for name in names if not name.startswith("whitespace"))


class _Measuring(CodegenState):
    """Writes a module to nowhere and counts lines: a quarter of the work of LibCST's positions."""

    def __init__(self, module: cst.Module) -> None:
        super().__init__(module.default_indent, module.default_newline)
        self.line = 0
        self.found: dict[cst.CSTNode, int] = {}

    @classmethod
    def lines(cls, module: cst.Module) -> Mapping[cst.CSTNode, int]:
        """The line of each node of a module, 0-based, without the blanks before it."""
        state = cls(module)
        module._codegen(state)  # as LibCST's own positions are found
        return state.found

    def add_indent_tokens(self) -> None:
        """Indents hold no line."""

    def add_token(self, value: str) -> None:
        """Count the lines of what would be written."""
        if "\n" in value or "\r" in value:
            self.line += len(_NEWLINE.findall(value))

    def before_codegen(self, node: cst.CSTNode) -> None:
        """A node begins, at the latest where it says so itself."""
        self.found.setdefault(node, self.line)

    @contextmanager
    def record_syntactic_position(
        self,
        node: cst.CSTNode,
        *,
        start_node: cst.CSTNode | None = None,
        end_node: cst.CSTNode | None = None,
    ) -> Iterator[None]:
        """What a node has before it that is no blank begins here."""
        line = self.line
        yield
        self.found[node] = line if start_node is None else self.found[start_node]


class Lines:
    """The lines of a module's nodes: only statements that are asked about are measured."""

    def __init__(self, parsed: cst.Module, tree: ast.Module) -> None:
        self._body = parsed.body
        self._starts = _starts(parsed, tree)
        self._measured: dict[int, Mapping[cst.CSTNode, int]] = {}

    def of(self, node: cst.CSTNode) -> int:
        """First line of a node, 1-based; 0 for one that is not of the module."""
        index = self._statements.get(node)
        if index is None:
            return 0
        if index not in self._measured:
            self._measured[index] = _Measuring.lines(cst.Module([self._body[index]]))
        found = self._measured[index]
        return self._starts[index] + found[node] - found[self._body[index]]

    @functools.cached_property
    def _statements(self) -> dict[cst.CSTNode, int]:
        """The statement of the module, by its place, that each node is in."""
        return {node: place for place, line in enumerate(self._body) for node in walk(line)}


def _starts(parsed: cst.Module, tree: ast.Module) -> list[int]:
    """The line where each statement of a module begins, without its decorators."""
    found, place = [], 0
    for line in parsed.body:
        found.append(tree.body[place].lineno if place < len(tree.body) else 0)
        place += len(line.body) if isinstance(line, cst.SimpleStatementLine) else 1
    return found


def statements_of(node: cst.FunctionDef) -> Sequence[cst.BaseStatement]:
    """The statements of a function; none where they stand on its own line."""
    return node.body.body if isinstance(node.body, cst.IndentedBlock) else ()
