"""Converts a corpus of Django queries and compares what both sides answer on the same rows.

    make corpus-queries [SEED=7] [ONLY=sqlite]

A table by section, one summary line; exit 1 where a pair that was converted answers otherwise, or
where one was refused that should convert, or with another code. What is behind a figure lies in
build/corpus-queries/findings.txt.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT), str(Path(__file__).parent)]

from queries_corpus.project_of_pairs import Pair, make_project, pairs  # noqa: E402

from tests import mariadb  # noqa: E402
from tests.postgres import binaries_folder, cluster  # noqa: E402

BUILD = ROOT / "build" / "corpus-queries"
HERE = Path(__file__).parent / "queries_corpus"
KINDS = ("sqlite", "postgresql", "mariadb")
Reasons = dict[str, dict[str, str]]
SEEDS = 2


def main() -> int:
    """Convert, run on each database, print the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--only", choices=KINDS)
    parser.add_argument("--section")
    parser.add_argument("--seeds", type=int, default=SEEDS)
    options = parser.parse_args()
    wanted = [pair for pair in pairs() if options.section in {None, pair.section}]
    BUILD.mkdir(parents=True, exist_ok=True)
    make_project(BUILD / "project", wanted)
    reasons: dict[str, Reasons] = {}
    found: dict[str, dict[str, str]] = {}
    for kind in KINDS:
        if kind == "mariadb" and options.only is None and not mariadb.is_installed():
            print("mariadb: no server is installed")
        elif options.only in {None, kind}:
            with databases(kind) as place:
                reasons[kind] = convert(kind, wanted, place)
                seeds = range(options.seed, options.seed + options.seeds)
                found[kind] = run(kind, wanted, reasons[kind], seeds, place)
    return report(wanted, reasons, found)


def convert(kind: str, wanted: list[Pair], place: Callable[[str], str]) -> Reasons:
    """Convert the project; the first reason of every pair that stays on Django."""
    out = BUILD / f"api-{kind}"
    shutil.rmtree(out, ignore_errors=True)
    report = BUILD / "convert.json"
    command = [Path(sys.executable).with_name("strangler"), "convert", BUILD / "project",
               "--python", sys.executable, "--out", out, "--report", report]  # fmt: skip
    _output([str(part) for part in command], BUILD, {"DATABASE_URL": place("boot")})
    entries = {e["id"]: e for e in json.loads(report.read_text())["endpoints"]}
    reasons = {}
    for pair in wanted:
        entry = entries[f"GET /{pair.name}/"]
        if entry["status"] != "converted":
            reasons[pair.name] = entry["reasons"][0]
    return reasons


def run(
    kind: str, wanted: list[Pair], reasons: Reasons, seeds: range, place: Callable[[str], str]
) -> dict[str, str]:
    """What is wrong, by the names of pairs."""
    asked = [p for p in wanted if p.name not in reasons and p.only in {None, kind}]
    wrong: dict[str, str] = {}
    for number in seeds:
        theirs_url, ours_url = place("legacy"), place("new")
        for url in (theirs_url, ours_url):
            command = [sys.executable, "seed.py", str(number)]
            _output(command, BUILD / "project", {"DATABASE_URL": url})
        theirs = side("django", "project", asked, theirs_url)
        ours = side("new", f"api-{kind}", asked, ours_url)
        for pair in asked:
            if theirs[pair.name] != ours[pair.name]:
                wrong.setdefault(pair.name, f"{theirs[pair.name]} is {ours[pair.name]}")
    return wrong


def side(name: str, root: str, asked: list[Pair], url: str) -> dict[str, Any]:
    """What one side gives for every pair."""
    package = "library" if name == "django" else "app.library"
    given = {"pairs": {p.name: [f"{package}.{p.section}", p.name] for p in asked}}
    environment = {"DATABASE_URL": url, "SECRET_KEY": "corpus"}
    command = [sys.executable, "-W", "ignore", str(HERE / "sides.py"), name]
    found: dict[str, Any] = json.loads(
        _output(command, BUILD / root, environment, given).strip().rpartition("\n")[2]
    )
    return found


