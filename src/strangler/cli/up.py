"""`strangler up`: legacy, the new application and the proxy, together."""

from __future__ import annotations

import http.client
import json
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from rich.console import Console
from rich.text import Text

from strangler.cli.cutover import ConfigOption, Cutover, PathArgument, configured
from strangler.cli.page import plain
from strangler.errors import EnvironmentProblem, ExitCode

if TYPE_CHECKING:
    from strangler.serving.processes import Group

_COLOURS = {"legacy": "yellow", "new": "green", "proxy": "cyan"}
_LOOK = 0.2
#: Seconds for the new application to say whether it is ready.
_PATIENCE = 6.0


def command(path: PathArgument = Path(), config: ConfigOption = None) -> ExitCode:
    """Start both applications and the proxy; stop them together with Ctrl-C."""
    from strangler.serving import programs
    from strangler.serving.processes import Group
    from strangler_proxy.state import StateFolder

    found = configured(config, path)
    Cutover.of(found).state.routes()  # what is wrong there is said before anything is started
    project = programs.project_of(found)
    hello = programs.hello_of(project)
    arguments = ["--config", str(config.absolute())] if config else [str(path.absolute())]
    console = plain(soft_wrap=True)
    with Group(printer(console)) as group, stoppable() as stop:
        group.start(
            programs.legacy_program(found, project),
            programs.new_program(found, project, hello, StateFolder.of(found).key()),
        )
        group.start(programs.proxy_program(found, *arguments))
        console.print(
            f"\nready: http://{found.proxy.listen} "
            f"(legacy {found.legacy.url}, new {found.new.url}); Ctrl-C stops all\n",
            style="bold",
        )
        for line in _unready(found.new.url):
            console.print(line, style="yellow")
        _wait(group, stop)
    return ExitCode.DONE


def _unready(url: str) -> Iterator[str]:
    """What the new application says of its database, where it is not ready."""
    place = urlsplit(url)
    connection = http.client.HTTPConnection(place.netloc, timeout=_PATIENCE)
    try:
        connection.request("GET", "/readyz")
        answer = connection.getresponse()
        said = json.loads(answer.read())
    except (OSError, http.client.HTTPException, ValueError):  # the project answers it itself
        return
    finally:
        connection.close()
    if answer.status == 503 and isinstance(said, dict):
        missing = [str(each) for each in said.get("missing", ())]
        names = ", ".join([*missing[:3], *(["…"] if missing[3:] else [])])
        yield f"but the new application is not: {said.get('status')}{names and f' ({names})'}"
        if missing:
            yield "next: python manage.py migrate, in legacy's folder"


def _wait(group: Group, stop: threading.Event) -> None:
    """Until somebody stops us, or a child ends by itself."""
    while not stop.wait(_LOOK):
        child = group.dead()
        if child is not None:
            raise EnvironmentProblem(
                f"{child.program.name} ended with exit code {child.code}; the others were stopped"
            )


def printer(console: Console) -> Printer:
    """Print lines of children with their names in front."""
    return Printer(console)


class Printer:
    """Prints from several threads, one line after the other."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._lock = threading.Lock()

    def __call__(self, name: str, line: str) -> None:
        """Print a line; what a terminal would act upon is left out."""
        shown = "".join(c for c in line.expandtabs() if c.isprintable())
        text = Text(f"{name:<6} │ ", style=_COLOURS.get(name, "")) + Text(shown, style="default")
        with self._lock:
            self._console.print(text)


@contextmanager
def stoppable() -> Iterator[threading.Event]:
    """An event that SIGINT and SIGTERM set, so that children are stopped in their order."""
    stop = threading.Event()
    before = {
        number: signal.signal(number, lambda *_: stop.set())
        for number in (signal.SIGINT, signal.SIGTERM)
    }
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def hold(group: Group) -> None:
    """Keep children running until somebody stops them."""
    with stoppable() as stop:
        while not stop.is_set() and group.dead() is None:
            time.sleep(_LOOK)
