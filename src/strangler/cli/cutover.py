"""What the commands of the cutover share: configuration, ledger, route state."""

from __future__ import annotations

import getpass
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from strangler.config import Config, discover, load, resolve
from strangler.errors import UsageError

if TYPE_CHECKING:
    from strangler.convert.ledger import Ledger
    from strangler_proxy.editing import RouteState

ConfigOption = Annotated[
    Path | None, typer.Option("--config", help="strangler.toml; default: the one here.")
]
PathArgument = Annotated[
    Path, typer.Argument(help="The folder of strangler.toml, or of manage.py.")
]


def configured(config: Path | None, path: Path = Path()) -> Config:
    """The configuration that a command line means."""
    if config is None:
        if not path.is_dir():
            raise UsageError(f"there is no folder {path}")
        return resolve(discover(path))
    if not config.is_file():
        raise UsageError(f"there is no file {config}")
    return resolve(load(config))


@dataclass(frozen=True)
class Cutover:
    """A project whose endpoints move."""

    config: Config
    ledger: Ledger
    state: RouteState

    @classmethod
    def of(cls, config: Config) -> Cutover:
        """Raises UsageError where no application was generated."""
        from strangler.convert.ledger import read_ledger
        from strangler_proxy.editing import RouteState
        from strangler_proxy.state import StateFolder, file_of

        ledger = read_ledger(config.at(config.new.path))
        state = RouteState(
            file_of(config, config.proxy.routes, "routes"),
            StateFolder.of(config).path,
            ledger.endpoints.keys(),
            ledger.served,
        )
        return cls(config, ledger, state)

    def store(self) -> Path:
        """The file of the differences found."""
        from strangler_proxy.state import file_of

        return file_of(self.config, self.config.proxy.store, "store")


def person() -> str:
    """Who runs a command."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container's user without a name
        return "unknown"
