"""How a rule says no: a code, a sentence, a place."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, order=True)
class Reason:
    """Why something stays on legacy; `source` is `file:line` relative to the project."""

    code: str
    message: str
    source: str


class ControlError(Exception):
    """Raised to rewrite something once more in another way; never a refusal, never a mistake."""


class RefusalError(Exception):
    """Raised inside a rule; the converter turns it into a `Reason` of the endpoint."""

    def __init__(self, code: str, message: str, source: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.source = source

    def reason(self, default_source: str) -> Reason:
        """The reason, at `default_source` where the rule named no place."""
        return Reason(self.code, self.message, self.source or default_source)
