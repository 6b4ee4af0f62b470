"""Numbers and booleans."""

import decimal
import math
import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any, ClassVar, Final

from . import settings
from .fields import ABSENT, Check, FieldType, FormRules

_MAX_TEXT: Final = 1000
_ZERO_FRACTION: Final = re.compile(r"\.0*\s*$")


class Limited(FieldType):
    """A value that may have a smallest and a largest one, both included."""

    default_messages: ClassVar = {
        "max_value": "Ensure this value is less than or equal to {max_value}.",
        "min_value": "Ensure this value is greater than or equal to {min_value}.",
    }

    def __init__(self, min_value: Any = None, max_value: Any = None, **common: Any) -> None:
        super().__init__(**common)
        self.min_value = min_value
        self.max_value = max_value

    def limits(self) -> list[Check]:
        checks: list[Check] = []
        least, most = self.min_value, self.max_value
        if most is not None:
            checks.append(self.check("max_value", lambda value: value > most, max_value=most))
        if least is not None:
            checks.append(self.check("min_value", lambda value: value < least, min_value=least))
        return checks

    def bounds(self) -> dict[str, Any]:
        """Return the limits as JSON schema keywords."""
        pairs = {"minimum": self.min_value, "maximum": self.max_value}
        return {
            key: float(value) if isinstance(value, Decimal) else value
            for key, value in pairs.items()
            if value is not None
        }


class Integer(Limited):
    """An integer, also as text or as a float without a fraction."""

    repeatable = True
    default_messages: ClassVar = {
        "invalid": "A valid integer is required.",
        "max_string_length": "String value too large.",
    }

    def converter(self) -> Callable[[Any], int]:
        def convert(data: Any) -> int:
            if type(data) is int:
                return data
            if isinstance(data, str) and len(data) > _MAX_TEXT:
                raise self.error("max_string_length")
            try:
                return int(_ZERO_FRACTION.sub("", str(data)))
            except (ValueError, TypeError) as error:
                raise self.error("invalid") from error

        return convert

    def quick(self, careful: Callable[[Any], Any]) -> Callable[[Any], Any]:
        least, most = self.min_value, self.max_value

        def run(data: Any) -> Any:
            good = type(data) is int and (least is None or data >= least)
            return data if good and (most is None or data <= most) else careful(data)

        return run

    def json_schema(self) -> dict[str, Any]:
        return {"type": "integer", **self.bounds()}


class BigInteger(Integer):
    """An integer of 64 bits; from DRF 3.17 on it has a message of its own."""

    repeatable = True

    def __init__(self, min_value: Any = None, max_value: Any = None, **common: Any) -> None:
        super().__init__(min_value, max_value, **common)
        if settings.DRF >= (3, 17) and "invalid" not in (common.get("messages") or {}):
            self.messages["invalid"] = "A valid biginteger is required."


class Float(Limited):
    """Whatever `float()` takes; infinities and NaN only before DRF 3.18."""

    repeatable = True
    default_messages: ClassVar = {
        "invalid": "A valid number is required.",
        "max_string_length": "String value too large.",
        "overflow": "Integer value too large to convert to float",
    }

    def converter(self) -> Callable[[Any], float]:
        finite_only = settings.DRF >= (3, 18)

        def convert(data: Any) -> float:
            if isinstance(data, str) and len(data) > _MAX_TEXT:
                raise self.error("max_string_length")
            try:
                value = float(data)
            except (TypeError, ValueError) as error:
                raise self.error("invalid") from error
            except OverflowError as error:
                raise self.error("overflow") from error
            if finite_only and not math.isfinite(value):
                raise self.error("invalid")
            return value

        return convert

    def json_schema(self) -> dict[str, Any]:
        return {"type": "number", **self.bounds()}


