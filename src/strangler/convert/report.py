"""The ledger as `convert --report` prints it: every model, serializer and endpoint, and what holds back the most."""

from __future__ import annotations

import ast
import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from strangler.convert.fingerprint import Fingerprints
from strangler.convert.worth import bodies_by_worth
from strangler.errors import InternalError
from strangler.facts import Facts
from strangler_codemods.conversion import Conversion, Entry
from strangler_codemods.refusal import Reason

#: Of the format of the report, which is the ledger too.
VERSION = 1
STATUSES = ("converted", "manual", "legacy")


def build_report(
    facts: Facts,
    conversion: Conversion,
    files: Mapping[str, str],
    sources: Mapping[str, str],
    manual: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """The report; its shape is `report.schema.json`.

    `files` are the formatted files of the new app, in which the lines of converted things are found;
    `sources` are legacy's, `manual` says where endpoints are that a person wrote.
    """
    places = Places(files)
    prints = Fingerprints(sources.get)
    endpoints = [
        {
            "id": e.id, "view": e.view, "action": e.action or "", "source": e.source or "", "kind": e.kind,
            **_status(conversion.endpoints[e.id], places), **_by_hand(manual or {}, e.id),
            **({"overrides": list(conversion.ported[e.id])} if e.id in conversion.ported else {}),
            **({"hypotheses": list(conversion.hypotheses[e.id])} if e.id in conversion.hypotheses else {}),
            "colour": "async",
            **({"fingerprint": prints.of(e.view, e.action or "")} if e.kind == "drf" else {}),
            "reasons": _reasons(conversion.endpoints[e.id]),
        }
        for e in facts.endpoints
    ]  # fmt: skip
    models = [
        {"name": m.name, "source": m.source or "", **_status(conversion.models[m.name], places),
         **_columns(conversion.models[m.name]), "reasons": _reasons(conversion.models[m.name])}
        for m in facts.models
    ]  # fmt: skip
    serializers = [
        {"name": s.name, "source": s.source or "", **_status(conversion.serializers[s.name], places),
         "reasons": _reasons(conversion.serializers[s.name])}
        for s in facts.serializers
    ]  # fmt: skip
    legacy = facts.legacy
    return {
        "version": VERSION,
        "legacy": {"python": legacy.python, "django": legacy.django, "drf": legacy.drf or ""},
        "endpoints": endpoints,
        "models": models,
        "serializers": serializers,
        "blockers": blockers(facts, conversion),
        "bodies": bodies_by_worth(facts, conversion, sources),
        "totals": {
            "endpoints": _totals(endpoints),
            "models": _totals(models),
            "serializers": _totals(serializers),
        },
    }


def _status(entry: Entry, places: Places) -> dict[str, str]:
    status = {"status": entry.status}
    if entry.status == "converted":
        status["new_source"] = places.of(entry.module, entry.symbol)
    return status


def _columns(entry: Entry) -> dict[str, list[str]]:
    return {"columns": list(entry.columns)} if entry.columns else {}


def _by_hand(manual: Mapping[str, str], name: str) -> dict[str, str]:
    return {"new_source": manual[name]} if name in manual else {}


def _reasons(entry: Entry) -> list[dict[str, str]]:
    return [_reason(reason) for reason in entry.reasons]


def _reason(reason: Reason) -> dict[str, str]:
    return {"code": reason.code, "message": reason.message, "source": reason.source}


def _totals(entries: Iterable[Mapping[str, Any]]) -> dict[str, int]:
    counts = Counter(str(entry["status"]) for entry in entries)
    return {status: counts[status] for status in STATUSES}


def blockers(facts: Facts, conversion: Conversion) -> list[dict[str, Any]]:
    """Reasons of the project's own DRF endpoints, those that hold back the most first."""
    counts: Counter[Reason] = Counter()
    for endpoint in facts.endpoints:
        if endpoint.kind == "drf":
            counts.update(set(conversion.endpoints[endpoint.id].reasons))
    ordered = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    return [{**_reason(reason), "endpoints": count} for reason, count in ordered]


class Places:
    """Lines of top-level definitions in the new app."""

    def __init__(self, files: Mapping[str, str]) -> None:
        self._files = files
        self._lines: dict[str, dict[str, int]] = {}

    def of(self, module: str, name: str) -> str:
        """`app/catalog/routers.py:18` for a definition of the new app.

        Raises:
            InternalError: what the ledger calls converted is not there.
        """
        path = f"{module.replace('.', '/')}.py"
        if path not in self._lines and path in self._files:
            self._lines[path] = {
                node.name: node.lineno
                for node in ast.parse(self._files[path]).body
                if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
            }
        line = self._lines.get(path, {}).get(name)
        if line is None:
            raise InternalError(f"`{name}` is called converted and is not in {path}")
        return f"{path}:{line}"


def check_totals(
    facts: Facts, report: Mapping[str, Any], walked: Iterable[tuple[str, str]]
) -> None:
    """Compare the ledger with an independent walk of the URL resolver.

    Raises:
        InternalError: an endpoint is missing, is not there, or stands there twice.
    """
    listed = {(e.method, _plain(e.path)) for e in facts.endpoints}
    variants = {(e.method, _plain(path)) for e in facts.endpoints for path in e.suffix_variants}
    found = {(method, _plain(path)) for method, path in walked} - variants
    paths = {path for _, path in listed}
    open_views = {path for method, path in found if method == "ANY" and path in paths}
    wrong = sorted(pair for pair in found ^ listed if pair[1] not in open_views)
    ids = Counter(e["id"] for e in report["endpoints"])
    twice = [name for name, count in ids.items() if count > 1]
    if wrong or twice:
        shown = ", ".join([*(f"{method} {path}" for method, path in wrong[:3]), *twice[:3]])
        raise InternalError(f"the ledger and the URL resolver disagree about {shown}")


def _plain(path: str) -> str:
    """A path without converters, numbers of nameless parts, and what an optional slash leaves open."""
    path = re.sub(r"{arg\d+", "{arg", path)
    return re.sub(r"{(\w+):.*?}(?=/|$|[^}])", r"{\1}", path).replace("//", "/").rstrip("/") or "/"


def dumps(report: Mapping[str, Any]) -> str:
    """The report as JSON text that is the same for the same report."""
    return json.dumps(report, indent=1, ensure_ascii=False) + "\n"
