"""What both sides of the deletes have to agree on: which rows are deleted, how rows are read."""

import random
from collections.abc import Callable
from typing import Any

ROWS = 5


def subsets(label: str, keys: list[int], seed: str) -> list[list[int]]:
    """Each row alone, and some together."""
    chance = random.Random(f"{seed}{label}")
    together = [sorted(chance.sample(keys, chance.randint(2, len(keys)))) for _ in range(2)
                if len(keys) > 1]  # fmt: skip
    return [*([key] for key in keys), *together]


def read_all(run: Callable[[str], Any], tables: list[str]) -> dict[str, list[str]]:
    """Every row of these tables, as the driver reads it."""
    return {
        name: sorted(repr(tuple(row)) for row in run(f'SELECT * FROM "{name}"')) for name in tables
    }
