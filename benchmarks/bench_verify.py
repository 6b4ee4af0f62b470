"""Whether `verify` finds what is wrong, says nothing of what is right, and what it costs.

    make bench-verify [SEED=7] [MUTANTS=300] [ONLY=mutants|itself|costs]

Mistakes are put into the generated shop one at a time, by operators over its syntax tree at sites
chosen by chance; then `verify` runs on the endpoints that use the place, the nearest first, until
one is different. What was not found lies in build/bench-verify/survivors.txt: an equivalent mutant
is declared with its reason in mutation/equivalent.json. One table, one summary line,
exit 1 where a goal is missed.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(Path(__file__).parent)]

from mutation.trial import Result, Trial  # noqa: E402
from verify_costs import Row, costs  # noqa: E402

from strangler.cli import main as strangler  # noqa: E402
from strangler.config import discover, resolve  # noqa: E402
from strangler.legacy import read_facts  # noqa: E402
from strangler.serving.programs import project_of  # noqa: E402
from strangler.verify.session import Options, verify  # noqa: E402

BUILD = ROOT / "build" / "bench-verify"


def main() -> int:
    """Measure, print the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--mutants", type=int, default=300)
    parser.add_argument("--requests", type=int, default=20_000)
    parser.add_argument("--only", choices=["mutants", "itself", "costs"])
    options = parser.parse_args()
    rows: list[Row] = list(costs(options.seed)) if options.only in {None, "costs"} else []
    trial = prepared()
    if options.only in {None, "costs"}:
        rows += own_time(trial, options.seed)
    if options.only in {None, "itself"}:
        rows += itself(trial, options.requests, options.seed)
    if options.only in {None, "mutants"}:
        rows += mutants(trial, options.mutants, options.seed)
    for name, figure, goal, reached in rows:
        print(f"{name:60} {figure:>22}   goal {goal:10} {'' if reached else 'MISSED'}")
    missed = sum(not row[3] for row in rows)
    print(f"bench-verify: {len(rows) - missed} of {len(rows)} goals reached (seed {options.seed})")
    return 1 if missed else 0


def prepared() -> Trial:
    """The shop with rows in it, converted."""
    shutil.rmtree(BUILD, ignore_errors=True)
    BUILD.mkdir(parents=True)
    ignored = shutil.ignore_patterns("__pycache__", "*.sqlite3*", "media", ".venv")
    shop = BUILD / "shop"
    shutil.copytree(ROOT / "sample_django_app", shop, ignore=ignored)
    for name in ("DATABASE_URL", "DJANGO_SETTINGS_MODULE"):
        os.environ.pop(name, None)
    for command in (["migrate", "-v0"], ["seed", "--products", "100"]):
        manage = [sys.executable, "manage.py", *command]
        subprocess.run(manage, cwd=shop, check=True, stdout=subprocess.DEVNULL)
    out = str(BUILD / "newapp")
    if strangler(["convert", str(shop), "--python", sys.executable, "--out", out]) != 0:
        raise SystemExit("the shop does not convert")
    config = resolve(
        discover(BUILD), legacy_path=str(shop), legacy_python=sys.executable, new_path=out
    )
    facts = read_facts(config)
    return Trial(project_of(config, facts.settings_module), facts, Options(cases=100, brief=True))


def own_time(trial: Trial, seed: int) -> Iterator[Row]:
    """What `verify` adds to the time that both applications take for their answers."""
    options = Options(cases=100, seed=seed)
    report = verify(trial.project, trial.facts, list(trial.endpoints.values()), options)
    own = (report.asking - report.handling) / report.handling
    yield "verify's own time beside the applications' handling", f"{own:.0%}", "<= 40 %", own <= 0.4


def itself(trial: Trial, requests: int, seed: int) -> Iterator[Row]:
    """Legacy compared with a second legacy: every difference is false."""
    endpoints = list(trial.endpoints.values())
    options = Options(cases=requests // len(endpoints) * 2, seed=seed, mirror=True)
    sent = false = 0
    while sent < requests:
        report = verify(trial.project, trial.facts, endpoints, options)
        sent += report.requests
        false += sum(len(each.differences) for each in report.endpoints)
        options = Options(cases=options.cases, seed=options.seed + 1, mirror=True)
    yield f"legacy against itself, false differences in {sent}", str(false), "0", false == 0


def mutants(trial: Trial, count: int, seed: int) -> Iterator[Row]:
    """The share of mutants that are found."""
    results: list[Result] = []
    started = time.monotonic()

    def tell(result: Result) -> None:
        results.append(result)
        verdict = f"found at {result.found}: {result.difference}" if result.found else "SURVIVED"
        if not result.asked:
            verdict = "does not start"
        elapsed = time.monotonic() - started
        place = f"{result.mutant.line:4} {result.name}"
        print(f"{len(results):4} {elapsed:5.0f} s  {place}  {verdict}", flush=True)

    trial.run(trial.sampled(count, seed), tell)
    equivalent = json.loads((Path(__file__).parent / "mutation" / "equivalent.json").read_text())
    asked = [each for each in results if each.asked]
    survivors = [each for each in asked if each.found is None]
    declared = [each for each in survivors if each.name in equivalent]
    real = len(asked) - len(declared)
    found = real - (len(survivors) - len(declared))
    (BUILD / "survivors.txt").write_text("".join(f"{each.name}\n" for each in survivors))
    kinds = Counter(each.mutant.operator for each in asked)
    lost = Counter(each.mutant.operator for each in survivors)
    for kind, number in sorted(kinds.items()):
        print(f"    {kind:16} {number - lost[kind]:4} of {number:4} found")
    print(f"    {len(results) - len(asked)} with which the application does not start")
    share, same = found / max(real, 1), len(declared) / max(len(asked), 1)
    yield f"mutants found, of {real}", f"{share:.2%}", ">= 98 %", share >= 0.98
    yield "mutants declared equivalent", f"{same:.2%}", "<= 5 %", same <= 0.05


if __name__ == "__main__":
    sys.exit(main())
