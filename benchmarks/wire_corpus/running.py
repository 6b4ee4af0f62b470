"""Runs commands for the corpus."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any


def output(command: list[Any], folder: Path, variables: dict[str, str], given: Any = None) -> str:
    """What a command prints. Raises SystemExit with the end of its errors where it fails."""
    environment = {**os.environ, **variables, "PYTHONDONTWRITEBYTECODE": "1", "PYTHONHASHSEED": "0"}
    done = subprocess.run(
        list(map(str, command)), cwd=folder, env=environment, input=json.dumps(given),
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    allowed = {0, 1} if "strangler" in str(command[0]) else {0}
    if done.returncode not in allowed:
        said = done.stdout[-500:] + done.stderr[-3000:]
        raise SystemExit(f"{' '.join(map(str, command[:4]))}: {said}")
    return done.stdout


def converted(project: Path, api: Path, python: str, url: str) -> dict[str, Any]:
    """Convert a project; the report. SystemExit where that fails."""
    report = api.with_suffix(".json")
    command = [Path(sys.executable).with_name("strangler"), "convert", project, "--python", python,
               "--out", api, "--report", report]  # fmt: skip
    output(command, project, {"DATABASE_URL": url})
    found: dict[str, Any] = json.loads(report.read_text())
    return found
