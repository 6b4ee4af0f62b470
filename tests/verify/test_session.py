"""Runs against real applications: equal ones are equal, each fault is found where it is."""

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from importlib import resources

import jsonschema
import pytest

from strangler.config import Ignore
from strangler.diff import Accepted
from strangler.verify.project import Project
from strangler.verify.report import Report
from strangler.verify.session import Options, verify
from tests.verify.notes_project import facts

FACTS = facts()
BY_HAND = ("GET /api/notes/{pk}/", "DELETE /api/notes/{pk}/", "POST /api/stamp/")


def run(project: Project, names: Sequence[str], **options: object) -> Report:
    endpoints = [each for each in FACTS.endpoints if each.id in names]
    return verify(project, FACTS, endpoints, Options(**{"cases": 40, **options}))


def verdicts(report: Report) -> dict[str, str]:
    return {each.id: each.verdict for each in report.endpoints}


@pytest.fixture(scope="module")
def mirrored(project: Project) -> Report:
    """Legacy against itself."""
    names = [each.id for each in FACTS.endpoints if each.view == "notes.views.NoteViewSet"]
    return run(project, [*names, "GET /api/dice/"], mirror=True)


def test_legacy_is_equal_to_itself(mirrored: Report) -> None:
    found = verdicts(mirrored)
    assert found.pop("GET /api/dice/") == "moving"
    assert found == dict.fromkeys(found, "equal")
    assert len(found) == 6


def test_at_least_half_of_the_cases_are_2xx(mirrored: Report) -> None:
    for each in mirrored.endpoints:
        good = sum(count for status, count in each.statuses.items() if status.startswith("2"))
        assert 2 * good >= each.cases


def test_cases_reach_every_kind_of_outcome(mirrored: Report) -> None:
    statuses = {each.id: set(each.statuses) for each in mirrored.endpoints}
    assert statuses["GET /api/notes/"] >= {"200", "401", "404"}
    assert statuses["PUT /api/notes/{pk}/"] >= {"200", "400", "401", "403", "404"}


def test_the_report_is_what_its_schema_says(mirrored: Report) -> None:
    schema = json.loads((resources.files("strangler.verify") / "report.schema.json").read_text())
    document = mirrored.json()
    jsonschema.validate(document, schema)
    assert document["totals"] == {"equal": 6, "different": 0, "insufficient": 0, "moving": 1}
    assert document["isolation"] in {"namespace", "sockets"}


def test_an_equal_application_is_equal(project: Project) -> None:
    """Fresh codes and times of the stamp are paired; nothing else may differ."""
    report = run(project, BY_HAND)
    assert verdicts(report) == dict.fromkeys(BY_HAND, "equal")


STAMP, DETAIL, DELETE = "POST /api/stamp/", "GET /api/notes/{pk}/", "DELETE /api/notes/{pk}/"


@pytest.mark.parametrize(
    ("faults", "places"),
    [
        (
            "text,owner,twice",
            {
                DETAIL: ("number-as-text", "/stars"),
                DELETE: ("status", "status"),
                STAMP: ("row-extra", "row:notes_note/"),
            },
        ),
        (
            "offset,lost",
            {DETAIL: ("utc-offset", "/created"), STAMP: ("row-missing", "row:notes_note/")},
        ),
        ("code", {STAMP: ("value", "/code")}),
        ("search", {DETAIL: ("status", "status"), DELETE: ("status", "status")}),
    ],
)
def test_faults_are_found_where_they_are(
    project: Project,
    monkeypatch: pytest.MonkeyPatch,
    faults: str,
    places: dict[str, tuple[str, str]],
) -> None:
    """A code that repeats is no fresh one, so it is no pair of legacy's."""
    monkeypatch.setenv("FAULT", faults)
    for endpoint in run(project, list(places), cases=12).endpoints:
        category, pointer = places[endpoint.id]
        found = {(each.category, each.pointer) for each in endpoint.differences}
        assert endpoint.verdict == "different"
        assert any(name == category and at.startswith(pointer) for name, at in found), found


def test_the_same_seed_sends_the_same_requests(project: Project, mirrored: Report) -> None:
    """Whatever ran before: every case starts from the frozen state."""
    (again,) = run(project, ["POST /api/notes/"], mirror=True).endpoints
    assert again in mirrored.endpoints


def test_what_somebody_accepted_is_told_and_does_not_count(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Until its day; from then on it is a difference again."""
    monkeypatch.setenv("FAULT", "code")
    until = datetime.now(UTC).date()
    entry = Ignore(endpoint=STAMP, pointer="/code", reason="fixed in tests", until=until)
    rows = Ignore(endpoint=STAMP, pointer="row:*/*/code", reason="the same", until=until)
    (told,) = run(project, [STAMP], cases=12, accepted=Accepted([entry, rows])).endpoints
    assert [each.pointer for each in told.differences if each.pointer == "/code"] == []
    assert any(note.startswith(f"accepted until {until}: /code, fixed") for note in told.notes)
    late = entry.model_copy(update={"until": until - timedelta(days=1)})
    (again,) = run(project, [STAMP], cases=12, accepted=Accepted([late])).endpoints
    assert "/code" in [each.pointer for each in again.differences]


@pytest.mark.parametrize(
    ("weakness", "verdict", "told"),
    [
        ("raise", "insufficient", "a request that legacy answers with 2xx"),
        ("hang", "uncompared", "did not answer within 3 s, 4 requests in a row"),
        ("die", "uncompared", ", 4 requests in a row"),
        ("die midway", "uncompared", "answers not compared: the legacy application's process"),
    ],
)
def test_a_legacy_that_fails_is_told_and_the_others_are_asked(
    project: Project, monkeypatch: pytest.MonkeyPatch, weakness: str, verdict: str, told: str
) -> None:
    """It is never equal, and what else there is does not suffer."""
    weak, after = "GET /api/weak/", "POST /api/stamp/"
    project = replace(project, environment=dict(project.environment, WEAKNESS=weakness), seconds=3)
    report = run(project, [weak, after], mirror=True, cases=12)
    found, other = sorted(report.endpoints, key=lambda each: each.id)
    assert found.verdict == verdict
    assert any(told in each for each in found.missing), found.missing
    assert (other.id, other.verdict) == (after, "equal")
