"""Pairs values that differ for a good reason: clocks and chance. They are paired, not ignored.

Times are accepted when they lie as far apart as the two requests do. Identifiers and tokens are
accepted when the same legacy value always meets the same new value; whether such a value really
is fresh cannot be seen in one answer, so the caller asks both sides again (`Pairing.claims`).
"""

import re
from base64 import urlsafe_b64decode
from binascii import Error as Base64Error
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from itertools import zip_longest
from json import loads
from typing import Any

from strangler.diff.exchange import Exchange

_PATTERNS = {
    "jwt": r"eyJ[\w-]+\.eyJ[\w-]+\.[\w-]+",
    "timestamp": r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?",
    "httpdate": r"[A-Z][a-z]{2}, \d\d[ -][A-Z][a-z]{2}[ -]\d{4} \d\d:\d\d:\d\d GMT",
    "uuid": r"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}",
    "hash": r"[\w]+\$[\w=,]+\$[\w=,./+$-]+={0,2}",
    "signed": r"[\w-]+:[\w-]{5,8}:[\w-]{27,43}",
    "token": r"[A-Za-z0-9]{6,}",
}
_SEGMENT = re.compile("|".join(f"(?P<{kind}>{text})" for kind, text in _PATTERNS.items()))
_SHAPE = re.compile(r"(\d{4})-(\d\d)-(\d\d)([T ])(\d\d):(\d\d)(:\d\d)?(\.\d+)?(Z|[+-]\d\d:?\d\d)?")
#: Longer texts are compared as they are: nothing in them is paired.
_LONGEST = 200_000
#: Whole numbers in these ranges may be seconds or milliseconds since the epoch.
_SECONDS, _MILLISECONDS = (10**9, 10**10), (10**12, 10**13)


@dataclass(frozen=True, slots=True)
class Gap:
    """How far apart, in seconds, two readings of the clock can be: one in each request."""

    least: float
    most: float

    @classmethod
    def between(cls, legacy: Exchange, new: Exchange) -> "Gap":
        """From the windows of the two requests, which never overlap."""
        return cls(new.started - legacy.ended, new.ended - legacy.started)

    def explains(self, difference: float, resolution: float) -> bool:
        """Whether new minus legacy fits, given how finely the values are written."""
        return self.least - resolution <= difference <= self.most + resolution


@dataclass(frozen=True, slots=True)
class Claim:
    """Two values taken for fresh at one place; a second run must show others."""

    pointer: str
    legacy: str
    new: str


def _believed(claim: Claim) -> bool:
    return True


