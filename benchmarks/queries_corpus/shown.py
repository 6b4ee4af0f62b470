"""A value as JSON that keeps apart what Python keeps apart; a row is its class and key."""

import datetime
import decimal
from collections.abc import Mapping
from typing import Any


def shown(value: Any) -> Any:
    """Types and order are part of what is shown; instants are compared, not their zones."""
    if value is None or isinstance(value, bool | str):
        return value
    if isinstance(value, int | float | decimal.Decimal):
        return [type(value).__name__, str(value)]
    if isinstance(value, datetime.datetime):
        if value.tzinfo is not None:
            value = value.astimezone(datetime.UTC)
        return ["datetime", value.isoformat()]
    if isinstance(value, datetime.date | datetime.time | datetime.timedelta):
        return [type(value).__name__, str(value)]
    if isinstance(value, Mapping):
        return ["dict", [[shown(key), shown(one)] for key, one in value.items()]]
    if isinstance(value, set):
        return ["set", sorted((shown(one) for one in value), key=repr)]
    if isinstance(value, tuple | list):
        return ["tuple" if isinstance(value, tuple) else "list", [shown(one) for one in value]]
    key = getattr(value, "pk", value)
    return ["row", type(value).__name__, shown(key) if key is not value else repr(value)]


def failed(error: Exception) -> Any:
    """An exception by its name: the words of databases differ from driver to driver."""
    return ["raises", type(error).__name__]
