"""Accepted differences, `[[ignore]]` in strangler.toml: until a date, after which they count."""

import re
from collections.abc import Iterable
from datetime import date

from strangler.config import Ignore
from strangler.diff import Difference


class Accepted:
    """Tells which differences somebody accepted. In a pointer `*` stands for one segment."""

    def __init__(self, entries: Iterable[Ignore]) -> None:
        self._entries: dict[str, list[tuple[re.Pattern[str], date]]] = {}
        for entry in entries:
            listed = self._entries.setdefault(entry.endpoint, [])
            listed.append((_pattern(entry.pointer), entry.until))

    def covers(self, endpoint: str, difference: Difference, today: date) -> bool:
        """Whether it does not count today."""
        return any(
            today <= until and pattern.fullmatch(difference.pointer)
            for pattern, until in self._entries.get(endpoint, ())
        )


def _pattern(pointer: str) -> re.Pattern[str]:
    return re.compile(re.escape(pointer).replace(r"\*", "[^/]+"))