@dataclass(slots=True)
class Pairing:
    """The paired values of one case: answers and rows share it."""

    gap: Gap
    claims: list[Claim] = field(default_factory=list)
    #: Asked before two values count as fresh: they may have been seen to come again.
    believes: Callable[[Claim], bool] = _believed
    _to_new: dict[str, str] = field(default_factory=dict)
    _to_legacy: dict[str, str] = field(default_factory=dict)

    def texts(self, legacy: str, new: str, pointer: str) -> bool:
        """Whether two texts are equal but for paired parts."""
        if legacy == new:
            return True
        if max(len(legacy), len(new)) > _LONGEST:
            return False
        pairs = zip_longest(_segments(legacy), _segments(new))
        return all(
            left is not None and right is not None and self._part(left, right, pointer)
            for left, right in pairs
        )

    def numbers(self, legacy: int, new: int) -> bool:
        """Whether two whole numbers are readings of the clock, one in each request."""
        for (low, high), scale in ((_SECONDS, 1), (_MILLISECONDS, 1000)):
            if low <= legacy < high and low <= new < high:
                return self.gap.explains((new - legacy) / scale, 1 / scale)
        return False

    def _part(self, legacy: tuple[str, str], new: tuple[str, str], pointer: str) -> bool:
        if legacy == new:
            return True
        if legacy[0] != new[0] or not legacy[0]:
            return False
        kind, left, right = legacy[0], legacy[1], new[1]
        if kind in {"timestamp", "httpdate"}:
            return self._times(left, right)
        if kind == "jwt":
            return self._jwts(left, right, pointer)
        return _shape(kind, left) == _shape(kind, right) and self._bound(left, right, pointer)

    def _times(self, legacy: str, new: str) -> bool:
        if time_shape(legacy) != time_shape(new):
            return False
        before, after = instant(legacy), instant(new)
        if before is None or after is None:
            return False
        whole = before.microsecond == after.microsecond == 0  # databases write the zeros as well
        resolution = max(_resolution(legacy), 1.0 if whole else 0.0)
        return self.gap.explains((after - before).total_seconds(), resolution)

    def _jwts(self, legacy: str, new: str, pointer: str) -> bool:
        left, right = _claims(legacy), _claims(new)
        if left is None or right is None or left.keys() != right.keys():
            return False
        self.claims.append(Claim(pointer, legacy, new))
        return all(self._claim(left[name], right[name], pointer) for name in left)

    def _claim(self, legacy: Any, new: Any, pointer: str) -> bool:
        if isinstance(legacy, str) and isinstance(new, str):
            return self.texts(legacy, new, pointer)
        if isinstance(legacy, int) and isinstance(new, int) and legacy != new:
            return self.numbers(legacy, new)
        return bool(legacy == new)

    def _bound(self, legacy: str, new: str, pointer: str) -> bool:
        known = self._to_new.get(legacy), self._to_legacy.get(new)
        if known == (new, legacy):
            return True
        claim = Claim(pointer, legacy, new)
        if known != (None, None) or not self.believes(claim):
            return False
        self._to_new[legacy] = new
        self._to_legacy[new] = legacy
        self.claims.append(claim)
        return True


def _segments(text: str) -> Iterator[tuple[str, str]]:
    """The text as (kind, part) pairs; the kind of what is never paired is empty."""
    end = 0
    for match in _SEGMENT.finditer(text):
        yield "", text[end : match.start()]
        yield match.lastgroup or "", match[0]
        end = match.end()
    yield "", text[end:]


def _shape(kind: str, text: str) -> tuple[object, ...]:
    """What two fresh values of one kind share: length and alphabet, or a hash's parameters."""
    if kind == "uuid":
        return (text.islower() or text.upper() != text,)
    if kind == "hash":
        algorithm, parameters, rest = text.split("$", 2)
        return algorithm, parameters, len(rest)
    if kind == "signed":
        return (text.count(":"),)
    if len(text) > 14:  # long enough to tell alphabets apart; chance makes hex of digits only
        return len(text), bool(re.fullmatch(r"[0-9a-f]+", text))
    return len(text), text.isdigit()


def time_shape(text: str) -> tuple[object, ...]:
    """How a time is written: separator, fraction digits, offset."""
    match = _SHAPE.fullmatch(text)
    if match is None:
        return (len(text),)
    return match[4], bool(match[7]), len(match[8] or ""), match[9]


def instant(text: str) -> datetime | None:
    """The time that a text names, naive ones as UTC; None for texts that name none."""
    try:
        moment = parsedate_to_datetime(text) if text[:1].isalpha() else datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _resolution(text: str) -> float:
    fraction = re.search(r"\.(\d+)", text)
    return 10.0 ** -len(fraction[1]) if fraction else 1.0 if text.count(":") > 1 else 60.0


def _claims(token: str) -> dict[str, Any] | None:
    try:
        head, payload = (
            loads(urlsafe_b64decode(part + "=" * (-len(part) % 4))) for part in token.split(".")[:2]
        )
    except (ValueError, Base64Error):
        return None
    if not isinstance(head, dict) or not isinstance(payload, dict):
        return None
    return {f"head.{key}": value for key, value in head.items()} | payload
