"""Form fields as django-filter uses them: query text to values, refusals in Django's words."""

import uuid
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal, DecimalException
from typing import Any, ClassVar

from starlette.datastructures import QueryParams

from . import settings
from .clock import app_zone
from .dates import parse_datetime, parse_duration
from .errors import ErrorDetail
from .translations import spoken

EMPTY: tuple[Any, ...] = ([], (), {}, "", None)
_GREATEST = "Ensure this value is less than or equal to %(limit_value)s."
_LEAST = "Ensure this value is greater than or equal to %(limit_value)s."
# django-filter refuses larger numbers.
_LARGEST = 1e50


class FieldError(Exception):
    """The text of a parameter was refused, with one or more messages."""

    def __init__(self, *messages: ErrorDetail) -> None:
        self.messages = list(messages)
        super().__init__(*messages)


def refuse(text: str, code: str = "invalid") -> FieldError:
    """Return the error of one message."""
    return FieldError(ErrorDetail(text, code))


class FormField:
    """Reads one parameter and turns its text into a value."""

    def __init__(self, *, required: bool = False) -> None:
        self.required = required

    def read(self, data: QueryParams, name: str) -> Any:
        """Return what the request says: the last of several values."""
        return data.get(name)

    def names(self, name: str) -> list[str]:
        """Return the parameters that it reads."""
        return [name]

    def clean(self, raw: Any) -> Any:
        """Return the value; an empty one when nothing was given. Raises FieldError."""
        value = self.convert(raw)
        if self.required and value in EMPTY:
            raise refuse("This field is required.", "required")
        if value not in EMPTY:
            self.check(value)
        return value

    def convert(self, raw: Any) -> Any:
        """Turn text into a value."""
        return raw

    def check(self, value: Any) -> None:
        """Refuse a value that is not empty, but not allowed."""


class CharField(FormField):
    """Text, trimmed."""

    def __init__(
        self,
        *,
        required: bool = False,
        strip: bool = True,
        max_length: int | None = None,
        min_length: int | None = None,
    ) -> None:
        super().__init__(required=required)
        self.strip = strip
        self.max_length = max_length
        self.min_length = min_length

    def convert(self, raw: Any) -> Any:
        if raw in EMPTY:
            return ""
        return raw.strip() if self.strip else raw

    def check(self, value: str) -> None:
        length, messages = len(value), []
        if self.min_length is not None and length < self.min_length:
            text = (
                f"Ensure this value has at least {_characters(self.min_length)} (it has {length})."
            )
            messages.append(ErrorDetail(text, "min_length"))
        if self.max_length is not None and length > self.max_length:
            text = (
                f"Ensure this value has at most {_characters(self.max_length)} (it has {length})."
            )
            messages.append(ErrorDetail(text, "max_length"))
        if "\x00" in value:
            text = "Null characters are not allowed."
            messages.append(ErrorDetail(text, "null_characters_not_allowed"))
        if messages:
            raise FieldError(*messages)


def _characters(number: int) -> str:
    return f"{number} character" if number == 1 else f"{number} characters"


class NumberField(FormField):
    """A decimal number."""

    def __init__(
        self,
        *,
        required: bool = False,
        min_value: Any = None,
        max_value: Any = None,
        largest: float | None = _LARGEST,
    ) -> None:
        super().__init__(required=required)
        self.min_value = min_value
        self.limits = [limit for limit in (max_value, largest) if limit is not None]

    def convert(self, raw: Any) -> Any:
        if raw in EMPTY:
            return None
        try:
            number = Decimal(str(raw))
        except DecimalException:
            raise refuse("Enter a number.") from None
        if not number.is_finite():
            raise refuse("Enter a number.")
        return number

    def check(self, value: Decimal) -> None:
        messages = [
            ErrorDetail(_GREATEST % {"limit_value": limit}, "max_value")
            for limit in self.limits
            if value > limit
        ]
        if self.min_value is not None and value < self.min_value:
            text = _LEAST % {"limit_value": self.min_value}
            messages.append(ErrorDetail(text, "min_value"))
        if messages:
            raise FieldError(*messages)


