"""Plants one mistake in the new application, and looks at how it is caught."""

import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from strangler.demo.shift import WHO, Control
from strangler.errors import InternalError
from strangler_proxy import store
from strangler_proxy.editing import Wish

ENDPOINT = "GET /api/products/{pk}/"
FIELD = "price"

_SCHEMA = "ProductRead"
_WRONG = f"    {FIELD}: float"
_PATIENCE = 15.0
_NEAR = 80  # lines below the start of a class in which its field stands


@dataclass(frozen=True, slots=True)
class Mistake:
    """A line that was changed; `line` counts from 1."""

    file: Path
    line: int
    before: str
    after: str

    def shown(self, root: Path) -> str:
        """`path:line: text`."""
        return f"{self.file.relative_to(root)}:{self.line}: {self.after.strip()}"

    def mend(self) -> None:
        """Put the line back."""
        _replace(self.file, self.line, self.before)


@dataclass(frozen=True, slots=True)
class Caught:
    """The difference that the proxy found, and where both sides make the value.

    Sources are `path:line: text`. seconds: from the canary's start to the finding, and from the
    rollback until no visitor got the new answer.
    """

    endpoint: str
    category: str
    pointer: str
    legacy: str
    new: str
    count: int
    sources: tuple[str, str]
    found_after: float
    rolled_back_after: float


def plant(out: Path) -> Mistake:
    """Let the product's price be a float, which JSON shows as a number."""
    for file in sorted(out.glob("app/*/schemas.py")):
        lines = file.read_text(encoding="utf-8").splitlines()
        inside = False
        for number, text in enumerate(lines, 1):
            if text.startswith("class "):
                inside = text.startswith(f"class {_SCHEMA}(")
            elif inside and re.match(rf"    {FIELD}\s*:", text):
                _replace(file, number, _WRONG)
                return Mistake(file, number, text, _WRONG)
    raise InternalError(f"the generated application has no {_SCHEMA}.{FIELD}")


def _replace(file: Path, line: int, text: str) -> None:
    lines = file.read_text(encoding="utf-8").splitlines(keepends=True)
    lines[line - 1] = f"{text}\n"
    file.write_text("".join(lines), encoding="utf-8")


def catch(control: Control, sources: tuple[str, str]) -> Caught:
    """Move the endpoint to a canary that is compared; take it back when a difference shows."""
    started = time.monotonic()
    control.set([Wish(ENDPOINT, "canary", 25.0, 1.0, True)], "the last endpoint")
    kept = _found(control, started + _PATIENCE)
    found = time.monotonic()
    control.state.rollback(who=WHO, why=f"{kept.category} at {kept.example}")
    control.taken()
    done = time.monotonic()
    return Caught(
        ENDPOINT,
        kept.category,
        kept.example,
        kept.legacy_value or kept.legacy_type,
        kept.new_value or kept.new_type,
        kept.count,
        sources,
        round(found - started, 2),
        round(done - found, 2),
    )


def _found(control: Control, end: float) -> store.Kept:
    while time.monotonic() < end:
        found = store.differences(control.store, ENDPOINT)
        if found:
            return found[0]
        time.sleep(0.1)
    raise InternalError(f"the mistake planted in {ENDPOINT} was not found")


def place(report: Mapping[str, Any], serializer: str, root: Path) -> str:
    """Where legacy makes the field: in the serializer."""
    entry = next(each for each in report["serializers"] if each["name"] == serializer)
    return _line(root, entry["source"])


def _line(root: Path, place: str) -> str:
    """`path:line: text` of the first line of a class that names the field."""
    path, _, start = place.rpartition(":")
    try:
        lines = (root / path).read_text(encoding="utf-8").splitlines()
    except OSError:
        return place
    first = int(start) - 1
    for number in range(first, min(first + _NEAR, len(lines))):
        if re.search(rf"\b{FIELD}\b", lines[number]):
            return f"{path}:{number + 1}: {lines[number].strip()}"
    return f"{place}: {lines[first].strip()}"
