"""Who a client is, for canaries: the same key is always in the same place of 10,000."""

import base64
import binascii
import json
import re
from collections.abc import Iterable, Sequence
from hashlib import blake2b

from strangler_proxy.exchange import Header

#: Places that keys are spread over: percentages have two decimals.
PLACES = 10_000

_MOST = 4096  # values whose place is kept
_COOKIE = re.compile(rb"(?:^|;)[ \t]*([^=;]+?)[ \t]*=[ \t]*([^;]*?)[ \t]*(?=;|$)")


def place_of(key: str) -> int:
    """The place of a key: the same in every process, and for every percentage."""
    return int.from_bytes(blake2b(key.encode(), digest_size=8).digest()) % PLACES


def threshold(percent: float) -> int:
    """Keys in the places below this are answered by new."""
    return round(percent * PLACES / 100)


class Sticky:
    """Finds the first source that a request has; `sources` are those of `[proxy] sticky`."""

    def __init__(self, sources: Sequence[str]) -> None:
        self._sources = [(kind, name) for kind, _, name in (s.partition(":") for s in sources)]
        headers = {"jwt": "authorization", "cookie": "cookie"}
        self._wanted = {
            headers.get(kind, name).lower().encode()
            for kind, name in self._sources
            if kind != "client-ip"
        }
        self._places: dict[tuple[Header, ...] | str, int] = {}

    def place(self, headers: Iterable[Header], address: str) -> int:
        """The place of a request with these headers, names in lower case, from this address."""
        known = tuple([header for header in headers if header[0] in self._wanted]) or address
        place = self._places.get(known)
        if place is None:
            if len(self._places) >= _MOST:
                self._places.clear()
            place = self._places[known] = place_of(self._key(dict(headers), address))
        return place

    def _key(self, headers: dict[bytes, bytes], address: str) -> str:
        for kind, name in self._sources:
            value = _value(kind, name, headers)
            if value:
                return f"{kind}:{name}={value}"
        return f"client-ip={address}"


def _value(kind: str, name: str, headers: dict[bytes, bytes]) -> str | None:
    if kind == "header":
        return headers.get(name.lower().encode(), b"").decode("latin-1")
    if kind == "cookie":
        for key, value in _COOKIE.findall(headers.get(b"cookie", b"")):
            if key == name.encode():
                return str(value.decode("latin-1"))
    if kind == "jwt":
        return _claim(name, headers.get(b"authorization", b""))
    return None


def _claim(name: str, authorization: bytes) -> str | None:
    """A claim of a bearer token. Its signature is the application's business: a forged one
    changes only which side refuses it."""
    scheme, _, token = authorization.partition(b" ")
    parts = token.strip().split(b".")
    if scheme.lower() not in {b"bearer", b"jwt"} or len(parts) != 3:
        return None
    try:
        claims = json.loads(base64.urlsafe_b64decode(parts[1] + b"=" * (-len(parts[1]) % 4)))
    except (ValueError, binascii.Error, RecursionError):
        return None
    value = claims.get(name) if isinstance(claims, dict) else None
    return str(value) if isinstance(value, str | int) else None
