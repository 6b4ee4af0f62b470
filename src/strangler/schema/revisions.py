"""The revisions of a generated application: read, put in order, written."""

import ast
import configparser
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from strangler.errors import UsageError
from strangler.schema.environment import OWNER_KEY, VERSIONS


@dataclass(frozen=True, slots=True)
class Revision:
    """One file in migrations/versions; `django` are the migrations that it stands for."""

    name: str
    down: str | None
    django: tuple[str, ...] | None
    file: Path


@dataclass(frozen=True, slots=True)
class History:
    """The revisions from the first to the last, and who owns the schema."""

    revisions: tuple[Revision, ...]
    owner: str

    @property
    def known(self) -> frozenset[str]:
        """The migrations of Django's that revisions stand for, as `app.name`."""
        return frozenset(name for each in self.revisions for name in each.django or ())

    @property
    def head(self) -> str:
        """The last one's name."""
        return self.revisions[-1].name

    @property
    def own(self) -> tuple[Revision, ...]:
        """Those that people wrote, which Django knows nothing of."""
        return tuple(each for each in self.revisions if each.django is None)

    def stamp(self, applied: Sequence[str]) -> str | None:
        """The last revision whose migrations a database has; None where it lacks the first's."""
        found = None
        for each in self.revisions:
            if each.django is None or not set(each.django) <= set(applied):
                return found
            found = each.name
        return found


def history(out: Path) -> History:
    """What stands in the application's folder.

    Raises UsageError where there is no baseline, or the revisions are no line.
    """
    found = [_read(file) for file in sorted((out / VERSIONS).glob("*.py"))]
    by_down = {each.down: each for each in found}
    line: list[Revision] = []
    place: str | None = None
    while place in by_down:
        line.append(by_down[place])
        place = line[-1].name
    if not line and (out / "alembic.ini").is_file():
        raise UsageError(
            f"alembic.ini has no first revision in {out / VERSIONS}",
            hint="take the folder back from version control, or remove alembic.ini and begin anew",
        )
    if not line:
        raise UsageError(f"there is no baseline in {out}", hint="strangler schema baseline")
    if len(line) != len(found):
        raise UsageError("the revisions branch", source=str(out / VERSIONS), hint="alembic merge")
    return History(tuple(line), owner(out))


def owner(out: Path) -> str:
    """Whose migrations change the tables: "django" or "alembic"."""
    file = out / "alembic.ini"
    parser = configparser.RawConfigParser()
    try:
        parser.read_string(file.read_text(encoding="utf-8"))
        found = parser.get("alembic", OWNER_KEY)
    except FileNotFoundError:
        raise UsageError(
            f"there is no {file} beside the revisions", hint="take it back from version control"
        ) from None
    except (OSError, configparser.Error) as error:
        told = " ".join(str(error).split())
        raise UsageError(f"{OWNER_KEY} cannot be read: {told}", source=str(file)) from error
    if found not in ("django", "alembic"):
        raise UsageError(f"{OWNER_KEY} is {found!r}, neither django nor alembic", source=str(file))
    return found


def refuse_second(out: Path) -> None:
    """UsageError where a baseline would write over files that are there."""
    if not (out / "alembic.ini").exists() and not any((out / VERSIONS).glob("*.py")):
        return
    line = history(out)
    raise UsageError(
        f"{out} has a baseline already, {line.revisions[0].file.name}",
        hint="strangler schema sync goes on",
    )


def refuse_alembics(out: Path) -> None:
    """UsageError where Django's models say nothing of the tables any more."""
    if (out / "alembic.ini").is_file() and owner(out) == "alembic":
        raise UsageError(
            "Alembic owns the schema", hint="alembic check compares it with the models"
        )


def set_owner(out: Path, name: str) -> None:
    """Change the line in alembic.ini and nothing else."""
    file = out / "alembic.ini"
    text = file.read_text(encoding="utf-8")
    pattern = rf"(?m)^{OWNER_KEY}\s*=.*$"
    file.write_text(re.sub(pattern, f"{OWNER_KEY} = {name}", text), encoding="utf-8")


def _read(file: Path) -> Revision:
    try:
        tree = ast.parse(file.read_text(encoding="utf-8"))
        values = {
            node.targets[0].id: ast.literal_eval(node.value)
            for node in tree.body
            if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)
            if node.targets[0].id in ("revision", "down_revision", "DJANGO")
        }
        return Revision(values["revision"], values["down_revision"], values.get("DJANGO"), file)
    except SyntaxError as error:
        raise UsageError(
            f"the revision cannot be read: {error.msg}", source=f"{file}:{error.lineno}"
        ) from error
    except KeyError as error:
        raise UsageError(f"the revision lacks {error.args[0]} = …", source=str(file)) from error
    except (OSError, ValueError) as error:
        raise UsageError(f"the revision cannot be read: {error}", source=str(file)) from error
