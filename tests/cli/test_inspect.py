"""`strangler inspect` in words and as JSON."""

import json
import sys
from pathlib import Path

import pytest

from strangler.cli import main
from strangler.errors import ExitCode


@pytest.fixture
def shop(repository: Path) -> str:
    return str(repository / "sample_django_app")


def test_the_shop_is_taken_stock_of(shop: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Versions, counts, views with their places, blockers."""
    assert main(["inspect", shop, "--python", sys.executable]) == ExitCode.DONE
    out = capsys.readouterr().out
    assert "Django 5.2" in out
    assert "DRF endpoints" in out
    assert "what keeps endpoints on Django" in out


def test_json_holds_the_whole_inventory(shop: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing but JSON on standard output, and totals that add up."""
    assert main(["inspect", shop, "--python", sys.executable, "--json"]) == ExitCode.DONE
    report = json.loads(capsys.readouterr().out)
    assert sum(report["totals"]["endpoints"].values()) == len(report["endpoints"])
    assert report["blockers"] == sorted(report["blockers"], key=lambda each: -each["endpoints"])
    assert report["problems"] == []


def test_a_project_that_does_not_boot_gets_a_static_view(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What the sources tell on standard output, why it is no more on standard error."""
    (tmp_path / "manage.py").write_text("import os\nos.environ['DJANGO_SETTINGS_MODULE'] = 'x'\n")
    (tmp_path / "models.py").write_text("class Animal(Model): ...\n")
    (tmp_path / "broken.py").write_text("def (:\n")
    arguments = ["inspect", str(tmp_path), "--python", sys.executable]
    assert main([*arguments, "--json"]) == ExitCode.FINDINGS
    streams = capsys.readouterr()
    report = json.loads(streams.out)
    assert [each["name"] for each in report["models"]] == ["Animal"]
    assert [each["source"] for each in report["skipped"]] == ["broken.py:1"]
    assert streams.err.count("\n") == 1
    assert "static view: Django did not boot: ModuleNotFoundError" in streams.err
    assert main(arguments) == ExitCode.FINDINGS
    assert "skipped broken.py:1" in capsys.readouterr().out


def test_a_folder_without_manage_py_is_a_usage_error(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """One line, no traceback."""
    assert main(["inspect", str(tmp_path)]) == ExitCode.USAGE
    assert capsys.readouterr().err.count("\n") == 1
