"""A case: one request, what it is meant to show, and how answers are read for evidence."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from strangler.diff import Exchange
from strangler.verify.requests import Request


@dataclass(frozen=True, slots=True)
class Case:
    """`tags` name the evidence that the case is for: `role:owner`, `field:price`, `page:last`."""

    request: Request
    role: str
    tags: frozenset[str] = frozenset()


class Sources:
    """Cases of several kinds, one kind after the other; one that keeps being refused is left."""

    _PATIENCE = 3

    def __init__(self, kinds: Iterable[Iterator[Case]]) -> None:
        self._kinds = list(kinds)
        self._refused = 0

    def __iter__(self) -> Iterator[Case]:
        while self._kinds:
            case = next(self._kinds[0], None)
            if case is None:
                self._leave()
            else:
                yield case

    def told(self, *, good: bool) -> None:
        """What came of the last case."""
        self._refused = 0 if good else self._refused + 1
        if self._refused >= self._PATIENCE:
            self._leave()

    def _leave(self) -> None:
        del self._kinds[:1]
        self._refused = 0


def document(exchange: Exchange) -> Any:
    """The body as JSON, None where it is none."""
    try:
        return json.loads(exchange.body)
    except (ValueError, RecursionError):
        return None


def items(exchange: Exchange) -> list[Any] | None:
    """The items of a list answer: the array itself, or the one array in its envelope."""
    body = document(exchange)
    if isinstance(body, dict) and "results" in body:
        body = body["results"]
    if isinstance(body, dict):
        data = body.get("data")
        inner = data if isinstance(data, dict) else body
        arrays = [value for value in inner.values() if isinstance(value, list)]
        return arrays[0] if len(arrays) == 1 else None
    return body if isinstance(body, list) else None


def succeeded(exchange: Exchange) -> bool:
    """Whether the status is 2xx."""
    return 200 <= exchange.status < 300
