"""From a pair of answers to a verdict. Pure but for what it remembers of fresh values."""

import re
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from hashlib import blake2b
from typing import Literal

from strangler.config import Ignore
from strangler.diff import (
    Accepted,
    Claim,
    Comparison,
    Difference,
    Exchange,
    Gap,
    Limits,
    Pairing,
    compare,
)
from strangler_proxy.exchange import Answer, Header, Pair

Verdict = Literal["equal", "different", "moving", "uncompared"]

#: The media type by which the new application says that a shadowed request tried to write.
WRITE = "application/vnd.strangler.write+json"

_WRITE = WRITE.encode()
#: Spellings of what belongs to the connection; others are looked at in full.
_CONNECTION = frozenset(
    spelling
    for name in (b"Date", b"Server", b"Content-Length", b"Connection", b"Keep-Alive")
    for spelling in (name, name.lower())
)
_EQUAL = Comparison()
_LIMITS = Limits(differences=20)
_MOST_CLAIMS = 10_000
#: Kinds of text that nobody writes by hand: a fresh value looks like one of them.
_RANDOM = re.compile(
    r"eyJ[\w-]+\.[\w-]+\.[\w-]+"
    r"|[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}"
    r"|[\w]+\$[\w=,]+\$\S+"
    r"|[\w-]+:[\w-]{5,8}:[\w-]{27,43}"
    r"|(?=[A-Za-z]*\d)(?=\d*[A-Za-z])[A-Za-z0-9]{16,}"
)


@dataclass(frozen=True, slots=True)
class Finding:
    """What came of one pair; `ended` is when the second answer was there, seconds since 1970."""

    pair: Pair
    ended: float
    verdict: Verdict
    differences: tuple[Difference, ...] = ()
    reason: str = ""

    @property
    def writes(self) -> bool:
        """Whether the new application tried to write in a request that must not."""
        return any(each.category == "shadow-write" for each in self.differences)


class Judge:
    """Compares pairs as `verify` does, except that nothing can be asked a second time.

    Values that differ because they are fresh (request ids, tokens) are accepted only if they look
    random, are no part of the request, and the same side never showed the same one before.
    """

    def __init__(self, ignored: Iterable[Ignore] = ()) -> None:
        self._accepted = Accepted(ignored)
        self._seen: OrderedDict[bytes, None] = OrderedDict()

    def judge(self, pair: Pair, ended: float, *, written: bool = False) -> Finding:
        """The verdict; `written`: a write passed the proxy between the two answers."""
        reason = _obstacle(pair)
        if reason:
            return Finding(pair, ended, "uncompared", reason=reason)
        if _tried_to_write(pair.new):
            told = (pair.new.body or b"")[:200].decode("utf-8", "replace")
            found = Difference("shadow-write", "status", str(pair.legacy.status), told)
            return Finding(pair, ended, "different", (found,))
        comparison = self._compared(pair, ended)
        if comparison.uncompared is not None:
            return Finding(pair, ended, "uncompared", reason=comparison.uncompared)
        if not comparison.differences:
            return Finding(pair, ended, "equal")
        today = datetime.fromtimestamp(ended, UTC).date()
        counted = tuple(
            each
            for each in comparison.differences
            if not each.note and self._accepted.entry(pair.endpoint, each, today) is None
        )
        if not counted:
            return Finding(pair, ended, "equal")
        if written:
            return Finding(pair, ended, "moving", counted, "a write passed between both answers")
        return Finding(pair, ended, "different", counted)

    def _compared(self, pair: Pair, ended: float) -> Comparison:
        if pair.legacy.status == pair.new.status and pair.legacy.body == pair.new.body:
            unlike = _unlike(pair.legacy.headers, pair.new.headers)
            if not unlike:
                return _EQUAL
            legacy, new = _only(pair.legacy, unlike), _only(pair.new, unlike)
            pair = pair._replace(legacy=legacy, new=new)
        left, right = _exchanges(pair, ended)
        believes = partial(self._is_fresh, pair)
        pairing = Pairing(Gap.between(left, right), believes=believes)
        return compare(left, right, pairing, _LIMITS)

    def _is_fresh(self, pair: Pair, claim: Claim) -> bool:
        known = [self._remember(pair.endpoint, claim.pointer, v) for v in (claim.legacy, claim.new)]
        if any(known) or not (_RANDOM.fullmatch(claim.legacy) and _RANDOM.fullmatch(claim.new)):
            return False
        value = claim.legacy.encode()
        asked = (pair.target, *(text for _, text in pair.request_headers))
        return not any(value in text for text in asked)

    def _remember(self, endpoint: str, pointer: str, value: str) -> bool:
        """Whether the value was seen at this place before."""
        place = re.sub(r"/\d+(?=/|$)", "/*", pointer)
        name = blake2b(f"{endpoint}\0{place}\0{value}".encode(), digest_size=12).digest()
        seen = name in self._seen
        self._seen[name] = None
        self._seen.move_to_end(name)
        if len(self._seen) > _MOST_CLAIMS:
            self._seen.popitem(last=False)
        return seen


