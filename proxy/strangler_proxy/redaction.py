"""Takes secrets and people's data out of what is kept, before it is written anywhere."""

import hmac
import json
import re
from collections.abc import Iterable
from hashlib import sha256
from typing import Any

from strangler_proxy.exchange import Header

MASK = "***"

_NAMES = re.compile(
    r"pass(?:word|wd|phrase)?|pwd|secret|token|authori[sz]ation|credential|api[-_]?key|private[-_]?key"
    r"|cookie|session|csrf|otp|pin|cvv|cvc|ssn|iban|card|signature|jwt|bearer|refresh|access",
    re.IGNORECASE,
)
#: What a secret or a person's address looks like wherever it stands.
_LOOKS = re.compile(
    r"eyJ[\w-]+\.[\w-]*\.?[\w-]*"  # a JSON web token
    r"|(?:bearer|basic|token|jwt)\s+[\w.~+/=-]{8,}"
    r"|[\w.+-]+@[\w-]+(?:\.[\w-]+)+"
    r"|\b(?:\d[ -]?){12,18}\d\b"  # a card or an account
    r"|[\w]+\$[\w=,]+\$[\w=,./+$-]+"  # a password's hash
    r"|-----BEGIN[^-]*-----"
    r"|(?<![\w-])(?=[\w+/=-]*\d)(?=[\w+/=-]*[A-Za-z])[\w+/-]{20,}={0,2}(?![\w-])",
    re.IGNORECASE,
)
#: A member of an object, also of one that is itself inside a text, its quotes escaped.
_MEMBER = re.compile(r'(\\*"(?P<name>[^"\\]{1,80})\\*"\s*:\s*)(\\*"(?:\\.|[^"\\])*"?|[^\s,}\]]+)')
_PLAIN_SEGMENT = re.compile(r"[A-Za-z_][A-Za-z0-9_-]{0,39}|\d{1,9}|\*")
_CARRIERS = frozenset({b"authorization", b"cookie", b"proxy-authorization"})
#: Shorter values of the request are too common to be looked for in answers.
_SHORTEST = 6


class Redactor:
    """Hides values; `key` makes their hashes worthless to whoever has not got it."""

    def __init__(self, key: bytes) -> None:
        self._key = hmac.digest(key, b"store", sha256)

    def hashed(self, text: str) -> str:
        """A name for a value: equal values have equal names."""
        return hmac.digest(self._key, text.encode("utf-8", "replace"), sha256).hex()[:16]

    def pointer(self, pointer: str) -> str:
        """A pointer without the keys that may be data: addresses, identifiers, free text."""
        if not pointer.startswith("/"):
            return pointer[:120]
        return "/".join(self._segment(part) for part in pointer[:2000].split("/"))

    def _segment(self, part: str) -> str:
        if not part or (_PLAIN_SEGMENT.fullmatch(part) and not _LOOKS.search(part)):
            return part
        return f"~{self.hashed(part)[:8]}"

    def value(self, text: str, pointer: str, secrets: Iterable[str] = ()) -> str:
        """A value that a person may see: secrets by name, by look and of the request are masked."""
        if _NAMES.search(pointer):
            return MASK
        for secret in secrets:
            text = text.replace(secret, MASK)
        text = _MEMBER.sub(_member, text)
        return _LOOKS.sub(MASK, text)


def _member(match: re.Match[str]) -> str:
    return f'{match[1]}"{MASK}"' if _NAMES.search(match["name"]) else match[0]


def secrets_of(headers: Iterable[Header]) -> tuple[str, ...]:
    """What a request carried in secret: an answer may repeat it."""
    found: set[str] = set()
    for name, value in headers:
        low = name.lower()
        if low in _CARRIERS or _NAMES.search(low.decode("latin-1")):
            text = value.decode("latin-1")
            found |= {text, *re.split(r"[\s;,=]+", text)}
    return tuple(sorted((each for each in found if len(each) >= _SHORTEST), key=len, reverse=True))


def kind_of(text: str) -> str:
    """The type of a value as a difference shows it."""
    if text == "(absent)":
        return "absent"
    try:
        value: Any = json.loads(text.removesuffix("…"))
    except (ValueError, RecursionError):
        return "array" if text[:1] == "[" else "object" if text[:1] == "{" else "text"
    names = {bool: "boolean", int: "integer", float: "number", str: "string", list: "array"}
    return "null" if value is None else names.get(type(value), "object")
