"""What is compared: one application's answer to one request, and a difference between two."""

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Effect:
    """What a request did beside its answer and its rows.

    kind: `mail`, `task` (a message to a queue) or `file`. name: Subject, task, path.
    value: What it consisted of, as JSON values.
    """

    kind: str
    name: str
    value: Any = None


@dataclass(frozen=True, slots=True)
class Exchange:
    """An answer as a client sees it. Times are seconds since the epoch, taken beside the app."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes
    started: float = 0.0
    ended: float = 0.0
    #: False: the body was cut, or never ended.
    complete: bool = True
    #: The traceback behind a 500.
    error: str = ""
    #: Connections it tried to open elsewhere.
    refused: tuple[str, ...] = ()
    effects: tuple[Effect, ...] = ()
    #: SQL as the driver got it; `queries` counts those too that were too many to keep.
    statements: tuple[str, ...] = ()
    queries: int = 0

    def header(self, name: str) -> str | None:
        """The first header of that name, in any case."""
        wanted = name.lower()
        return next((value for key, value in self.headers if key.lower() == wanted), None)


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that the two answers, or the rows they left, do not share.

    `pointer` is a JSON pointer into the body, `status`, `header:Name`, `row:table/key/column`, or
    `effect:kind/number`, for a part of it with a JSON pointer behind, or `sql:table`.
    A `note` is worth knowing but changes no verdict.
    """

    category: str
    pointer: str
    legacy: str
    new: str
    note: bool = False


@dataclass(frozen=True, slots=True)
class Comparison:
    """The outcome for one request. `uncompared` says why there is none, and is never a pass."""

    differences: tuple[Difference, ...] = ()
    uncompared: str | None = None

    @property
    def equal(self) -> bool:
        """Whether everything was compared and nothing but notes came of it."""
        return self.uncompared is None and all(each.note for each in self.differences)


@dataclass(frozen=True, slots=True)
class RowChange:
    """A row that a request changed: before and after, None where there was none."""

    table: str
    key: str
    before: dict[str, Any] | None = field(default=None)
    after: dict[str, Any] | None = field(default=None)
