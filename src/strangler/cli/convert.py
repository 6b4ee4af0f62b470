"""`strangler convert`: write the FastAPI application, and say what is left."""

from __future__ import annotations

import difflib
import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from strangler.cli.configured import configured
from strangler.cli.options import (
    JsonOption,
    OutOption,
    PathArgument,
    PythonOption,
    ReportOption,
    SettingsOption,
)
from strangler.cli.page import page, plain
from strangler.cli.porting import begin_with, show_bodies
from strangler.cli.reporting import check_report, typed, write_report
from strangler.config import Config
from strangler.errors import ExitCode

if TYPE_CHECKING:
    from strangler.convert.run import Result

_SHOWN = 12
# What the registry cannot say of the tables; the models assume a recent server and Django's names.
_UNASKED = (
    "not known are its version, names that outlived a renamed table, keys that are still serial, "
    "and changes made by hand"
)


def command(
    path: PathArgument = Path(),
    settings: SettingsOption = None,
    python: PythonOption = None,
    out: OutOption = None,
    report: ReportOption = None,
    strict: Annotated[
        bool, typer.Option("--strict", help="Exit 1 unless all is converted.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Write nothing.")] = False,
    diff: Annotated[
        bool, typer.Option("--diff", help="Show what would change; write nothing.")
    ] = False,
    only: Annotated[list[str] | None, typer.Option(help="Use this rule; may be repeated.")] = None,
    skip: Annotated[
        list[str] | None, typer.Option(help="Leave this rule out; may be repeated.")
    ] = None,
    list_rules: Annotated[bool, typer.Option("--list-rules", help="List the rules.")] = False,
    as_json: JsonOption = False,
) -> ExitCode:
    """Write the FastAPI application beside the Django project."""
    check_report(report)
    config = configured(path, settings=settings, python=python, out=out)
    if list_rules:
        return _list_rules(config, as_json=as_json)
    result = _converted(config, only or [], skip or [], dry=dry_run or diff, quiet=as_json)
    write_report(report, _dumped(result.report))
    if diff:
        _show_diff(config, result.files)
    elif as_json:
        print(json.dumps(result.report, indent=1, ensure_ascii=False))
    else:
        verify = typed("verify", path, settings=settings, python=python, out=out)
        draft = begin_with(path, settings=settings, python=python, out=out)
        _show(config, result, verify, draft, dry=dry_run)
    return _exit_code(result, strict=strict)


def _converted(
    config: Config, only: list[str], skip: list[str], *, dry: bool, quiet: bool
) -> Result:
    from strangler.convert.run import Choices, run
    from strangler.convert.supported import require_supported
    from strangler.legacy import read_facts, root_of, walked

    choices = Choices.of(config, only, skip)
    with plain(stderr=True, quiet=quiet).status("asking the Django project") as status:
        facts = read_facts(config)
        require_supported(facts)
        listed = walked(config)
        status.update("writing the FastAPI application")
        return run(
            root_of(config),
            config.at(config.new.path),
            facts,
            listed,
            choices=choices,
            dry=dry,
        )


def _list_rules(config: Config, *, as_json: bool) -> ExitCode:
    from strangler.convert.plugins import load_rules
    from strangler_codemods.rule import all_rules

    rules = {**all_rules(), **{rule.name: rule for rule in load_rules(config)}}
    if as_json:
        print(json.dumps({name: rule.summary for name, rule in rules.items()}, indent=1))
        return ExitCode.DONE
    table = Table("rule", "what it does", box=None)
    for name, rule in rules.items():
        table.add_row(name, rule.summary)
    page().print(table)
    return ExitCode.DONE


def _dumped(report: dict[str, Any]) -> str:
    from strangler.convert.report import dumps

    return dumps(report)


def _show_diff(config: Config, files: dict[str, str]) -> None:
    """What `convert` would change: hand edits are merged there, and so they are here."""
    from strangler.convert.output import Written, merged

    out = config.at(config.new.path)
    for path, text in sorted(merged(out, files, Written()).items()):
        place = out / path
        before = place.read_text(encoding="utf-8") if place.is_file() else ""
        lines = difflib.unified_diff(
            before.splitlines(keepends=True),
            text.splitlines(keepends=True),
            f"a/{path}",
            f"b/{path}",
        )
        print("".join(lines), end="")


def _show(config: Config, result: Any, verify: str, draft: str, *, dry: bool) -> None:
    console = page()
    totals = result.report["totals"]
    drf = [e for e in result.report["endpoints"] if e["kind"] == "drf"]
    done = sum(e["status"] != "legacy" for e in drf)
    table = Table("", "converted", "by hand", "on legacy", box=None)
    for name, counts in totals.items():
        table.add_row(name, str(counts["converted"]), str(counts["manual"]), str(counts["legacy"]))
    share = f"{100 * done / len(drf):.0f} %" if drf else "none"
    table.add_row(
        "of your DRF endpoints", f"{done} ({share})", "", str(len(drf) - done), style="bold"
    )
    console.print(table)
    _show_blockers(console, result.report["blockers"])
    show_bodies(console, result.report["bodies"], draft)
    for path, reason in result.skipped:
        console.print(escape(f"skipped {path}: {reason}"), highlight=False, soft_wrap=True)
    for note in result.notes:
        console.print(escape(note), style="yellow", highlight=False, soft_wrap=True)
    _show_next(console, config, result, verify, dry=dry)


def _show_blockers(console: Console, blockers: list[dict[str, Any]]) -> None:
    if not blockers:
        return
    table = Table(
        "holds back", "code", "why", "where", box=None, title="what keeps endpoints on Django"
    )
    for blocker in blockers[:_SHOWN]:
        table.add_row(
            str(blocker["endpoints"]),
            blocker["code"],
            escape(blocker["message"]),
            escape(blocker["source"]),
        )
    if len(blockers) > _SHOWN:
        table.add_row("", "", f"and {len(blockers) - _SHOWN} more: --report FILE", "")
    console.print()
    console.print(table)


def _show_next(console: Console, config: Config, result: Any, verify: str, *, dry: bool) -> None:
    def line(text: str, style: str | None = None) -> None:
        console.print(escape(text), style=style, highlight=False, soft_wrap=True)

    out = config.at(config.new.path)
    if dry:
        line(f"\nnothing was written to {out}")
        return
    for path in result.written.conflicts:
        line(f"conflict in {path}: both you and the conversion changed it", "red")
    line(f"\nwritten: {out}")
    if result.assumed:
        line(result.assumed, "yellow")
    if result.report["models"]:
        line(f"no database was asked: {_UNASKED}; `strangler schema check` asks it")
    if not any(entry["status"] != "legacy" for entry in result.report["endpoints"]):
        line("next: mend what holds endpoints back, or accept it (docs/codes.md); convert again")
    elif result.written.conflicts:
        line(f"next: mend the conflicts, then {verify}")
    else:
        line(f"next: {verify}")


def _exit_code(result: Any, *, strict: bool) -> ExitCode:
    if result.written is not None and result.written.conflicts:
        return ExitCode.CONFLICTS
    on_legacy = any(
        e["status"] == "legacy" and e["kind"] == "drf" for e in result.report["endpoints"]
    )
    if result.skipped or (strict and on_legacy):
        return ExitCode.FINDINGS
    return ExitCode.DONE
