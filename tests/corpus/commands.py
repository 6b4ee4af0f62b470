"""Runs `strangler convert` and `strangler verify` as people do, and reads their reports."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any


def converted(project: Path, folder: Path, **environment: str) -> dict[str, Any]:
    """Convert `project` into `folder`/api; the report. Each name that was written has a meaning."""
    report = _reported("convert", project, folder, (), environment)
    command = [Path(sys.executable).with_name("ruff"), "check", "--isolated", "--select", "F821"]
    found = subprocess.run(
        [*map(str, command), "--quiet", str(folder / "api" / "app")],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert found.returncode == 0, found.stdout
    return report


def verified(project: Path, folder: Path, *options: str, **environment: str) -> dict[str, Any]:
    """Verify what `converted` wrote into `folder`/api; the report."""
    return _reported("verify", project, folder, options, environment)


def not_equal(report: dict[str, Any]) -> list[Any]:
    """What the report of a verify says of endpoints that are not proved equal."""
    return [
        (e["id"], e["verdict"], e["missing"], e["differences"][:1])
        for e in report["endpoints"]
        if e["verdict"] != "equal"
    ]


def _reported(
    name: str, project: Path, folder: Path, options: tuple[str, ...], environment: dict[str, str]
) -> dict[str, Any]:
    report = folder / f"{name}.json"
    python = ("--python", sys.executable)
    places = ("--out", folder / "api", "--report", report)
    command = [Path(sys.executable).with_name("strangler"), name, project, *python, *places]
    done = subprocess.run(
        [*map(str, command), *options],
        env={**os.environ, **environment}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode in {0, 1}, done.stdout[-4000:] + done.stderr[-4000:]
    found: dict[str, Any] = json.loads(report.read_text())
    return found
