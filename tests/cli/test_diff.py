"""`strangler diff audit`: says which planted faults a rule of the project would hide."""

import json
from collections import Counter
from pathlib import Path

import pytest

from strangler.cli import main
from tests.verify.notes_project import write_project

DETAIL = "GET /api/notes/{pk}/"
IGNORE = """
[[ignore]]
endpoint = "GET /api/notes/{pk}/"
pointer = "/stars"
reason = "counted elsewhere"
until = 2999-01-01
"""


def test_rules_that_hide_faults_are_named(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    folder = write_project(tmp_path / "notes")
    assert main(["diff", "audit", str(folder), DETAIL]) == 0
    assert "0 would be missed" in capfd.readouterr().out

    (folder / "strangler.toml").write_text(IGNORE)
    assert main(["diff", "audit", str(folder), DETAIL, "--json"]) == 1
    document = json.loads(capfd.readouterr().out)
    kinds = Counter(each["kind"] for each in document["missed"])
    assert kinds == {"number changed": 1, "number as text": 1, "null instead": 1, "value lost": 1}
    assert {each["reason"] for each in document["missed"]} == {"accepted: counted elsewhere"}
    assert document["planted"]["number changed"] > 1


def test_an_unknown_endpoint_is_one_line(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    folder = write_project(tmp_path / "notes")
    assert main(["diff", "audit", str(folder), "GET /nowhere/"]) == 2
    assert "legacy has no endpoint" in capfd.readouterr().err
