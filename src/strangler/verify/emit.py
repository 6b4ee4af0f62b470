"""Writes what differs as tests for pytest."""

import os
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from jinja2 import Environment, PackageLoader

from strangler.convert.output import format_files
from strangler.diff import CATEGORIES
from strangler.verify.findings import Finding, starred
from strangler.verify.report import Report
from strangler.verify.requests import Request
from strangler.verify.roster import Roster

#: What a test gets from the roster or the run instead of from its own text.
_MADE = frozenset({"host", "cookie", "x-csrftoken", "referer"})


@dataclass(frozen=True, slots=True)
class _Test:
    name: str
    title: str
    given: list[str]


def emitted(
    report: Report,
    file: Path,
    project: Path,
    out: Path | None = None,
    python: str | None = None,
    **options: str | None,
) -> str:
    """A module with a test for each finding.

    file: Where the module will lie, from where all paths lead. project: The folder of manage.py.
    out, python, options: As `strangler.verify.replay.Both` takes them; None is left out.
    """

    def here(path: str | Path) -> str:
        return f"str(HERE / {os.path.relpath(path, file.absolute().parent)!r})"

    names = [each.id for each in report.endpoints if each.differences]
    given = [here(project), f"endpoints={names!r}"]
    if out is not None:
        given.append(f"out={here(out)}")
    if python is not None:
        given.append(f"python={here(python) if os.sep in python else repr(python)}")
    given += [f"{name}={value!r}" for name, value in options.items() if value is not None]
    environment = Environment(loader=PackageLoader("strangler.verify", "."), trim_blocks=True)
    text = environment.get_template("tests.py.j2").render(given=given, tests=list(_tests(report)))
    return format_files({file.name: text})[file.name]


def _tests(report: Report) -> Iterator[_Test]:
    names: Counter[str] = Counter()
    for each in report.endpoints:
        for finding in each.differences:
            if finding.sent is None or report.roster is None:
                continue
            name = _name(each.id, finding)
            names[name] += 1
            number = f"_{names[name]}" if names[name] > 1 else ""
            title = CATEGORIES[finding.category].title.lower()
            yield _Test(
                f"{name}{number}",
                f"{each.id}: {title} at {finding.pointer} ({finding.id}).".replace("\\", "\\\\"),
                list(_given(each.id, finding.sent, report.roster)),
            )


def _name(endpoint: str, finding: Finding) -> str:
    words = f"{endpoint} {finding.category} {starred(finding.pointer)}"
    return re.sub(r"\W+", "_", words).strip("_").lower()


def _given(endpoint: str, request: Request, roster: Roster) -> Iterator[str]:
    yield repr(endpoint)
    yield repr(request.path)
    sender = roster.sender(request.headers)
    proof: set[tuple[str, str]] = set()
    if sender is not None:
        authenticator, user = sender
        proof = set(roster.credentials[authenticator][user])
        yield f"user={user!r}"
        yield f"authenticator={authenticator!r}"
    headers = {
        name: value
        for name, value in request.headers
        if (name, value) not in proof and name.lower() not in _MADE
    }
    yield f"headers={headers!r}"
    if request.body:
        yield f"body={request.body!r}"
