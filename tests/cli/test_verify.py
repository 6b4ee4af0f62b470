"""`strangler verify` as a person calls it: exit codes, report, one line for what is wrong."""

import json
from pathlib import Path

import pytest

from strangler.cli import main
from tests.verify.notes_project import write_project

DETAIL, STAMP = "GET /api/notes/{pk}/", "POST /api/stamp/"


@pytest.fixture(scope="module")
def notes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project with a ledger that names two endpoints of the hand-written application."""
    folder = write_project(tmp_path_factory.mktemp("cli") / "notes")
    ledger = folder / "newapp" / ".strangler" / "ledger.json"
    ledger.parent.mkdir()
    entries = [
        {"id": DETAIL, "kind": "drf", "status": "converted"},
        {"id": STAMP, "kind": "drf", "status": "manual"},
        {"id": "GET /api/notes/", "kind": "drf", "status": "legacy"},
    ]
    ledger.write_text(json.dumps({"version": 1, "endpoints": entries, "models": []}))
    return folder


def project_files(folder: Path) -> list[Path]:
    """All but the report of the last run, which git ignores."""
    return sorted(each for each in folder.rglob("*") if "state" not in each.parts)


def test_equal_endpoints_exit_0_and_write_a_report(
    notes: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    before = project_files(notes)
    report = tmp_path / "report.json"
    code = main(["verify", str(notes), "--cases", "10", "--strict", "--report", str(report)])
    printed = capfd.readouterr()
    assert (code, printed.err) == (0, "")
    document = json.loads(report.read_text())
    assert {each["id"]: each["verdict"] for each in document["endpoints"]} == {
        DETAIL: "equal",
        STAMP: "equal",
    }
    assert "2 equal" in printed.out
    assert f"next: strangler init {notes}" in printed.out, "route needs a strangler.toml"
    assert project_files(notes) == before
    assert "the-key-of-the-notes" not in report.read_text() + printed.out


def test_a_difference_exits_1_and_json_is_all_that_is_printed(
    notes: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FAULT", "text")
    monkeypatch.chdir(notes)
    assert main(["verify", DETAIL, "--cases", "5", "--json"]) == 1
    document = json.loads(capfd.readouterr().out)
    assert [each["id"] for each in document["endpoints"]] == [DETAIL]
    assert document["totals"]["different"] == 1


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["GET /nowhere/"], "legacy has no endpoint 'GET /nowhere/'"),
        (["GET /api/note/"], "did you mean 'GET /api/notes/'?"),
        (["GET /api/notes/"], "is not converted: there is nothing to compare"),
        (["--out", "elsewhere"], "no generated application"),
        (
            ["--database", "oracle://x"],
            "--database takes a postgresql://, mysql:// or sqlite:// URL",
        ),
    ],
)
def test_what_cannot_be_compared_is_one_line_and_exit_2(
    notes: Path,
    capfd: pytest.CaptureFixture[str],
    arguments: list[str],
    line: str,
) -> None:
    assert main(["verify", str(notes), *arguments]) == 2
    printed = capfd.readouterr()
    assert line in printed.err
    assert printed.err.count("\n") == 1
