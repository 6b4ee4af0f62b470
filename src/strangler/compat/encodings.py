"""Values as text, as bytes and as a part of an address, as `django.utils.encoding` and `.http` have them."""

import base64
from binascii import Error as BinasciiError
from typing import Any


class DjangoUnicodeDecodeError(UnicodeDecodeError):
    """Bytes that are no text in the encoding that was asked for; names the bytes."""

    def __str__(self) -> str:
        return f"{super().__str__()}. You passed in {self.object!r} ({type(self.object)})"


def force_str(value: Any, encoding: str = "utf-8", *, errors: str = "strict") -> str:
    """Return the value as text, bytes decoded; DjangoUnicodeDecodeError where they are none."""
    if isinstance(value, str):
        return value
    if not isinstance(value, bytes):
        return str(value)
    try:
        return str(value, encoding, errors)
    except UnicodeDecodeError as error:
        raise DjangoUnicodeDecodeError(*error.args) from None


def force_bytes(value: Any, encoding: str = "utf-8", *, errors: str = "strict") -> bytes:
    """Return the text of the value as bytes; bytes are taken to be UTF-8."""
    if isinstance(value, bytes):
        return (
            value if encoding == "utf-8" else value.decode(errors=errors).encode(encoding, errors)
        )
    return bytes(value) if isinstance(value, memoryview) else str(value).encode(encoding, errors)


def urlsafe_base64_encode(value: bytes) -> str:
    """Write bytes with letters, digits, `-` and `_` alone."""
    return base64.urlsafe_b64encode(value).rstrip(b"\n=").decode("ascii")


def urlsafe_base64_decode(text: str) -> bytes:
    """Read what `urlsafe_base64_encode` wrote; ValueError for other texts."""
    given = text.encode()
    try:
        return base64.urlsafe_b64decode(given.ljust(len(given) + len(given) % 4, b"="))
    except (LookupError, BinasciiError) as error:
        raise ValueError(error) from None
