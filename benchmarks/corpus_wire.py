"""Converts projects made from a seed and compares what DRF and the new applications answer.

    make corpus-wire [SEED=7] [ONLY=current]

Tables for fields, exchanges, identity, the tests of DRF and declared endpoints, one summary line; exit 1 where a goal is
missed. What is behind a figure lies in build/corpus-wire/findings.txt. The first run brings older
versions of DRF from PyPI into build/.
"""

import argparse
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT), str(Path(__file__).parent)]

from wire_corpus.declarative import run_declarative  # noqa: E402
from wire_corpus.environments import CURRENT, Oracle, names, oracle  # noqa: E402
from wire_corpus.evidence import exchanges_note, fields_note, projects_note  # noqa: E402
from wire_corpus.exchanges import Outcome, Section, run_exchanges  # noqa: E402
from wire_corpus.fields import run_fields  # noqa: E402
from wire_corpus.figures import Figure, printed  # noqa: E402
from wire_corpus.identity import run_identity  # noqa: E402
from wire_corpus.own_tests import run_own_tests  # noqa: E402
from wire_corpus.running import output  # noqa: E402

from tests.postgres import Cluster, binaries_folder, cluster  # noqa: E402

BUILD = ROOT / "build" / "corpus-wire"
PARTS = ("fields", "exchanges", "identity", "tests", "declared", "speed")
INPUTS, EXCHANGES, LOCALIZED, CASES = 2000, 2600, 300, 20
FIELDS_GOAL, EXCHANGES_GOAL = 99.99, 99.9


def main() -> int:
    """Run what was asked for, print, judge."""
    options = _options()
    BUILD.mkdir(parents=True, exist_ok=True)
    figures: list[Figure] = []
    findings: list[str] = []
    with _servers(options.database) as servers:
        for name in [options.only] if options.only else names():
            found = oracle(name, BUILD / "envs")
            if "fields" in options.parts:
                figures += fields(found, options, findings)
            if "exchanges" in options.parts:
                figures += exchanges(found, options, servers, findings)
        if "identity" in options.parts and options.only in {None, CURRENT}:
            figures += identity(options, servers, findings)
    if "tests" in options.parts and options.only in {None, CURRENT}:
        figures += own_tests(options, findings)
    if "declared" in options.parts and options.only in {None, CURRENT}:
        figures += declarations(options, findings)
    if "speed" in options.parts and options.only in {None, CURRENT}:
        figures += speed()
    (BUILD / "findings.txt").write_text("\n".join(findings) + "\n", encoding="utf-8")
    return printed(figures, options.seed)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--inputs", type=int, default=INPUTS, help="for every kind of field")
    parser.add_argument("--exchanges", type=int, default=EXCHANGES, help="on each database")
    parser.add_argument("--cases", type=int, default=CASES, help="for each endpoint of DRF's tests")
    parser.add_argument("--only", choices=names(), help="one version of DRF")
    parser.add_argument("--database", choices=["sqlite", "postgresql"], help="one of the two")
    parser.add_argument("--project", action="append", default=[], metavar="FOLDER[=PYTHON]",
                        help="one more project whose declared endpoints are judged")  # fmt: skip
    parser.add_argument("--parts", nargs="*", choices=PARTS, default=PARTS)
    return parser.parse_args()


@contextmanager
def _servers(only: str | None) -> Iterator[dict[str, Cluster | None]]:
    if only == "sqlite":
        yield {"sqlite": None}
        return
    binaries = binaries_folder()
    if binaries is None:
        raise SystemExit("no PostgreSQL binaries (pg_config --bindir, /usr/lib/postgresql/*/bin)")
    with cluster(binaries) as server:
        yield {"postgresql": server} if only else {"sqlite": None, "postgresql": server}


def fields(found: Oracle, options: argparse.Namespace, findings: list[str]) -> list[Figure]:
    """The table by kind of field."""
    tallies, wrong = run_fields(found, options.seed, options.inputs, BUILD / found.name)
    findings += wrong
    print(f"\nfields, DRF {_version(found)}")
    print(
        f"{'kind':30}{'inputs':>8}{'accepted':>10}{'different':>10}{'agree':>10}{'DRF crashes':>13}{'refused':>9}"
    )
    for kind, tally in tallies.items():
        refused = f"{sum(tally.refused.values())}/{tally.serializers}"
        print(f"{kind:30}{tally.compared:>8}{tally.accepted:>10}{tally.different:>10}{tally.share:>9.3f}%"
              f"{tally.crashed:>13}{refused:>9}")  # fmt: skip
    _refusals(Counter({k: n for tally in tallies.values() for k, n in tally.refused.items()}))
    total = sum(t.compared for t in tallies.values()), sum(t.different for t in tallies.values())
    note = fields_note(tallies, options.inputs)
    return [Figure(f"fields, DRF {_version(found)}", *total, FIELDS_GOAL, note)]


