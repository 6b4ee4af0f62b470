"""Reading and writing of dates, times and durations as Django and DRF do it."""

import datetime
import re
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

from . import settings

ISO_8601: Final = "iso-8601"

_DATE: Final = re.compile(r"(?P<year>\d{4})-(?P<month>\d{1,2})-(?P<day>\d{1,2})$")
_TIME: Final = re.compile(
    r"(?P<hour>\d{1,2}):(?P<minute>\d{1,2})"
    r"(?::(?P<second>\d{1,2})(?:[.,](?P<microsecond>\d{1,6})\d{0,6})?)?$"
)
_DATETIME: Final = re.compile(
    r"(?P<year>\d{4})-(?P<month>\d{1,2})-(?P<day>\d{1,2})"
    r"[T ](?P<hour>\d{1,2}):(?P<minute>\d{1,2})"
    r"(?::(?P<second>\d{1,2})(?:[.,](?P<microsecond>\d{1,6})\d{0,6})?)?"
    r"\s*(?P<tzinfo>Z|[+-]\d{2}(?::?\d{2})?)?$"
)
_STANDARD_DURATION: Final = re.compile(
    r"^(?:(?P<days>-?\d+) (days?, )?)?(?P<sign>-?)((?:(?P<hours>\d+):)(?=\d+:\d+))?"
    r"(?:(?P<minutes>\d+):)?(?P<seconds>\d+)(?:[.,](?P<microseconds>\d{1,6})\d{0,6})?$"
)
_ISO_DURATION: Final = re.compile(
    r"^(?P<sign>[-+]?)P(?:(?P<days>\d+([.,]\d+)?)D)?"
    r"(?:T(?:(?P<hours>\d+([.,]\d+)?)H)?(?:(?P<minutes>\d+([.,]\d+)?)M)?"
    r"(?:(?P<seconds>\d+([.,]\d+)?)S)?)?$"
)
_POSTGRES_DURATION: Final = re.compile(
    r"^(?:(?P<days>-?\d+) (days? ?))?(?:(?P<sign>[-+])?(?P<hours>\d+):(?P<minutes>\d\d):"
    r"(?P<seconds>\d\d)(?:\.(?P<microseconds>\d{1,6}))?)?$"
)
_SPELLED: Final = {
    "%Y": "YYYY",
    "%y": "YY",
    "%m": "MM",
    "%b": "[Jan-Dec]",
    "%B": "[January-December]",
    "%d": "DD",
    "%H": "hh",
    "%I": "hh",
    "%M": "mm",
    "%S": "ss",
    "%f": "uuuuuu",
    "%a": "[Mon-Sun]",
    "%A": "[Monday-Sunday]",
    "%p": "[AM|PM]",
    "%z": "[+HHMM|-HHMM]",
}


def parse_date(text: str) -> datetime.date | None:
    """Read a date; None when it has another form, ValueError when there is no such day."""
    try:
        return datetime.date.fromisoformat(text)
    except ValueError:
        match = _DATE.match(text)
        return match and datetime.date(**{key: int(v) for key, v in match.groupdict().items()})


def parse_time(text: str) -> datetime.time | None:
    """Read a time without its offset; None or ValueError as `parse_date`."""
    try:
        return datetime.time.fromisoformat(text).replace(tzinfo=None)
    except ValueError:
        match = _TIME.match(text)
        return match and datetime.time(*_parts(match.groupdict()))


def parse_datetime(text: str) -> datetime.datetime | None:
    """Read a datetime, aware when it has an offset; None or ValueError as `parse_date`."""
    try:
        return datetime.datetime.fromisoformat(text)
    except ValueError:
        match = _DATETIME.match(text)
        if match is None:
            return None
        groups = match.groupdict()
        offset = _offset(groups.pop("tzinfo"))
        year, month, day = (int(groups.pop(key)) for key in ("year", "month", "day"))
        return datetime.datetime(year, month, day, *_parts(groups), tzinfo=offset)


