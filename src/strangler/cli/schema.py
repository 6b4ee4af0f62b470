"""`strangler schema`: the generated tables and the live database."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.markup import escape

from strangler.cli.configured import configured
from strangler.cli.options import (
    JsonOption,
    OutOption,
    PathArgument,
    PythonOption,
    SettingsOption,
)
from strangler.cli.page import plain
from strangler.errors import ExitCode, StranglerError

if TYPE_CHECKING:
    from strangler.schema.baseline import Written
    from strangler.schema.catalogue import Difference
    from strangler.schema.check import Outcome, Tables
    from strangler.schema.ci import Judgement, Pending
    from strangler.schema.handover import Handover
    from strangler.verify.project import Project

command = typer.Typer(
    add_completion=False,
    rich_markup_mode=None,
    no_args_is_help=True,
    help="Check the tables; hand them over to Alembic.",
)

DatabaseOption = Annotated[
    str | None, typer.Option("--database", help="Another database than legacy's own, as a URL.")
]
ScratchOption = Annotated[
    str | None,
    typer.Option(
        "--scratch", help="Where scratch databases are made, as a URL; beside the live one."
    ),
]
StampOption = Annotated[bool, typer.Option("--stamp/--no-stamp", help="Stamp the database.")]


@dataclass(frozen=True)
class Subject:
    """What the commands work on: both applications, and the tables that models describe."""

    project: Project
    tables: Tables

    def beside(self, environment: Mapping[str, str], scratch: str | None) -> str | None:
        """Where scratch databases are made, of the live one's kind; None: on its own server."""
        from strangler.schema.databases import scratch_of

        return scratch_of(environment["DATABASE_URL"], scratch)

    def environment(self, database: str | None) -> Mapping[str, str]:
        """What the new application needs, with another database where one is named."""
        from strangler.schema.databases import named
        from strangler.serving.programs import hello_of, secrets_of

        url = None if database is None else named(database)
        hello = hello_of(self.project)
        if url is None:
            return secrets_of(self.project, hello)
        return {**hello["secrets"], "DATABASE_URL": url, "MEDIA_ROOT": str(hello["media"])}


def subject(path: Path, out: Path | None, settings: str | None, python: str | None) -> Subject:
    """From the options that every command has."""
    from strangler.convert.ledger import read_ledger
    from strangler.legacy import read_facts
    from strangler.schema.check import Tables
    from strangler.serving.programs import project_of

    config = configured(path, settings=settings, python=python, out=out)
    project = replace(project_of(config), seconds=120.0)
    ledger = read_ledger(project.out)
    return Subject(project, Tables.of(read_facts(config), ledger.models))


@command.callback()
def _group() -> None:
    """Check the tables; hand them over to Alembic."""


@command.command("check")
def check_schema(
    path: PathArgument = Path(),
    out: OutOption = None,
    database: DatabaseOption = None,
    scratch: ScratchOption = None,
    ci: Annotated[
        bool, typer.Option("--ci", help="Judge new Django migrations instead; needs no database.")
    ] = False,
    settings: SettingsOption = None,
    python: PythonOption = None,
    as_json: JsonOption = False,
) -> ExitCode:
    """Exit 1 unless both catalogues are alike and Alembic's autogenerate finds nothing to do."""
    chosen = subject(path, out, settings, python)
    console = plain(soft_wrap=True)
    if ci:
        from strangler.schema.ci import judge

        judgement = judge(chosen.project, chosen.tables.wanted)
        _print_json(asdict(judgement)) if as_json else show_judgement(judgement, console)
        return ExitCode.DONE if judgement.passes else ExitCode.FINDINGS
    from strangler.schema.check import check
    from strangler.schema.ci import pending
    from strangler.schema.revisions import refuse_alembics

    refuse_alembics(chosen.project.out)
    environment = chosen.environment(database)
    beside = chosen.beside(environment, scratch)
    outcome = check(chosen.project, environment, chosen.tables, beside)
    try:
        waiting = pending(chosen.project)
    except StranglerError:  # what was compared is worth telling
        if not as_json:
            show(outcome, console)
        raise
    if as_json:
        _print_json({**asdict(outcome), "pending": [asdict(each) for each in waiting]})
    else:
        show_pending(waiting, console)
        show(outcome, console)
    found = bool(outcome.differences) or any(each.missing for each in waiting)
    return ExitCode.FINDINGS if found else ExitCode.DONE


@command.command("baseline")
def write_baseline(
    path: PathArgument = Path(),
    out: OutOption = None,
    database: DatabaseOption = None,
    scratch: ScratchOption = None,
    stamp: StampOption = True,
    settings: SettingsOption = None,
    python: PythonOption = None,
    as_json: JsonOption = False,
) -> ExitCode:
    """Write an Alembic environment that builds an empty database as the live one is."""
    from strangler.schema.baseline import baseline

    chosen = subject(path, out, settings, python)
    environment = chosen.environment(database)
    beside = chosen.beside(environment, scratch)
    written = baseline(chosen.project, environment, chosen.tables, scratch=beside, stamp=stamp)
    return _told(written, chosen, as_json)