class BooleanField(FormField):
    """True, False, or None for every other text."""

    words: ClassVar[dict[str, bool]] = {"true": True, "false": False, "1": True, "0": False}

    def read(self, data: QueryParams, name: str) -> Any:
        return self.words.get(data.get(name, "").lower())

    def clean(self, raw: Any) -> Any:
        return raw


class SelectBooleanField(BooleanField):
    """As django_filters' own BooleanFilter reads it, outside of django_filters.rest_framework."""

    words: ClassVar[dict[str, bool]] = {
        **{"true": True, "True": True, "2": True},
        **{"false": False, "False": False, "3": False},
    }

    def read(self, data: QueryParams, name: str) -> Any:
        return self.words.get(data.get(name, ""))


class UuidField(FormField):
    """A UUID in any form that Python reads."""

    def convert(self, raw: Any) -> Any:
        text = "" if raw in EMPTY else raw.strip()
        if not text:
            return None
        try:
            return uuid.UUID(text)
        except ValueError:
            raise refuse("Enter a valid UUID.") from None


def _first_format(text: str, formats: Sequence[str], message: str) -> datetime:
    for form in formats:
        try:
            return datetime.strptime(text, form)
        except ValueError:
            continue
    raise refuse(message)


def _usual(kind: str) -> Sequence[str]:
    """The forms that the request's language has for dates, times or moments."""
    name = f"{kind}_INPUT_FORMATS"
    known: Sequence[str] = spoken().get("formats", {}).get(name) or getattr(
        settings, f"FORM_{name}"
    )
    return known


class DateField(FormField):
    """A date in one of `input_formats`."""

    def __init__(
        self, *, required: bool = False, input_formats: Sequence[str] | None = None
    ) -> None:
        super().__init__(required=required)
        self.input_formats = input_formats

    def convert(self, raw: Any) -> Any:
        if raw in EMPTY:
            return None
        formats = _usual("DATE") if self.input_formats is None else self.input_formats
        return _first_format(raw.strip(), formats, "Enter a valid date.").date()


class TimeField(FormField):
    """A time of day in one of `input_formats`."""

    def __init__(
        self, *, required: bool = False, input_formats: Sequence[str] | None = None
    ) -> None:
        super().__init__(required=required)
        self.input_formats = input_formats

    def convert(self, raw: Any) -> Any:
        if raw in EMPTY:
            return None
        formats = _usual("TIME") if self.input_formats is None else self.input_formats
        return _first_format(raw.strip(), formats, "Enter a valid time.").time()


def local_moment(value: datetime) -> datetime:
    """Read a naive datetime on the clock of the project; naive UTC without USE_TZ."""
    if settings.USE_TZ:
        return value if value.tzinfo else value.replace(tzinfo=app_zone())
    return value.astimezone(app_zone()).replace(tzinfo=None) if value.tzinfo else value


class DateTimeField(FormField):
    """A moment: ISO 8601, or one of `input_formats`."""

    def __init__(
        self, *, required: bool = False, input_formats: Sequence[str] | None = None
    ) -> None:
        super().__init__(required=required)
        self.input_formats = input_formats

    def convert(self, raw: Any) -> Any:
        if raw in EMPTY:
            return None
        text = raw.strip()
        try:
            found = parse_datetime(text)
        except ValueError:
            raise refuse("Enter a valid date/time.") from None
        if found is None:
            usual = (*_usual("DATETIME"), *_usual("DATE"))
            formats = usual if self.input_formats is None else self.input_formats
            found = _first_format(text, formats, "Enter a valid date/time.")
        return local_moment(found)


class DurationField(FormField):
    """A length of time."""

    def convert(self, raw: Any) -> Any:
        if raw in EMPTY:
            return None
        try:
            found = parse_duration(str(raw))
        except OverflowError:
            text = "The number of days must be between -999999999 and 999999999."
            raise refuse(text, "overflow") from None
        if found is None:
            raise refuse("Enter a valid duration.")
        return found
