"""Commands that are listed without being imported, so that `--help` answers at once."""

from importlib import import_module
from typing import Any

import typer
from typer.core import TyperCommand


class LazyCommand(TyperCommand):
    """Stands for `strangler.cli.<name>.command` until it is called.

    `command` is a function with Typer's annotations, or a `typer.Typer` for a command that has
    commands of its own. Its return value, an `ExitCode` or None, is the exit code.
    """

    def __init__(self, name: str, summary: str) -> None:
        super().__init__(name, help=summary)

    # Typer keeps the context's class private: `Any` is all that can be written here.
    def make_context(
        self, info_name: str | None, args: list[str], parent: Any = None, **extra: Any
    ) -> Any:
        """Import the command and let it parse its own arguments."""
        app = import_module(f"strangler.cli.{self.name}").command
        if not isinstance(app, typer.Typer):
            function, app = app, typer.Typer(add_completion=False, rich_markup_mode=None)
            app.command(self.name)(function)
        return typer.main.get_command(app).make_context(info_name, args, parent=parent, **extra)
