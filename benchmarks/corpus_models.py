"""Converts the models in Django's own tests and compares every table and value with Django's.

    make corpus-models [SEED=7] [ONLY=sqlite] [EACH=1] [DJANGO=6.0 LEGACY_PYTHON=python3.13]

One table with the goal beside each figure, one summary line; exit 1 where a goal is missed. What
is behind a figure lies in build/corpus-models/<database>-findings.txt. DJANGO: the release whose
tests these are, installed for the interpreter LEGACY_PYTHON into a folder of build/; the packages
are converted with the first one only.
"""

import argparse
import functools
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT), str(Path(__file__).parent)]

from models_corpus.graphs import write_apps  # noqa: E402
from models_corpus.one_by_one import one_by_one  # noqa: E402
from models_corpus.packages import interpreter, make_packages_project  # noqa: E402
from models_corpus.running import Found, Place, Run, extend  # noqa: E402
from models_corpus.sources import (  # noqa: E402
    IS_USUAL,
    RELEASE,
    VERSION,
    apps_of,
    django_python,
    make_project,
    tests_folder,
)

from tests import mariadb  # noqa: E402
from tests.postgres import Cluster, binaries_folder, cluster  # noqa: E402

CACHE = ROOT / "build" / "corpus-models"
BUILD = CACHE if IS_USUAL else CACHE / f"release-{RELEASE}"
_KINDS = ("sqlite", "postgresql", "mariadb")


def main() -> int:
    """Measure on both databases, print the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--seed", default="7")
    parser.add_argument("--only", choices=_KINDS)
    parser.add_argument("--no-mypy", action="store_true")
    parser.add_argument("--each", action="store_true", help="each app as a project of its own")
    parser.add_argument("apps", nargs="*")
    options = parser.parse_args()
    tests, python = tests_folder(CACHE), django_python(CACHE)
    rows: list[tuple[str, str, str, bool]] = []
    for kind in _KINDS:
        if kind == "mariadb" and options.only is None and not mariadb.is_installed():
            print("mariadb: no server is installed")
        elif options.only in {None, kind}:
            with databases(kind) as place:
                if options.each:
                    rows += each_app(kind, place, tests, python, options.apps or apps_of(tests))
                    continue
                root = BUILD / kind / "project"
                make_project(
                    tests, options.apps or apps_of(tests), root, postgresql=kind == "postgresql"
                )
                run = Run(root, BUILD / kind / "api", kind, place, python)
                found = run.all(options.seed, mypy=not options.no_mypy)
                told(kind, found)
                rows += figures(kind, found, mypy=not options.no_mypy)
                rows += applications(kind, place, options) if IS_USUAL else []
                rows.append(deletes(kind, place, python, options.seed))
                if kind == "sqlite":
                    rows += speed_figures(run.speed())
    for name, figure, goal, reached in rows:
        print(f"{name:58} {figure:>32}   goal {goal:12} {'' if reached else 'MISSED'}")
    print("apart: not alike, of models that convert keeps on Django, each with its reason and line")
    missed = sum(not row[3] for row in rows)
    print(f"corpus-models: {len(rows) - missed} of {len(rows)} goals reached", end=" ")
    print(f"(seed {options.seed}, Django {VERSION})")
    return 1 if missed else 0


@contextmanager
def databases(kind: str) -> Iterator[Callable[..., Place]]:
    """Gives databases by name: empty ones, or copies of another."""
    if kind == "sqlite":
        yield _sqlite
        return
    if kind == "mariadb":
        with mariadb.server() as other:
            yield functools.partial(_mariadb, other)
        return
    binaries = binaries_folder()
    if binaries is None:
        raise SystemExit("no PostgreSQL binaries (pg_config --bindir, /usr/lib/postgresql/*/bin)")
    with cluster(binaries) as server:
        yield functools.partial(_postgresql, server)


def _sqlite(name: str, like: Place | None = None) -> Place:
    path = BUILD / "sqlite" / f"{name}.db"
    path.unlink(missing_ok=True)
    if like is not None:
        shutil.copyfile(like.variables["CORPUS_NAME"], path)
    return Place(f"sqlite:///{path}", {"CORPUS_NAME": str(path)})


def _postgresql(server: Cluster, name: str, like: Place | None = None) -> Place:
    template = "template1" if like is None else like.variables["CORPUS_NAME"]
    url = server.new_database(f"corpus_{name}", template)
    extend(url)
    return Place(url, {"CORPUS_NAME": f"corpus_{name}", "CORPUS_PORT": str(server.port)})


def _mariadb(server: mariadb.Server, name: str, like: Place | None = None) -> Place:
    url = server.new_database(f"corpus_{name}")
    if like is not None:
        server.copy(like.variables["CORPUS_NAME"], f"corpus_{name}")
    variables = {"CORPUS_KIND": "mariadb", "CORPUS_NAME": f"corpus_{name}"}
    return Place(url, {**variables, "CORPUS_PORT": str(server.port)})


def each_app(
    kind: str, place: Callable[..., Place], tests: Path, python: str, apps: list[str]
) -> list[tuple[str, str, str, bool]]:
    """The lines about apps that are converted one by one."""
    found = one_by_one(tests, apps, BUILD / kind / "each", kind, place, python)
    clean, strict = _schema_goals(kind)
    lines = [f"{app}: {text}" for app, text in found.failed.items()] + found.lines
    (BUILD / f"{kind}-each.txt").write_text("\n".join(lines) + "\n")
    good = found.apps - len(found.failed)
    return [
        share(f"{kind}, app by app: import, mappers configure", good, found.apps, 100.0),
        share(f"{kind}, app by app: Alembic autogenerate empty", found.tables - found.listed,
              found.tables, clean),
        share(f"{kind}, app by app: strict catalogue equal", found.tables - found.unequal,
              found.tables, strict),
    ]  # fmt: skip


def _schema_goals(kind: str) -> tuple[float, float]:
    """Of Alembic's autogenerate and of the strict comparison, in per cent."""
    return (99.9, 99.8) if kind.startswith("postgresql") else (99.8, 100.0)