@command.command("sync")
def sync_revisions(
    path: PathArgument = Path(),
    out: OutOption = None,
    database: DatabaseOption = None,
    scratch: ScratchOption = None,
    stamp: StampOption = True,
    settings: SettingsOption = None,
    python: PythonOption = None,
    as_json: JsonOption = False,
) -> ExitCode:
    """Write an Alembic revision for each Django migration that came since."""
    from strangler.schema.sync import sync

    chosen = subject(path, out, settings, python)
    environment = chosen.environment(database)
    beside = chosen.beside(environment, scratch)
    written = sync(chosen.project, environment, scratch=beside, stamp=stamp)
    return _told(written, chosen, as_json)


@command.command("handover")
def hand_over_schema(
    path: PathArgument = Path(),
    out: OutOption = None,
    database: DatabaseOption = None,
    back: Annotated[bool, typer.Option("--back", help="Give the schema back to Django.")] = False,
    scratch: ScratchOption = None,
    settings: SettingsOption = None,
    python: PythonOption = None,
    as_json: JsonOption = False,
) -> ExitCode:
    """Let Alembic own the schema from now on, or Django again; exit 1 names what is in the way."""
    from strangler.schema.handover import hand_back, hand_over

    chosen = subject(path, out, settings, python)
    environment = chosen.environment(database)
    if back:
        done = hand_back(chosen.project, environment)
    else:
        beside = chosen.beside(environment, scratch)
        done = hand_over(chosen.project, environment, chosen.tables, scratch=beside)
    _print_json(asdict(done)) if as_json else _show_handover(done, chosen)
    return ExitCode.FINDINGS if done.obstacles or done.differences else ExitCode.DONE


def _show_handover(done: Handover, chosen: Subject) -> None:
    console = plain(soft_wrap=True)
    show_differences(done.differences, console)
    show_notes(done.notes, console)
    for each in done.obstacles:
        console.print(escape(each), style="red")
    for file in done.files:
        console.print(escape(f"changed: {chosen.project.path / file}"))
    verb = "owns" if done.files or not (done.obstacles or done.differences) else "still owns"
    console.print(f"{done.owner.capitalize()} {verb} the schema")


def _told(written: Written, chosen: Subject, as_json: bool) -> ExitCode:
    """Print what was written, or why nothing was."""
    console = plain(soft_wrap=True)
    if as_json:
        _print_json(asdict(written))
    elif written.differences:
        show_differences(written.differences, console)
        show_notes(written.notes, console)
        console.print("\nnothing is written: models, database and migrations have to be alike")
    else:
        for file in written.files:
            console.print(escape(f"written: {chosen.project.out / file}"))
        show_notes(written.notes, console)
        if not written.files:
            console.print("no migration is new: there is nothing to write")
        if written.stamped:
            console.print(f"the database is stamped with {written.stamped}")
    return ExitCode.FINDINGS if written.differences else ExitCode.DONE


def _print_json(document: Mapping[str, object]) -> None:
    print(json.dumps(document, indent=1, ensure_ascii=False))


def show(outcome: Outcome, console: Console) -> None:
    """Print the differences, or that there are none."""
    show_differences(outcome.differences, console)
    show_notes(outcome.notes, console)
    count = len(outcome.differences)
    if count:
        plural = "s" if count > 1 else ""
        console.print(
            f"\n{count} difference{plural} between the models and the {outcome.dialect} database"
        )
    else:
        console.print(
            f"{outcome.tables} tables: the models equal the {outcome.dialect} database; "
            "Alembic's autogenerate is empty"
        )


def show_notes(notes: Sequence[str], console: Console) -> None:
    """Print what is not alike and makes no difference."""
    for note in notes:
        console.print(escape(f"note: {note}"), style="dim")


def show_differences(differences: Sequence[Difference], console: Console) -> None:
    """Print differences under the names of their tables."""
    for table in sorted({each.table for each in differences}):
        console.print(escape(table), style="bold")
        for each in differences:
            if each.table == table:
                sign = {"a": "+", "r": "-"}.get(each.kind[:1], "~")
                style = {"+": "green", "-": "red"}.get(sign, "yellow")
                console.print(escape(f"  {sign} {each.what}"), style=style)


def show_pending(waiting: Sequence[Pending], console: Console) -> None:
    """Print the changes of models that no migration makes, a line for each."""
    for each in waiting:
        text = f"{each.source}: {each.model} has a change without a migration: {each.what}"
        if each.missing:
            console.print(escape(text), style="red")
        else:
            console.print(escape(f"note: {text}"), style="dim")
    if any(each.missing for each in waiting):
        console.print("next: manage.py makemigrations")


def show_judgement(judgement: Judgement, console: Console) -> None:
    """Print what breaks, a line for each operation."""
    show_pending(judgement.pending, console)
    for each in judgement.doubts:
        console.print(escape(f"note: {each.source}: {each.migration} {each.what}"), style="dim")
    for each in judgement.breaks:
        console.print(escape(f"{each.source}: {each.migration} {each.what}"), style="red")
    new, bad = len(judgement.new), len({each.migration for each in judgement.breaks})
    migrations = f"{new} migration{'' if new == 1 else 's'} since the conversion"
    if not bad:
        console.print(f"{migrations}, none breaks the running application")
        return
    verb = "breaks" if bad == 1 else "break"
    console.print(f"\n{migrations}, {bad} {verb} the running application")
    console.print("next: take it in two releases, as docs/schema.md says")
