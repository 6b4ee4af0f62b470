"""Runs the steps of one corpus on one kind of database, each in its own process."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .catalogue import Catalogue, differences, of_mariadb, of_postgresql, of_sqlite

_HERE = Path(__file__).parent
_SCHEMA = _HERE.parents[1] / "src" / "strangler" / "schema" / "new_schema.py"
STRANGLER = Path(sys.executable).with_name("strangler")


@dataclass(frozen=True)
class Place:
    """A database: its URL, and the variables by which the corpus project finds it."""

    url: str
    variables: dict[str, str]


def extend(url: str) -> None:
    """Give a PostgreSQL database what the fields of `contrib.postgres` need."""
    import psycopg

    with psycopg.connect(url, autocommit=True) as connection:
        for name in ("bloom", "btree_gin", "btree_gist", "citext", "hstore", "pg_trgm", "unaccent"):
            connection.execute(f"CREATE EXTENSION IF NOT EXISTS {name}".encode())


@dataclass
class Found:
    """What was measured on one kind of database."""

    tables: dict[str, str] = field(default_factory=dict)  # label: table
    report: dict[str, Any] = field(default_factory=dict)
    loaded: dict[str, Any] = field(default_factory=dict)
    alembic: list[dict[str, str]] = field(default_factory=list)
    catalogue: dict[str, list[str]] = field(default_factory=dict)
    values: dict[str, int] = field(default_factory=dict)  # read, read_wrong, written, written_wrong
    wrong: dict[str, list[str]] = field(default_factory=dict)
    names: dict[str, int] = field(default_factory=dict)
    mypy: list[str] = field(default_factory=list)
    speed: dict[str, float] = field(default_factory=dict)


class Run:
    """The project at `root`, converted to `out`; `place(name, like)` gives a
    database of that name, empty or a copy. `python` has what the project needs."""

    def __init__(
        self, root: Path, out: Path, kind: str, place: Callable[..., Place],
        python: str = sys.executable,
    ) -> None:  # fmt: skip
        self.root, self.out, self.kind, self.place, self.python = root, out, kind, place, python
        self.found = Found()

    def all(self, seed: str, *, names: bool = True, mypy: bool = True) -> Found:
        """Every step, or all but these."""
        self.convert()
        django, new = self.place("django"), self.place("new")
        self.tables(django, new)
        empty = self.place("empty", django)
        self.values(django, empty, seed)
        if names:
            self.related(django)
            self.names(django)
        if mypy:
            self.found.mypy = self._mypy()
        return self.found

    def convert(self) -> None:
        """Convert the project, as people do."""
        shutil.rmtree(self.out, ignore_errors=True)
        report = self.out.with_suffix(".json")
        options = ("--settings", "corpus_settings", "--python", self.python)
        place = self.place("boot")
        command = [STRANGLER, "convert", self.root, *options, "--out", self.out, "--report", report]
        _output(command, self.root, place.variables)
        self.found.report = json.loads(report.read_text())

    def tables(self, django: Place, new: Place) -> None:
        """Make the tables on both sides and compare them."""
        created = self._django(django, "create")
        self.found.tables = created["tables"]
        self.found.loaded = self._new(new, "create")
        self.found.catalogue = differences(self.read_out(django), self.read_out(new))
        boot = {
            "path": str(self.out),
            "app": "app.main:app",
            "environment": _environment(django),
            "wanted": sorted(self.found.tables.values()),
            "unmanaged": created["unmanaged"],
            "reflection": str(_SCHEMA.parents[1] / "compat" / "reflection.py"),
        }
        answer = _answer([sys.executable, _SCHEMA], self.out, {}, boot)
        self.found.alembic = answer.get("differences", [{"kind": "problem", "table": "", **answer}])

    def read_out(self, place: Place) -> Catalogue:
        """The catalogue of a database."""
        if self.kind == "sqlite":
            return of_sqlite(place.url.removeprefix("sqlite:///"))
        if self.kind == "mariadb":
            return of_mariadb(place.url)
        return of_postgresql(place.url)

    def values(self, django: Place, empty: Place, seed: str) -> None:
        """Rows of Django's read by SQLAlchemy, and rows of SQLAlchemy's read by Django."""
        failed = self._django(django, "write", seed)["failed"]
        self.found.wrong["Django writes"] = [f"{k}: {v}" for k, v in failed.items()]
        told = self._django(django, "read")
        wanted = {label: list(next(iter(rows.values()), ())) for label, rows in told.items()}
        unread = {label: rows for label, rows in told.items() if "problem" in rows}
        self.found.wrong["Django reads"] = [f"{k}: {v['problem']}" for k, v in unread.items()]
        told = {label: rows for label, rows in told.items() if label not in unread}
        read = self._new(django, "read", {k: v for k, v in wanted.items() if k in told})
        self._compare("read", told, read)
        told = {label: rows for label, rows in told.items() if label in self.usable}
        failed = self._new(empty, "write", told)["failed"]
        self.found.wrong["SQLAlchemy writes"] = [f"{k}: {v}" for k, v in failed.items()]
        self._compare("written", told, self._django(empty, "read"))

    @property
    def usable(self) -> set[str]:
        """The models that convert; the others stay on Django, with a reason and a line."""
        return {m["name"] for m in self.found.report["models"] if m["status"] == "converted"}

    def _compare(self, name: str, wanted: Any, found: Any) -> None:
        usable, apart = self.usable, 0
        lines, total, wrong = [], 0, 0
        for label, rows in wanted.items():
            other = found.get(label, {"problem": "is not converted"})
            problem = other.get("problem") if isinstance(other.get("problem"), str) else None
            if problem:
                lines.append(f"{label}: {problem}")
            for key, row in rows.items():
                for attribute, pair in row.items():
                    total += 1
                    seen = other.get(key, {}).get(attribute) if not problem else None
                    if seen != pair:
                        wrong, apart = wrong + (label in usable), apart + (label not in usable)
                        if not problem:
                            lines.append(f"{label}.{attribute} {key}: {pair} is {seen}")
        self.found.values |= {name: total - apart, f"{name}_wrong": wrong, f"{name}_apart": apart}
        self.found.wrong[name] = lines

    def related(self, django: Place) -> None:
        """What the relations of every row that Django wrote lead to."""
        wanted = self._django(django, "related")
        found = self._new(django, "related", wanted)
        told = {label: rows for label, rows in wanted.items() if found.get(label) is not None}
        self._compare("related", told, found)

    def names(self, django: Place) -> None:
        """Reverse names, many-to-many names and defaults on both sides."""
        wanted, found = self._django(django, "names"), self._new(django, "names")
        for label, later in self._django(django, "names").items():  # it may be another day now
            told = wanted[label]["defaults"]
            same = {
                name: pair for name, pair in told.items() if later["defaults"].get(name) == pair
            }
            wanted[label]["defaults"] = same
        for kind, there in (
            ("reverse", "relations"),
            ("many", "relations"),
            ("defaults", "values"),
        ):
            total, lines, apart = 0, [], 0
            for label, told in wanted.items():
                other = found.get(label, {}).get(there, {})
                total += len(told[kind])
                for name in told[kind]:
                    if not _kept(told[kind], other, name):
                        apart += label not in self.usable
                        lines.append(f"{label}.{name}: {_of(told[kind], name)} {_of(other, name)}")
            wrong = len(lines) - apart
            self.found.names |= {
                kind: total - apart,
                f"{kind}_wrong": wrong,
                f"{kind}_apart": apart,
            }
            self.found.wrong[kind] = lines

    def deletes(self, django: Place, seed: str, apps: list[str]) -> Found:
        """What deletes of generated graphs leave on both sides."""
        _output([self.python, _HERE / "django_deletes.py", "fill", seed, *apps], self.root,
                django.variables)  # fmt: skip
        command = [self.python, _HERE / "django_deletes.py", "delete", seed, *apps]
        wanted = _answer(command, self.root, django.variables)
        command = [sys.executable, _HERE / "new_deletes.py", seed, *apps]
        found = _answer(command, self.out, _environment(django))
        wrong = [f"{name}: {told} is {found.get(name)}" for name, told in wanted.items()
                 if found.get(name) != told]  # fmt: skip
        self.found.names |= {"deletes": len(wanted), "deletes_wrong": len(wrong)}
        self.found.wrong["deletes"] = wrong
        return self.found

    def speed(self) -> dict[str, float]:
        """What `speed.py` measures of this project."""
        command = [sys.executable, _HERE / "speed.py", self.root, self.python]
        self.found.speed = _answer(command, self.root, self.place("boot").variables)
        return self.found.speed

    def _mypy(self) -> list[str]:
        command = [sys.executable, "-m", "mypy", "--strict", "app"]
        done = subprocess.run(command, cwd=self.out, capture_output=True, text=True, check=False)
        return [line for line in done.stdout.splitlines() if ": error:" in line] or (
            [] if done.returncode == 0 else [done.stdout[-300:] + done.stderr[-300:]]
        )

    def _django(self, place: Place, *arguments: str) -> Any:
        command = [self.python, _HERE / "django_side.py", *arguments]
        return _answer(command, self.root, place.variables)

    def _new(self, place: Place, step: str, given: Any = None) -> Any:
        command = [sys.executable, _HERE / "new_side.py", step]
        return _answer(command, self.out, _environment(place), given)


def _kept(told: Any, other: Any, name: str) -> bool:
    if isinstance(told, list):
        return name in other or f"{name.lstrip('_')}_" in other
    seen = other.get(name, other.get(f"{name.lstrip('_')}_"))
    return seen is not None and list(seen)[: len(told[name])] == told[name]


def _of(thing: Any, name: str) -> str:
    return str(thing.get(name, "is missing")) if isinstance(thing, dict) else ""


def _environment(place: Place) -> dict[str, str]:
    return {"DATABASE_URL": place.url, "SECRET_KEY": "corpus"}


def _answer(command: list[Any], folder: Path, variables: dict[str, str], given: Any = None) -> Any:
    return json.loads(_output(command, folder, variables, given).strip().rpartition("\n")[2])


def _output(command: list[Any], folder: Path, variables: dict[str, str], given: Any = None) -> str:
    """What a command prints. Raises SystemExit with the end of its errors where it fails."""
    text = json.dumps(given) if given is not None else ""
    done = subprocess.run(
        [str(part) for part in command],
        cwd=folder,
        env={**os.environ, **variables, "PYTHONDONTWRITEBYTECODE": "1"},
        input=text,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode not in {0, 1} or not (done.stdout.strip() or "convert" in text):
        raise SystemExit(
            f"{' '.join(map(str, command[:3]))}: {done.stdout[-300:]}{done.stderr[-1500:]}"
        )
    return done.stdout