def exchanges(
    found: Oracle,
    options: argparse.Namespace,
    servers: dict[str, Cluster | None],
    findings: list[str],
) -> list[Figure]:
    """The table by section of the specification."""
    sections: dict[str, Section] = {}
    refused: dict[str, str] = {}
    statuses: Counter[int] = Counter()
    for database, server in servers.items():
        for variant, count in (
            ("plain", options.exchanges),
            ("localized", min(LOCALIZED, options.exchanges)),
        ):
            folder = BUILD / found.name / database
            outcome = run_exchanges(found, options.seed, variant, count, folder, server)
            findings += [f"{found.name} {database} {each}" for each in outcome.findings]
            refused |= {f"{variant} {name}": reason for name, reason in outcome.refused.items()}
            statuses += outcome.statuses
            _add(sections, outcome)
    print(f"\nexchanges, DRF {_version(found)}, {' and '.join(servers)}")
    print(
        f"{'section':18}{'compared':>9}{'different':>10}{'agree':>10}{'on Django':>11}  exceptions"
    )
    for name, section in sorted(sections.items()):
        share = 100 * (1 - section.different / section.compared) if section.compared else 100
        told = ", ".join(f"{kind} ×{number}" for kind, number in section.excepted.items())
        print(
            f"{name:18}{section.compared:>9}{section.different:>10}{share:>9.3f}%{section.kept:>11}  {told}"
        )
    print(
        "statuses: " + " ".join(f"{status}×{number}" for status, number in sorted(statuses.items()))
    )
    _refusals(Counter(refused.values()))
    total = sum(s.compared for s in sections.values()), sum(s.different for s in sections.values())
    asked = len(servers) * (options.exchanges + min(LOCALIZED, options.exchanges))
    note = exchanges_note(sections, statuses, asked)
    return [Figure(f"exchanges, DRF {_version(found)}", *total, EXCHANGES_GOAL, note)]


def identity(
    options: argparse.Namespace, servers: dict[str, Cluster | None], findings: list[str]
) -> list[Figure]:
    """Every assignment of login, list, write, refresh and logout to the two applications."""
    found = []
    for database, server in servers.items():
        oracle_ = oracle(CURRENT, BUILD / "envs")
        checks, failed = run_identity(oracle_, options.seed, BUILD / CURRENT / database, server)
        findings += failed
        found.append(Figure(f"identity across both, {database}", checks, len(failed), 100.0))
    return found


def own_tests(options: argparse.Namespace, findings: list[str]) -> list[Figure]:
    """The row of DRF's own tests: endpoints that convert, and what `strangler verify` says of them."""
    verdicts = run_own_tests(sys.executable, options.seed, options.cases, BUILD / CURRENT)
    findings += verdicts.findings
    judged, different = verdicts.found.total(), verdicts.found["different"]
    told = ", ".join(f"{number} {verdict}" for verdict, number in verdicts.found.most_common())
    print(f"\nDRF's own tests: {judged} of {verdicts.endpoints} endpoints convert: {told}")
    _refusals(verdicts.refused)
    return [Figure("endpoints of DRF's own tests", judged, different, 100.0)]


def declarations(options: argparse.Namespace, findings: list[str]) -> list[Figure]:
    """The table of endpoints that are only declared, by project."""
    judged = run_declarative(options.project, options.seed, options.cases, BUILD / "declared")
    print(f"\n{'declared endpoints of':30}{'endpoints':>10}{'equal':>7}")
    for name, one in judged.items():
        told = [*one.refused.items(), *(pair for pair in one.found.items() if pair[0] != "equal")]
        print(
            f"{name:30}{one.endpoints:>10}{one.equal:>7}  {', '.join(f'{k} ×{n}' for k, n in told)}"
        )
        findings += one.findings
    total = sum(one.endpoints for one in judged.values())
    missing = total - sum(one.equal for one in judged.values())
    note = projects_note({name: one.endpoints for name, one in judged.items()})
    return [Figure("declared endpoints, converted and equal", total, missing, 100.0, note)]


def speed() -> list[Figure]:
    """How many times less CPU validating and showing takes than with DRF."""
    told = output([sys.executable, Path(__file__).with_name("bench_schemas.py")], ROOT, {})
    print(
        f"\nCPU of an object, microseconds: DRF, the new application, how many times less\n{told}"
    )
    times = {
        line[:24].strip(): float(line.split()[-2]) for line in told.splitlines() if line.strip()
    }
    goals = {
        "validate 100 requests": 10.0, "validate a list of 100": 10.0, "show a list of 100": 2.5,
    }  # fmt: skip
    return [Figure(f"{name}: {times[name]}× less CPU", 1, times[name] < goal, 100.0,
                   "" if times[name] >= goal else f"goal {goal}×") for name, goal in goals.items()]  # fmt: skip


def _add(sections: dict[str, Section], outcome: Outcome) -> None:
    for name, found in outcome.sections.items():
        known = sections.setdefault(name, Section())
        known.compared += found.compared
        known.different += found.different
        known.kept += found.kept
        known.excepted += found.excepted


def _refusals(reasons: Counter[str]) -> None:
    codes: Counter[str] = Counter()
    for reason, number in reasons.items():
        codes[reason.partition(" ")[0]] += number
    if codes:
        print("refused: " + ", ".join(f"{code} ×{number}" for code, number in codes.most_common()))


def _version(found: Oracle) -> str:
    return ".".join(map(str, found.drf)) + ("" if found.name != CURRENT else " (current)")


if __name__ == "__main__":
    sys.exit(main())
