"""`strangler demo`: a whole migration on the sample shop, in one command."""

from __future__ import annotations

import json
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from strangler.cli.page import plain
from strangler.cli.up import Printer, hold
from strangler.errors import ExitCode, OutputError, UsageError

if TYPE_CHECKING:
    from strangler.demo.play import Figures, Play


def command(
    report: Annotated[Path | None, typer.Option(help="Write the figures as JSON.")] = None,
    keep: Annotated[
        bool, typer.Option("--keep", help="Leave everything running, until Ctrl-C.")
    ] = False,
    folder: Annotated[
        Path | None, typer.Option(help="Where it plays; default: a temporary folder.")
    ] = None,
) -> ExitCode:
    """Convert the sample shop, verify it, and move it to FastAPI while visitors use it."""
    from strangler.demo.play import Play

    if folder is not None and folder.exists() and any(folder.iterdir()):
        raise UsageError(f"{folder} is not empty", hint="name another one with --folder")
    console = plain()
    place = folder or Path(tempfile.mkdtemp(prefix="strangler-demo-"))
    stage = _Stage(console)
    play = Play(place.absolute(), stage.title, stage.note, _quiet)
    try:
        figures = play.perform()
        stage.end()
        _write(report, figures)
        _show(console, figures)
        if not keep:
            console.print(_NEXT)
        else:
            _hold(console, play)
    finally:
        stage.end()
        play.close()
        if folder is None:
            shutil.rmtree(place, ignore_errors=True)
    return ExitCode.DONE if figures.good else ExitCode.FINDINGS


def _quiet(name: str, line: str) -> None:
    """What the applications print is no part of the play."""


_NEXT = """
Next, in the folder of your own project:

    strangler init          look at it, write strangler.toml
    strangler inspect       what it holds, what holds it back
    strangler convert       write the FastAPI application beside it
    strangler verify        run both, compare their answers
    strangler up            run both and the proxy

or `strangler demo --keep` to look around in this one."""


class _Stage:
    """Shows acts as they are played: a spinner on a terminal, plain lines elsewhere."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._status = console.status("") if console.is_terminal else None
        self._number = 0
        self._now = ""

    def title(self, text: str) -> None:
        """An act begins."""
        self._number += 1
        self._now = f"{self._number}. {text}"
        self._console.print(f"[bold]{escape(self._now)}[/bold]")
        if self._status is not None:
            self._status.update(text)
            self._status.start()

    def note(self, text: str) -> None:
        """A line about it; counts of what is done go to the spinner only."""
        counts = text[:1].isdigit() and " of " in text[:9] and ": " in text
        if self._status is not None and (counts or not text):
            self._status.update(text)
        elif text and not counts:
            self._console.print(f"   {escape(text)}", style="dim")

    def end(self) -> None:
        """No more acts."""
        if self._status is not None:
            self._status.stop()


def _show(console: Console, figures: Figures) -> None:
    console.print()
    _show_caught(console, figures)
    data = figures.json()
    table = Table("", "", box=None, show_header=False)
    drf = [each for each in figures.report["endpoints"] if each["kind"] == "drf"]
    done = sum(each["status"] != "legacy" for each in drf)
    table.add_row("endpoints converted", f"{done} of {len(drf)}")
    schema = figures.schema
    if schema is not None:
        table.add_row("schema", f"{schema.tables} tables, {len(schema.differences)} differences")
    table.add_row("verified", ", ".join(f"{n} {name}" for name, n in data["verify"].items()))
    for phase in figures.moved.phases:
        shown = ", ".join(f"{count} by {side}" for side, count in phase.answers.items())
        table.add_row(f"  {phase.title}", f"{phase.endpoints} endpoints, answers: {shown}")
    table.add_row("compared live", ", ".join(f"{n} {v}" for v, n in data["compared"].items()))
    traffic = data["traffic"]
    table.add_row(
        "requests",
        f"{traffic['requests']}, {traffic['failed']} failed; "
        f"p50 {traffic['p50'] * 1000:.0f} ms, p99 {traffic['p99'] * 1000:.0f} ms",
        style="bold" if not traffic["failed"] else "red",
    )
    table.add_row("seconds", f"{data['seconds']['all']:.0f}")
    console.print(table)
    for failure in traffic["failures"]:
        console.print(escape(f"failed: {failure}"), style="red")
    for name in figures.moved.held:
        console.print(escape(f"left on legacy, it answers differently: {name}"), style="red")


def _show_caught(console: Console, figures: Figures) -> None:
    caught = figures.caught
    if caught is None:
        return
    lines = (
        f"caught after {caught.found_after:.1f} s: {caught.endpoint}",
        f"  {caught.category} at {caught.pointer}: legacy {caught.legacy}, new {caught.new}",
        f"  legacy  {caught.sources[0]}",
        f"  new     {caught.sources[1]}",
        f"rolled back in {caught.rolled_back_after:.1f} s by `strangler route rollback`: "
        "legacy answers again",
    )
    for line in lines:
        console.print(escape(line), style="yellow", soft_wrap=True)
    console.print()


def _hold(console: Console, play: Play) -> None:
    scene = play.scene
    listen = scene.config.proxy.listen
    lines = (
        "",
        f"The shop runs at http://{listen}/api/products/ until Ctrl-C. In another terminal:",
        "",
        f"    cd {scene.folder}",
        "    strangler status",
        "    strangler route history",
        f"    strangler route set 'GET /api/products/{{pk}}/' --mode shadow   # see {scene.file}",
        "",
    )
    for line in lines:
        console.print(escape(line), soft_wrap=True)
    play.group.show(Printer(console))
    hold(play.group)


def _write(file: Path | None, figures: Figures) -> None:
    if file is None:
        return
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        text = json.dumps(figures.json(), indent=1, ensure_ascii=False)
        file.write_text(f"{text}\n", encoding="utf-8")
    except OSError as error:
        text = f"the report cannot be written: {error.strerror}"
        raise OutputError(text, source=str(file)) from error
