"""Django's value validators: callables that raise ValidationError with Django's texts."""

import math
import re
from collections.abc import Callable, Iterable
from pathlib import PurePath
from typing import Any, ClassVar, Final

from .errors import ErrorDetail, ValidationError
from .texts import ngettext

# Django writes these in typographic quotes.
_SLUG: Final = "Enter a valid “slug” consisting of letters, numbers, underscores or hyphens."
_UNICODE_SLUG: Final = (
    "Enter a valid “slug” consisting of Unicode letters, numbers, underscores, or hyphens."
)


def refuse(message: str, code: str, **params: object) -> ValidationError:
    """Build the refusal with `message`, filled in by % as Django does."""
    return ValidationError([ErrorDetail(message % params, code)])


class RegexValidator:
    """Refuse text in which `regex` is not found (or is, with inverse_match)."""

    message: str = "Enter a valid value."
    code: str = "invalid"
    inverse_match: bool = False

    def __init__(
        self,
        regex: str | re.Pattern[str] = "",
        message: str | None = None,
        code: str | None = None,
        inverse_match: bool | None = None,
        flags: int = 0,
    ) -> None:
        self.regex = re.compile(regex, flags) if isinstance(regex, str) else regex
        self.message = self.message if message is None else message
        self.code = self.code if code is None else code
        self.inverse_match = self.inverse_match if inverse_match is None else inverse_match

    def __call__(self, value: Any) -> None:
        if bool(self.regex.search(str(value))) is self.inverse_match:
            raise refuse(self.message, self.code, value=value)


class LimitValidator:
    """Base of the comparisons; `limit_value` may be a function without arguments."""

    message: str = "Ensure this value is %(limit_value)s (it is %(show_value)s)."
    code: ClassVar[str] = "limit_value"

    def __init__(self, limit_value: Any | Callable[[], Any], message: str | None = None) -> None:
        self.limit_value = limit_value
        self.message = message or self.message

    def __call__(self, value: Any) -> None:
        limit = self.limit_value() if callable(self.limit_value) else self.limit_value
        shown = self.clean(value)
        if self.wrong(shown, limit):
            text = self.text(limit, shown)
            raise refuse(text, self.code, value=value, **self.params(limit, shown))

    def params(self, limit: Any, value: Any) -> dict[str, Any]:
        """Return what the message names."""
        return {"limit_value": limit, "show_value": value}

    def text(self, limit: Any, value: Any) -> str:
        """Return the message's form for this limit."""
        return self.message

    def clean(self, value: Any) -> Any:
        """Return what is compared."""
        return value

    def wrong(self, value: Any, limit: Any) -> bool:
        """Tell whether the compared value is beyond the limit."""
        return value is not limit


class MaxValueValidator(LimitValidator):
    """Refuse values above the limit."""

    message = "Ensure this value is less than or equal to %(limit_value)s."
    code = "max_value"

    def wrong(self, value: Any, limit: Any) -> bool:
        return bool(value > limit)


class MinValueValidator(LimitValidator):
    """Refuse values below the limit."""

    message = "Ensure this value is greater than or equal to %(limit_value)s."
    code = "min_value"

    def wrong(self, value: Any, limit: Any) -> bool:
        return bool(value < limit)


class StepValueValidator(LimitValidator):
    """Refuse values that are no multiple of the step, counted from `offset`."""

    message = "Ensure this value is a multiple of step size %(limit_value)s."
    code = "step_size"

    def __init__(
        self, limit_value: Any, message: str | None = None, offset: float | None = None
    ) -> None:
        super().__init__(limit_value, message)
        self.offset = offset

    def text(self, limit: Any, value: Any) -> str:
        if self.offset is None:
            return self.message
        return (
            "Ensure this value is a multiple of step size %(limit_value)s, starting from "
            "%(offset)s, e.g. %(offset)s, %(valid_value1)s, %(valid_value2)s, and so on."
        )

    def params(self, limit: Any, value: Any) -> dict[str, Any]:
        found = super().params(limit, value)
        if self.offset is not None:
            start = type(value)(self.offset)
            valid = {"valid_value1": start + limit, "valid_value2": start + 2 * limit}
            found |= {"offset": start, **valid}
        return found

    def wrong(self, value: Any, limit: Any) -> bool:
        return not math.isclose(math.remainder(value - (self.offset or 0), limit), 0, abs_tol=1e-9)


class _LengthValidator(LimitValidator):
    plural: ClassVar[str]
    singular: ClassVar[str]

    def __init__(self, limit_value: Any, message: str | None = None) -> None:
        super().__init__(limit_value, message)
        self.own_message = message

    def text(self, limit: Any, value: Any) -> str:
        return self.own_message or ngettext(self.singular, self.plural, limit)

    def clean(self, value: Any) -> int:
        return len(value)


