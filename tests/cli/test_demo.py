"""`strangler demo`: the whole road on the sample shop."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from strangler.cli import main
from strangler.errors import ExitCode

STRANGLER = Path(sys.executable).with_name("strangler")


@pytest.mark.slow
def test_the_shop_moves_without_a_failed_request(tmp_path: Path) -> None:
    """Converted, checked, verified, shifted; one mistake caught with both values, and taken back."""
    report = tmp_path / "demo.json"
    done = subprocess.run(
        [STRANGLER, "demo", "--report", report, "--folder", tmp_path / "play"],
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    figures = json.loads(report.read_text())
    assert figures["good"]
    assert figures["verify"]["equal"] == sum(figures["verify"].values()) > 50
    assert figures["traffic"]["failed"] == 0
    assert figures["traffic"]["requests"] > 200
    assert set(figures["traffic"]["methods"]) == {"GET", "POST", "PATCH", "DELETE"}
    assert [phase["title"] for phase in figures["shift"]] == [
        "legacy", "shadow", "canary 10 %", "canary 50 %", "new",
    ]  # fmt: skip
    legacy, *_, last = figures["shift"]
    assert legacy["answers"]["new"] == 0 < last["answers"]["new"]
    assert figures["compared"].get("different", 0) == 0
    planted = figures["planted"]
    assert (planted["category"], planted["pointer"]) == ("decimal-as-number", "/price")
    assert json.loads(json.loads(planted["legacy"])) == planted_number(planted["new"])
    assert planted["sources"][0].startswith("catalog/serializers.py:")
    assert planted["sources"][1].endswith("price: float")
    history = (tmp_path / "play" / ".strangler" / "state" / "audit.jsonl").read_text()
    assert json.loads(history.splitlines()[-1])["action"] == "rollback"
    assert "strangler init" in done.stdout


def planted_number(text: str) -> float:
    return float(text)


def test_a_folder_that_holds_something_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nothing of anybody's is overwritten."""
    (tmp_path / "mine.txt").write_text("mine")
    assert main(["demo", "--folder", str(tmp_path)]) == ExitCode.USAGE
    assert "is not empty" in capsys.readouterr().err
