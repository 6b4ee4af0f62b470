"""`strangler explain`: one difference that `verify` found, with everything that is known of it."""

import json
import shlex
from difflib import ndiff
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console, Group
from rich.markup import escape
from rich.panel import Panel
from rich.syntax import Syntax
from rich.table import Table
from rich.text import Text

from strangler.cli.configured import configured
from strangler.cli.last_report import REPORT, kept
from strangler.cli.options import JsonOption, OutOption, PathArgument
from strangler.cli.page import page
from strangler.cli.reporting import typed
from strangler.config import Config
from strangler.convert.ledger import read_ledger
from strangler.errors import ExitCode, UsageError

_AROUND, _LINES = 6, 40
Json = dict[str, Any]


def command(
    finding: Annotated[
        str, typer.Argument(help="The id of a difference, as verify prints it, or its beginning.")
    ],
    path: PathArgument = Path(),
    report: Annotated[
        Path | None, typer.Option(help="A report of verify; without it the last run's.")
    ] = None,
    out: OutOption = None,
    as_json: JsonOption = False,
) -> ExitCode:
    """Show one difference: what it means, both sources, the smallest request, both answers."""
    config = configured(path, out=out)
    file = report or kept(config.at(config.new.path)).path / REPORT
    endpoint, found = _chosen(_read(file), finding, file)
    entry = read_ledger(config.at(config.new.path)).endpoints.get(endpoint)
    if entry is not None:
        places = {"source": entry.source, "new_source": entry.new_source}
        found |= {name: text for name, text in places.items() if not found.get(name)}
        found["defined"] = " → ".join(filter(None, places.values()))
    if as_json:
        print(json.dumps({"endpoint": endpoint, **found}, indent=1, ensure_ascii=False))
    else:
        _show(page(), config, endpoint, found)
        again = typed("verify", path, endpoint, out=out)
        page().print(f"next: mend it, then [bold]{escape(again)}[/bold]", soft_wrap=True)
    return ExitCode.DONE


def _read(file: Path) -> Json:
    try:
        document: Json = json.loads(file.read_text(encoding="utf-8"))
        if not all(isinstance(each["id"], str) for each in document["endpoints"]):
            raise TypeError("endpoints without ids")
        return document
    except FileNotFoundError:
        raise UsageError(f"there is no report {file}", hint="strangler verify") from None
    except OSError as error:
        raise UsageError(
            f"the report cannot be read: {error.strerror}", source=str(file)
        ) from error
    except (ValueError, KeyError, TypeError) as error:
        raise UsageError("this is no report of verify", source=str(file)) from error


def _chosen(report: Json, wanted: str, file: Path) -> tuple[str, Json]:
    """The one finding whose id begins so."""
    all_of_them = [
        (each["id"], one) for each in report["endpoints"] for one in each.get("differences", ())
    ]
    matching = [pair for pair in all_of_them if str(pair[1].get("id", "")).startswith(wanted)]
    if len(matching) == 1 and wanted:
        return matching[0]
    if matching and wanted:
        ids = ", ".join(str(one["id"]) for _, one in matching)
        raise UsageError(f"{wanted} begins more than one id: {ids}", source=str(file))
    known = ", ".join(f"{one.get('id')} ({name})" for name, one in all_of_them[:10])
    raise UsageError(
        f"the report has no difference {wanted}",
        source=str(file),
        hint=f"it has {known}" if known else "nothing differs in it",
    )


def _show(console: Console, config: Config, endpoint: str, found: Json) -> None:
    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_column(style="dim", no_wrap=True)
    table.add_column(overflow="fold")
    title = str(found.get("title", found["category"]))
    told = f"{title} ({found['category']}, {found.get('count', 1)} times)"
    table.add_row("difference", Text(told, style="bold"))
    table.add_row("endpoint", Text(endpoint))
    if defined := found.get("defined"):
        table.add_row("defined", Text(defined))
    table.add_row("place", Text(str(found["pointer"])))
    table.add_row("legacy", Text(str(found["legacy"]), style="red"))
    table.add_row("new", Text(str(found["new"]), style="green"))
    if "last_seen" in found:
        table.add_row("seen", Text(f"first {found['first_seen']}, last {found['last_seen']}"))
    table.add_row("cause", Text(str(found.get("cause", ""))))
    table.add_row("remedy", Text(str(found.get("remedy", ""))))
    if rules := found.get("rules"):
        table.add_row("written by", Text(", ".join(rules)))
    console.print(table)
    _source(console, "legacy", config.at(config.legacy.path), found.get("source", ""))
    _source(console, "new", config.at(config.new.path), found.get("new_source", ""))
    console.print(Panel(_request(found["request"]), title="smallest request", title_align="left"))
    if answers := found.get("answers"):
        console.print(Panel(_answers(answers), title="answers", title_align="left"))
    for row in found["rows"]:
        console.print(Text(f"{row['side']} {row['table']} {row['key']}"))
        console.print(Text(f"  before {json.dumps(row['before'], ensure_ascii=False)}"))
        console.print(Text(f"  after  {json.dumps(row['after'], ensure_ascii=False)}"))


def _source(console: Console, side: str, folder: Path, place: str) -> None:
    """A few lines from where the endpoint is defined; nothing where they cannot be read."""
    name, _, line = place.rpartition(":")
    try:
        text = (folder / name).read_text(encoding="utf-8")
    except (OSError, ValueError):
        return
    first = int(line) if line.isdigit() else 1
    code = Syntax(
        text, "python", line_numbers=True, line_range=(first, first + _AROUND), theme="ansi_dark"
    )
    console.print(Panel(code, title=f"{side} {escape(place)}", title_align="left"))


def _request(request: Json) -> Text:
    """As a command line for curl; credentials are not in reports."""
    parts = ["curl", "-i", "-X", request["method"]]
    for name, value in request["headers"].items():
        if name.lower() != "host":
            parts += ["-H", f"{name}: {value}"]
    if "body" in request:
        parts += ["--data-binary", request["body"]]
    parts.append(f"http://localhost:8000{request['path']}")
    sender = request.get("role", "anonymous")
    return Text(f"{shlex.join(parts)}\nsent as: {sender}")


def _answers(answers: Json) -> Group:
    """Statuses, and the lines that only one side has among those around them."""
    legacy, new = answers["legacy"], answers["new"]
    status = Text(f"legacy {legacy['status']}   new {new['status']}")
    lines: list[Text] = []
    styles = {"- ": "red", "+ ": "green"}
    compared = [each for each in ndiff(_pretty(legacy["body"]), _pretty(new["body"]))
                if not each.startswith("? ")]  # fmt: skip
    near = {
        number + offset
        for number, each in enumerate(compared)
        if each[:2] in styles
        for offset in (-2, -1, 0, 1, 2)
    }
    shown = [each for number, each in enumerate(compared) if number in near] or compared
    for each in shown[:_LINES]:
        lines.append(Text(each, style=styles.get(each[:2], "dim")))
    if shown[_LINES:]:
        lines.append(Text(f"… {len(shown) - _LINES} more lines", style="dim"))
    return Group(status, *lines)


def _pretty(body: str) -> list[str]:
    try:
        return json.dumps(json.loads(body), indent=2, ensure_ascii=False).splitlines()
    except ValueError:
        return body.splitlines()
