"""The two headers that the proxy signs: the mark of a shadowed request, and a forced side."""

import hmac
import re
from functools import lru_cache
from hashlib import sha256
from itertools import count
from secrets import token_hex
from typing import Literal

SHADOW = b"X-Strangler-Shadow"
SIDE = b"X-Strangler-Side"

#: The prefix of headers that clients cannot send on.
OWN_PREFIX = b"x-strangler-"

_SIDE_VALUE = re.compile(rb"(new|legacy);(\d{1,12});([0-9a-f]{64})")
_nonces = count()
_PREFIX = token_hex(8)


@lru_cache(maxsize=4)
def _keyed(key: bytes) -> hmac.HMAC:
    """Made once: taking in the key costs more than a message does."""
    return hmac.new(key, digestmod=sha256)


def _digest(key: bytes, message: bytes) -> str:
    signing = _keyed(key).copy()
    signing.update(message)
    return signing.hexdigest()


def shadow_mark(key: bytes, now: float, method: str, target: bytes) -> bytes:
    """The value of the mark: `<unix seconds>.<nonce hex>.<hmac hex>`, good for one request."""
    seconds, nonce = int(now), f"{_PREFIX}{next(_nonces):08x}"
    signed = f"shadow|{seconds}|{nonce}|{method}|".encode() + target
    return f"{seconds}.{nonce}.{_digest(key, signed)}".encode()


def side_value(key: bytes, side: Literal["legacy", "new"], expiry: int) -> str:
    """What a client sends as `X-Strangler-Side` to choose who answers, until `expiry`."""
    return f"{side};{expiry};{_digest(key, f'side|{side}|{expiry}'.encode())}"


def forced_side(key: bytes, value: bytes, now: float) -> Literal["legacy", "new"] | None:
    """The side that a header asks for; None where it is not ours, or is over."""
    match = _SIDE_VALUE.fullmatch(value)
    if match is None or int(match[2]) < now:
        return None
    expected = _digest(key, b"side|" + match[1] + b"|" + match[2])
    if not hmac.compare_digest(expected.encode(), match[3]):
        return None
    return "new" if match[1] == b"new" else "legacy"
