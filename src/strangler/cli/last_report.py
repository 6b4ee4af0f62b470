"""Where the last report of `verify` is kept, beside what it is about."""

from pathlib import Path

from strangler_proxy.state import StateFolder

REPORT = "verify.json"


def kept(out: Path) -> StateFolder:
    """The folder for what is not committed, inside a generated application."""
    return StateFolder(out / ".strangler" / "state")
