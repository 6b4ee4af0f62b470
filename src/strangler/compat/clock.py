"""The clock of the app in its time zone, and the columns that a save stamps by itself."""

import os
import time as process
from datetime import UTC, date, datetime, time, tzinfo

from . import settings
from .dates import zone


def app_zone() -> tzinfo:
    """The app's own time zone, `settings.TIME_ZONE`."""
    return zone(settings.TIME_ZONE)


def use_app_zone() -> None:
    """Make the app's zone that of the process, as Django does: `date.today()` follows it."""
    if hasattr(process, "tzset"):
        os.environ["TZ"] = settings.TIME_ZONE
        process.tzset()


def now() -> datetime:
    """This instant: aware and in UTC, or naive local time when `USE_TZ` is off."""
    return datetime.now(UTC) if settings.USE_TZ else naive_now()


def naive_now() -> datetime:
    """The local time of the app's zone, which Django makes the process's own, without its zone."""
    return datetime.now(app_zone()).replace(tzinfo=None)


def today() -> date:
    """The calendar date of that clock."""
    return naive_now().date()


def local(value: datetime) -> datetime:
    """An aware datetime on the clock of the app's zone; a naive one is returned as it is."""
    return value if value.tzinfo is None else value.astimezone(app_zone())


def local_today() -> date:
    """The calendar date in the app's zone."""
    return datetime.now(app_zone()).date()


def aware(value: datetime) -> datetime:
    """A naive datetime read as local time of the app's zone; an aware one unchanged."""
    return value if value.tzinfo is not None else value.replace(tzinfo=app_zone())


def midnight(day: date) -> datetime:
    """The instant at which `day` starts in the app's zone."""
    return datetime(day.year, day.month, day.day, tzinfo=app_zone() if settings.USE_TZ else None)


# A column whose `default` is one of these is stamped by the INSERT whatever was assigned
# before; as `onupdate` it is stamped by each later save as well.


def auto_now(_: object) -> datetime:
    """The moment of saving."""
    return now()


def auto_today(_: object) -> date:
    """The day of saving."""
    return today()


def auto_time(_: object) -> time:
    """The time of day of saving."""
    return naive_now().time()


STAMPS = (auto_now, auto_today, auto_time)
