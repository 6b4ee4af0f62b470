"""Django's own responses: what they hold is written at once, whatever the client accepts."""

import datetime
import decimal
import json
import uuid
from collections.abc import Iterable, Mapping
from typing import Any

from starlette.responses import Response as StarletteResponse

from .dates import duration_iso_text
from .responses import header_text
from .translations import settled

_HTML = "text/html; charset=utf-8"


def _json_value(value: Any) -> Any:
    """What Django's encoder makes of a value that JSON lacks."""
    if isinstance(value, datetime.datetime):
        text = value.isoformat()
        text = text[:23] + text[26:] if value.microsecond else text
        return text[:-6] + "Z" if text.endswith("+00:00") else text
    if isinstance(value, datetime.date):
        return value.isoformat()
    if isinstance(value, datetime.time):
        if value.utcoffset() is not None:
            raise ValueError("JSON can't represent timezone-aware times.")
        return value.isoformat()[:12] if value.microsecond else value.isoformat()
    if isinstance(value, datetime.timedelta):
        return duration_iso_text(value)
    if isinstance(value, decimal.Decimal | uuid.UUID):
        return str(value)
    raise TypeError(f"Object of type {type(value).__name__} is not JSON serializable")


def _bytes(content: object) -> bytes:
    """Content as Django joins it: what can be gone through is written piece by piece."""
    if isinstance(content, bytes | memoryview | str) or not isinstance(content, Iterable):
        return _piece(content)
    return b"".join(map(_piece, content))


def _piece(content: object) -> bytes:
    return bytes(content) if isinstance(content, bytes | memoryview) else str(content).encode()


class HttpResponse(StarletteResponse):
    """Text or bytes with a status and headers."""

    def __init__(
        self,
        content: object = b"",
        content_type: str | None = None,
        status: int | None = None,
        headers: Mapping[str, object] | None = None,
    ) -> None:
        super().__init__(_bytes(content), 200 if status is None else int(status))
        self["content-type"] = content_type or _HTML
        for name, value in (headers or {}).items():
            self[name] = value

    def __setitem__(self, name: str, value: object) -> None:
        self.headers[name] = header_text(value)


class JsonResponse(HttpResponse):
    """Data as Django's encoder writes it. `safe` refuses what is no dictionary, with TypeError."""

    def __init__(self, data: Any, *, safe: bool = True, status: int | None = None) -> None:
        if safe and not isinstance(data, dict):
            raise TypeError("In order to allow non-dict objects set the safe parameter to False.")
        text = json.dumps(data, default=_json_value)
        super().__init__(settled(text, json.dumps), "application/json", status)
