"""What the cases show beside differences: how long, how many statements, which effects."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

from strangler.diff import Exchange
from strangler.verify.evidence import Record

#: Statements of one form in one request, from which on they look like one for each row.
_MANY = 5
_SHOWN = 160


def latency(exchanges: Iterable[Exchange]) -> dict[str, float]:
    """Milliseconds of an answer: p10, p50, p90, max."""
    times = sorted(1000 * (each.ended - each.started) for each in exchanges)
    last = len(times) - 1
    quantiles = {"p10": 0.1, "p50": 0.5, "p90": 0.9, "max": 1.0}
    return {name: round(times[round(share * last)], 2) for name, share in quantiles.items()}


def statements(exchanges: Iterable[Exchange]) -> dict[str, int]:
    """SQL statements of a request: p50, max."""
    counts = sorted(each.queries for each in exchanges)
    return {"p50": counts[(len(counts) - 1) // 2], "max": counts[-1]}


def roles(records: Iterable[Record]) -> dict[str, dict[str, int]]:
    """What legacy answered each role: status to count."""
    counts: dict[str, Counter[str]] = {}
    for each in records:
        counts.setdefault(each.case.role, Counter())[str(each.outcome.legacy.status)] += 1
    return {role: dict(sorted(found.items())) for role, found in sorted(counts.items())}


def connections(records: Sequence[Record]) -> Iterator[str]:
    """Notes on connections that were tried and refused."""
    refused = Counter(
        f"{side} tried to connect to {address}"
        for record in records
        for side, exchange in (("legacy", record.outcome.legacy), ("new", record.outcome.new))
        for address in exchange.refused
    )
    yield from (f"{text} ({count} times)" for text, count in sorted(refused.items()))


def effects(records: Sequence[Record]) -> Iterator[str]:
    """A note on the effects that were compared."""
    seen = Counter(each.kind for record in records for each in record.outcome.legacy.effects)
    if seen:
        told = ", ".join(f"{count} {kind}" for kind, count in sorted(seen.items()))
        yield f"effects compared: {told}"


def repetitions(records: Sequence[Record]) -> Iterator[str]:
    """A note where the new application asks the database row by row, and legacy does not."""
    worst: tuple[int, int, str, str] | None = None
    for record in records:
        new, legacy = record.outcome.new, record.outcome.legacy
        if new.queries <= legacy.queries:
            continue
        text, count = _commonest(new.statements)
        _, before = _commonest(legacy.statements)
        if count >= _MANY and count > before and (worst is None or count > worst[0]):
            worst = count, before, text, record.case.request.path
    if worst is not None:
        count, before, text, path = worst
        yield (
            f"N+1: for {path} the new application sends one statement {count} times, legacy none "
            f"more than {before} times: {text[:_SHOWN]}"
        )


def _commonest(texts: Sequence[str]) -> tuple[str, int]:
    counts = Counter(re.sub(r"\bIN \([^()]*\)", "IN (…)", text) for text in texts)
    return counts.most_common(1)[0] if counts else ("", 0)


def both(records: Sequence[Record]) -> Mapping[str, list[Exchange]]:
    """The answers by side."""
    return {
        "legacy": [each.outcome.legacy for each in records],
        "new": [each.outcome.new for each in records],
    }
