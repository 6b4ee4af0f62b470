"""`strangler status`: where each endpoint stands, and what was found."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Column, Table

from strangler.cli.cutover import ConfigOption, Cutover, PathArgument, configured
from strangler.cli.last_report import Sources, standing
from strangler.cli.options import JsonOption
from strangler.cli.page import page
from strangler.cli.porting import show_bodies
from strangler.cli.reporting import config_option, typed
from strangler.errors import ExitCode
from strangler.verify.origins import Origins

if TYPE_CHECKING:
    from strangler.convert.ledger import Ledger
    from strangler_proxy.store import Kept

_SHOWN = 10
_ANSWERING = ("canary", "new")
_VERDICTS = ("equal", "different", "moving", "uncompared")

Json = dict[str, Any]


def command(
    path: PathArgument = Path(),
    config: ConfigOption = None,
    everything: Annotated[bool, typer.Option("--all", help="Endpoints on legacy too.")] = False,
    check: Annotated[
        bool, typer.Option("--check", help="Exit 1 on differences, problems, changed legacy code.")
    ] = False,
    as_json: JsonOption = False,
) -> ExitCode:
    """Show each endpoint's mode, answers, comparisons and differences."""
    cutover = Cutover.of(configured(config, path))
    report = gathered(cutover)
    if as_json:
        print(json.dumps(report, indent=1, ensure_ascii=False))
    else:
        _show(page(), report, config_option(path, config), everything=everything)
    bad = report["differences"] or report["problems"] or any(map(_is_bad, report["endpoints"]))
    return ExitCode.FINDINGS if check and bad else ExitCode.DONE


def _is_bad(endpoint: Json) -> bool:
    """Whether legacy's code changed, or the new app answers otherwise and is asked."""
    verdict = (endpoint["verified"] or {}).get("verdict")
    return bool(endpoint["stale"]) or (verdict == "different" and endpoint["mode"] != "legacy")


def gathered(cutover: Cutover) -> Json:
    """Everything that is known: the ledger, the routes, the store, and the proxy if it runs."""
    from strangler_proxy import store
    from strangler_proxy.asking import proxy_of

    proxy = proxy_of(cutover.config)
    live: Json | None = proxy.get("/status") if proxy is not None else None
    problems = [*_problems(live), *_outdated(cutover)]
    try:
        verdicts = store.verdicts(cutover.store())
        differences = store.differences(cutover.store())
    except store.Unreadable as error:
        verdicts, differences = {}, []
        problems.append(f"{cutover.store()}: {error}")
    routes = {route.endpoint: route for route in cutover.state.routes()}
    legacy = cutover.config.at(cutover.config.legacy.path)
    # where the sources are not, as beside a proxy in production, nothing is known of them
    out = cutover.config.at(cutover.config.new.path)
    sources = Sources(legacy, out)
    verified = standing(out, cutover.ledger, sources)
    judged = set(cutover.ledger.served) if (legacy / "manage.py").exists() else set()
    return {
        "version": 1,
        "proxy": live,
        "problems": problems,
        "endpoints": [
            {
                "id": entry.id,
                "kind": entry.kind,
                "status": entry.status,
                "source": entry.source,
                "new_source": entry.new_source,
                "mode": routes[entry.id].mode if entry.id in routes else "legacy",
                "percent": routes[entry.id].percent if entry.id in routes else 0.0,
                "verdicts": verdicts.get(entry.id, {}),
                "answers": (live or {}).get("answers", {}).get(entry.id, {}),
                "unsafe": entry.id in (live or {}).get("endpoints", {}).get("unsafe", ()),
                "verified": verified.get(entry.id),
                "stale": entry.id in judged and entry.changed(sources.legacy),
            }
            for entry in cutover.ledger.endpoints.values()
        ],
        "differences": _placed(differences, cutover.ledger, legacy, out),
        "bodies": [asdict(each) for each in cutover.ledger.bodies],
    }


def _placed(found: list[Kept], ledger: Ledger, legacy: Path, out: Path) -> list[Json]:
    """Differences with the lines of both sides that they come from."""
    entries = ledger.endpoints.values()
    origins = Origins(legacy, out, {each.id: (each.source, each.new_source) for each in entries})
    placed = []
    for each in found:
        origin = origins.of(each.endpoint, each.category, each.example)
        lines = {"source": origin.source, "new_source": origin.new_source}
        placed.append({**asdict(each), **lines})
    return placed


def _problems(live: Json | None) -> list[str]:
    if live is None:
        return []
    found = [live["routes"]["problem"], live["store"]["problem"]]
    return [str(each) for each in found if each]


def _outdated(cutover: Cutover) -> list[str]:
    """Accepted differences whose time is over: they count again."""
    today = datetime.now(UTC).date()
    return [
        f"[[ignore]] {each.endpoint} {each.pointer}: it was accepted until {each.until}"
        for each in cutover.config.ignore
        if each.until < today
    ]


