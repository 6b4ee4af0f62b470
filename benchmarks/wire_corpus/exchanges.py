"""Sends the same requests to a Django project and to the application converted from it."""

import re
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from strangler.diff.exchange import Exchange
from strangler.verify.requests import Request
from tests.postgres import Cluster

from .environments import Oracle
from .pair import Sides, pair
from .requests import Asked, Requests
from .surfaces import Surface, surfaces

#: Requests after which both databases are as they were made.
_ROUND = 250
#: Requests that are made for each one that is compared: others are about endpoints on Django.
_PATIENCE = 3
_RELEVANT = (
    "content-type", "content-length", "allow", "vary", "location", "www-authenticate", "retry-after",
    "x-frame-options", "x-content-type-options", "referrer-policy", "cross-origin-opener-policy",
    "content-language", "set-cookie", "x-number", "content-disposition", "link", "expires", "cache-control",
)  # fmt: skip
#: Headers that follow from the body, which is compared by itself.
_BY_BODY = frozenset({"retry-after", "content-length"})
_FRESH = (
    (re.compile(rb"eyJ[\w-]+\.[\w-]+\.[\w-]+"), b"JWT"),
    (re.compile(rb"(?<=[^/])_[A-Za-z0-9]{7}(?=\.\w+\"|\")"), b"_SUFFIX"),
)
_WAITING = re.compile(rb"available in (\d+) seconds?")
_COOKIE = re.compile(r"(csrftoken|sessionid)=[^;]+|expires=[^;]+", re.IGNORECASE)


@dataclass
class Section:
    """What was found for one section: exchanges compared, those that differ, those on Django."""

    compared: int = 0
    different: int = 0
    kept: int = 0
    excepted: Counter[str] = field(default_factory=Counter)


@dataclass
class Outcome:
    """All of one project on one database."""

    sections: dict[str, Section] = field(default_factory=dict)
    findings: list[str] = field(default_factory=list)
    refused: dict[str, str] = field(default_factory=dict)
    statuses: Counter[int] = field(default_factory=Counter)


def run_exchanges(
    oracle: Oracle, seed: int, variant: str, count: int, folder: Path, server: Cluster | None
) -> Outcome:
    """Make the project, convert it, ask both `count` times."""
    made = pair(oracle, seed, variant, folder, server)
    outcome = Outcome()
    entries = made.report["endpoints"]
    statuses = {entry["id"]: entry["status"] == "converted" for entry in entries}
    outcome.refused = {
        e["id"]: f"{e['reasons'][0]['code']} {e['reasons'][0]['message']} ({e['reasons'][0]['source']})"
        for e in entries if e["status"] == "legacy" and e["reasons"]
    }  # fmt: skip
    random = Random(f"{seed} {variant} requests")
    makes = Requests(random, made.credentials, variant == "localized")
    if any(statuses.values()):
        with made.started() as sides:
            _ask(makes, surfaces(made.chosen), statuses, count, sides, outcome)
    return outcome


def _ask(
    makes: Requests, found: list[Surface], converted: dict[str, bool], count: int,
    sides: Sides, outcome: Outcome,
) -> None:  # fmt: skip
    legacy, new, renew = sides
    weights = [surface.weight for surface in found]
    since = 0
    for _ in range(count * _PATIENCE):
        if sum(section.compared for section in outcome.sections.values()) >= count:
            return
        asked = makes.make(makes.random.choices(found, weights)[0])
        section = outcome.sections.setdefault(asked.section, Section())
        if not _served(asked, converted):
            section.kept += 1
            continue
        request = _hosted(asked.request)
        theirs, ours = legacy.send(request), new.send(request)
        since += 1
        section.compared += 1
        outcome.statuses[theirs.status] += 1
        wrong = differences(theirs, ours, request.method)
        if wrong:
            reason = excepted(asked, theirs, ours)
            if reason:
                section.excepted[reason] += 1
            else:
                section.different += 1
                outcome.findings.append(_finding(asked, request, wrong, ours))
        if since >= _ROUND or (wrong and request.method not in {"GET", "HEAD", "OPTIONS"}):
            renew()
            since = 0


