"""How long a conversion takes, how much memory it holds, and whether that grows with the project.

    make bench-convert            three projects: 10,000, 20,000 and 40,000 lines
    make bench-convert LINES=5000 that size, and a quarter of it

The projects are generated. Goals: 40,000 lines in 60 s on two cores, below 1 GiB; files that no endpoint needs are
never parsed by LibCST; a file of the large project takes no longer than one of the small. Ends with one
summary line; exit 1 when a goal is missed.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from convert_project import IDLE, write_project

STRANGLER = Path(sys.executable).with_name("strangler")
SIZES = (10_000, 20_000, 40_000)
SECONDS, MEBIBYTES = 60.0, 1024.0
#: How much longer a file of the largest project may take than one of the smallest.
GROWTH = 1.25
_CORES = 2

# Converts in a process of its own, and tells which sources LibCST was given.
_PARSED = """
import json, sys
from pathlib import Path
import libcst
from strangler.config import discover, resolve
from strangler.convert.project import read_project
from strangler.legacy import read_facts
from strangler_codemods.conversion import convert
root = Path(sys.argv[1])
facts = read_facts(resolve(discover(root), legacy_path=str(root), legacy_python=sys.executable), timeout=600.0)
files = read_project(root).files
seen, parse = set(), libcst.parse_module
def noted(text, *rest, **options):
    seen.add(text)
    return parse(text, *rest, **options)
libcst.parse_module = noted
convert(facts, files)
print(json.dumps(sorted(path for path, text in files.items() if text and text in seen)))
"""


@dataclass(frozen=True)
class Measured:
    """One project: files, lines, seconds on the clock, MiB of the largest process, endpoints."""

    files: int
    lines: int
    seconds: float
    memory: float
    endpoints: int
    converted: int

    @property
    def each(self) -> float:
        """Milliseconds for a file."""
        return 1000 * self.seconds / self.files


def measure(folder: Path, lines: int) -> Measured:
    """Generate a project and convert it as a person does."""
    project, report = folder / f"project{lines}", folder / f"report{lines}.json"
    files, count = write_project(project, lines)
    places = ["--out", folder / f"app{lines}", "--report", report]
    command = [STRANGLER, "convert", project, "--python", sys.executable, *places]
    start = time.perf_counter()
    child = subprocess.Popen(
        list(map(str, command)), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    )
    _, status, usage = os.wait4(child.pid, 0)
    seconds = time.perf_counter() - start
    if status:
        assert child.stderr is not None
        sys.exit(f"convert failed: {child.stderr.read().decode()[-2000:]}")
    endpoints = [e for e in json.loads(report.read_text())["endpoints"] if e["kind"] == "drf"]
    done = sum(e["status"] == "converted" for e in endpoints)
    return Measured(files, count, seconds, usage.ru_maxrss / 1024, len(endpoints), done)


def _on_two_cores() -> None:
    """Bind this process, and those that it starts, to two cores."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:_CORES])


def parsed_idly(project: Path) -> list[str]:
    """Files that no endpoint needs, and that LibCST parsed all the same."""
    command = [sys.executable, "-c", _PARSED, str(project)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return [path for path in json.loads(done.stdout) if path.endswith(IDLE)]


def main() -> int:
    """Measure each size, print a table and the summary."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lines", type=int, nargs="*", default=list(SIZES))
    _on_two_cores()
    sizes = sorted(parser.parse_args().lines)
    if len(sizes) == 1:  # growth needs two
        sizes.insert(0, sizes[0] // 4)
    print("  lines  files  endpoints  converted  seconds     MiB  ms a file", flush=True)
    found = []
    with tempfile.TemporaryDirectory(prefix="strangler-bench-") as name:
        for lines in sizes:
            one = measure(Path(name), lines)
            found.append(one)
            print(
                f"{one.lines:7}{one.files:7}{one.endpoints:11}{one.converted:11}"
                f"{one.seconds:9.1f}{one.memory:8.0f}{one.each:11.1f}",
                flush=True,
            )
        idle = parsed_idly(Path(name) / f"project{sizes[0]}")
    largest, growth = found[-1], found[-1].each / found[0].each
    goals = {
        f"{largest.seconds:.1f} s for {largest.lines} lines (goal {SECONDS:.0f})": largest.seconds <= SECONDS,
        f"{largest.memory:.0f} MiB (goal {MEBIBYTES:.0f})": largest.memory < MEBIBYTES,
        f"{len(idle)} files parsed in vain (goal 0)": not idle,
        f"a file takes {growth:.2f} times as long (goal {GROWTH})": growth <= GROWTH,
        f"{largest.endpoints - largest.converted} endpoints left (goal 0)": largest.endpoints == largest.converted,
    }  # fmt: skip
    missed = [text for text, reached in goals.items() if not reached]
    print(f"bench-convert: {'missed: ' + '; '.join(missed) if missed else '; '.join(goals)}")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
