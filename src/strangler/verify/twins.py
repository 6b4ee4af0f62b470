"""What every kind of twin databases offers: clones of one frozen template, changed rows, undo."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from strangler.diff.exchange import RowChange
from strangler.verify.executor import SIDES, Side

Vendor = Literal["sqlite3", "postgresql", "mysql"]

#: Triggers in the twins write here which rows were touched; no application knows the table.
LOG_TABLE = "strangler_touched"


def server_names() -> dict[str, str]:
    """Fresh names for the template ("frozen") and each side's twin on a server shared with others."""
    token = secrets.token_hex(4)
    return {name: f"strangler_{token}_{name}" for name in ("frozen", *SIDES)}


@dataclass(frozen=True, slots=True)
class Place:
    """Where one application finds its twin. `settings` and `url` may hold a password."""

    vendor: Vendor
    #: NAME, HOST, PORT, USER, PASSWORD for Django.
    settings: Mapping[str, str] = field(repr=False)
    #: `DATABASE_URL` for the generated application.
    url: str = field(repr=False)
    #: Paths of Unix sockets that the application may connect to.
    allowed: tuple[str, ...] = ()

    def boot(self) -> dict[str, Any]:
        """The `twin` of an executor's boot line."""
        return {"vendor": self.vendor, "settings": dict(self.settings)}


class Twins(Protocol):
    """A pair of equal databases."""

    vendor: Vendor

    def template(self) -> Place:
        """The database both twins are made from, to be filled before `freeze`."""

    def freeze(self) -> None:
        """Take the template as it is now and make both twins."""

    def place(self, side: Side) -> Place:
        """Where a side's twin is."""

    def changes(self, side: Side) -> list[RowChange]:
        """What changed on a side since the last `undo` or `clone`, in the order of writing."""

    def undo(self) -> bool:
        """Put both twins back, rows and sequences; False where only `clone` can."""

    def intact(self) -> bool:
        """Whether `undo` left nothing behind; where cloning is cheap it is not worth looking."""

    def clone(self) -> None:
        """Make both twins anew; the applications must have let go of their connections."""

    def rows(
        self, table: str, limit: int, column: str = "", values: Sequence[str] = ()
    ) -> Sequence[Mapping[str, Any]]:
        """Some rows of the template as frozen, in the order of the primary key.

        column, values: Only rows that hold one of the values, written as text, there.
        """

    def close(self) -> None:
        """Remove everything that was made."""
