"""`strangler route`: which application answers each endpoint."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.markup import escape
from rich.table import Column, Table

from strangler.cli.cutover import ConfigOption, Cutover, configured, person
from strangler.cli.last_report import Sources, standing
from strangler.cli.options import JsonOption
from strangler.cli.page import page, plain
from strangler.errors import ExitCode, UsageError
from strangler_proxy.exchange import Mode

if TYPE_CHECKING:
    from strangler_proxy.audit import Change
    from strangler_proxy.routes import Route

command = typer.Typer(
    add_completion=False,
    rich_markup_mode=None,
    no_args_is_help=True,
    help="Which application answers each endpoint.",
)


_Why = Annotated[str, typer.Option("--why", help="The reason, for the history.")]
_Endpoints = Annotated[
    list[str], typer.Argument(metavar="ENDPOINT...", help="Ids such as 'GET /api/items/'.")
]


@command.command("list")
def list_routes(
    config: ConfigOption = None,
    everything: Annotated[bool, typer.Option("--all", help="Those on legacy too.")] = False,
    as_json: JsonOption = False,
) -> ExitCode:
    """List the endpoints that the new application can answer, and their modes."""
    cutover = Cutover.of(configured(config))
    present = {route.endpoint: route for route in cutover.state.routes()}
    names = cutover.ledger.endpoints if everything else cutover.ledger.served
    routes = [present.get(name) or _absent(name) for name in names]
    if as_json:
        print(json.dumps([asdict(route) for route in routes], indent=1, ensure_ascii=False))
        return ExitCode.DONE
    table = Table(Column("endpoint", no_wrap=True), "mode", "compared", box=None)
    for route in routes:
        table.add_row(escape(route.endpoint), _told(route), _compared(route))
    page().print(table)
    return ExitCode.DONE


@command.command("set")
def set_routes(
    endpoints: _Endpoints,
    mode: Annotated[Mode | None, typer.Option(help="Who answers.")] = None,
    percent: Annotated[
        float | None, typer.Option(help="0-100: how many clients a canary gets.")
    ] = None,
    compare: Annotated[
        float | None, typer.Option(help="0-1: the share of answers that is compared.")
    ] = None,
    values: Annotated[
        bool | None, typer.Option("--values/--no-values", help="Keep values of differences.")
    ] = None,
    why: _Why = "",
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> ExitCode:
    """Change the mode of endpoints, all of them or none."""
    from strangler_proxy.editing import Wish

    if mode is None and percent is None and compare is None and values is None:
        raise UsageError("nothing to set", hint="--mode shadow")
    cutover = Cutover.of(configured(config))
    wishes = [Wish(name, mode, percent, compare, values) for name in endpoints]
    change = cutover.state.set(wishes, who=person(), why=why)
    return _say(cutover, change, as_json=as_json)


@command.command("rollback")
def rollback(
    endpoint: Annotated[
        str | None, typer.Argument(help="Only this endpoint's last change.")
    ] = None,
    why: _Why = "",
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> ExitCode:
    """Take the last change back, at once."""
    cutover = Cutover.of(configured(config))
    change = cutover.state.rollback(endpoint, who=person(), why=why)
    return _say(cutover, change, as_json=as_json)


@command.command("history")
def history(
    config: ConfigOption = None,
    last: Annotated[int, typer.Option(min=1, help="How many.")] = 20,
    as_json: JsonOption = False,
) -> ExitCode:
    """Show who changed what, when and why."""
    changes = Cutover.of(configured(config)).state.history()[-last:]
    if as_json:
        print(json.dumps([c.json() for c in changes], indent=1, ensure_ascii=False))
        return ExitCode.DONE
    table = Table("#", "when", "who", "what", "why", box=None)
    for change in changes:
        steps = [f"{s.endpoint}: {_told(s.before)} → {_told(s.after)}" for s in change.steps]
        what = "\n".join(steps) if change.action in {"set", "edited"} else _undone(change, steps)
        table.add_row(
            str(change.number), change.when, escape(change.who), escape(what), escape(change.why)
        )
    page().print(table)
    return ExitCode.DONE


def _absent(name: str) -> Route:
    from strangler_proxy.routes import Route

    return Route(name)


def _told(route: Route) -> str:
    """A mode as people say it."""
    return f"canary {route.percent:g} %" if route.mode == "canary" else route.mode


def _is_blind(route: Route) -> bool:
    return bool(route.compare) and not route.endpoint.startswith("GET ")


def _compared(route: Route) -> str:
    """The share that is compared; what may write is never sent to both sides."""
    if not route.compare:
        return ""
    return "no: it may write" if _is_blind(route) else f"{route.compare:.0%}"


def _undone(change: Change, steps: list[str]) -> str:
    numbers = ", ".join(sorted({str(number) for number, _ in change.undone}))
    return "\n".join([f"{change.action} of {numbers}", *steps])


def _say(cutover: Cutover, change: Change | None, *, as_json: bool) -> ExitCode:
    """Tell what changed, and whether a running proxy does so already."""
    taken = _taken(cutover)
    if as_json:
        data: Any = {"change": change.json() if change else None, "proxy": taken}
        print(json.dumps(data, indent=1, ensure_ascii=False))
        return ExitCode.DONE
    console = plain(soft_wrap=True)
    if change is None:
        console.print("nothing to change")
    else:
        for step in change.steps:
            note = " (not compared: it may write)" if _is_blind(step.after) else ""
            shown = f"{step.endpoint}: {_told(step.before)} → {_told(step.after)}{note}"
            console.print(escape(shown))
        for line in _doubts(cutover, change):
            console.print(escape(line), style="yellow")
    console.print(escape(taken), style="dim")
    return ExitCode.DONE


def _doubts(cutover: Cutover, change: Change) -> list[str]:
    """What verify said of endpoints that clients are answered by now, where it is not `equal`."""
    out = cutover.config.at(cutover.config.new.path)
    sources = Sources(cutover.config.at(cutover.config.legacy.path), out)
    verified = standing(out, cutover.ledger, sources)
    moved = [step.endpoint for step in change.steps if step.after.mode in ("canary", "new")]
    verdicts = {name: verified.get(name, {}).get("verdict", "never asked") for name in moved}
    return [f"{n}: verify says {said}" for n, said in verdicts.items() if said != "equal"]


def _taken(cutover: Cutover) -> str:
    from strangler_proxy.asking import proxy_of
    from strangler_proxy.operating import routes_digest

    proxy = proxy_of(cutover.config)
    status = proxy.takes(routes_digest(cutover.state.routes())) if proxy is not None else None
    if status is None:
        where = _relative(cutover.state.file)
        return f"written to {where}; no running proxy has confirmed it"
    if status["routes"]["problem"]:
        return f"the proxy refuses the file: {status['routes']['problem']}"
    return f"the proxy does so from generation {status['generation']}"


def _relative(path: Path) -> Path:
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path
