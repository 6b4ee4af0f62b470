"""`strangler explain` and `verify --emit-tests`: what differs, to look at and to run again."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from strangler.cli import main
from tests.verify.notes_project import write_project

DETAIL, STAMP = "GET /api/notes/{pk}/", "POST /api/stamp/"


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A project whose new application writes stars as text and a row too many; verified."""
    folder = write_project(tmp_path_factory.mktemp("explain") / "notes")
    ledger = folder / "newapp" / ".strangler" / "ledger.json"
    ledger.parent.mkdir()
    places = {"source": "notes/views.py:30", "new_source": "app/main.py:3"}
    entries = [
        {"id": name, "kind": "drf", "status": "manual", **places} for name in (DETAIL, STAMP)
    ]
    ledger.write_text(json.dumps({"version": 1, "endpoints": entries, "models": []}))
    os.environ["FAULT"] = "text,twice"
    try:
        tests = folder / "test_found.py"
        assert main(["verify", str(folder), "--cases", "10", "--emit-tests", str(tests)]) == 1
        yield folder
    finally:
        del os.environ["FAULT"]


def ids(folder: Path) -> dict[str, str]:
    report = json.loads((folder / "newapp/.strangler/state/verify.json").read_text())
    return {
        f"{each['id']} {one['category']}": one["id"]
        for each in report["endpoints"]
        for one in each["differences"]
    }


def test_a_difference_is_shown_with_both_sides(
    found: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    name = ids(found)[f"{DETAIL} number-as-text"]
    assert main(["explain", name[:5], str(found)]) == 0
    printed = capfd.readouterr().out
    assert '-   "stars": ' in printed
    assert '+   "stars": "' in printed
    assert "notes/views.py:30" in printed
    assert "curl -i -X GET" in printed
    assert "next: mend it, then strangler verify" in printed


def test_rows_and_json_are_shown(found: Path, capfd: pytest.CaptureFixture[str]) -> None:
    name = ids(found)[f"{STAMP} row-extra"]
    assert main(["explain", name, str(found), "--json"]) == 0
    document = json.loads(capfd.readouterr().out)
    assert (document["endpoint"], document["category"]) == (STAMP, "row-extra")
    assert {each["side"] for each in document["rows"]} == {"legacy", "new"}


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["ffffffff"], "the report has no difference ffffffff"),
        ([""], "the report has no difference"),
        (["a", "--report", "nowhere.json"], "there is no report nowhere.json"),
    ],
)
def test_what_is_not_there_is_one_line(
    found: Path, capfd: pytest.CaptureFixture[str], arguments: list[str], told: str
) -> None:
    assert main(["explain", arguments[0], str(found), *arguments[1:]]) == 2
    printed = capfd.readouterr()
    assert printed.out == ""
    assert told in printed.err
    assert len(printed.err.splitlines()) == 1


def test_a_file_that_is_no_report_is_refused(
    found: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    for text in ("", "[]", '{"endpoints": [1]}', '{"endpoints": [{"id": 5}]}'):
        (tmp_path / "r.json").write_text(text)
        assert main(["explain", "a", str(found), "--report", str(tmp_path / "r.json")]) == 2
        assert "this is no report of verify" in capfd.readouterr().err


@pytest.mark.parametrize(("fault", "code"), [("text,twice", 1), ("", 0)])
def test_emitted_tests_fail_until_both_answer_alike(found: Path, fault: str, code: int) -> None:
    tests = found / "test_found.py"
    assert "Token" not in tests.read_text().replace("TokenAuthentication", "")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(tests)],
        cwd=found,
        env=os.environ | {"FAULT": fault},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == code, done.stdout
    assert f"{len(ids(found))} {'failed' if code else 'passed'}" in done.stdout
