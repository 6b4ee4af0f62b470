"""What `verify` last said, kept beside what it is about: whole, and a line for each endpoint."""

import ast
import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from functools import cached_property, partial
from hashlib import sha256
from pathlib import Path
from typing import Any

from strangler.convert.fingerprint import Fingerprints
from strangler.convert.ledger import Entry, Ledger
from strangler.convert.project import parsed, read_file
from strangler.errors import EnvironmentProblem
from strangler.verify.report import Report
from strangler_proxy.state import StateFolder

REPORT, _VERIFIED = "verify.json", "verified.json"
Json = dict[str, Any]


def kept(out: Path) -> StateFolder:
    """The folder for what is not committed, inside a generated application."""
    return StateFolder(out / ".strangler" / "state")


class Sources:
    """What the two sides of an endpoint are made of, as texts that change with it."""

    def __init__(self, legacy: Path, out: Path) -> None:
        self.legacy = Fingerprints(partial(read_file, legacy))
        self._new = Fingerprints(partial(read_file, out))
        self._out = out
        self._parsed: dict[str, list[ast.stmt]] = {}

    @cached_property
    def _shared(self) -> str:
        return "".join(self._around())

    def of(self, entry: Entry) -> list[str]:
        """Legacy's view with what it names; the new function, and what all of them run through."""
        file, _, line = entry.new_source.rpartition(":")
        name = self._function(file, int(line)) if line.isdigit() else ""
        module = file.removesuffix(".py").replace("/", ".")
        new = self._new.of(f"{module}.{name}", "") if name else ""
        whole = sha256(f"{new}{self._shared}".encode()).hexdigest()[:16]
        return [self.legacy.of(entry.view, entry.action), whole if new else ""]

    def _function(self, file: str, line: int) -> str:
        """The function or class at a line; decorators belong to it."""
        for node in self._statements(file):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                first = min([node.lineno, *(each.lineno for each in node.decorator_list)])
                if first <= line <= (node.end_lineno or line):
                    return node.name
        return ""

    def _around(self) -> Iterator[str]:
        """What `app/main.py` brings in beside the routers: middleware, handlers, settings."""
        for node in self._statements("app/main.py"):
            if isinstance(node, ast.ImportFrom) and not (node.module or "").endswith("routers"):
                yield from (self._new.of(f"{node.module}.{each.name}", "") for each in node.names)

    def _statements(self, file: str) -> list[ast.stmt]:
        if file not in self._parsed:
            try:
                self._parsed[file] = parsed(read_file(self._out, file) or "").body
            except (SyntaxError, ValueError):
                self._parsed[file] = []
        return self._parsed[file]


def dated(report: Report, out: Path) -> Report:
    """With when each finding was seen: first in the runs that are remembered, and now."""
    now, before = _now(), _read(out)
    endpoints = []
    for each in report.endpoints:
        known = before.get(each.id, {}).get("findings")
        since = known if isinstance(known, dict) else {}
        findings = [
            replace(one, first_seen=str(since.get(one.id, now)), last_seen=now)
            for one in each.differences
        ]
        endpoints.append(replace(each, differences=findings))
    return replace(report, endpoints=endpoints)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def remember(out: Path, text: str, report: Report, ledger: Ledger, sources: Sources) -> None:
    """Keep the report's text, and each endpoint's verdict with what it was passed on."""
    folder = kept(out).ensure()
    try:
        (folder / REPORT).write_text(text, encoding="utf-8")
        verdicts = _read(out)
        now = _now()
        for each in report.endpoints:
            if (entry := ledger.endpoints.get(each.id)) is not None:
                known = {"verdict": each.verdict, "cases": each.cases, "at": now}
                findings = {one.id: one.first_seen for one in each.differences}
                sides = sources.of(entry)
                verdicts[each.id] = {**known, "sources": sides, "findings": findings}
        document = json.dumps({"version": 1, "endpoints": verdicts}, indent=1)
        (folder / _VERIFIED).write_text(document, encoding="utf-8")
    except OSError as error:
        raise EnvironmentProblem(f"{folder} cannot be written: {error.strerror}") from error


def standing(out: Path, ledger: Ledger, sources: Sources) -> Mapping[str, Json]:
    """The last verdict on each endpoint: `verdict`, `cases`, `at`.

    `stale` where the code of one side is another one since.
    """
    found: dict[str, Json] = {}
    for name, known in _read(out).items():
        entry = ledger.endpoints.get(name)
        if entry is not None:
            changed = sources.of(entry) != known.pop("sources", None)
            known.pop("findings", None)
            found[name] = {**known, "verdict": "stale"} if changed else known
    return found


def _read(out: Path) -> dict[str, Json]:
    """What is kept; nothing where there is nothing, or what somebody else wrote."""
    try:
        text = (kept(out).path / _VERIFIED).read_text(encoding="utf-8")
        document = json.loads(text)
        return {str(k): dict(v) for k, v in document["endpoints"].items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}