class Number(Limited):
    """A decimal number, quantized to `decimal_places`."""

    repeatable = True
    default_messages: ClassVar = {
        "invalid": "A valid number is required.",
        "max_digits": "Ensure that there are no more than {max_digits} digits in total.",
        "max_decimal_places": (
            "Ensure that there are no more than {max_decimal_places} decimal places."
        ),
        "max_whole_digits": (
            "Ensure that there are no more than {max_whole_digits} digits before the decimal point."
        ),
        "max_string_length": "String value too large.",
    }

    def __init__(
        self,
        *,
        max_digits: int | None,
        decimal_places: int | None,
        min_value: Any = None,
        max_value: Any = None,
        rounding: str | None = None,
        **common: Any,
    ) -> None:
        super().__init__(min_value, max_value, **common)
        self.max_digits = max_digits
        self.decimal_places = decimal_places
        self.rounding = rounding

    def shortcut(self, null: bool) -> Callable[[Any], Any] | None:
        if not null:
            return None
        return lambda data: None if isinstance(data, str) and not data.strip() else ABSENT

    def converter(self) -> Callable[[Any], Decimal]:
        quantize = quantizer(self.max_digits, self.decimal_places, self.rounding)

        def convert(data: Any) -> Decimal:
            text = str(data).strip()
            if len(text) > _MAX_TEXT:
                raise self.error("max_string_length")
            try:
                value = Decimal(text)
            except decimal.DecimalException as error:
                raise self.error("invalid") from error
            if not value.is_finite():
                raise self.error("invalid")
            self.measure(value)
            return quantize(value)

        return convert

    def quick(self, careful: Callable[[Any], Any]) -> Callable[[Any], Any]:
        """Accept short plain notation, whose digits need not be counted."""
        if self.max_digits is None or not self.decimal_places or self.limits():
            return careful
        whole, places = self.max_digits - self.decimal_places, self.decimal_places
        if whole < 1:
            return careful
        evident = re.compile(rf"-?[0-9]{{1,{whole}}}\.[0-9]{{{places}}}").fullmatch

        def run(data: Any) -> Any:
            return Decimal(data) if type(data) is str and evident(data) else careful(data)

        return run

    def measure(self, value: Decimal) -> None:
        """Refuse a number with too many digits: in total, after the point, before it."""
        _, digits, exponent = value.as_tuple()
        assert isinstance(exponent, int)  # finite
        places = max(-exponent, 0)
        total = max(len(digits) + max(exponent, 0), places)
        whole = total - places
        if self.max_digits is not None and total > self.max_digits:
            raise self.error("max_digits", max_digits=self.max_digits)
        if self.decimal_places is not None and places > self.decimal_places:
            raise self.error("max_decimal_places", max_decimal_places=self.decimal_places)
        if self.max_digits is not None and self.decimal_places is not None:
            most = self.max_digits - self.decimal_places
            if whole > most:
                raise self.error("max_whole_digits", max_whole_digits=most)

    def json_schema(self) -> dict[str, Any]:
        return {"anyOf": [{"type": "string", "format": "decimal"}, {"type": "number"}]}


def quantizer(
    max_digits: int | None, decimal_places: int | None, rounding: str | None = None
) -> Callable[[Decimal], Decimal]:
    """Return the function that brings a decimal to `decimal_places`.

    It raises decimal.InvalidOperation when the result needs more than `max_digits`.
    """
    if decimal_places is None:
        return lambda value: value
    context = decimal.getcontext().copy()
    if max_digits is not None:
        context.prec = max_digits
    unit = Decimal(".1") ** decimal_places
    return lambda value: value.quantize(unit, rounding=rounding, context=context)


_TRUE: Final = frozenset({"t", "y", "yes", "true", "on", "1"})
_FALSE: Final = frozenset({"f", "n", "no", "false", "off", "0"})
_NULL: Final = frozenset({"null", ""})
# DRF up to 3.14 knew these spellings only.
_OLD: Final = {
    word for base in _TRUE | _FALSE | {"null"} for word in (base, base.upper(), base.capitalize())
} | {""}


class Boolean(FieldType):
    """True and false, also as words and as 1 and 0."""

    repeatable = True
    default_messages: ClassVar = {"invalid": "Must be a valid boolean."}

    def shortcut(self, null: bool) -> Callable[[Any], Any] | None:
        if not null:
            return None
        return lambda data: None if isinstance(data, str) and word(data) in _NULL else ABSENT

    def converter(self) -> Callable[[Any], bool]:
        def convert(data: Any) -> bool:
            if data is True or data is False:
                return data is True
            known = word(data) if isinstance(data, str) else ""
            if known in _TRUE or (isinstance(data, (int, float)) and data == 1):
                return True
            if known in _FALSE or (isinstance(data, (int, float)) and data == 0):
                return False
            raise self.error("invalid")

        return convert

    def quick(self, careful: Callable[[Any], Any]) -> Callable[[Any], Any]:
        return lambda data: data if data is True or data is False else careful(data)

    def form_absent(self, rules: FormRules) -> Any:
        if rules.defaulted:
            return ABSENT
        return None if rules.null else False

    def json_schema(self) -> dict[str, Any]:
        return {"type": "boolean"}


def word(text: str) -> str:
    """Bring a word to lower case, where this DRF version accepts its spelling."""
    return text.lower() if settings.DRF >= (3, 15) or text in _OLD else text


def truth(value: Any) -> bool:
    """Return what an output field makes of a stored value: known words, else Python's truth."""
    known = word(value) if isinstance(value, str) else value
    if isinstance(known, str) and (known in _TRUE or known in _FALSE):
        return known in _TRUE
    return bool(value)
