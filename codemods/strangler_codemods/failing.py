"""`self.fail("key")` of a serializer as what it does: `raise ValidationError(text, code="key")`."""

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
    """The method with statements that raise; `env` learns what their error is."""
    names = {name: kind.name for name, kind in env.items() if isinstance(kind, SerializerSelf)}
    calls = {f"{name}.fail" for name in names}
    if not any(isinstance(each, cst.Call) and code_of(each.func) in calls for each in walk(node)):
        return node
    known = {s.name: s.error_messages for s in world.facts.serializers}
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
