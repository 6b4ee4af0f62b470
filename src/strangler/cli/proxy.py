"""`strangler proxy`: the routing proxy between the clients and both applications."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from strangler.cli.cutover import ConfigOption, Cutover, PathArgument, configured
from strangler.errors import EnvironmentProblem, ExitCode

if TYPE_CHECKING:
    from collections.abc import Callable

    from strangler.config import Config
    from strangler_proxy.table import Catalogue


def command(
    path: PathArgument = Path(),
    config: ConfigOption = None,
    log: Annotated[
        Path | None, typer.Option(help="The access log; default: standard output.")
    ] = None,
    no_log: Annotated[bool, typer.Option("--no-log", help="Write no access log.")] = False,
) -> ExitCode:
    """Send each request to the application that its route names; compare, count, change live."""
    from strangler_proxy.admin import check_address
    from strangler_proxy.operating import Office, operate
    from strangler_proxy.settings import address, settings_of
    from strangler_proxy.state import TOKEN_VARIABLE, StateFolder

    found = configured(config, path)
    admin = address(found.proxy.admin)
    check_address(admin, chosen=bool(os.environ.get(TOKEN_VARIABLE)))
    cutover = Cutover.of(found)
    folder = StateFolder.of(found)
    settings = settings_of(found, folder.key().encode(), log=None if no_log else _writer(log))
    office = Office(
        admin,
        folder.token(),
        cutover.state.file,
        folder.ensure(),
        cutover.store(),
        found.ignore,
    )

    def ready(port: int, admin_port: int) -> None:
        print(
            f"proxy at http://{settings.listen.host}:{port}, "
            f"admin at http://{admin.host}:{admin_port}",
            file=sys.stderr,
            flush=True,
        )

    operate(settings, catalogue_of(found, cutover), office, ready=ready)
    return ExitCode.DONE


def catalogue_of(config: Config, cutover: Cutover) -> Catalogue:
    """Legacy's URL table, as the project itself says it now."""
    from strangler.legacy import read_facts
    from strangler_proxy.table import Catalogue

    return Catalogue.of(read_facts(config), cutover.ledger.served)


def _writer(log: Path | None) -> Callable[[bytes], object]:
    from strangler_proxy.access_log import to_descriptor

    if log is None:
        return to_descriptor(sys.stdout.fileno())
    try:
        return to_descriptor(os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o640))
    except OSError as error:
        raise EnvironmentProblem(f"{log} cannot be written: {error.strerror}") from error
