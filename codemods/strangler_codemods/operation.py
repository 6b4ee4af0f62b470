"""One operation of a body, as a rule sees it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NoReturn

import libcst as cst

from .types import Plain, Type

if TYPE_CHECKING:
    from .body import Body

_CODE = cst.Module([])
#: The types of values that may be an upload.
_MAYBE_UPLOADS = (Plain(), Plain("UploadFile"))


@dataclass(frozen=True)
class Typed:
    """A rewritten expression and what is known of its value."""

    node: cst.BaseExpression
    type: Type = field(default_factory=Plain)

    @property
    def code(self) -> str:
        """The expression as text."""
        return code_of(self.node)


@dataclass(frozen=True)
class Operation:
    """An attribute read, a call, a subscript or a comparison whose receiver has a rule."""

    node: cst.BaseExpression
    body: Body
    name: str = ""
    receiver: Typed | None = None
    other: Typed | None = None
    args: tuple[cst.Arg, ...] = ()

    @property
    def on(self) -> Typed:
        """The receiver of a method, attribute or subscript."""
        assert self.receiver is not None
        return self.receiver

    def refuse(self, code: str, message: str) -> NoReturn:
        """Keep the endpoint on legacy, at this operation's line."""
        self.body.refuse(code, message, self.node)

    def stores(self, label: str, name: str, value: Type) -> None:
        """Let a column take a value that may be an upload; nothing for columns that are no files."""
        store, module = self.body.world.store_uploads, self.body.module
        if store is not None and value in _MAYBE_UPLOADS:
            store(label, name, f"{module.path}:{module.line_of(self.node)}")

    def positional(self) -> list[cst.BaseExpression]:
        """Positional arguments; stars refuse."""
        if any(a.star for a in self.args):
            self.refuse("B110", f"`{self.name}` is called with `*` or `**`")
        return [a.value for a in self.args if a.keyword is None]

    def keywords(self) -> dict[str, cst.BaseExpression]:
        """Keyword arguments by name; stars refuse."""
        if any(a.star for a in self.args):
            self.refuse("B110", f"`{self.name}` is called with `*` or `**`")
        return {a.keyword.value: a.value for a in self.args if a.keyword is not None}

    def take(self, *names: str) -> dict[str, cst.BaseExpression]:
        """Arguments by parameter name, as Python binds them; others refuse."""
        positional = self.positional()
        found = dict(zip(names, positional, strict=False))
        for key, value in self.keywords().items():
            if key not in names:
                self.refuse("B111", f"`{self.name}` is called with an unknown `{key}`")
            found[key] = value
        if len(positional) > len(names):
            self.refuse("B111", f"`{self.name}` is called with too many arguments")
        return found


def code_of(node: cst.CSTNode) -> str:
    """The source text of a node."""
    return _CODE.code_for_node(node)


def parse(text: str) -> cst.BaseExpression:
    """An expression node from text."""
    first, *others = text.split(".")
    if text.isascii() and all(part.isidentifier() for part in (first, *others)):
        found: cst.BaseExpression = cst.Name(first)  # most texts, and faster than the parser
        for name in others:
            found = cst.Attribute(found, cst.Name(name))
        return found
    return cst.parse_expression(text)


def string_value(node: cst.BaseExpression) -> str | None:
    """The value of a string literal."""
    if isinstance(node, cst.SimpleString | cst.ConcatenatedString):
        value = node.evaluated_value
        return value if isinstance(value, str) else None
    return None
