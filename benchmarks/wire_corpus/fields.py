"""Random inputs for every kind of field: real DRF against the converted schemas."""

import json
import shutil
import sys
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

from .environments import Oracle
from .fields_project import make_fields_project
from .running import converted, output
from .serializer_texts import Case

_SIDES = Path(__file__).with_name("fields_sides.py")


@dataclass
class Tally:
    """What was found for one kind: inputs compared, those that differ, serializers refused."""

    compared: int = 0
    accepted: int = 0
    different: int = 0
    crashed: int = 0
    serializers: int = 0
    refused: Counter[str] = field(default_factory=Counter)

    @property
    def share(self) -> float:
        """Per cent that agree."""
        return 100 * (1 - self.different / self.compared) if self.compared else 100.0


def run_fields(
    oracle: Oracle, seed: int, inputs: int, folder: Path
) -> tuple[dict[str, Tally], list[str]]:
    """Make, convert, ask both sides `inputs` times a kind; figures by kind, and the findings."""
    project, api, database = folder / "fields", folder / "fields-api", folder / "fields.db"
    shutil.rmtree(api, ignore_errors=True)
    database.unlink(missing_ok=True)
    found = make_fields_project(project, seed, oracle.drf)
    url = f"sqlite:///{database}"
    report = converted(project, api, oracle.python, url)
    reasons = _reasons(report)
    tallies: dict[str, Tally] = {}
    for case in found:
        tally = tallies.setdefault(case.kind, Tally())
        tally.serializers += 1
        if case.name in reasons:
            tally.refused[reasons[case.name]] += 1
    asked = _inputs(Random(seed + 1), [c for c in found if c.name not in reasons], inputs)
    given = [[case.name, case.model, mode, data] for case, mode, data in asked]
    answers = [
        json.loads(
            output(
                [python, "-W", "ignore", _SIDES, side],
                place,
                {"DATABASE_URL": url, "SECRET_KEY": "x"},
                given,
            )
        )
        for python, side, place in (
            (oracle.python, "django", project),
            (sys.executable, "new", api),
        )
    ]
    return tallies, _compared(asked, answers, tallies, oracle)


def _reasons(report: dict[str, Any]) -> dict[str, str]:
    """The code for each serializer none of whose endpoints converts, by the case's name."""
    found = {}
    for entry in report["endpoints"]:
        name = entry["id"].split("/")[1].title()
        if entry["status"] != "converted":
            found[name] = f"{entry['reasons'][0]['code']} {entry['reasons'][0]['message']}"
    return found


def _inputs(random: Random, found: list[Case], inputs: int) -> list[tuple[Case, str, Any]]:
    """At least that many inputs for each kind, spread over its serializers."""
    kinds = Counter(case.kind for case in found)
    asked = []
    for case in found:
        # some are about rows that do not exist or crash DRF, and are not compared
        wanted = inputs * 2 if case.model else inputs * 5 // 4
        for _ in range(-(-wanted // kinds[case.kind])):
            mode = random.choice(["full", "full", "partial", "partial", "many"])
            data: Any = case.given(random)
            if mode == "many":
                data = [case.given(random) for _ in range(random.randint(0, 3))]
            elif mode == "partial" and isinstance(data, dict):  # few fields: more are accepted
                data = {key: item for key, item in data.items() if random.random() < 0.4}
            elif case.model and random.random() < 0.4:
                mode += f":{random.randint(1, 12)}"
            asked.append((case, mode, data))
    return asked


def _compared(
    asked: list[tuple[Case, str, Any]],
    answers: list[Any],
    tallies: dict[str, Tally],
    oracle: Oracle,
) -> list[str]:
    findings = []
    for (case, mode, data), theirs, ours in zip(asked, *answers, strict=True):
        tally = tallies[case.kind]
        if theirs[0] == "none":
            continue
        if theirs[0] == "crash":
            tally.crashed += 1
            continue
        tally.compared += 1
        tally.accepted += theirs[0] == "ok"
        if theirs != ours:
            tally.different += 1
            findings.append(
                f"{oracle.name} {case.kind} {case.name} {mode} {json.dumps(data)[:600]}\n"
                f"    DRF: {json.dumps(theirs)[:1500]}\n    new: {json.dumps(ours)[:1500]}"
            )
    return findings
