"""Which bodies to port next, as `inspect`, `convert` and `status` show them."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from strangler.cli.reporting import typed

_SHOWN = 5

Json = dict[str, Any]


def begin_with(path: Path, **options: object) -> str:
    """The command that drafts NAME, as people type it."""
    given = [str(path)] if path != Path() else []
    return typed("draft", Path(), "NAME", *given, **options)


def show_bodies(
    console: Console, bodies: Sequence[Json] | None, begin: str = "strangler draft NAME"
) -> None:
    """The next body to port in a line, then the first few with the command that begins each."""
    worth = [each for each in bodies or () if each["unlocks"]]
    if not worth:
        return
    first = worth[0]
    console.print()
    console.print(
        f"[bold]next body to port:[/bold] {escape(first['name'])} ({escape(first['source'])}) "
        f"unlocks {_endpoints(first['unlocks'])}",
        highlight=False,
        soft_wrap=True,
    )
    table = Table(box=None, pad_edge=False)
    for title in ("unlocks", "shares", "where", "to begin"):
        table.add_column(title, overflow="fold")
    for each in worth[:_SHOWN]:
        command = begin.replace("NAME", each["name"])
        shared = str(each["among"] or "")
        table.add_row(str(each["unlocks"]), shared, escape(each["source"]), escape(command))
    console.print(table)
    if len(worth) > _SHOWN:
        console.print(f"and {len(worth) - _SHOWN} more: --json", highlight=False)


def _endpoints(count: int) -> str:
    return f"{count} endpoint{'' if count == 1 else 's'}"
