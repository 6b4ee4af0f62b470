"""Differences of one kind at one place as one finding, with the smallest request that shows it."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from strangler.diff import CATEGORIES, Difference, Exchange, RowChange
from strangler.verify.evidence import Record
from strangler.verify.lockstep import Outcome
from strangler.verify.origins import Origin
from strangler.verify.requests import Request

#: The category of a difference, and its place with positions as `*`.
Key = tuple[str, str]
#: The tag of what shows in a journey only: its request alone, from the frozen state, shows nothing.
JOURNEY = frozenset({"journey"})
_ROWS_SHOWN, _BODY_SHOWN = 5, 4000
_SECRET = re.compile(r"password|secret|token|session|^key$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Finding:
    """Differences of one category at one place, counted, with the smallest request for it."""

    category: str
    pointer: str
    legacy: str
    new: str
    request: Mapping[str, Any]
    rows: Sequence[Mapping[str, Any]]
    count: int
    #: The same for the same category and place of the same endpoint, in every run.
    id: str = ""
    #: What each side answered: status, and the body as text.
    answers: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    #: When runs saw it, in ISO 8601: the first of those without a pause between them, and the last.
    first_seen: str = ""
    last_seen: str = ""
    #: Lines of both sources, and the rules that wrote the new one.
    origin: Origin = field(default_factory=Origin)
    #: The request as it was sent; no part of the report, since it holds credentials.
    sent: Request | None = field(default=None, compare=False, repr=False)

    def json(self) -> dict[str, Any]:
        """As in the report."""
        known = CATEGORIES[self.category]
        return {
            "id": self.id,
            "category": self.category,
            "pointer": self.pointer,
            "legacy": self.legacy,
            "new": self.new,
            "request": dict(self.request),
            "answers": {side: dict(answer) for side, answer in self.answers.items()},
            "rows": [dict(row) for row in self.rows],
            "count": self.count,
            **(
                {"first_seen": self.first_seen, "last_seen": self.last_seen}
                if self.last_seen
                else {}
            ),
            "source": self.origin.source,
            "new_source": self.origin.new_source,
            "rules": list(self.origin.rules),
            "title": known.title,
            "cause": known.cause,
            "remedy": known.remedy,
        }


def found(
    endpoint: str, records: Iterable[Record], counting: Callable[[Outcome], Iterable[Difference]]
) -> list[Finding]:
    """The findings of one endpoint; `counting` gives the differences of a case that count."""
    groups: dict[Key, list[tuple[Record, Difference]]] = {}
    for record in records:
        for difference in counting(record.outcome):
            groups.setdefault(key_of(difference), []).append((record, difference))
    return [_finding(endpoint, group) for group in groups.values()]


def key_of(difference: Difference) -> Key:
    """Differences with the same key are one finding."""
    return difference.category, starred(difference.pointer)


def starred(pointer: str) -> str:
    """A pointer with its positions and row keys as `*`: places of one kind."""
    if pointer.startswith("row:"):
        table, _, rest = pointer.partition("/")
        return f"{table}/*/{rest.partition('/')[2]}"
    return re.sub(r"/\d+(?=/|$)", "/*", pointer)


def size_of(record: Record) -> tuple[int, int]:
    """How much there is to read in a request: body and path, then headers."""
    request = record.case.request
    return len(request.body) + len(request.path), len(request.headers)


def _finding(endpoint: str, group: Sequence[tuple[Record, Difference]]) -> Finding:
    record, shown = min(group, key=lambda pair: size_of(pair[0]))
    outcome = record.outcome
    rows = [_row("legacy", each) for each in outcome.legacy_rows[:_ROWS_SHOWN]]
    rows += [_row("new", each) for each in outcome.new_rows[:_ROWS_SHOWN]]
    about_rows = shown.pointer.startswith("row:")
    name = " ".join((endpoint, *key_of(shown)))
    return Finding(
        shown.category,
        shown.pointer,
        shown.legacy,
        shown.new,
        {**outcome.request.shown(), "role": record.case.role},
        rows if about_rows else [],
        len(group),
        sha256(name.encode()).hexdigest()[:8],
        {"legacy": _answer(outcome.legacy), "new": _answer(outcome.new)},
        sent=None if record.case.tags >= JOURNEY else outcome.request,
    )


def _answer(exchange: Exchange) -> dict[str, Any]:
    text = exchange.body[: 4 * _BODY_SHOWN].decode("utf-8", "replace")[:_BODY_SHOWN]
    return {"status": exchange.status, "body": text}


def _row(side: str, change: RowChange) -> dict[str, Any]:
    return {
        "side": side,
        "table": change.table,
        "key": change.key,
        "before": _redacted(change.before),
        "after": _redacted(change.after),
    }


def _redacted(row: Mapping[str, Any] | None) -> dict[str, Any] | None:
    if row is None:
        return None
    return {name: "***" if _SECRET.search(name) else value for name, value in row.items()}
