"""What can go wrong in a way that we know, and the exit code that says so.

    StranglerError              2
    ├── UsageError              2   the command was asked for something that is not there
    ├── ConfigError             2   strangler.toml or a STRANGLER_* variable
    ├── LegacyError             2   the legacy project cannot be started or read
    ├── EnvironmentProblem      2   interpreter, database, port, disk, permissions
    ├── OutputError             2   the output folder is not ours, or cannot be written
    ├── MergeConflict           3   hand edits and new output touch the same lines
    └── InternalError          70   we are wrong: ledger totals, broken invariants

The command line prints any of them as one line on standard error. What a command *found*
(differences, endpoints left on legacy) is no error: it returns `ExitCode.FINDINGS`.
"""

from enum import IntEnum
from typing import ClassVar


class ExitCode(IntEnum):
    """The exit codes of every command."""

    DONE = 0
    FINDINGS = 1
    USAGE = 2
    CONFLICTS = 3
    INTERNAL = 70


class StranglerError(Exception):
    """A known failure: what happened, where (`file:line`), and what the person can do."""

    exit_code: ClassVar[ExitCode] = ExitCode.USAGE

    def __init__(self, message: str, *, source: str | None = None, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.source = source
        self.hint = hint

    def __str__(self) -> str:
        """`source: message (hint)` on one line, whatever the parts contain."""
        place = f"{self.source}: " if self.source else ""
        advice = f" ({self.hint})" if self.hint else ""
        return " ".join(f"{place}{self.message}{advice}".split())


class UsageError(StranglerError):
    """The command was asked for something that is not there: a path, an endpoint, a rule."""


class ConfigError(StranglerError):
    """`strangler.toml` or a `STRANGLER_*` variable holds what we cannot accept."""


class LegacyError(StranglerError):
    """The legacy project cannot be started or read."""


class EnvironmentProblem(StranglerError):
    """The machine lacks something: an interpreter, a database, a free port, a permission."""


class OutputError(StranglerError):
    """The output folder is not ours, or cannot be written."""


class MergeConflict(StranglerError):
    """Hand edits and new output touch the same lines; the files carry markers."""

    exit_code = ExitCode.CONFLICTS


class InternalError(StranglerError):
    """An invariant of ours does not hold; nothing half-written is left behind."""

    exit_code = ExitCode.INTERNAL