def _served(asked: Asked, converted: dict[str, bool]) -> bool:
    """Whether the new application is asked: never where a method of the path is on Django."""
    wanted = re.sub(r"\{(\w+:)?\w+\}", "{}", asked.surface.path)
    inside = {
        endpoint.partition(" ")[0]: done
        for endpoint, done in converted.items()
        if re.sub(r"\{(\w+)(:\w+)?\}", "{}", endpoint.partition(" ")[2]) == wanted
    }
    method = "GET" if asked.request.method == "HEAD" else asked.request.method
    if method in inside:
        return inside[method]
    return bool(inside) and all(inside.values())


def _hosted(request: Request) -> Request:
    """With the Host header that was drawn for it."""
    host = next((value for name, value in request.headers if name == "X-Corpus-Host"), None)
    if host is None:
        return request
    kept = tuple(pair for pair in request.headers if pair[0] not in {"Host", "X-Corpus-Host"})
    return Request(request.method, request.path, (("Host", host), *kept), request.body)


def differences(theirs: Exchange, ours: Exchange, method: str) -> list[str]:
    """What a client would see: status, body, headers; fresh values aside."""
    found = []
    if theirs.status != ours.status:
        found.append(f"status {theirs.status} is {ours.status}")
    first, second = _body(theirs.body), _body(ours.body)
    if method == "HEAD":  # servers send no body then, whatever an application gives them
        first = second = b""
    if first != second and not _close(first, second):
        found.append(f"body {first[:900]!r} is {second[:900]!r}")
    for name in _RELEVANT:
        one, other = _values(theirs, name), _values(ours, name)
        same = one == other or (name in _BY_BODY and first != second)
        same = same or (
            name == "content-length" and not one
        )  # where Django's own pages leave it out
        if not same and not (name == "content-length" and _fresh_length(theirs, ours)):
            found.append(f"{name} {one} is {other}")
    return found


def _body(body: bytes) -> bytes:
    for pattern, name in _FRESH:
        body = pattern.sub(name, body)
    return body


def _close(first: bytes, second: bytes) -> bool:
    """Whether the two are the same but for waiting times at either side of a full second."""
    one, other = _WAITING.search(first), _WAITING.search(second)
    if one is None or other is None or abs(int(one[1]) - int(other[1])) > 1:
        return False
    return _WAITING.sub(b"", first) == _WAITING.sub(b"", second)


def _fresh_length(theirs: Exchange, ours: Exchange) -> bool:
    return theirs.body != ours.body and _body(theirs.body) == _body(ours.body)


def _values(exchange: Exchange, name: str) -> list[str]:
    found = [value for key, value in exchange.headers if key.lower() == name]
    return sorted(_COOKIE.sub(lambda m: m[0].partition("=")[0], value.strip()) for value in found)


def excepted(asked: Asked, theirs: Exchange, ours: Exchange) -> str | None:
    """Which of the documented kinds of exception a difference is, if any."""
    html = (theirs.header("content-type") or "").startswith("text/html")
    json_ = (ours.header("content-type") or "").startswith("application/json")
    if theirs.status == 500 and ours.status in (400, 404):
        return "crash on odd input"
    if not html or b"rest_framework" not in theirs.body:
        return None
    same = theirs.status == ours.status and _values(theirs, "allow") == _values(ours, "allow")
    empty = (theirs.status, ours.status) == (200, 204)  # its page says that there was nothing
    return "browsable API" if (json_ and same) or empty else None


def _finding(asked: Asked, request: Request, wrong: list[str], ours: Exchange) -> str:
    headers = " ".join(f"{name}={value[:60]!r}" for name, value in request.headers)
    lines = [f"{asked.section} {request.method} {request.path} {headers}"]
    lines += [f"    sent {request.body[:500]!r}"] if request.body else []
    lines += [f"    {each}" for each in wrong]
    lines += ["    " + ours.error.strip().splitlines()[-1][:300]] if ours.error.strip() else []
    return "\n".join(lines)
