"""Versions as numbers that compare."""

import re

_NUMBER = re.compile(r"\d+")


def release(text: str | None, parts: int = 2) -> tuple[int, ...]:
    """The first numbers of a version, zero where it has none: (5, 2) of 5.2rc1, (0, 0) of None."""
    found = [_NUMBER.match(part) for part in (text or "").split(".")[:parts]]
    numbers = [int(match.group()) if match else 0 for match in found]
    return tuple(numbers + [0] * (parts - len(numbers)))
