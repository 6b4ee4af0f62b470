"""Columns without a field of DRF's own, as its `ModelField` shows them."""

import json
from base64 import b64encode
from datetime import date
from typing import Any

from .context import Context
from .outputs import Output, Writer


class Base64(Output):
    """The bytes of a column, as text."""

    json_format = "byte"

    def writer(self) -> Writer:
        def write(value: Any, context: Context[Any]) -> str:
            return b64encode(value).decode("ascii")

        return write


class RangeText(Output):
    """A range as the JSON that Django's fixtures have: `{"bounds": "[)", "lower": "1", …}`."""

    def writer(self) -> Writer:
        def write(value: Any, context: Context[Any]) -> str:
            if value.is_empty:
                return json.dumps({"empty": True})
            ends = {name: _end_text(getattr(value, name)) for name in ("lower", "upper")}
            return json.dumps({"bounds": value.bounds, **ends})

        return write


def _end_text(value: Any) -> str | None:
    if value is None:
        return None
    return value.isoformat() if isinstance(value, date) else str(value)