def _show(console: Console, report: Json, where: Mapping[str, Path], *, everything: bool) -> None:
    live = report["proxy"]
    if live is None:
        console.print("no proxy is running here", style="dim")
    else:
        console.print(f"the proxy runs, generation {live['generation']} of the routes")
    for problem in report["problems"]:
        console.print(escape(problem), style="red", highlight=False)
    _show_endpoints(console, report["endpoints"], everything=everything)
    _show_stale(console, [each for each in report["endpoints"] if each["stale"]])
    _show_differences(console, report, where)
    show_bodies(console, report["bodies"])


def _show_stale(console: Console, stale: list[Json]) -> None:
    if not stale:
        return
    count = f"{len(stale)} endpoint{'s' if len(stale) > 1 else ''}"
    console.print(f"\nlegacy's code of {count} changed since the conversion:", style="yellow")
    for each in stale:
        text = f"  {each['id']}  {each['source']}  ({each['mode']})"
        console.print(escape(text), highlight=False, soft_wrap=True)
    console.print("next: [bold]strangler convert[/bold], then [bold]strangler verify[/bold]")


def _show_endpoints(console: Console, endpoints: list[Json], *, everything: bool) -> None:
    drf = [each for each in endpoints if each["kind"] == "drf"]
    verdicts = [v for v in _VERDICTS if any(each["verdicts"].get(v) for each in drf)]
    titles = ("mode", "verify", "legacy", "new", *verdicts)
    table = Table(Column("endpoint", no_wrap=True), *titles, box=None)
    for each in drf:
        moved = each["mode"] != "legacy" or each["verdicts"] or each["verified"]
        if not everything and not moved:
            continue
        mode = each["mode"]
        shown = f"canary {each['percent']:g} %" if mode == "canary" else mode
        sides = [
            str(each["answers"].get(side, {}).get("answers", "")) for side in ("legacy", "new")
        ]
        counts = [str(each["verdicts"].get(verdict, "")) for verdict in verdicts]
        style = "red" if each["verdicts"].get("different") else None
        note = " (a GET that writes: not shadowed)" if each["unsafe"] else ""
        verified = _verified(each["verified"])
        table.add_row(escape(each["id"]) + note, shown, verified, *sides, *counts, style=style)
    if table.row_count:
        console.print(table)
    modes = [each["mode"] for each in drf]
    served = sum(each["status"] != "legacy" for each in drf)
    parts = ", ".join(f"{modes.count(m)} {m}" for m in ("legacy", "shadow", "canary", "new"))
    console.print(f"{len(drf)} DRF endpoints, {served} of them in the new application: {parts}")


def _verified(known: Json | None) -> str:
    if known is None:
        return ""
    verdict = str(known["verdict"])
    style = {"equal": "green", "different": "red"}.get(verdict, "yellow")
    return f"[{style}]{escape(verdict)}[/{style}]"


def _show_differences(console: Console, report: Json, where: Mapping[str, Path]) -> None:
    found = report["differences"]
    if not found:
        return
    console.print()
    for each in found[:_SHOWN]:
        legacy, new = (_value(each, side) for side in ("legacy", "new"))
        console.print(
            escape(
                f"{each['endpoint']}  {each['category']} at {each['example']}: "
                f"legacy {legacy}, new {new}  (×{each['count']})"
            ),
            style="red",
            highlight=False,
            soft_wrap=True,
        )
        lines = f"    legacy {each['source']}, new {each['new_source']}"
        console.print(escape(lines), style="dim", soft_wrap=True)
    if len(found) > _SHOWN:
        console.print(f"and {len(found) - _SHOWN} more: strangler status --json")
    modes = {each["id"]: each["mode"] for each in report["endpoints"]}
    worst = next((e["endpoint"] for e in found if modes.get(e["endpoint"]) in _ANSWERING), None)
    if worst is not None:
        line = typed("route rollback", Path(), worst, **where)
        told = f"[bold]{escape(line)}[/bold] takes its last change back"
    else:
        line = typed("verify", Path(), found[0]["endpoint"])
        told = f"mend it, then [bold]{escape(line)}[/bold]"
    console.print(f"next: {told}", highlight=False, soft_wrap=True)


def _value(difference: Json, side: str) -> str:
    """The value where it was kept, else its type and the start of its hash."""
    value = difference[f"{side}_value"]
    if value is not None:
        return _plain(str(value))
    return f"{difference[f'{side}_type']} #{difference[f'{side}_hash'][:6]}"


def _plain(text: str) -> str:
    """Without what a terminal would act upon."""
    return "".join(character if character.isprintable() else "·" for character in text)
