"""What is printed on. What the project says stays as it is: its line 100 is no picture."""

import os

from rich.console import Console

_WIDE = 160


def page() -> Console:
    """Standard output: as wide as the terminal; in files and pipes wide enough for whole lines."""
    console = plain()
    if not console.is_terminal and "COLUMNS" not in os.environ:
        console.width = _WIDE
    return console


def plain(*, soft_wrap: bool = False, stderr: bool = False, quiet: bool = False) -> Console:
    """A console that shows numbers, paths and `:words:` as they are written."""
    return Console(highlight=False, emoji=False, soft_wrap=soft_wrap, stderr=stderr, quiet=quiet)
