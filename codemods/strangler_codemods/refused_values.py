"""Refusals that are ValueErrors in the new app and none in legacy: `except ValueError` lets them pass."""

from __future__ import annotations

import libcst as cst
from libcst import matchers

from .body import Body
from .operation import code_of
from .walking import walk

#: A handler, and the paths of the classes that it catches.
Caught = tuple[cst.ExceptHandler, frozenset[str]]

_ALL = frozenset({"builtins.Exception", "builtins.BaseException"})
# By the name in `compat.errors`, who catches it in legacy.
_REFUSALS = {
    "ValidationError": _ALL
    | {
        "rest_framework.exceptions.APIException",
        "rest_framework.exceptions.ValidationError",
        "rest_framework.serializers.ValidationError",
    },
    "InvalidValueError": _ALL | {"django.core.exceptions.ValidationError"},
}
# Calls that raise neither.
_HARMLESS = frozenset(
    [
        *("Decimal", "UUID", "bool", "date", "datetime", "dict", "float", "fromisoformat", "get"),
        *("int", "isinstance", "len", "list", "loads", "lower", "max", "min", "now", "range"),
        *(
            "request_data",
            "round",
            "split",
            "str",
            "strip",
            "strptime",
            "sum",
            "timedelta",
            "upper",
        ),
    ]
)


def spare_refusals(
    body: Body, suite: cst.BaseSuite, handlers: list[Caught]
) -> list[cst.ExceptHandler]:
    """The handlers, with others before the first that catches ValueError where legacy had none."""
    kept = [handler for handler, _ in handlers]
    place = next((n for n, (_, p) in enumerate(handlers) if "builtins.ValueError" in p), None)
    if place is None or handlers[place][1] & _ALL or not _may_refuse(suite):
        return kept
    added: dict[int | None, list[str]] = {}
    for name, catching in _REFUSALS.items():
        first = next((n for n, (_, paths) in enumerate(handlers) if paths & catching), None)
        if first is None or first > place:
            added.setdefault(first, []).append(name)
    new = []
    for first, names in added.items():
        local = [body.compat("errors", name) for name in names]
        if first is None:
            new.append(_raising(local))
        else:
            new.append(kept[first].with_changes(type=_classes(local), **_SPACE))
    return [*kept[:place], *new, *kept[place:]]


_SPACE = {"whitespace_after_except": cst.SimpleWhitespace(" ")}


def _may_refuse(suite: cst.BaseSuite) -> bool:
    """Whether statements raise something, or call what may."""
    if matchers.findall(suite, matchers.Raise()):
        return True
    called = (code_of(n.func).rpartition(".")[2] for n in walk(suite) if isinstance(n, cst.Call))
    return any(name not in _HARMLESS for name in called)


def _classes(names: list[str]) -> cst.BaseExpression:
    return cst.parse_expression(names[0] if len(names) == 1 else f"({', '.join(names)})")


def _raising(names: list[str]) -> cst.ExceptHandler:
    raised = cst.SimpleStatementLine([cst.Raise()])
    return cst.ExceptHandler(type=_classes(names), body=cst.IndentedBlock([raised]))
