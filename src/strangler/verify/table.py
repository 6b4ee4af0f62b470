"""The report as a table for a terminal."""

from collections.abc import Callable, Iterable, Iterator, Sequence

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from strangler.diff import CATEGORIES
from strangler.verify.findings import Finding
from strangler.verify.report import Cause, EndpointReport, Report

_STYLES = {"equal": "green", "different": "red", "moving": "magenta"}
_FINDINGS = 20


#: Gives a command line for an endpoint or for a finding.
Typed = Callable[[str], str]


def show(report: Report, console: Console, again: Typed, explain: Typed, move: Typed) -> None:
    """Verdicts, findings with what to do, totals, the next command.

    `again` gives the command line that compares one endpoint once more, `explain` the one that
    shows a finding, `move` the one that brings an endpoint nearer to its cutover.
    """
    console.print(_verdicts(report.endpoints))
    for line in _findings(report.causes()):
        console.print(line, highlight=False, soft_wrap=True)
    for note in report.notes:
        console.print(f"[dim]{escape(note)}[/dim]", highlight=False, soft_wrap=True)
    totals = ", ".join(f"{count} {name}" for name, count in report.totals.items())
    rate = report.requests / report.seconds if report.seconds else 0
    console.print(
        f"{totals}; {report.requests} requests in {report.seconds:.0f} s ({rate * 60:.0f} a "
        f"minute) on {report.database}, isolated by {_isolation(report.isolation)}",
        highlight=False,
        soft_wrap=True,
    )
    console.print(_next(report, again, explain, move), highlight=False, soft_wrap=True)


def _isolation(name: str) -> str:
    return {"namespace": "a network namespace", "sockets": "patched sockets"}.get(name, name)


def _verdicts(endpoints: Iterable[EndpointReport]) -> Table:
    table = Table(box=None, pad_edge=False)
    for title in ("verdict", "endpoint", "cases", "statuses", "missing"):
        table.add_column(title, justify="right" if title == "cases" else "left", overflow="fold")
    for each in endpoints:
        style = _STYLES.get(each.verdict, "yellow")
        statuses = " ".join(f"{status}×{count}" for status, count in each.statuses.items())
        missing = "; ".join([*each.missing[:3], *(["…"] if each.missing[3:] else [])])
        table.add_row(
            f"[{style}]{each.verdict}[/{style}]",
            escape(each.id),
            str(each.cases),
            statuses,
            escape(missing),
        )
    return table


def _findings(found: Sequence[Cause]) -> Iterator[str]:
    for cause in found[:_FINDINGS]:
        finding, category = cause.finding, CATEGORIES[cause.finding.category]
        more = len(cause.endpoints) - 1
        also = f" and {more} more {'endpoint' if more == 1 else 'endpoints'}" if more else ""
        yield (
            f"[bold]{escape(cause.endpoints[0])}[/bold]{also} {escape(finding.pointer)}: "
            f"{category.title.lower()} ({cause.count}×)  [dim]{finding.id}[/dim]\n"
            f"  legacy {escape(finding.legacy[:160])}\n"
            f"  new    {escape(finding.new[:160])}\n{_lines(finding)}  {category.remedy}"
        )
    if found[_FINDINGS:]:
        yield f"… and {len(found) - _FINDINGS} more; --report FILE holds all of them"


def _lines(finding: Finding) -> str:
    """Where to look: a line of each source, and the rule that wrote the new one."""
    origin = finding.origin
    if not origin.new_source:
        return ""
    by = f", written by {', '.join(origin.rules[:3])}" if origin.rules else ""
    return f"  [dim]{escape(origin.source)} → {escape(origin.new_source)}{escape(by)}[/dim]\n"


def _next(report: Report, again: Typed, explain: Typed, move: Typed) -> str:
    bad = [each for each in report.endpoints if each.verdict == "different"]
    if bad:
        shown = explain(bad[0].differences[0].id)
        return (
            f"next: look at the first difference with [bold]{escape(shown)}[/bold], mend it, then "
            f"[bold]{escape(again(bad[0].id))}[/bold]"
        )
    weak = [each for each in report.endpoints if each.verdict != "equal"]
    if weak:
        return "next: more rows in the legacy database, or more cases (--cases), give more evidence"
    good = next((each.id for each in report.endpoints if each.id.startswith("GET ")), None)
    if good is None:
        return "next: convert more endpoints"
    return f"next: [bold]{escape(move(good))}[/bold]"
