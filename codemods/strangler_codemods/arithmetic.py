"""What Python's operators give, as types; any where it is not certain."""

from __future__ import annotations

import libcst as cst

from .types import Constant, Plain, Type

_WHOLE = (cst.Add, cst.Subtract, cst.Multiply, cst.FloorDivide, cst.Modulo)
_BITS = (cst.BitAnd, cst.BitOr, cst.BitXor)
# By the type of both sides: operators, and what they give.
_ALIKE: dict[str, dict[tuple[type[cst.BaseBinaryOp], ...], str]] = {
    "int": {(*_WHOLE, *_BITS, cst.LeftShift, cst.RightShift): "int", (cst.Divide,): "float"},
    "bool": {_WHOLE: "int", _BITS: "bool", (cst.Divide,): "float"},
    "float": {(*_WHOLE, cst.Divide): "float"},
    "Decimal": {(*_WHOLE, cst.Divide): "Decimal"},
    "str": {(cst.Add, cst.Modulo): "str"},
    "bytes": {(cst.Add, cst.Modulo): "bytes"},
    "timedelta": {
        (cst.Add, cst.Subtract, cst.Modulo): "timedelta",
        (cst.Divide,): "float",
        (cst.FloorDivide,): "int",
    },
    "date": {(cst.Subtract,): "timedelta"},
    "datetime": {(cst.Subtract,): "timedelta"},
}
# Left, operators, right: what they give.
_MIXED: tuple[tuple[str, tuple[type[cst.BaseBinaryOp], ...], str, str], ...] = (
    ("date", (cst.Add, cst.Subtract), "timedelta", "date"),
    ("datetime", (cst.Add, cst.Subtract), "timedelta", "datetime"),
    ("timedelta", (cst.Add,), "date", "date"),
    ("timedelta", (cst.Add,), "datetime", "datetime"),
)


def combined(operator: cst.BaseBinaryOp, left: Type, right: Type) -> Plain:
    """The type of two values with an operator between them."""
    if not isinstance(left, Plain) or not isinstance(right, Plain):
        return Plain()
    mine, other = (side.name.removesuffix(" | None") for side in (left, right))
    if mine != other:
        found = (
            gives
            for one, operators, two, gives in _MIXED
            if (one, two) == (mine, other) and isinstance(operator, operators)
        )
        return Plain(next(found, "Any"))
    for operators, gives in _ALIKE.get(mine, {}).items():
        if isinstance(operator, operators):
            return Plain(gives)
    same = mine.startswith("list[") and isinstance(operator, cst.Add)
    return Plain(mine if same else "Any")


def augmented(operator: cst.BaseAugOp, left: Type, right: Type) -> Plain:
    """The type of a name after `name += value`."""
    plain: type[cst.BaseBinaryOp] = getattr(cst, type(operator).__name__.removesuffix("Assign"))
    return combined(plain(), left, right)


def turned(operator: cst.BaseUnaryOp, kind: Type) -> Type:
    """The type of a value with `-`, `+` or `~` before it."""
    if isinstance(kind, Constant):
        values = [_turned(operator, value) for value in (kind.value, *kind.others)]
        return Constant(values[0], tuple(values[1:])) if None not in values else Plain()
    if isinstance(kind, Plain):
        name = kind.name.removesuffix(" | None")
        return Plain("int" if name == "bool" else name)
    return Plain()


def _turned(operator: cst.BaseUnaryOp, value: object) -> int | float | None:
    if not isinstance(value, int | float):
        return None
    if isinstance(operator, cst.Minus):
        return -value
    return +value if isinstance(operator, cst.Plus) else None
