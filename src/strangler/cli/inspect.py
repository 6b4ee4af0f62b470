"""`strangler inspect`: what the Django project holds, and what holds its endpoints back."""

import json
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from strangler.cli.configured import configured
from strangler.cli.options import JsonOption, PathArgument, PythonOption, SettingsOption
from strangler.cli.page import page, plain
from strangler.cli.porting import begin_with, show_bodies
from strangler.config import Config
from strangler.errors import ExitCode, OutputError
from strangler.facts import Facts, Problem
from strangler.legacy import BootError, read_facts, root_of, walked
from strangler.legacy.static_view import StaticView, static_view

_SHOWN = 12
_KINDS = ("drf", "package", "django", "admin")

Json = dict[str, Any]
Skipped = list[tuple[str, str]]


def command(
    path: PathArgument = Path(),
    settings: SettingsOption = None,
    python: PythonOption = None,
    as_json: JsonOption = False,
) -> ExitCode:
    """Take stock: models, serializers, endpoints, and what keeps endpoints on Django."""
    config = configured(path, settings=settings, python=python)
    try:
        facts = read_facts(config)
    except BootError as error:
        return _static(config, error, as_json=as_json)
    foreseen, skipped = _foreseen(config, facts)
    if as_json:
        _print({**_inventory(facts), **foreseen, "skipped": _pairs(skipped)})
    else:
        console = page()
        _show(console, facts)
        _show_blockers(console, foreseen["blockers"])
        begin = begin_with(path, settings=settings, python=python)
        show_bodies(console, foreseen["bodies"], begin)
        _show_skipped(console, skipped)
    return ExitCode.FINDINGS if facts.problems or skipped else ExitCode.DONE


def _print(report: Json) -> None:
    print(json.dumps(report, indent=1, ensure_ascii=False))


def _foreseen(config: Config, facts: Facts) -> tuple[dict[str, list[Json] | None], Skipped]:
    """What a conversion would say, by worth, and the sources it would leave out.

    No blockers and bodies where the output folder is somebody else's.
    """
    from strangler.convert.project import read_project
    from strangler.convert.run import Choices, run

    root, out = root_of(config), config.at(config.new.path)
    try:
        result = run(root, out, facts, walked(config), choices=Choices.of(config), dry=True)
    except OutputError:
        skipped = read_project(root, without=out).skipped
        return {"blockers": None, "bodies": None}, skipped
    return {name: result.report[name] for name in ("blockers", "bodies")}, result.skipped


def _inventory(facts: Facts) -> Json:
    def listed(things: Iterable[Any], *names: str) -> list[Json]:
        return [{name: getattr(thing, name) for name in names} for thing in things]

    return {
        "version": 1,
        "legacy": facts.legacy.model_dump(include={"python", "django", "drf"}),
        "settings": facts.settings_module,
        "databases": {alias: each.vendor for alias, each in facts.databases.items()},
        "models": listed(facts.models, "name", "source", "package"),
        "serializers": listed(facts.serializers, "name", "source", "package", "problem"),
        "endpoints": listed(facts.endpoints, "id", "kind", "view", "action", "source"),
        "totals": _totals(facts),
        "problems": listed(facts.problems, "code", "message", "source"),
    }


def _totals(facts: Facts) -> Json:
    kinds: Counter[str] = Counter(endpoint.kind for endpoint in facts.endpoints)
    return {
        "models": _own(model for model in facts.models if not model.auto_created),
        "serializers": _own(facts.serializers),
        "endpoints": {kind: kinds[kind] for kind in _KINDS},
    }


def _own(things: Iterable[Any]) -> dict[str, int]:
    packages = [thing.package for thing in things]
    own = packages.count(None)
    return {"project": own, "packages": len(packages) - own}


def _show(console: Console, facts: Facts) -> None:
    legacy = facts.legacy
    databases = ", ".join(f"{alias} {each.vendor}" for alias, each in facts.databases.items())
    drf = f"DRF {legacy.drf}" if legacy.drf else "no DRF"
    _line(console, f"Python {legacy.python}, Django {legacy.django}, {drf}; {databases}")
    _line(console, f"settings: {facts.settings_module}")
    console.print()
    console.print(_totals_table(_totals(facts)))
    console.print()
    console.print(_views_table(facts))
    _show_problems(console, facts.problems)


