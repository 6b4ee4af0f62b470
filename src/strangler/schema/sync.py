"""Turns Django migrations that came after the last revision into revisions of their own."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from strangler.convert.output import format_files
from strangler.errors import UsageError
from strangler.schema import environment as texts
from strangler.schema.baseline import (
    Written,
    built_otherwise,
    own_tables,
    prove,
    stamp_live,
    write_files,
)
from strangler.schema.fresh import Fresh, fresh
from strangler.schema.revisions import History, history
from strangler.verify.project import Project

_SECONDS = 600.0
# Within the transaction of a revision nothing can be made beside the traffic; there is none yet.
_BESIDE = re.compile(r"^(\s*(?:CREATE (?:UNIQUE )?|DROP )INDEX) CONCURRENTLY", re.IGNORECASE)


def sync(
    project: Project,
    environment: Mapping[str, str],
    *,
    scratch: str | None = None,
    stamp: bool = True,
) -> Written:
    """Write a revision for each migration that no revision stands for, stamp the live database.

    An empty database is built by the revisions that there are; Django applies its new migrations,
    and what they execute is noted. Another one, built by all revisions, has to be the same.
    Raises UsageError where there is no baseline, Django does not own the schema any more, or a
    migration is not what it was when its revision was written.
    """
    line = history(project.out)
    if line.owner != "django":
        raise UsageError(
            "Alembic owns the schema: new migrations of Django's change nothing",
            hint="strangler schema handover --back",
        )
    url = environment["DATABASE_URL"]
    with fresh(project, scratch or url) as made:
        made.alembic(project.out, "upgrade", "head")
        with made.legacy() as legacy:
            question = {"op": "replay", "known": _ordered(line)}
            steps: list[dict[str, Any]] = legacy.ask(question, seconds=_SECONDS)["steps"]
        _check_history(project, scratch or url, made)
        sources = format_files(dict(_revisions(line, steps)))
        count = 0
        if sources:
            with made.opened() as django:
                prove(project, scratch or url, sources, django, django)
                count = len(own_tables(django))
    write_files(project.out, sources)
    stamped = stamp_live(project, environment) if stamp else None
    names = tuple(each.name for each in history(project.out).revisions[len(line.revisions) :])
    return Written(tuple(sources), names, count, stamped, notes=tuple(_notes(steps)))


def _check_history(project: Project, url: str, made: Fresh) -> None:
    """UsageError where Django's migrations alone make other tables than old revisions and new steps."""
    with fresh(project, url) as alone:
        alone.migrate()
        with alone.opened() as django, made.opened() as replayed:
            found = built_otherwise(django, replayed, own_tables(django))
    if found:
        raise UsageError(
            f"a migration was changed since its revision: {found[0].table}: {found[0].what}",
            hint="remove that revision and those after it, then strangler schema sync",
        )


def _ordered(line: History) -> list[str]:
    return [name for each in line.revisions for name in each.django or ()]


def _revisions(line: History, steps: Sequence[Mapping[str, Any]]) -> Iterator[tuple[str, str]]:
    """Path and text of a revision for each step."""
    down, number = line.head, len(line.revisions)
    for step in steps:
        number += 1
        name = f"{number:04}"
        statements = [_BESIDE.sub(r"\1", each.strip()) for each in step["statements"]]
        title = f"Django's migration {step['name']}."
        groups = {"STATEMENTS": [each.rstrip(";") for each in statements]}
        slug = re.sub(r"\W+", "_", step["name"]).lower()
        text = texts.revision(name, down, title, [step["name"]], groups)
        yield f"{texts.VERSIONS}/{name}_{slug}.py", text
        down = name


def _notes(steps: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    for step in steps:
        for place in step["code"]:
            yield (
                f"{place}: {step['name']} runs Python: what it does to rows that an empty database "
                "does not have is in no revision"
            )
