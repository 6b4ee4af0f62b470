"""Compares two exchanges and names their differences. Pure: no sockets, files or clocks."""

from strangler.diff.accepted import Accepted
from strangler.diff.categories import CATEGORIES, Category
from strangler.diff.compare import compare
from strangler.diff.documents import Limits
from strangler.diff.effects import compare_effects
from strangler.diff.exchange import Comparison, Difference, Effect, Exchange, RowChange
from strangler.diff.rows import compare_rows
from strangler.diff.volatile import Claim, Gap, Pairing
from strangler.diff.writes import compare_writes

__all__ = [
    "CATEGORIES",
    "Accepted",
    "Category",
    "Claim",
    "Comparison",
    "Difference",
    "Effect",
    "Exchange",
    "Gap",
    "Limits",
    "Pairing",
    "RowChange",
    "compare",
    "compare_effects",
    "compare_rows",
    "compare_writes",
]