def applications(
    kind: str, place: Callable[..., Place], options: argparse.Namespace
) -> list[tuple[str, str, str, bool]]:
    """The lines about installed applications."""
    root = BUILD / kind / "packages-project"
    make_packages_project(root, postgresql=kind == "postgresql")
    run = Run(root, BUILD / kind / "packages-api", kind, place, str(interpreter(CACHE)))
    found = run.all(options.seed, mypy=not options.no_mypy)
    told(f"{kind}-packages", found)
    return figures(f"{kind}, applications", found, mypy=not options.no_mypy)[1:]


def deletes(
    kind: str, place: Callable[..., Place], python: str, seed: str
) -> tuple[str, str, str, bool]:
    """The line about deletes of generated graphs."""
    source, root = BUILD / kind / "graphs", BUILD / kind / "graphs-project"
    shutil.rmtree(source, ignore_errors=True)
    apps = write_apps(source, seed)
    make_project(source, apps, root, postgresql=kind == "postgresql")
    run = Run(root, BUILD / kind / "graphs-api", kind, place, python)
    run.convert()
    django = place("graphs")
    run.tables(django, place("graphs_new"))
    found = run.deletes(django, seed, apps)
    total, wrong = found.names["deletes"], found.names["deletes_wrong"]
    (BUILD / f"{kind}-deletes.txt").write_text("\n".join(found.wrong["deletes"]) + "\n")
    return share(f"{kind}: deletes leave the same", total - wrong, total, 100.0)


def figures(kind: str, found: Found, *, mypy: bool) -> list[tuple[str, str, str, bool]]:
    """Lines of the table: name, figure, goal, whether it is reached."""
    clean, strict = _schema_goals(kind)
    tables = set(found.tables.values())
    usable = {
        m["name"]
        for m in found.report["models"]
        if m["status"] == "converted" or "columns" in m  # rows without some of their columns
    }
    listed = {each["table"] for each in found.alembic}
    if "" in listed:  # it could not be asked at all
        listed = tables
    bad = len(found.loaded["problems"])
    rows = [
        share("tables whose rows endpoints may use", len(usable & set(found.tables)),
              len(found.tables), 95.0),
        share("modules import, mappers configure", found.loaded["modules"] + 1 - bad,
              found.loaded["modules"] + 1, 100.0),
        share("Alembic autogenerate empty, tables", len(tables - listed), len(tables), clean),
        share("strict catalogue equal, tables", len(tables - set(found.catalogue)), len(tables),
              strict),
    ]  # fmt: skip
    for name, label, goal in (
        ("read", "values read equal", 99.9), ("written", "values written equal", 100.0),
        ("related", "related rows equal", 100.0),
    ):  # fmt: skip
        total = found.values[name]
        good, apart = total - found.values[f"{name}_wrong"], found.values[f"{name}_apart"]
        rows.append(share(label, good, total, goal, apart))
    for name, label in (
        ("reverse", "reverse names kept"), ("many", "many-to-many names kept"),
        ("defaults", "Python defaults kept"),
    ):  # fmt: skip
        total, apart = found.names[name], found.names[f"{name}_apart"]
        rows.append(share(label, total - found.names[f"{name}_wrong"], total, 100.0, apart))
    if mypy:
        rows.append(("mypy --strict, errors", str(len(found.mypy)), "0", not found.mypy))
    return [(f"{kind}: {name}", *rest) for name, *rest in rows]


def speed_figures(speed: dict[str, float]) -> list[tuple[str, str, str, bool]]:
    """Lines about the time and memory of converting the models."""
    times = speed["whole"] / speed["parse"]
    grown = (speed["whole"] / speed["models"]) / (speed["half"] / speed["half_models"])
    memory = speed["memory"] / 2**30
    return [
        ("converting / parsing and printing, CPU", f"{times:.1f} x", "<= 3 x", times <= 3),
        ("a model's time among all / among half", f"{grown:.2f} x", "<= 1.5 x", grown <= 1.5),
        ("memory while converting", f"{memory:.2f} GiB", "< 1 GiB", memory < 1),
    ]


def share(
    name: str, part: int, whole: int, goal: float, apart: int = 0
) -> tuple[str, str, str, bool]:
    """A line about a part of something, with its goal in per cent.

    apart: how many more are not alike, of models that stay on Django with a reason and a line.
    """
    percent = 100 * part / whole if whole else 100.0
    more = f", {apart} apart" if apart else ""
    return name, f"{percent:.2f} % ({part}/{whole}{more})", f">= {goal:g} %", percent >= goal


def told(kind: str, found: Found) -> None:
    """Write what is behind the figures."""
    lines = []
    for model in found.report["models"]:
        for reason in model["reasons"][:1]:
            lines.append(f"legacy {reason['code']} {reason['source']} {reason['message']}")
    lines += [f"load {name}: {text}" for name, text in found.loaded["problems"].items()]
    lines += [f"alembic {each}" for each in found.alembic]
    lines += [f"strict {table}: {one}" for table, all_ in found.catalogue.items() for one in all_]
    lines += [f"{step} {one}" for step, all_ in found.wrong.items() for one in all_]
    lines += [f"mypy {line}" for line in found.mypy]
    (BUILD / f"{kind}-findings.txt").write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    sys.exit(main())
