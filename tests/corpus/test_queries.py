"""A corpus of Django queries gives the same values and rows after conversion."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.postgres import binaries_folder

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_queries_answer_alike_or_are_refused(database: str) -> None:
    """`make corpus-queries` asks MariaDB too."""
    if database == "postgresql" and not binaries_folder():
        pytest.skip("no PostgreSQL binaries")
    corpus = ROOT / "benchmarks" / "corpus_queries.py"
    command = [sys.executable, corpus, "--seeds", "1", "--only", database]
    done = subprocess.run(map(str, command), capture_output=True, text=True, check=False)
    findings = (ROOT / "build" / "corpus-queries" / "findings.txt").read_text(encoding="utf-8")
    assert done.returncode == 0, done.stdout[-1500:] + done.stderr[-1500:] + findings[:3000]
