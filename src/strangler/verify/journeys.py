"""A row that clients make, read, change and delete, with nothing put back in between."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from strangler.diff import Exchange
from strangler.facts import Endpoint
from strangler.verify.cases import document, succeeded
from strangler.verify.executor import Side
from strangler.verify.lockstep import Outcome, Step
from strangler.verify.requests import Request
from strangler.verify.search import BODIES, Search
from strangler.verify.targets import Target

_DETAIL = re.compile(r"(.*/)\{[^{}]*\}(/?)")
#: What is asked of a new row, by the method of the endpoint that is looked at.
_METHODS = {
    "GET": ("GET",),
    "PUT": ("GET", "PUT", "GET"),
    "PATCH": ("GET", "PATCH", "GET"),
    "DELETE": ("GET", "PATCH", "DELETE", "GET"),
}


@dataclass(frozen=True, slots=True)
class Journey:
    """Steps with the methods that they ask by; `own`: the first step of the endpoint itself."""

    steps: Sequence[Step]
    methods: Sequence[str]
    own: int


def journey_of(endpoint: Endpoint, passed: Mapping[str, Search]) -> Journey | None:
    """The journey that shows what an endpoint does to a row that was just made.

    passed: what legacy accepted, by endpoint. None where nothing makes such a row.
    """
    match = _DETAIL.fullmatch(endpoint.path)
    methods = _METHODS.get(endpoint.method)
    if match is None or methods is None:
        return None
    maker = passed.get(f"POST {match[1]}") or passed.get(f"POST {match[1].rstrip('/')}")
    if maker is None or not maker.bases:
        return None
    kept = [each for each in methods if f"{each} {endpoint.path}" in passed]
    if endpoint.method not in kept:
        return None
    steps: list[Step] = [_making(maker)]
    steps += [_asking(passed[f"{each} {endpoint.path}"], maker, match[2]) for each in kept]
    return Journey(steps, ("POST", *kept), 1 + kept.index(endpoint.method))


def _making(maker: Search) -> Step:
    base = maker.bases[0]

    def step(side: Side, before: Sequence[Outcome]) -> Request:
        return maker.request(base.target, base.user, body=base.body)

    return step


def _asking(search: Search, maker: Search, end: str) -> Step:
    base = maker.bases[0]

    def step(side: Side, before: Sequence[Outcome]) -> Request | None:
        made = before[0].legacy if side == "legacy" else before[0].new
        key = _key(made, search.targets.lookup)
        if not succeeded(made) or key is None:
            return None
        path = f"{base.target.path.rstrip('/')}/{key}{end}"
        target = Target(path, row=base.target.row)
        body = search.another(target, base.user) if search.method in BODIES else None
        return search.request(target, base.user, body=body)

    return step


def _key(made: Exchange, lookup: str) -> str | None:
    """What the answer calls the new row by, as far as it can stand in a path."""
    body: Any = document(made)
    if not isinstance(body, dict):
        return None
    known = (body.get(name) for name in (lookup, *(("id",) if lookup == "pk" else ())))
    found = next((each for each in known if isinstance(each, int | str)), None)
    text = "" if found is None or isinstance(found, bool) else str(found)
    return text if re.fullmatch(r"[\w.-]+", text, re.ASCII) else None
