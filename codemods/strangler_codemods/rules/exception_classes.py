"""DRF's and Django's exceptions become compat's, with the same names, texts and statuses.

Before: raise serializers.ValidationError("Too late.")
After:  raise ValidationError("Too late.")
"""

import re
from typing import cast

import libcst as cst

from strangler_codemods.operands import operand
from strangler_codemods.operation import Operation, Typed, code_of, parse, string_value
from strangler_codemods.plain_values import plain, plain_args
from strangler_codemods.rule import attribute, call, rewrites, symbol
from strangler_codemods.types import Constant, Error, Plain, Symbol

_DRF = [
    "APIException",
    "ValidationError",
    "ParseError",
    "AuthenticationFailed",
    "NotAuthenticated",
    "PermissionDenied",
    "NotFound",
    "MethodNotAllowed",
    "NotAcceptable",
    "UnsupportedMediaType",
    "Throttled",
]
_NAMES = {
    **{f"rest_framework.exceptions.{name}": name for name in _DRF},
    "rest_framework.serializers.ValidationError": "ValidationError",
    "django.http.Http404": "Http404",
    "django.http.response.Http404": "Http404",
    "django.core.exceptions.PermissionDenied": "Forbidden",
    "django.core.exceptions.ObjectDoesNotExist": "ObjectDoesNotExist",
    "django.core.exceptions.MultipleObjectsReturned": "MultipleObjectsReturned",
    "django.db.models.ProtectedError": "ProtectedError",
    "django.db.models.deletion.ProtectedError": "ProtectedError",
    "django.db.models.RestrictedError": "RestrictedError",
    "rest_framework.exceptions.ErrorDetail": "ErrorDetail",
}

#: Values that their columns cannot hold, or that the project refuses in Django's way.
_INVALID = "django.core.exceptions.ValidationError"


@rewrites(symbol(_INVALID))
def invalid(operation: Operation) -> Typed:
    local = operation.body.compat("errors", "InvalidValueError")
    return Typed(parse(local), Symbol(operation.name))


@rewrites(call(_INVALID))
def refuse_value(operation: Operation) -> Typed:
    """One text; in a validator of a field DRF shows it as it shows that of its own error."""
    body, node = operation.body, cast("cst.Call", operation.node)
    arguments = operation.take("message", "code", "params")
    filled = _filled(operation, arguments)
    value = body.expr(arguments["message"]) if "message" in arguments else None
    text = value is not None and (
        (isinstance(value.type, Constant) and isinstance(value.type.value, str))
        or value.type == Plain("str")
    )
    if not text:
        operation.refuse("B105", f"calling `{operation.name}` with this has no rule")
    if "validator" not in body.owner.attributes:
        if "code" in arguments:
            operation.refuse("B105", f"`{operation.name}` with a code has no rule")
        assert value is not None
        error = body.compat("errors", "InvalidValueError")
        given = value.code if filled is None else f"{value.code}, {filled}"
        return Typed(parse(f"{error}({given})"), Error(_INVALID))
    function = body.compat("errors", "ValidationError")
    body.imports.discard(("app.compat.errors", "InvalidValueError"))
    if filled is not None:
        assert value is not None
        code = f", {body.expr(arguments['code']).code}" if "code" in arguments else ""
        given = f"{code_of(operand(value))} % {filled}{code}"
        return Typed(parse(f"{function}({given})"), Error(_INVALID))
    args = plain_args(body, node.args)
    names = [cst.Name(name) for name in ("detail", "code")]
    args = [a.with_changes(keyword=None) if a.keyword is None else a for a in args]
    renamed = {"message": names[0], "code": names[1]}
    args = [a.with_changes(keyword=renamed[a.keyword.value]) if a.keyword else a for a in args]
    return Typed(node.with_changes(func=cst.Name(function), args=args), Error(_INVALID))


_GAP = re.compile(r"%\((\w+)\)s")


def _filled(operation: Operation, arguments: dict[str, cst.BaseExpression]) -> str | None:
    """The values that fill a text's gaps, where each gap has one; None where there are none."""
    params, body = arguments.get("params"), operation.body
    if params is None or body.expr(params).type == Constant(None):
        return None
    message = arguments.get("message")
    if isinstance(message, cst.Call) and len(message.args) == 1:  # `_("...")`
        message = message.args[0].value
    text = string_value(message) if message is not None else None
    pairs = params.elements if isinstance(params, cst.Dict) else ()
    names = [string_value(p.key) if isinstance(p, cst.DictElement) else None for p in pairs]
    if text is None or not names or None in names or "%" in _GAP.sub("", text.replace("%%", "")):
        operation.refuse("B105", f"`{operation.name}` with these params has no rule")
    if not set(_GAP.findall(text)) <= set(names):
        operation.refuse("B105", f"`{operation.name}` lacks a value for a gap of its text")
    return code_of(plain(body, params))


@rewrites(attribute(Error, "messages"))
def messages(operation: Operation) -> Typed:
    """What a caught error of Django's lists."""
    if operation.on.type != Error(_INVALID):
        operation.refuse("B104", "`.messages` of this error has no rule")
    return Typed(parse(f"{operation.on.code}.messages"), Plain("list[str]"))


@rewrites(attribute(Error, "message"))
def message(operation: Operation) -> Typed:
    """What a caught error of Django's was made with, where that is one text."""
    if operation.on.type != Error(_INVALID):
        operation.refuse("B104", "`.message` of this error has no rule")
    return Typed(parse(f"{operation.on.code}.message"), Plain("str"))


@rewrites(*(symbol(path) for path in _NAMES))
def name(operation: Operation) -> Typed:
    local = operation.body.compat("errors", _NAMES[operation.name])
    return Typed(parse(local), Symbol(operation.name))


@rewrites(*(call(path) for path in _NAMES))
def construct(operation: Operation) -> Typed:
    node = cast("cst.Call", operation.node)
    args = plain_args(operation.body, node.args)
    return Typed(node.with_changes(func=operation.on.node, args=args), Error(operation.name))
