"""The statements that build a database."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Structure:
    """Statements in the order in which they have to be executed; rows come before references."""

    before: Sequence[str]
    tables: Sequence[str]
    references: Sequence[str]
    after: Sequence[str]
