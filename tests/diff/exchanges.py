"""Exchanges as the tests of the comparison need them."""

import json
from typing import Any

from strangler.diff import Comparison, Exchange, Gap, Pairing, compare

LEGACY_TIMES = (1_700_000_000.0, 1_700_000_000.1)
NEW_TIMES = (1_700_000_000.2, 1_700_000_000.3)


def answer(
    body: Any = None,
    status: int = 200,
    *headers: tuple[str, str],
    new: bool = False,
    media: str = "application/json",
    raw: bytes | None = None,
) -> Exchange:
    """A JSON answer, or one with the given bytes; `new` says whose window it has."""
    content = raw if raw is not None else json.dumps(body).encode()
    started, ended = NEW_TIMES if new else LEGACY_TIMES
    return Exchange(status, (("Content-Type", media), *headers), content, started, ended)


def pairing(*, fresh: bool = True) -> Pairing:
    """A pairing for the two windows."""
    return Pairing(Gap.between(answer(), answer(new=True)), believes=lambda _: fresh)


def compared(legacy: Any, new: Any, status: int = 200) -> Comparison:
    """Two JSON bodies."""
    return compare(answer(legacy, status), answer(new, status, new=True), pairing())


def found(comparison: Comparison) -> list[tuple[str, str]]:
    """Category and pointer of what counts."""
    return [(each.category, each.pointer) for each in comparison.differences if not each.note]
