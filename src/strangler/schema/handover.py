"""Hands the schema from Django to Alembic, and back: each file that is changed can be restored."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from strangler.errors import EnvironmentProblem, OutputError, UsageError
from strangler.schema.baseline import ALEMBIC_TABLE, built_otherwise
from strangler.schema.catalogue import Difference
from strangler.schema.check import Tables, check
from strangler.schema.databases import live_database
from strangler.schema.fresh import fresh
from strangler.schema.revisions import History, history, set_owner
from strangler.verify.project import Project
from strangler_codemods.unmanaged import unmanaged

_SCRIPT = Path(__file__).with_name("legacy_handover.py")
_NOTES = Path(".strangler") / "handover.json"
_SECONDS = 300.0


@dataclass(frozen=True, slots=True)
class Handover:
    """What was done, or what stands in the way of it; then nothing was done."""

    owner: str
    obstacles: tuple[str, ...] = ()
    differences: tuple[Difference, ...] = ()
    notes: tuple[str, ...] = ()
    #: Files of the legacy project, relative to it.
    files: tuple[str, ...] = ()


def hand_over(
    project: Project,
    environment: Mapping[str, str],
    tables: Tables,
    *,
    scratch: str | None = None,
) -> Handover:
    """Let Alembic own the schema, if everything is known to it.

    scratch: URL of the server where a database is made, the live one's by default.

    Writes a migration for each app of the project and `managed = False` into its models, so that
    `makemigrations` and `migrate` change none of their tables any more, and turns the line in
    alembic.ini. Raises UsageError where Alembic owns the schema already.
    """
    line = history(project.out)
    if line.owner != "django":
        raise UsageError("Alembic owns the schema already", hint="alembic upgrade head")
    outcome = check(project, environment, tables, scratch)
    obstacles = tuple(_obstacles(project, environment, line))
    if not outcome.differences and not obstacles:
        obstacles = tuple(_built_otherwise(project, environment, tables, scratch))
    if outcome.differences or obstacles:
        return Handover(line.owner, obstacles, outcome.differences, outcome.notes)
    changes = _changes(project)
    _write(project, changes)
    try:
        _check_quiet(project)
    except BaseException:
        _restore(project, changes)
        raise
    set_owner(project.out, "alembic")
    return Handover("alembic", files=tuple(changes))


def _obstacles(project: Project, environment: Mapping[str, str], line: History) -> Iterator[str]:
    """What has to be done before."""
    for name in sorted(set(_ask(project, "migrations")["names"]) - line.known):
        yield f"{name} has no revision: strangler schema sync"
    with live_database(environment["DATABASE_URL"]) as live:
        applied = live.applied()
        for name in sorted(line.known - set(applied)):
            yield f"{name} is not applied: manage.py migrate"
        stamps = live.rows([ALEMBIC_TABLE]) if ALEMBIC_TABLE in live.catalogue() else []
        if not any(f"'{line.head}'" in each for each in stamps):
            yield f"the database is not stamped with {line.head}: strangler schema sync"
    for change in _ask(project, "drift")["changes"]:
        yield f"a model has no migration yet, {change}: manage.py makemigrations"


def _built_otherwise(
    project: Project, environment: Mapping[str, str], tables: Tables, scratch: str | None
) -> Iterator[str]:
    """What the revisions would build otherwise than it is, where nothing else is in the way."""
    url = environment["DATABASE_URL"]
    with fresh(project, scratch or url) as made:
        made.alembic(project.out, "upgrade", "head")
        with made.opened() as built, live_database(url) as live:
            for each in built_otherwise(live, built, sorted(tables.wanted)):
                yield f"the revisions build another table, {each.table}: {each.what}"


def _ask(project: Project, operation: str) -> dict[str, Any]:
    """One question to the legacy project, as its files are now."""
    executor = project.legacy(None, "namespace", stays=True)
    with project.extended(executor, _SCRIPT) as legacy:
        return legacy.ask({"op": operation}, seconds=_SECONDS)


Changes = dict[str, tuple[str | None, str]]


def _changes(project: Project) -> Changes:
    """Text before and after of every file of the legacy project, by path; None for a new one.

    EnvironmentProblem names a model whose class is nowhere at the top of its file.
    """
    found = _ask(project, "release")
    changes: Changes = {path: (None, text) for path, text in found["files"].items()}
    by_file: dict[str, list[dict[str, Any]]] = {}
    for model in found["models"]:
        by_file.setdefault(model["file"], []).append(model)
    for path, models in sorted(by_file.items()):
        before = (project.path / path).read_text(encoding="utf-8")
        after, left = unmanaged(before, {each["class"]: each["inherits"] for each in models})
        if left:
            line = next(model["line"] for model in models if model["class"] == left[0])
            raise EnvironmentProblem(
                f"the class {left[0]} stands in no file as it runs, and cannot be changed",
                source=f"{path}:{line}",
            )
        changes[path] = (before, after)
    return changes


def _write(project: Project, changes: Changes) -> None:
    """Note what is changed, then change it."""
    notes = project.out / _NOTES
    try:
        notes.write_text(json.dumps(changes, indent=1), encoding="utf-8")
        for path, (_, after) in changes.items():
            (project.path / path).write_text(after, encoding="utf-8")
    except OSError as error:
        _restore(project, changes)
        raise OutputError(f"{error.filename} cannot be written: {error.strerror}") from error


def _check_quiet(project: Project) -> None:
    """EnvironmentProblem where Django would still change a table."""
    left = _ask(project, "drift")["changes"]
    if left:
        raise EnvironmentProblem(
            f"Django would not let go of its tables, {left[0]}", hint="nothing is changed"
        )


def _restore(project: Project, changes: Changes) -> list[str]:
    """Put back what is as it was written; the paths of the others."""
    left = []
    for path, (before, after) in changes.items():
        file = project.path / path
        text = file.read_text(encoding="utf-8") if file.is_file() else None
        if text == before:
            continue
        if text != after:
            left.append(path)
        elif before is None:
            file.unlink()
        else:
            file.write_text(before, encoding="utf-8")
    return left


def hand_back(project: Project, environment: Mapping[str, str]) -> Handover:
    """Let Django own the schema again, as long as Alembic has done nothing of its own.

    Raises UsageError where Django owns it.
    """
    line = history(project.out)
    if line.owner == "django":
        raise UsageError("Django owns the schema", hint="strangler schema handover")
    notes = project.out / _NOTES
    changes = _noted(notes)
    obstacles = [
        f"{each.file.name} is a revision of your own: alembic downgrade, and remove it"
        for each in line.own
    ]
    with live_database(environment["DATABASE_URL"]) as live:
        applied = set(live.applied())
    # An app's label may be another one than its folder; nobody else has migrations of this name.
    written = {Path(path).stem for path, (before, _) in changes.items() if before is None}
    obstacles += [
        f"{name} is applied: manage.py migrate to the one before it"
        for name in sorted(applied)
        if name.partition(".")[2] in written
    ]
    if obstacles:
        return Handover(line.owner, tuple(obstacles))
    left = _restore(project, changes)
    set_owner(project.out, "django")
    notes.unlink(missing_ok=True)
    told = tuple(f"{path} was changed since: take managed = False out by hand" for path in left)
    return Handover("django", told, files=tuple(path for path in changes if path not in left))


def _noted(notes: Path) -> Changes:
    try:
        found = json.loads(notes.read_text(encoding="utf-8"))
        return {path: (before, after) for path, (before, after) in found.items()}
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise UsageError(f"cannot be read: {type(error).__name__}", source=str(notes)) from error