def _line(console: Console, text: str) -> None:
    console.print(escape(text), highlight=False, soft_wrap=True)


def _table(*titles: str) -> Table:
    """Columns side by side; what is too long goes on below, so that no place gets lost."""
    table = Table(box=None, pad_edge=False)
    for title in titles:
        table.add_column(title, overflow="fold")
    return table


def _totals_table(totals: Json) -> Table:
    table = _table("", "yours", "of packages")
    for name in ("models", "serializers"):
        table.add_row(name, str(totals[name]["project"]), str(totals[name]["packages"]))
    kinds = totals["endpoints"]
    table.add_row("DRF endpoints", str(kinds["drf"]), str(kinds["package"]))
    table.add_row("Django views", str(kinds["django"]), f"{kinds['admin']} of the admin")
    return table


def _views_table(facts: Facts) -> Table:
    """The project's own views with the number of endpoints that they answer."""
    table = _table("endpoints", "view", "where")
    own = [each for each in facts.endpoints if each.kind in {"drf", "django"}]
    counts = Counter(each.view for each in own)
    places = {each.view: _class_place(facts, each.view, each.source) for each in reversed(own)}
    for view, count in counts.items():
        table.add_row(str(count), escape(view), places[view])
    return table


def _class_place(facts: Facts, view: str, source: str | None) -> str:
    """Where the view's class is written; for a function, the function."""
    for endpoint in facts.endpoints:
        if endpoint.view == view and endpoint.lineage:
            return endpoint.lineage[0].source or ""
    return source or ""


def _show_blockers(console: Console, blockers: list[Json] | None) -> None:
    if not blockers:
        return
    table = _table("holds back", "code", "why", "where")
    for each in blockers[:_SHOWN]:
        where = each["source"] or ""
        table.add_row(str(each["endpoints"]), each["code"], escape(each["message"]), where)
    console.print("\n[bold]what keeps endpoints on Django[/bold]")
    console.print(table)
    if len(blockers) > _SHOWN:
        _line(console, f"and {len(blockers) - _SHOWN} more: strangler inspect --json")


def _show_problems(console: Console, problems: tuple[Problem, ...]) -> None:
    if problems:
        console.print("\n[bold]what could not be read[/bold]")
    for problem in problems:
        place = f"{problem.source}: " if problem.source else ""
        _line(console, f"{place}{problem.message}")


def _static(config: Config, error: BootError, *, as_json: bool) -> ExitCode:
    """Show what the sources tell; say on standard error why it is no more."""
    from strangler.convert.project import read_project

    project = read_project(root_of(config), without=config.at(config.new.path))
    view = static_view(project.files)
    view.skipped.extend(project.skipped)
    if as_json:
        _print({"version": 1, "static": str(error), **_listed(view)})
    else:
        _show_static(view)
    plain(stderr=True).print(
        escape(f"strangler: static view: Django did not boot: {error}"),
        highlight=False,
        soft_wrap=True,
    )
    return ExitCode.FINDINGS


def _listed(view: StaticView) -> Json:
    return {
        "models": [vars(each) for each in view.models],
        "serializers": [vars(each) for each in view.serializers],
        "views": [vars(each) for each in view.views],
        "skipped": _pairs(view.skipped),
    }


def _pairs(skipped: Skipped) -> list[Json]:
    return [{"source": source, "reason": reason} for source, reason in skipped]


def _show_skipped(console: Console, skipped: Skipped) -> None:
    for source, reason in skipped:
        _line(console, f"skipped {source}: {reason}")


def _show_static(view: StaticView) -> None:
    console = page()
    table = _table("as far as the sources tell", "")
    for name in ("models", "serializers", "views"):
        table.add_row(name, str(len(getattr(view, name))))
    console.print(table)
    _show_skipped(console, view.skipped)
