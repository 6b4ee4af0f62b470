"""Compares two exchanges: status, headers, body. Pure; bounded in time and memory."""

import hashlib
import json
from collections.abc import Iterator
from itertools import zip_longest

from strangler.diff.documents import Limits, Uncomparable, parse, plain, same
from strangler.diff.exchange import Comparison, Difference, Exchange
from strangler.diff.headers import compare_headers
from strangler.diff.jsons import compare_json
from strangler.diff.volatile import Pairing

_ACCESS = frozenset({401, 403, 404})
_TEXT = ("text/", "application/xml", "application/javascript", "application/x-www-form-urlencoded")


def compare(
    legacy: Exchange, new: Exchange, pairing: Pairing, limits: Limits | None = None
) -> Comparison:
    """What a client could tell apart. Another status makes the rest not worth comparing."""
    bounds = limits or Limits()
    if legacy.status != new.status:
        return Comparison((_statuses(legacy, new),))
    differences = list(compare_headers(legacy, new, pairing))
    try:
        differences += _bodies(legacy, new, pairing, bounds)
    except Uncomparable as reason:
        return Comparison(tuple(differences), str(reason))
    return Comparison(tuple(differences[: bounds.differences]))


def _statuses(legacy: Exchange, new: Exchange) -> Difference:
    category = "status"
    if {legacy.status, new.status} <= _ACCESS:
        category = "access-status"
    elif max(legacy.status, new.status) >= 500:
        category = "server-error"
    return Difference(category, "status", _told(legacy), _told(new))


def _told(exchange: Exchange) -> str:
    last = exchange.error.strip().rpartition("\n")[2] if exchange.error else ""
    text = last or exchange.body[:200].decode("utf-8", "replace")
    return f"{exchange.status} {text}".strip()


def _bodies(
    legacy: Exchange, new: Exchange, pairing: Pairing, limits: Limits
) -> Iterator[Difference]:
    if not (legacy.complete and new.complete):
        raise Uncomparable("the body is cut: too large, or it never ended")
    left = plain(legacy.body, legacy.header("content-encoding"), limits)
    right = plain(new.body, new.header("content-encoding"), limits)
    if left == right:
        return
    media = (legacy.header("content-type") or "").partition(";")[0].strip().lower()
    if media.endswith("json"):
        yield from _documents(left, right, pairing, limits, error=legacy.status >= 400)
    elif media.startswith(_TEXT) or not media:
        yield from _texts(left, right, pairing)
    else:
        yield Difference("binary", "body", _digest(left), _digest(right))


def _documents(
    left: bytes, right: bytes, pairing: Pairing, limits: Limits, *, error: bool
) -> Iterator[Difference]:
    if same(left, right):
        yield Difference("json-encoding", "body", _start(left), _start(right), note=True)
        return
    try:
        mine, theirs = parse(left, limits), parse(right, limits)
    except json.JSONDecodeError:
        yield from _texts(left, right, pairing)
        return
    try:
        found = compare_json(mine, theirs, pairing, limits, error=error)
    except RecursionError:
        raise Uncomparable("the body is nested too deep") from None
    yield from found


def _texts(left: bytes, right: bytes, pairing: Pairing) -> Iterator[Difference]:
    mine, theirs = left.decode("utf-8", "replace"), right.decode("utf-8", "replace")
    if pairing.texts(mine, theirs, "body"):
        return
    lines = zip_longest(mine.splitlines(), theirs.splitlines(), fillvalue="")
    number, pair = next(
        ((number, pair) for number, pair in enumerate(lines, 1) if pair[0] != pair[1]),
        (1, (mine, theirs)),
    )
    yield Difference("text", f"body:line {number}", pair[0][:300], pair[1][:300])


def _digest(body: bytes) -> str:
    return f"sha256:{hashlib.sha256(body).hexdigest()} ({len(body)} bytes)"


def _start(body: bytes) -> str:
    return body[:120].decode("utf-8", "replace")
