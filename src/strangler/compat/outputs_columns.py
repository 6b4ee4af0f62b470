"""Columns without a field of DRF's own, as its `ModelField` shows them."""

from base64 import b64encode
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
