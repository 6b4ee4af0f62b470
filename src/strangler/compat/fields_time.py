"""Dates, times and durations."""

import datetime
from collections.abc import Callable, Iterable
from typing import Any, ClassVar, Final, TypeVar

from . import settings
from .dates import (
    ISO_8601,
    current_zone,
    in_zone,
    parse_date,
    parse_datetime,
    parse_duration,
    parse_time,
    spell_formats,
    zone,
)
from .fields import FieldType
from .fields_numbers import Limited

T = TypeVar("T")

_DATETIME_FORM: Final = "YYYY-MM-DDThh:mm[:ss[.uuuuuu]][+HH:MM|-HH:MM|Z]"


class _Formatted(FieldType):
    """A type that tries `input_formats` in order; None stands for the project's setting."""

    setting: ClassVar[str]
    iso_form: ClassVar[str]

    def __init__(self, *, input_formats: Iterable[str] | None = None, **common: Any) -> None:
        super().__init__(**common)
        self.input_formats = None if input_formats is None else tuple(input_formats)

    def formats(self) -> tuple[str, ...]:
        """Return the formats in force."""
        if self.input_formats is not None:
            return self.input_formats
        formats: tuple[str, ...] = getattr(settings, self.setting)
        return formats

    def read(
        self, data: Any, iso: Callable[[str], T | None], other: Callable[[datetime.datetime], T]
    ) -> T:
        """Return what the first fitting format gives."""
        for form in self.formats():
            try:
                if form.lower() != ISO_8601:
                    return other(datetime.datetime.strptime(data, form))
                if (parsed := iso(data)) is not None:
                    return parsed
            except (ValueError, TypeError):
                continue
        raise self.error("invalid", format=spell_formats(self.formats(), self.iso_form))


class DateTime(_Formatted):
    """A datetime in the project's zone (naive without USE_TZ), or in `timezone`."""

    repeatable = True
    default_messages: ClassVar = {
        "invalid": ("Datetime has wrong format. Use one of these formats instead: {format}."),
        "date": "Expected a datetime but got a date.",
        "make_aware": 'Invalid datetime for the timezone "{timezone}".',
        "overflow": "Datetime value out of range.",
    }
    setting = "DATETIME_INPUT_FORMATS"
    iso_form = _DATETIME_FORM

    def __init__(self, *, timezone: str | None = None, **options: Any) -> None:
        super().__init__(**options)
        self.timezone = timezone

    def converter(self) -> Callable[[Any], datetime.datetime]:
        def convert(data: Any) -> datetime.datetime:
            if isinstance(data, datetime.datetime):
                return self.localized(data)
            if isinstance(data, datetime.date):
                raise self.error("date")
            return self.localized(self.read(data, parse_datetime, lambda parsed: parsed))

        return convert

    def quick(self, careful: Callable[[Any], Any]) -> Callable[[Any], Any]:
        """Settle what Python itself reads, where ISO 8601 is the first format."""
        given, named = self.input_formats, self.timezone
        read = datetime.datetime.fromisoformat

        def run(data: Any) -> Any:
            formats = settings.DATETIME_INPUT_FORMATS if given is None else given
            if type(data) is not str or not formats or formats[0] != ISO_8601:
                return careful(data)
            try:
                parsed = read(data)
                if parsed.tzinfo is None or not settings.USE_TZ:
                    return self.localized(parsed)
                return parsed.astimezone(zone(named or settings.TIME_ZONE))
            except (ValueError, OverflowError):
                return careful(data)

        return run

    def localized(self, value: datetime.datetime) -> datetime.datetime:
        """Bring the datetime to this field's zone."""
        target = zone(self.timezone) if self.timezone else current_zone()
        try:
            return in_zone(value, target)
        except OverflowError as error:
            raise self.error("overflow") from error

    def json_schema(self) -> dict[str, Any]:
        return {"type": "string", "format": "date-time"}


class Date(_Formatted):
    """A day."""

    repeatable = True
    default_messages: ClassVar = {
        "invalid": "Date has wrong format. Use one of these formats instead: {format}.",
        "datetime": "Expected a date but got a datetime.",
    }
    setting = "DATE_INPUT_FORMATS"
    iso_form = "YYYY-MM-DD"

    def converter(self) -> Callable[[Any], datetime.date]:
        def convert(data: Any) -> datetime.date:
            if isinstance(data, datetime.datetime):
                raise self.error("datetime")
            if isinstance(data, datetime.date):
                return data
            return self.read(data, parse_date, datetime.datetime.date)

        return convert

    def json_schema(self) -> dict[str, Any]:
        return {"type": "string", "format": "date"}


class Time(_Formatted):
    """A time of day; an offset is dropped."""

    repeatable = True
    default_messages: ClassVar = {
        "invalid": "Time has wrong format. Use one of these formats instead: {format}."
    }
    setting = "TIME_INPUT_FORMATS"
    iso_form = "hh:mm[:ss[.uuuuuu]]"

    def converter(self) -> Callable[[Any], datetime.time]:
        def convert(data: Any) -> datetime.time:
            if isinstance(data, datetime.time):
                return data
            return self.read(data, parse_time, datetime.datetime.time)

        return convert

    def json_schema(self) -> dict[str, Any]:
        return {"type": "string", "format": "time"}


class Duration(Limited):
    """A span of time; a number is seconds."""

    repeatable = True
    default_messages: ClassVar = {
        "invalid": "Duration has wrong format. Use one of these formats instead: {format}.",
        "overflow": "The number of days must be between {min_days} and {max_days}.",
    }

    def converter(self) -> Callable[[Any], datetime.timedelta]:
        def convert(data: Any) -> datetime.timedelta:
            if isinstance(data, datetime.timedelta):
                return data
            try:
                parsed = parse_duration(str(data))
            except OverflowError as error:
                least, most = datetime.timedelta.min.days, datetime.timedelta.max.days
                raise self.error("overflow", min_days=least, max_days=most) from error
            if parsed is None:
                raise self.error("invalid", format="[DD] [HH:[MM:]]ss[.uuuuuu]")
            return parsed

        return convert

    def json_schema(self) -> dict[str, Any]:
        return {"type": "string"}