class MaxLengthValidator(_LengthValidator):
    """Refuse longer values."""

    code = "max_length"
    singular = "Ensure this value has at most %(limit_value)d character (it has %(show_value)d)."
    plural = "Ensure this value has at most %(limit_value)d characters (it has %(show_value)d)."

    def wrong(self, value: Any, limit: Any) -> bool:
        return bool(value > limit)


class MinLengthValidator(_LengthValidator):
    """Refuse shorter values."""

    code = "min_length"
    singular = "Ensure this value has at least %(limit_value)d character (it has %(show_value)d)."
    plural = "Ensure this value has at least %(limit_value)d characters (it has %(show_value)d)."

    def wrong(self, value: Any, limit: Any) -> bool:
        return bool(value < limit)


class FileExtensionValidator:
    """Refuse files whose name ends otherwise; the value has `filename` or `name`."""

    message: str = (
        "File extension “%(extension)s” is not allowed. "
        "Allowed extensions are: %(allowed_extensions)s."
    )
    code: str = "invalid_extension"

    def __init__(
        self,
        allowed_extensions: Iterable[str] | None = None,
        message: str | None = None,
        code: str | None = None,
    ) -> None:
        self.allowed = (
            None if allowed_extensions is None else [name.lower() for name in allowed_extensions]
        )
        self.message = self.message if message is None else message
        self.code = self.code if code is None else code

    def __call__(self, value: Any) -> None:
        name = getattr(value, "filename", None) or getattr(value, "name", "")
        extension = PurePath(str(name)).suffix[1:].lower()
        if self.allowed is not None and extension not in self.allowed:
            params = {"extension": extension, "allowed_extensions": ", ".join(self.allowed)}
            raise refuse(self.message, self.code, **params, value=value)


_TOTAL = (
    "Ensure that there are no more than %(max)s digit in total.",
    "Ensure that there are no more than %(max)s digits in total.",
)
_PLACES = (
    "Ensure that there are no more than %(max)s decimal place.",
    "Ensure that there are no more than %(max)s decimal places.",
)
_WHOLE = (
    "Ensure that there are no more than %(max)s digit before the decimal point.",
    "Ensure that there are no more than %(max)s digits before the decimal point.",
)


class DecimalValidator:
    """Refuse numbers of more digits, in all or behind the point."""

    def __init__(self, max_digits: int | None = None, decimal_places: int | None = None) -> None:
        self.max_digits = max_digits
        self.decimal_places = decimal_places

    def __call__(self, value: Any) -> None:
        digit_tuple, exponent = value.as_tuple()[1:]
        if not isinstance(exponent, int):
            raise refuse("Enter a number.", "invalid", value=value)
        digits, decimals = len(digit_tuple), 0
        if exponent >= 0:
            digits += exponent if digit_tuple != (0,) else 0
        else:
            decimals = -exponent
            digits = max(digits, decimals)
        total, places = self.max_digits, self.decimal_places
        if total is not None and digits > total:
            raise self._refusal("max_digits", value, total, *_TOTAL)
        if places is not None and decimals > places:
            raise self._refusal("max_decimal_places", value, places, *_PLACES)
        if total is not None and places is not None and digits - decimals > total - places:
            raise self._refusal("max_whole_digits", value, total - places, *_WHOLE)

    def _refusal(self, code: str, value: Any, limit: int, one: str, many: str) -> Exception:
        return refuse(ngettext(one, many, limit), code, max=limit, value=value)


class ProhibitNullCharactersValidator:
    """Refuse text with the NUL character."""

    def __init__(
        self,
        message: str = "Null characters are not allowed.",
        code: str = "null_characters_not_allowed",
    ) -> None:
        self.message, self.code = message, code

    def __call__(self, value: Any) -> None:
        if "\x00" in str(value):
            raise refuse(self.message, self.code, value=value)


def int_list_validator(
    sep: str = ",", message: str | None = None, code: str = "invalid", allow_negative: bool = False
) -> RegexValidator:
    """Return a validator of integers joined by `sep`."""
    sign = "(-)?" if allow_negative else ""
    pattern = rf"^{sign}\d+(?:{re.escape(sep)}{sign}\d+)*\Z"
    return RegexValidator(re.compile(pattern), message=message, code=code)


validate_slug = RegexValidator(re.compile(r"^[-a-zA-Z0-9_]+\Z"), _SLUG)
validate_unicode_slug = RegexValidator(re.compile(r"^[-\w]+\Z"), _UNICODE_SLUG)
validate_integer = RegexValidator(re.compile(r"^-?\d+\Z"), "Enter a valid integer.")
validate_comma_separated_integer_list = int_list_validator(
    message="Enter only digits separated by commas."
)
