"""Signed values that `django.core.signing` of the legacy application accepts, and the reverse.

Keys are explicit: `key` signs, `fallback_keys` are accepted as well when a value is read.
"""

import base64
import json
import time
import zlib
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from .crypto import Secret, salted_hmac, same

_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


class BadSignature(Exception):
    """The signature does not belong to the value."""


class SignatureExpired(BadSignature):
    """The value was signed too long ago."""


def b62_encode(number: int) -> str:
    """Write a number with digits, upper-case and lower-case letters."""
    if number == 0:
        return "0"
    text, rest = "", abs(number)
    while rest:
        rest, digit = divmod(rest, 62)
        text = _DIGITS[digit] + text
    return f"-{text}" if number < 0 else text


def b62_decode(text: str) -> int:
    """Read what `b62_encode` wrote."""
    if text == "0":
        return 0
    number = 0
    for digit in text.removeprefix("-"):
        number = number * 62 + _DIGITS.index(digit)
    return -number if text.startswith("-") else number


def b64_encode(data: bytes) -> str:
    """URL-safe base64 without padding."""
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def b64_decode(text: str) -> bytes:
    """Read what `b64_encode` wrote."""
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


class Signer:
    """Appends a signature to texts: `value:signature`."""

    def __init__(
        self,
        key: Secret,
        *,
        salt: str = "django.core.signing.Signer",
        sep: str = ":",
        algorithm: str = "sha256",
        fallback_keys: Iterable[Secret] = (),
    ) -> None:
        self.key = key
        self.salt = salt
        self.sep = sep
        self.algorithm = algorithm
        self.fallback_keys = tuple(fallback_keys)

    def signature(self, value: str, key: Secret | None = None) -> str:
        """Return the signature of `value`."""
        signed_by = self.key if key is None else key
        digest = salted_hmac(self.salt + "signer", value, signed_by, self.algorithm).digest()
        return b64_encode(digest)

    def sign(self, value: str) -> str:
        """Return the value with its signature."""
        return f"{value}{self.sep}{self.signature(value)}"

    def unsign(self, signed: str) -> str:
        """Return the value; raise BadSignature unless one of the keys signed it."""
        value, sep, signature = signed.rpartition(self.sep)
        if not sep:
            raise BadSignature(f'No "{self.sep}" found in value')
        for key in (self.key, *self.fallback_keys):
            if same(signature, self.signature(value, key)):
                return value
        raise BadSignature(f'Signature "{signature}" does not match')


class TimestampSigner(Signer):
    """Signs the time too, so that old values can be refused."""

    def __init__(
        self, key: Secret, *, salt: str = "django.core.signing.TimestampSigner", **options: Any
    ) -> None:
        super().__init__(key, salt=salt, **options)

    def sign(self, value: str) -> str:
        """Return the value with the present time and a signature of both."""
        return super().sign(f"{value}{self.sep}{b62_encode(int(time.time()))}")

    def unsign(self, signed: str, max_age: float | timedelta | None = None) -> str:
        """Return the value; SignatureExpired when it is older than `max_age` (seconds)."""
        value, _, stamp = super().unsign(signed).rpartition(self.sep)
        if max_age is not None:
            limit = max_age.total_seconds() if isinstance(max_age, timedelta) else max_age
            age = time.time() - b62_decode(stamp)
            if age > limit:
                raise SignatureExpired(f"Signature age {age} > {limit} seconds")
        return value


def dumps(
    obj: Any, key: Secret, *, salt: str = "django.core.signing", compress: bool = False
) -> str:
    """Return `obj` as JSON, base64, compressed where that is shorter, timestamped and signed."""
    data = json.dumps(obj, separators=(",", ":")).encode("latin-1")
    mark = ""
    if compress:
        packed = zlib.compress(data)
        if len(packed) < len(data) - 1:
            data, mark = packed, "."
    return TimestampSigner(key, salt=salt).sign(mark + b64_encode(data))


def loads(
    signed: str,
    key: Secret,
    *,
    salt: str = "django.core.signing",
    max_age: float | timedelta | None = None,
    fallback_keys: Iterable[Secret] = (),
) -> Any:
    """Read what `dumps` wrote; raise BadSignature, or ValueError when it is no JSON."""
    signer = TimestampSigner(key, salt=salt, fallback_keys=fallback_keys)
    text = signer.unsign(signed, max_age=max_age)
    data = b64_decode(text.removeprefix("."))
    return json.loads((zlib.decompress(data) if text.startswith(".") else data).decode("latin-1"))
