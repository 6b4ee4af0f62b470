"""`strangler verify`: run both applications on twin databases, compare answers and rows."""

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Annotated, TypeVar

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from strangler.cli.configured import configured
from strangler.cli.last_report import Sources, dated, remember
from strangler.cli.options import (
    EndpointsArgument,
    JsonOption,
    OutOption,
    PythonOption,
    ReportOption,
    SeedOption,
    SettingsOption,
    TwinsOption,
)
from strangler.cli.page import page, plain
from strangler.cli.reporting import check_report, config_option, typed, write_report
from strangler.config import FILE_NAME
from strangler.convert.ledger import Ledger, read_ledger
from strangler.diff import Accepted
from strangler.endpoint import Endpoint as Name
from strangler.endpoint import meant
from strangler.errors import ExitCode, UsageError
from strangler.facts import Endpoint, Facts
from strangler.legacy import read_facts
from strangler.serving.programs import project_of
from strangler.verify.emit import emitted
from strangler.verify.origins import Origins, Places
from strangler.verify.pages import html, junit
from strangler.verify.project import Project
from strangler.verify.report import Report
from strangler.verify.session import Options, verify
from strangler.verify.session import Progress as Advance
from strangler.verify.table import Typed, show

T = TypeVar("T")


def command(  # a command's parameters are its options
    arguments: EndpointsArgument = None,
    out: OutOption = None,
    report: ReportOption = None,
    as_html: Annotated[
        Path | None, typer.Option("--html", help="Write it as one HTML file.")
    ] = None,
    as_junit: Annotated[
        Path | None, typer.Option("--junit", help="Write it as JUnit's XML.")
    ] = None,
    tests: Annotated[
        Path | None,
        typer.Option("--emit-tests", help="Write the differences as pytest's tests, one file."),
    ] = None,
    cases: Annotated[int, typer.Option(min=1, help="Cases per endpoint, about.")] = 100,
    seed: SeedOption = 0,
    database: TwinsOption = None,
    settings: SettingsOption = None,
    interpreter: PythonOption = None,
    allow: Annotated[
        list[str] | None,
        typer.Option(metavar="HOST:PORT", help="A service that both may reach; repeat for more."),
    ] = None,
    strict: Annotated[bool, typer.Option("--strict", help="Exit 1 unless all are equal.")] = False,
    as_json: JsonOption = False,
    itself: Annotated[bool, typer.Option("--against-itself", hidden=True)] = False,
) -> ExitCode:
    """Compare both applications' answers and rows, request by request, on twin databases."""
    path, names = split(arguments or [])
    for file in (report, as_html, as_junit, tests):
        check_report(file)
    config = configured(path, settings=settings, python=interpreter, out=out)
    ledger = Ledger() if itself else read_ledger(config.at(config.new.path))
    served = None if itself else ledger.served
    facts = read_facts(config)
    project = replace(project_of(config, facts.settings_module), services=tuple(allow or ()))
    endpoints = chosen(facts, served, names)
    accepted = Accepted(config.ignore)
    options = Options(cases=cases, seed=seed, url=database, mirror=itself, accepted=accepted)
    result = dated(_run(project, facts, endpoints, options, quiet=as_json), project.out)
    result = result.placed(Origins(project.path, project.out, _places(ledger)))
    again = partial(
        typed, "verify", path, settings=settings, python=interpreter, out=out, database=database
    )
    _write_pages(result, ledger, as_html, as_junit)
    if tests:
        given = {"settings": settings, "database": database}
        write_report(tests, emitted(result, tests, project.path, out, interpreter, **given))
    if not itself:
        sources = Sources(project.path, project.out)
        remember(project.out, document(result), result, ledger, sources)
    explain, move = partial(_explaining, path, out), partial(_moving, path, out)
    _tell(result, report, again, explain, move, as_json=as_json)
    return _exit_code(result, strict=strict)


def _write_pages(result: Report, ledger: Ledger, page: Path | None, suite: Path | None) -> None:
    places = _places(ledger)
    if page:
        write_report(page, html(result, places))
    if suite:
        write_report(suite, junit(result, places))


def _places(ledger: Ledger) -> Places:
    return {each.id: (each.source, each.new_source) for each in ledger.endpoints.values()}


def split(arguments: Sequence[str]) -> tuple[Path, list[str]]:
    """PATH, if the first argument is none of the endpoints, and the endpoints."""
    first = arguments[0] if arguments else ""
    method, blank, target = first.partition(" ")
    is_endpoint = bool(blank) and method.isupper() and target.startswith("/")
    path = Path() if is_endpoint or not arguments else Path(first)
    names = list(arguments if is_endpoint else arguments[1:])
    for name in names:
        try:
            Name.parse(name)
        except ValueError as error:
            raise UsageError(str(error)) from error
    return path, names


def chosen(facts: Facts, served: Sequence[str] | None, names: Sequence[str]) -> list[Endpoint]:
    known = {each.id: each for each in facts.endpoints}
    if served is None:
        served = [each.id for each in facts.endpoints if each.kind == "drf"]
    for name in names:
        if name not in known:
            raise UsageError(f"legacy has no endpoint {name!r}", hint=meant(name, known))
        if name not in served:
            reason = f"{name!r} is not converted: there is nothing to compare"
            raise UsageError(reason, hint="strangler convert says what holds it back")
    wanted = [name for name in names or served if name in known]
    if not wanted:
        raise UsageError("no endpoint is converted: there is nothing to compare")
    return [known[name] for name in wanted]


def _run(
    project: Project, facts: Facts, endpoints: Sequence[Endpoint], options: Options, *, quiet: bool
) -> Report:
    return with_progress(
        lambda progress: verify(project, facts, endpoints, options, progress),
        len(endpoints),
        quiet=quiet,
    )


def with_progress(work: Callable[[Advance], T], total: int, *, quiet: bool) -> T:
    """Do it with a progress bar, on a terminal only."""
    console = plain(stderr=True)
    if quiet or not console.is_terminal:
        return work(lambda name, done, total: None)
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("twins", total=total)

        def progress(name: str, done: int, total: int) -> None:
            bar.update(task, description=name, completed=done, total=total)

        return work(progress)


def _explaining(path: Path, out: Path | None, finding: str) -> str:
    where = () if path == Path() else (str(path),)
    return typed("explain", Path(), finding, *where, out=out)


def _moving(path: Path, out: Path | None, endpoint: str) -> str:
    """Into shadow; where no strangler.toml says what `route` works with, that is written first."""
    if not any((each / FILE_NAME).is_file() for each in (path, Path())):
        return typed("init", path, out=out)
    return typed("route set", Path(), endpoint, mode="shadow", **config_option(path))


def _tell(
    result: Report,
    file: Path | None,
    again: Typed,
    explain: Typed,
    move: Typed,
    *,
    as_json: bool,
) -> None:
    write_report(file, document(result))
    if as_json:
        print(document(result), end="")
    else:
        show(result, page(), again, explain, move)


def document(result: Report) -> str:
    """The report file's text."""
    return json.dumps(result.json(), indent=1, ensure_ascii=False) + "\n"


def _exit_code(result: Report, *, strict: bool) -> ExitCode:
    verdicts = {each.verdict for each in result.endpoints}
    found = verdicts != {"equal"} if strict else "different" in verdicts
    return ExitCode.FINDINGS if found else ExitCode.DONE
