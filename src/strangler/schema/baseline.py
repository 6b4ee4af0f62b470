"""Writes the Alembic environment, with one revision that builds what Django's migrations built."""

import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from strangler.convert.output import format_files
from strangler.errors import EnvironmentProblem, OutputError
from strangler.schema import environment as texts
from strangler.schema.catalogue import Difference, Tolerance, compare
from strangler.schema.check import Tables, examined
from strangler.schema.databases import Live, live_database
from strangler.schema.fresh import fresh, run_alembic
from strangler.schema.revisions import History, history, refuse_second
from strangler.verify.project import Project

DJANGO_TABLE, ALEMBIC_TABLE = "django_migrations", "alembic_version"
FIRST = "0001"
_REFLECTION = "app/compat/reflection.py"


@dataclass(frozen=True, slots=True)
class Written:
    """What a command did; nothing where there are differences."""

    files: tuple[str, ...] = ()
    revisions: tuple[str, ...] = ()
    tables: int = 0
    stamped: str | None = None
    differences: tuple[Difference, ...] = ()
    notes: tuple[str, ...] = ()


def baseline(
    project: Project,
    environment: Mapping[str, str],
    tables: Tables,
    *,
    scratch: str | None = None,
    stamp: bool = True,
) -> Written:
    """Write alembic.ini and migrations/ into the new application, stamp the live database.

    scratch: URL of the server where databases are made, the live one's by default. Writes nothing
    where the models, the live database and Django's migrations differ. Raises UsageError where
    there is a baseline, EnvironmentProblem where scratch databases cannot be made.
    """
    refuse_second(project.out)
    url = environment["DATABASE_URL"]
    outcome, application = examined(project, environment, tables, scratch)
    if outcome.differences:
        return Written(differences=outcome.differences, notes=outcome.notes)
    with live_database(url) as live, fresh(project, scratch or url) as made:
        made.migrate()
        with made.opened() as django:
            names = own_tables(django)
            differences = unlike(live, django, names, application["through"])
            if differences:
                return Written(differences=tuple(differences), notes=outcome.notes)
            sources = _sources(live, django, names, sorted(tables.unmanaged))
            prove(project, scratch or url, sources, live, django)
    write_files(project.out, sources)
    stamped = stamp_live(project, environment) if stamp else None
    return Written(tuple(sources), (FIRST,), len(names), stamped, notes=outcome.notes)


def own_tables(django: Live) -> list[str]:
    """The tables that Django's migrations make, but for where they are noted."""
    return sorted(set(django.catalogue()) - {DJANGO_TABLE, ALEMBIC_TABLE})


def unlike(
    live: Live, django: Live, names: Sequence[str], through: Sequence[str]
) -> list[Difference]:
    """What the live database has otherwise than an empty one that was migrated."""
    tolerance = Tolerance(frozenset(through), ("database", "migrations"))
    found = compare(live.catalogue(), django.catalogue(), names, tolerance).differences
    for name in sorted(set(django.applied()) - set(live.applied())):
        what = f"migration {name} is not applied"
        found.append(Difference("add_migration", DJANGO_TABLE, what))
    return found


def _sources(
    live: Live, django: Live, names: Sequence[str], unmanaged: Sequence[str]
) -> dict[str, str]:
    """Every file by its path: structure as it is live, rows as migrations leave them."""
    structure, others = live.structure(names), django.structure(())
    groups = {
        "BEFORE": others.before,
        "TABLES": structure.tables,
        "ROWS": django.rows(names),
        "REFERENCES": structure.references,
        "AFTER": others.after,
    }
    title = "What Django's migrations made, and the rows that they wrote."
    code = {
        "migrations/env.py": texts.env(unmanaged),
        f"{texts.VERSIONS}/{FIRST}_baseline.py": texts.revision(
            FIRST, None, title, django.applied(), groups
        ),
        _REFLECTION: files("strangler.compat").joinpath("reflection.py").read_text("utf-8"),
    }
    plain = {
        "alembic.ini": texts.ini("django"),
        "migrations/script.py.mako": texts.template(),
    }
    return {**plain, **format_files(code)}


def prove(
    project: Project, url: str, sources: Mapping[str, str], structure: Live, django: Live
) -> None:
    """Build an empty database with the files; EnvironmentProblem where it becomes another one.

    It has to have the structure of one database and the rows of another one.
    """
    with staged(project, sources) as folder, fresh(project, url) as built:
        built.alembic(folder, "upgrade", "head")
        names = own_tables(django)
        with built.opened() as alembic:
            check_equal(structure, alembic, names)
            check_rows(django, alembic, names)


def check_equal(wanted: Live, built: Live, names: Sequence[str]) -> None:
    """EnvironmentProblem with the first thing that revisions cannot build."""
    found = built_otherwise(wanted, built, names)
    if found:
        first = f"{found[0].table}: {found[0].what}"
        raise EnvironmentProblem(
            f"a revision cannot build this schema ({len(found)} differences), first {first}"
        )


def built_otherwise(wanted: Live, built: Live, names: Sequence[str]) -> list[Difference]:
    """What a database that revisions built has otherwise than another one."""
    others = sorted(set(built.catalogue()) - {ALEMBIC_TABLE, DJANGO_TABLE})
    sides = Tolerance(sides=("revisions", "database"))
    return compare(built.catalogue(), wanted.catalogue(), {*names, *others}, sides).differences


def check_rows(wanted: Live, built: Live, names: Sequence[str]) -> None:
    """EnvironmentProblem with the first table whose rows are not those that were seeded."""
    mine = built.rows(names)
    for statement in wanted.rows(names):
        if statement not in mine:
            table = statement.partition(" (")[0].removeprefix("INSERT INTO ")
            raise EnvironmentProblem(f"a revision cannot write the rows of {table} as they are")


@contextmanager
def staged(project: Project, sources: Mapping[str, str]) -> Iterator[Path]:
    """The files in a folder that is gone afterwards, working on the application where it is."""
    with tempfile.TemporaryDirectory(prefix="strangler-") as name:
        folder = Path(name)
        shutil.copytree(
            project.out,
            folder,
            dirs_exist_ok=True,
            ignore=shutil.ignore_patterns(".strangler", "__pycache__", ".venv", ".git"),
        )
        write_files(folder, sources)
        yield folder


def write_files(out: Path, sources: Mapping[str, str]) -> None:
    """Write the files; OutputError where the folder does not let us."""
    try:
        for path, text in sources.items():
            place = out / path
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(text, encoding="utf-8")
    except OSError as error:
        raise OutputError(f"{error.filename} cannot be written: {error.strerror}") from error


def stamp_live(project: Project, environment: Mapping[str, str]) -> str | None:
    """Note in the live database which revision its tables are; None where it is behind the first."""
    line: History = history(project.out)
    with live_database(environment["DATABASE_URL"]) as live:
        name = line.stamp(live.applied())
    if name is None:
        return None
    try:
        run_alembic(project, project.out, environment, ["stamp", name])
    except EnvironmentProblem as problem:
        raise EnvironmentProblem(
            f"the revisions are written, the database is not stamped with {name}: {problem.message}",
            hint="let the role make the table alembic_version, then strangler schema sync",
        ) from problem
    return name
