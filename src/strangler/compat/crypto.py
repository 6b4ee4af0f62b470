"""Keyed hashes, random texts and constant-time comparison, as `django.utils.crypto` has them."""

import asyncio
import hashlib
import hmac
import secrets
import string
from collections.abc import Callable
from typing import ParamSpec, TypeVar

from sqlalchemy.util import await_only
from sqlalchemy.util.concurrency import in_greenlet

from . import settings

# A secret key may be text or bytes.
Secret = str | bytes

LETTERS_AND_DIGITS = string.ascii_lowercase + string.ascii_uppercase + string.digits

P = ParamSpec("P")
R = TypeVar("R")


def as_bytes(text: Secret) -> bytes:
    """Return the text in UTF-8, bytes as they are."""
    return text if isinstance(text, bytes) else text.encode()


def salted_hmac(salt: Secret, value: Secret, secret: Secret, algorithm: str = "sha1") -> hmac.HMAC:
    """Return the HMAC of `value` under a key made of `salt` and `secret`."""
    key = hashlib.new(algorithm, as_bytes(salt) + as_bytes(secret)).digest()
    return hmac.new(key, as_bytes(value), algorithm)


def random_string(length: int, allowed: str = LETTERS_AND_DIGITS) -> str:
    """Return `length` random characters from `allowed`."""
    return "".join(secrets.choice(allowed) for _ in range(length))


def same(left: Secret, right: Secret) -> bool:
    """Compare in a time that does not tell where the two differ."""
    return secrets.compare_digest(as_bytes(left), as_bytes(right))


def in_thread(function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """Call slow code without blocking the event loop.

    Below `session.run_sync` the call runs in a thread while other requests go on; in a worker
    thread it just runs.
    """
    if in_greenlet():
        return await_only(asyncio.to_thread(function, *args, **kwargs))
    return function(*args, **kwargs)


def django() -> tuple[int, int]:
    """Return the Django release whose formats are written: (major, minor)."""
    release: tuple[int, int] = getattr(settings, "DJANGO", (5, 2))
    return release
