"""Reads the ledger of a generated application: what became of each endpoint, and where it is."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from strangler.convert.fingerprint import Fingerprints
from strangler.errors import UsageError

FILE = Path(".strangler") / "ledger.json"

_SERVED = ("converted", "manual")


@dataclass(frozen=True, slots=True)
class Entry:
    """One endpoint. Sources are `path:line`, empty where there is none."""

    id: str
    kind: str
    status: str
    source: str
    new_source: str
    reasons: tuple[str, ...] = ()
    view: str = ""
    action: str = ""
    fingerprint: str = ""

    def changed(self, prints: Fingerprints) -> bool:
        """Whether legacy's source of the endpoint is another one than was converted."""
        return bool(self.fingerprint) and prints.of(self.view, self.action) != self.fingerprint


@dataclass(frozen=True, slots=True)
class PortableBody:
    """A function that a person may port: endpoints that it alone holds back, and those with others."""

    name: str
    source: str
    unlocks: int
    among: int


@dataclass(frozen=True, slots=True)
class Ledger:
    """Endpoints by id, in legacy's order; models by name."""

    endpoints: Mapping[str, Entry] = field(default_factory=dict)
    #: Names of the models whose rows the new application uses.
    models: frozenset[str] = frozenset()
    #: Most endpoints first.
    bodies: tuple[PortableBody, ...] = ()

    @property
    def served(self) -> tuple[str, ...]:
        """Endpoints that the new application answers, in that order."""
        return tuple(e.id for e in self.endpoints.values() if e.status in _SERVED)


def read_ledger(out: Path) -> Ledger:
    """The ledger of the application in a folder; UsageError where there is none."""
    file = out / FILE
    try:
        document: Any = json.loads(file.read_text(encoding="utf-8"))
        endpoints = {each["id"]: _entry(each) for each in document["endpoints"]}
        models = (each["name"] for each in document["models"] if _is_used(each))
        bodies = (PortableBody(**each) for each in document.get("bodies", ()))
        return Ledger(endpoints, frozenset(models), tuple(bodies))
    except FileNotFoundError:
        raise UsageError(
            f"there is no generated application in {out}", hint="strangler convert"
        ) from None
    except OSError as error:
        raise UsageError(
            f"the ledger cannot be read: {error.strerror}", source=str(file)
        ) from error
    except (ValueError, KeyError, TypeError) as error:
        raise UsageError(
            f"the ledger cannot be read: {type(error).__name__} {error}", source=str(file)
        ) from error


def _is_used(model: Mapping[str, Any]) -> bool:
    """Whether its rows are used, be it without some columns."""
    return model["status"] in _SERVED or bool(model.get("columns"))


def _entry(each: Mapping[str, Any]) -> Entry:
    reasons = tuple(reason["code"] for reason in each.get("reasons", ()))
    return Entry(
        each["id"],
        each["kind"],
        each["status"],
        each.get("source", ""),
        each.get("new_source", ""),
        reasons,
        each.get("view", ""),
        each.get("action", ""),
        each.get("fingerprint", ""),
    )
