"""Converts the serializers and views of DRF's own tests, and lets `strangler verify` judge them."""

import hashlib
import json
import shutil
import subprocess
import sys
import tarfile
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .fields_project import MANAGE
from .running import converted, output

VERSION = "3.18.3"
_SHA256 = "446a9b352e7eff630421ab3f2328bd2401b109a9470afa4a31189994911ed030"
_TEXTS = Path(__file__).parent / "drf_tests"


@dataclass
class Verdicts:
    """What became of the endpoints: how many there are, refusals by code, verdicts, findings."""

    endpoints: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    found: Counter[str] = field(default_factory=Counter)
    findings: list[str] = field(default_factory=list)


def suite(cache: Path) -> Path:
    """`tests/` of DRF's pinned source distribution, brought into `cache` where it is not there.

    Raises SystemExit where the archive is not the one that is pinned.
    """
    name = f"djangorestframework-{VERSION}"
    archive, folder = cache / f"{name}.tar.gz", cache / name / "tests"
    if folder.is_dir():
        return folder
    if not archive.is_file():
        cache.mkdir(parents=True, exist_ok=True)
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"]
        options = ["--no-binary", "djangorestframework", "--dest", str(cache)]
        subprocess.run([*command, *options, f"djangorestframework=={VERSION}"], check=True)
    if hashlib.sha256(archive.read_bytes()).hexdigest() != _SHA256:
        raise SystemExit(f"{archive} is not the archive that is pinned")
    with tarfile.open(archive) as opened:
        opened.extractall(cache, filter="data")
    return folder


def make_project(tests: Path, root: Path, python: str) -> None:
    """Write the project at `root`, with its tables; what is there goes."""
    shutil.rmtree(root, ignore_errors=True)
    root.mkdir(parents=True)
    shutil.copytree(tests, root / "tests")
    shutil.copy(_TEXTS / "settings.txt", root / "settings.py")
    (root / "manage.py").write_text(MANAGE)
    output([python, "-W", "ignore", _TEXTS / "paths.py"], root, {})
    output(
        [
            python,
            "-W",
            "ignore",
            "manage.py",
            "migrate",
            "--run-syncdb",
            "--skip-checks",
            "-v",
            "0",
        ],
        root,
        {},
    )


def run_own_tests(python: str, seed: int, cases: int, folder: Path) -> Verdicts:
    """Make, convert, verify with `cases` requests for each endpoint."""
    project, api = folder / "drf-tests", folder / "drf-tests-api"
    make_project(suite(folder.parent / "sources"), project, python)
    shutil.rmtree(api, ignore_errors=True)
    verdicts = Verdicts()
    entries = [e for e in converted(project, api, python, "")["endpoints"] if e["kind"] == "drf"]
    verdicts.endpoints = len(entries)
    for entry in entries:
        if entry["status"] != "converted":
            code = entry["reasons"][0]["code"] if entry["reasons"] else "none"
            verdicts.refused[code] += 1
    report = folder / "drf-tests-verify.json"
    command = [Path(sys.executable).with_name("strangler"), "verify", project, "--python", python,
               "--out", api, "--report", report, "--cases", cases, "--seed", seed]  # fmt: skip
    output(command, project, {})
    for entry in json.loads(report.read_text())["endpoints"]:
        verdicts.found[entry["verdict"]] += 1
        if entry["verdict"] == "different":
            verdicts.findings.append(_finding(entry))
    return verdicts


def _finding(entry: dict[str, Any]) -> str:
    lines = [f"DRF's tests {entry['id']}"]
    for one in entry["differences"][:3]:
        lines.append(f"    {json.dumps(one.get('request'))[:600]}")
        lines.append(
            f"    {one['category']} {one['pointer']}: {one['legacy']} is {one['new']}"[:900]
        )
    return "\n".join(lines)
