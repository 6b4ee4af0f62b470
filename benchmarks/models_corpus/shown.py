"""Values of columns as JSON that keeps their type: `[type, text]`; and back."""

import datetime
import decimal
import ipaddress
import json
import uuid
from typing import Any

_BACK = {
    "date": datetime.date.fromisoformat,
    "datetime": datetime.datetime.fromisoformat,
    "time": datetime.time.fromisoformat,
    "timedelta": lambda text: datetime.timedelta(microseconds=int(text)),
    "Decimal": decimal.Decimal,
    "UUID": uuid.UUID,
    "bytes": bytes.fromhex,
    "float": float,
}


def shown(value: Any) -> list[Any]:
    """A value with the name of its type; equal only where both are."""
    name = type(value).__name__
    if value is None or isinstance(value, bool):
        return [name, value]
    if isinstance(value, memoryview | bytes):  # Django hands out memoryviews on PostgreSQL
        return ["bytes", bytes(value).hex()]
    if isinstance(value, list | tuple):
        return ["list", [shown(each) for each in value]]
    if isinstance(value, dict):
        return ["dict", {key: shown(each) for key, each in value.items()}]
    if name in {"Range", "DateRange", "DateTimeTZRange", "NumericRange"}:
        return _shown_range(value)
    if name.endswith("FieldFile"):  # what Django wraps the name of a file in
        return ["str", value.name or ""]
    if name == "__proxy__":  # a lazily translated text
        return ["str", str(value)]
    return _shown_plain(value)


def _shown_plain(value: Any) -> list[Any]:
    for kind, show in _SHOWN:
        if isinstance(value, kind):
            return [kind.__name__, show(value)]
    if hasattr(value, "resolve_expression") or hasattr(value, "compile"):
        return ["sql"]  # an expression of either side, for the database to compute
    return [type(value).__name__, repr(value)]


def _shown_range(value: Any) -> list[Any]:
    empty = getattr(value, "isempty", None)
    if getattr(value, "is_empty", False) or empty is True:
        return ["range", None]
    bounds = getattr(value, "bounds", None) or getattr(value, "_bounds", "[)")
    return ["range", [shown(value.lower), shown(value.upper), bounds]]


_SHOWN: tuple[tuple[type, Any], ...] = (
    (datetime.datetime, datetime.datetime.isoformat),
    (datetime.date, datetime.date.isoformat),
    (datetime.time, datetime.time.isoformat),
    (datetime.timedelta, lambda span: str(span // datetime.timedelta(microseconds=1))),
    (decimal.Decimal, str),
    (uuid.UUID, str),
    (ipaddress.IPv4Address, str),
    (ipaddress.IPv6Address, str),
    (int, int),
    (float, repr),
    (str, str),
)


def value_of(pair: list[Any]) -> Any:
    """The value that `shown` showed; ranges become SQLAlchemy's."""
    name, inner = pair
    if name == "list":
        return [value_of(each) for each in inner]
    if name == "dict":
        return {key: value_of(each) for key, each in inner.items()}
    if name == "range":
        from sqlalchemy.dialects.postgresql import Range

        if inner is None:
            return Range(empty=True)
        return Range(value_of(inner[0]), value_of(inner[1]), bounds=inner[2])
    return _BACK[name](inner) if name in _BACK else inner


def loads(text: str) -> Any:
    """JSON that may be the last line of an output."""
    return json.loads(text.strip().rpartition("\n")[2])
