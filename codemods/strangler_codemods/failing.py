"""What a serializer says by the key of a message: `self.fail("key")`, `self.error_messages["key"]`.

Before: self.fail("taken")
After:  raise ValidationError("This name is taken.", code="taken")
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from .operation import code_of, parse, string_value
from .types import SerializerSelf, Symbol, Type
from .walking import walk

if TYPE_CHECKING:
    from .world import World

#: What stands for DRF's error, whatever the project's module calls it.
_ERROR = "DRF_INVALID"


def with_failures(world: World, node: cst.FunctionDef, env: dict[str, Type]) -> cst.FunctionDef:
    """The method with the messages themselves; `env` learns what statements that raise make."""
    names = {name: kind.name for name, kind in env.items() if isinstance(kind, SerializerSelf)}
    known = {s.name: s.error_messages for s in world.facts.serializers}
    asked = any(
        isinstance(n, cst.Attribute) and n.attr.value == "error_messages" for n in walk(node)
    )
    for name, path in names.items() if asked else ():
        told = node.visit(_Messages(f"{name}.error_messages", known.get(path, {})))
        assert isinstance(told, cst.FunctionDef)
        node = told
    calls = {f"{name}.fail" for name in names}
    if not any(isinstance(each, cst.Call) and code_of(each.func) in calls for each in walk(node)):
        return node
    failures = _Failures({f"{name}.fail": known.get(path, {}) for name, path in names.items()})
    changed = node.visit(failures)
    assert isinstance(changed, cst.FunctionDef)
    env[_ERROR] = Symbol("rest_framework.exceptions.ValidationError")
    return changed


class _Failures(cst.CSTTransformer):
    """messages: texts by key, for each name of a function that fails."""

    def __init__(self, messages: dict[str, dict[str, str]]) -> None:
        super().__init__()
        self.messages = messages

    def leave_Expr(self, original_node: cst.Expr, updated_node: cst.Expr) -> cst.BaseSmallStatement:
        call = original_node.value
        if not isinstance(call, cst.Call) or len(call.args) != 1 or call.args[0].star:
            return updated_node
        key = string_value(call.args[0].value)
        text = self.messages.get(code_of(call.func), {}).get(key or "")
        if text is None or "{" in text or "}" in text:  # they are filled in, and may fail
            return updated_node
        return cst.Raise(exc=parse(f"{_ERROR}({text!r}, code={key!r})"))


class _Messages(cst.CSTTransformer):
    """Messages in place of `self.error_messages[key]`, the key a literal or a name that has just got one.

    attribute: how the code calls the messages. texts: those by key.
    """

    def __init__(self, attribute: str, texts: dict[str, str]) -> None:
        super().__init__()
        self.attribute = attribute
        self.texts = texts

    def leave_IndentedBlock(
        self, original_node: cst.IndentedBlock, updated_node: cst.IndentedBlock
    ) -> cst.BaseSuite:
        keys: dict[str, str] = {}
        lines: list[cst.BaseStatement] = []
        for line in updated_node.body:
            said = line
            if keys and isinstance(line, cst.SimpleStatementLine):
                told = line.visit(_Named(self, keys))
                said = cst.ensure_type(told, cst.SimpleStatementLine)
            lines.append(said)
            for each in walk(said):
                keys.pop(each.value if isinstance(each, cst.Name) else "", None)
            plain = line.body[0] if isinstance(line, cst.SimpleStatementLine) else None
            if isinstance(plain, cst.Assign) and len(plain.targets) == 1:
                target, value = plain.targets[0].target, string_value(plain.value)
                if isinstance(target, cst.Name) and value is not None:
                    keys[target.value] = value
        return updated_node.with_changes(body=lines)

    def leave_Subscript(
        self, original_node: cst.Subscript, updated_node: cst.Subscript
    ) -> cst.BaseExpression:
        return self.shown(updated_node, {})

    def shown(self, node: cst.Subscript, keys: dict[str, str]) -> cst.BaseExpression:
        """The message; the subscript itself where its key is not known."""
        index = node.slice[0].slice if len(node.slice) == 1 else None
        if code_of(node.value) != self.attribute or not isinstance(index, cst.Index):
            return node
        key = string_value(index.value)
        if key is None and isinstance(index.value, cst.Name):
            key = keys.get(index.value.value)
        text = self.texts.get(key or "")
        return node if text is None else parse(repr(text))


class _Named(cst.CSTTransformer):
    """The messages of one line whose key a line before it has named."""

    def __init__(self, messages: _Messages, keys: dict[str, str]) -> None:
        super().__init__()
        self.messages, self.keys = messages, keys

    def leave_Subscript(
        self, original_node: cst.Subscript, updated_node: cst.Subscript
    ) -> cst.BaseExpression:
        return self.messages.shown(updated_node, self.keys)