@contextmanager
def databases(kind: str) -> Iterator[Callable[[str], str]]:
    """Gives the URLs of empty databases by name."""
    if kind == "sqlite":
        yield _sqlite
        return
    if kind == "mariadb":
        with mariadb.server() as other:
            yield lambda name: other.new_database(f"queries_{name}")
        return
    binaries = binaries_folder()
    if binaries is None:
        raise SystemExit("no PostgreSQL binaries (pg_config --bindir, /usr/lib/postgresql/*/bin)")
    with cluster(binaries) as server:
        yield lambda name: server.new_database(f"queries_{name}")


def _sqlite(name: str) -> str:
    for suffix in ("", "-wal", "-shm"):
        (BUILD / f"{name}.db{suffix}").unlink(missing_ok=True)
    return f"sqlite:///{BUILD / name}.db"


def report(
    wanted: list[Pair], reasons: dict[str, Reasons], found: dict[str, dict[str, str]]
) -> int:
    """The table by section; the exit code."""
    lines, missed, total = [], 0, [0, 0, 0, 0, 0]
    print(f"{'section':24}{'pairs':>7}{'converted':>11}{'equal':>7}{'refused':>9}{'wrong':>7}")
    for section in sorted({pair.section for pair in wanted}):
        inside = [pair for pair in wanted if pair.section == section]
        wrong = {p.name for p in inside if any(p.name in each for each in found.values())}
        refused = [p for p in inside if any(p.name in each for each in reasons.values())]
        figures = [len(inside), len(inside) - len(refused),
                   len(inside) - len(refused) - len(wrong), len(refused), len(wrong)]  # fmt: skip
        total = [a + b for a, b in zip(total, figures, strict=True)]
        print(f"{section:24}{figures[0]:>7}{figures[1]:>11}{figures[2]:>7}{figures[3]:>9}"
              f"{figures[4]:>7}")  # fmt: skip
        for pair in inside:
            problem = " / ".join(
                f"{kind}: {each}"
                for kind in found
                if (each := _problem(pair, kind, reasons[kind].get(pair.name), found[kind]))
            )
            if problem:
                missed += 1
                lines.append(f"{pair.name}: {problem}\n    {pair.text}")
    (BUILD / "findings.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    share = 100 * total[2] / total[0] if total[0] else 100.0
    print(f"corpus-queries: {total[0]} pairs, {total[2]} equal ({share:.1f} %), {total[3]} refused, "
          f"{total[4]} wrong on {' and '.join(found)}; {missed} goals missed")  # fmt: skip
    return 1 if missed else 0


def _problem(pair: Pair, kind: str, reason: Any, wrong: dict[str, str]) -> str:
    """Why a pair is not as it should be; nothing where it is."""
    wanted = pair.refused or pair.refused_on.get(kind)
    if reason is not None:
        said = f"{reason['code']} {reason['message']} ({reason['source']})"
        return "" if wanted == reason["code"] else f"refused: {said}"
    if wanted is not None:
        return f"converted, though {wanted} should refuse it"
    return wrong.get(pair.name, "")


def _output(command: list[str], folder: Path, variables: dict[str, str], given: Any = None) -> str:
    """What a command prints. Raises SystemExit with the end of its errors where it fails."""
    done = subprocess.run(
        command, cwd=folder, env={**os.environ, **variables, "PYTHONDONTWRITEBYTECODE": "1"},
        input=json.dumps(given), capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode not in {0, 1} or (done.returncode and "strangler" not in command[0]):
        raise SystemExit(f"{' '.join(command[:4])}: {done.stdout[-500:]}{done.stderr[-3000:]}")
    return done.stdout


if __name__ == "__main__":
    sys.exit(main())
