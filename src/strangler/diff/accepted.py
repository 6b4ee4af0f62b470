"""Accepted differences, `[[ignore]]` in strangler.toml: until a date, after which they count."""

import re
from collections.abc import Iterable
from datetime import date
from typing import Protocol

from strangler.diff.exchange import Difference


class Entry(Protocol):
    """What somebody accepted. In the pointer `*` stands for one segment."""

    @property
    def endpoint(self) -> str:
        """The id of an endpoint."""

    @property
    def pointer(self) -> str:
        """Where the difference is."""

    @property
    def reason(self) -> str:
        """Why it does not matter."""

    @property
    def until(self) -> date:
        """The last day on which it does not count."""


class Accepted:
    """Tells which differences somebody accepted."""

    def __init__(self, entries: Iterable[Entry] = ()) -> None:
        self._entries: dict[str, list[tuple[re.Pattern[str], Entry]]] = {}
        for entry in entries:
            listed = self._entries.setdefault(entry.endpoint, [])
            listed.append((_pattern(entry.pointer), entry))

    def entry(self, endpoint: str, difference: Difference, today: date) -> Entry | None:
        """The entry because of which it does not count today."""
        return next(
            (
                entry
                for pattern, entry in self._entries.get(endpoint, ())
                if today <= entry.until and pattern.fullmatch(difference.pointer)
            ),
            None,
        )


def _pattern(pointer: str) -> re.Pattern[str]:
    return re.compile(re.escape(pointer).replace(r"\*", "[^/]+"))
