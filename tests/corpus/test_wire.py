"""Serializers and views made from a seed answer as DRF does after conversion."""

import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("part", ["fields", "exchanges", "identity"])
def test_what_converts_answers_alike(part: str) -> None:
    """On SQLite, with the DRF that is installed here; a few inputs for each kind."""
    asked = ["--parts", part, "--inputs", "60", "--exchanges", "150", "--database", "sqlite"]
    command = [sys.executable, ROOT / "benchmarks" / "corpus_wire.py", "--only", "current", *asked]
    done = subprocess.run(map(str, command), capture_output=True, text=True, check=False)
    said = done.stdout[-1500:] + done.stderr[-1500:]
    file = ROOT / "build" / "corpus-wire" / "findings.txt"
    findings = file.read_text(encoding="utf-8") if file.exists() else "it ended before its findings"
    assert done.returncode == 0, said + findings[:3000]
