"""What tables are printed on."""

import os

from rich.console import Console

_WIDE = 160


def page() -> Console:
    """Standard output: as wide as the terminal; in files and pipes wide enough for whole lines."""
    console = Console(highlight=False)
    if not console.is_terminal and "COLUMNS" not in os.environ:
        console.width = _WIDE
    return console