def _obstacle(pair: Pair) -> str:
    """Why the two cannot be compared; empty: they can."""
    for side, answer in (("legacy", pair.legacy), ("new", pair.new)):
        if answer.problem is not None or answer.body is None or not answer.status:
            return f"{side}: {answer.problem or 'no body'}"
    if pair.legacy.status == pair.new.status:
        return ""
    if 429 in {pair.legacy.status, pair.new.status}:
        return "throttled: each side counts for itself"
    return ""


def _unlike(legacy: tuple[Header, ...], new: tuple[Header, ...]) -> set[bytes]:
    """Names, in lower case, of headers that differ as they are written; most pairs have none."""
    left, right = _kept(legacy), _kept(new)
    if left == right:
        return set()
    left, right = _sorted(left), _sorted(right)
    return {name for name, _ in (*left, *right)} - {name for name, _ in _both(left, right)}


def _both(left: list[Header], right: list[Header]) -> list[Header]:
    """Headers of names that have the same values on both sides."""
    values: dict[bytes, tuple[list[bytes], list[bytes]]] = {}
    for side, headers in enumerate((left, right)):
        for name, value in headers:
            values.setdefault(name, ([], []))[side].append(value)
    return [each for each in left if values[each[0]][0] == values[each[0]][1]]


def _kept(headers: tuple[Header, ...]) -> list[Header]:
    return [header for header in headers if header[0] not in _CONNECTION]


def _sorted(headers: list[Header]) -> list[Header]:
    return sorted((name.lower(), value) for name, value in headers)


def _only(answer: Answer, names: set[bytes]) -> Answer:
    """The answer without its body and all other headers, which are equal."""
    headers = tuple(each for each in answer.headers if each[0].lower() in names)
    return answer._replace(headers=headers, body=b"")


def _tried_to_write(answer: Answer) -> bool:
    return answer.status == 500 and any(
        value.startswith(_WRITE) and name.lower() == b"content-type"
        for name, value in answer.headers
    )


def _exchanges(pair: Pair, ended: float) -> tuple[Exchange, Exchange]:
    """Both answers with their times: the client's came first, the other ended just now."""
    first, second = (pair.legacy, pair.new) if pair.served == "legacy" else (pair.new, pair.legacy)
    earlier = _exchange(first, pair.started, pair.started + first.seconds)
    later = _exchange(second, ended - second.seconds, ended)
    return (earlier, later) if pair.served == "legacy" else (later, earlier)


def _exchange(answer: Answer, started: float, ended: float) -> Exchange:
    headers = tuple((n.decode("latin-1"), v.decode("latin-1")) for n, v in answer.headers)
    return Exchange(answer.status, headers, answer.body or b"", started, ended)
