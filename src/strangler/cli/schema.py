"""`strangler schema`: the generated tables and the live database."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.markup import escape

from strangler.config import discover, resolve
from strangler.errors import ExitCode

if TYPE_CHECKING:
    from strangler.schema.check import Outcome

command = typer.Typer(
    add_completion=False,
    rich_markup_mode=None,
    no_args_is_help=True,
    help="Compare the generated tables with the live database.",
)


@command.callback()
def _group() -> None:
    """Compare the generated tables with the live database."""


@command.command("check")
def check_schema(
    path: Annotated[Path, typer.Argument(help="The folder of manage.py.")] = Path(),
    out: Annotated[Path | None, typer.Option(help="The generated application.")] = None,
    database: Annotated[
        str | None, typer.Option(help="Another database than legacy's own, as a URL.")
    ] = None,
    settings: Annotated[str | None, typer.Option(help="The settings module.")] = None,
    python: Annotated[str | None, typer.Option(help="The legacy interpreter.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> ExitCode:
    """Exit 1 unless both catalogues are alike and Alembic's autogenerate finds nothing to do."""
    from strangler.convert.ledger import read_ledger
    from strangler.legacy import read_facts
    from strangler.schema.check import Tables, check
    from strangler.serving.programs import hello_of, project_of, secrets_of

    config = resolve(
        discover(path),
        legacy_path=str(path) if path != Path() else None,
        legacy_settings=settings,
        legacy_python=python,
        new_path=str(out) if out else None,
    )
    project = project_of(config)
    ledger = read_ledger(project.out)
    facts = read_facts(config)
    tables = Tables.of(facts, ledger.models)
    environment = secrets_of(project, hello_of(project))
    if database is not None:
        environment["DATABASE_URL"] = database
    outcome = check(replace(project, seconds=120.0), environment, tables)
    if as_json:
        print(json.dumps(asdict(outcome), indent=1, ensure_ascii=False))
    else:
        show(outcome, Console(highlight=False, soft_wrap=True))
    return ExitCode.FINDINGS if outcome.differences else ExitCode.DONE


def show(outcome: Outcome, console: Console) -> None:
    """Print the differences, table by table."""
    for table in sorted({each.table for each in outcome.differences}):
        console.print(escape(table), style="bold")
        for each in outcome.differences:
            if each.table == table:
                sign = {"a": "+", "r": "-"}.get(each.kind[:1], "~")
                style = {"+": "green", "-": "red"}.get(sign, "yellow")
                console.print(escape(f"  {sign} {each.what}"), style=style)
    for note in outcome.notes:
        console.print(escape(f"note: {note}"), style="dim")
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
