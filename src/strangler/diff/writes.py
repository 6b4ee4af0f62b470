"""Compares how often two requests wrote to each table."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from strangler.diff.exchange import Difference, Exchange, RowChange

_WRITE = re.compile(
    r"(?:(INSERT|REPLACE)\b[\w\s]*?\bINTO|(DELETE)\s+FROM|(UPDATE))\s+([\w$.\"`]+)", re.IGNORECASE
)
_REFUSED = 400


def compare_writes(
    legacy: Exchange, new: Exchange, changed: Sequence[RowChange]
) -> Iterator[Difference]:
    """Tables that the new application writes to more often than legacy, and to no purpose.

    changed: The rows that the new application changed. One statement for each of them is another
    way to write them; one more than those changes nothing, or the same rows again. Only where the
    request passed: what was written before a refusal is taken back, and there are no rows to count.
    Nor where rows are deleted: each side asks in its own way what refers to them, in statements that
    often find none. Pointers are `sql:table`.
    """
    if legacy.status >= _REFUSED or len(new.statements) < new.queries:
        return
    before, after = _writes(legacy.statements), _writes(new.statements)
    if any(verb == "DELETE" for verb, _ in (*before, *after)):
        return
    rows = Counter((_verb(each), each.table.lower()) for each in changed)
    for (verb, table), count in sorted(after.items()):
        if count > max(before[verb, table], rows[verb, table]):
            told = f"{verb} {before[verb, table]} times", f"{verb} {count} times"
            yield Difference("write-repeated", f"sql:{table}", *told)


def _writes(statements: Iterable[str]) -> Counter[tuple[str, str]]:
    found = (_WRITE.match(each) for each in statements)
    return Counter(
        ((each[1] or each[2] or each[3]).upper(), _table(each[4])) for each in found if each
    )


def _table(name: str) -> str:
    return name.rpartition(".")[2].strip('"`').lower()


def _verb(change: RowChange) -> str:
    return "INSERT" if change.before is None else "UPDATE"
