"""`strangler diff audit`: would a fault be noticed, or do rules and pairing hide it?"""

import json
import sys

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from strangler.cli.configured import configured
from strangler.cli.options import (
    EndpointsArgument,
    JsonOption,
    PythonOption,
    SeedOption,
    SettingsOption,
    TwinsOption,
)
from strangler.cli.page import page
from strangler.cli.verify import chosen, split, with_progress
from strangler.diff import Accepted
from strangler.errors import ExitCode
from strangler.legacy import read_facts
from strangler.serving.programs import project_of
from strangler.verify.audit import Audit, audit
from strangler.verify.session import Options

_SHOWN = 30
command = typer.Typer(add_completion=False, rich_markup_mode=None, no_args_is_help=True)


@command.callback()
def _group() -> None:
    """Look after the comparison itself."""


@command.command("audit")
def audited(  # a command's parameters are its options
    arguments: EndpointsArgument = None,
    seed: SeedOption = 0,
    database: TwinsOption = None,
    settings: SettingsOption = None,
    interpreter: PythonOption = None,
    as_json: JsonOption = False,
) -> ExitCode:
    """Plant faults in legacy's own answers; say which [[ignore]] or pairing would hide."""
    path, names = split(arguments or [])
    config = configured(path, settings=settings, python=interpreter)
    facts = read_facts(config)
    project = project_of(config, facts.settings_module)
    options = Options(seed=seed, url=database, accepted=Accepted(config.ignore))
    endpoints = chosen(facts, None, names)
    found = with_progress(
        lambda progress: audit(project, facts, endpoints, options, progress),
        len(endpoints),
        quiet=as_json or not sys.stderr.isatty(),
    )
    if as_json:
        print(json.dumps(found.json(), indent=1, ensure_ascii=False))
    else:
        _show(page(), found)
    return ExitCode.FINDINGS if _hidden(found) else ExitCode.DONE


def _hidden(found: Audit) -> bool:
    """Whether rules of the project's own hide faults; that fresh values differ nobody can help."""
    return any(each.reason.startswith("accepted") for each in found.missed)


def _show(console: Console, found: Audit) -> None:
    missed: dict[str, int] = {}
    for each in found.missed:
        missed[each.kind] = missed.get(each.kind, 0) + each.count
    table = Table(box=None, pad_edge=False)
    for title in ("fault", "planted", "missed"):
        table.add_column(title, justify="left" if title == "fault" else "right")
    for kind, planted in sorted(found.planted.items()):
        count = missed.get(kind, 0)
        table.add_row(kind, str(planted), f"[red]{count}[/red]" if count else "0")
    console.print(table)
    for each in found.missed[:_SHOWN]:
        console.print(
            f"[bold]{escape(each.endpoint)}[/bold] {escape(each.pointer)}: {each.kind} "
            f"({each.count}×), {escape(each.reason)}",
            highlight=False,
            soft_wrap=True,
        )
    if found.missed[_SHOWN:]:
        console.print(f"… and {len(found.missed) - _SHOWN} more; --json prints all of them")
    total, lost = sum(found.planted.values()), sum(missed.values())
    console.print(
        f"{total} faults planted in {found.answers} answers of legacy in {found.seconds:.0f} s, "
        f"{lost} would be missed",
        highlight=False,
    )
    if _hidden(found):
        console.print("next: make the pointers of \\[\\[ignore]] in strangler.toml narrower")
    else:
        console.print("next: strangler verify")