def _parts(groups: dict[str, str | None]) -> tuple[int, int, int, int]:
    """Return hour, minute, second and microsecond."""
    fraction = (groups["microsecond"] or "").ljust(6, "0")
    return (
        int(groups["hour"] or 0),
        int(groups["minute"] or 0),
        int(groups["second"] or 0),
        int(fraction),
    )


def _offset(text: str | None) -> datetime.tzinfo | None:
    if text is None:
        return None
    if text == "Z":
        return datetime.UTC
    # "+05" has no minutes.
    minutes = 60 * int(text[1:3]) + (int(text[-2:]) if len(text) > len("+05") else 0)
    return datetime.timezone(datetime.timedelta(minutes=-minutes if text[0] == "-" else minutes))


def parse_duration(text: str) -> datetime.timedelta | None:
    """Read `[D ]HH:MM:SS.f`, ISO 8601 or PostgreSQL's form; OverflowError beyond timedelta."""
    match = (
        _STANDARD_DURATION.match(text)
        or _ISO_DURATION.match(text)
        or _POSTGRES_DURATION.match(text)
    )
    if match is None:
        return None
    groups = match.groupdict()
    sign = -1 if groups.pop("sign", "+") == "-" else 1
    if groups.get("microseconds"):
        groups["microseconds"] = groups["microseconds"].ljust(6, "0")
    amounts = {key: float(v.replace(",", ".")) for key, v in groups.items() if v is not None}
    days = datetime.timedelta(amounts.pop("days", 0.0))
    return (sign if match.re is _ISO_DURATION else 1) * days + sign * datetime.timedelta(**amounts)


def duration_text(duration: datetime.timedelta) -> str:
    """Write `D HH:MM:SS.ffffff`; days and fraction only when they are not zero."""
    minutes, seconds = divmod(duration.seconds, 60)
    hours, minutes = divmod(minutes, 60)
    days = f"{duration.days} " if duration.days else ""
    fraction = f".{duration.microseconds:06d}" if duration.microseconds else ""
    return f"{days}{hours:02d}:{minutes:02d}:{seconds:02d}{fraction}"


def duration_iso_text(duration: datetime.timedelta) -> str:
    """Write `P1DT02H03M04.500000S`."""
    sign = "-" if duration < datetime.timedelta(0) else ""
    duration = abs(duration)
    minutes, seconds = divmod(duration.seconds, 60)
    hours, minutes = divmod(minutes, 60)
    fraction = f".{duration.microseconds:06d}" if duration.microseconds else ""
    return f"{sign}P{duration.days}DT{hours:02d}H{minutes:02d}M{seconds:02d}{fraction}S"


@lru_cache
def zone(name: str) -> datetime.tzinfo:
    """Return a zone by name. UTC is `ZoneInfo`, as Django's current zone is."""
    return ZoneInfo(name)


def current_zone() -> datetime.tzinfo | None:
    """Return the project's zone, or None when it works with naive datetimes."""
    return zone(settings.TIME_ZONE) if settings.USE_TZ else None


def is_aware(value: datetime.datetime) -> bool:
    """Tell whether the datetime knows its offset."""
    return value.utcoffset() is not None


def in_zone(value: datetime.datetime, target: datetime.tzinfo | None) -> datetime.datetime:
    """Bring a datetime to `target`; without one to naive UTC. OverflowError at the ends of time."""
    if target is None:
        return value.astimezone(datetime.UTC).replace(tzinfo=None) if is_aware(value) else value
    return value.astimezone(target) if is_aware(value) else value.replace(tzinfo=target)


def spell_formats(formats: tuple[str, ...], iso: str) -> str:
    """Write input formats for people: "%d/%m/%Y" -> "DD/MM/YYYY"."""
    text = ", ".join(formats).replace(ISO_8601, iso)
    for directive, spelled in _SPELLED.items():
        text = text.replace(directive, spelled)
    return text
