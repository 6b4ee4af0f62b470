"""Writes the draft of one body beside the project."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from strangler.config import Config
from strangler.errors import OutputError, UsageError
from strangler.facts import Facts
from strangler_codemods.conversion import Additions, Conversion, convert
from strangler_codemods.drafts import Drafted, Drafting
from strangler_codemods.names import snake
from strangler_codemods.refusal import Reason

from .observing import read_observed
from .output import format_files
from .plugins import load_rules
from .ported import body_path
from .project import read_project

_FOLDER = "overrides"


@dataclass(frozen=True)
class Draft:
    """What was written: `place` is the file as strangler.toml has it."""

    name: str
    source: str
    made_for: str
    function: str
    file: Path
    place: str
    opened: tuple[Reason, ...]


def write_draft(config: Config, root: Path, facts: Facts, name: str, to: Path | None) -> Draft:
    """Draft the body called `name` and write it; nothing else changes.

    Raises:
        StranglerError: there is no such body, nothing passes through it, or its file is there.
    """
    project = read_project(root, without=config.at(config.new.path))
    path = body_path(project.files, name)
    drafting, told = Drafting(path), config.convert
    added = Additions((), load_rules(config), drafting, read_observed(config.folder))
    conversion = convert(facts, project.files, skip=told.skip, accept=told.accept, added=added)
    if drafting.done is None:
        raise _unreached(conversion, path)
    function = path.rpartition(".")[2]
    file, place = _file(config, path, to)
    line = f'"{path}" = "{place}:{function}"'
    text = _header(path, drafting.done, line) + drafting.done.text
    text = format_files({"draft.py": text.rstrip("\n") + "\n"})["draft.py"]
    _write(file, text)
    done = drafting.done
    return Draft(path, done.source, done.made_for, function, file, place, done.opened)


def _unreached(conversion: Conversion, path: str) -> UsageError:
    if conversion.held_back(path):
        hint = "`strangler inspect` lists what holds its endpoints back before they come to it"
        return UsageError(f"no rule looks into {path}", hint=hint)
    return UsageError(
        f"no endpoint passes through {path}", hint="`strangler inspect` names the next body to port"
    )


def _file(config: Config, path: str, to: Path | None) -> tuple[Path, str]:
    """The draft's file, and what strangler.toml calls it."""
    if to is not None:
        file = to.expanduser().absolute()
    else:
        package, *_, owner, function = path.split(".")
        stem = re.sub(r"\W", "_", f"{snake(owner)}_{function}").lower()
        file = config.at(Path(_FOLDER) / f"{stem}.py")
        if _drafted(file) not in (None, path):
            file = file.with_name(f"{package}_{file.name}")
    folder = config.folder.absolute()
    inside = file.is_relative_to(folder)
    return file, file.relative_to(folder).as_posix() if inside else str(file)


def _drafted(file: Path) -> str | None:
    """The body that a file is the draft of; None for no file, and for one that does not say so."""
    text = file.read_text(encoding="utf-8", errors="replace") if file.is_file() else ""
    found = re.match(r'"""Draft of (\S+) \(', text)
    return found[1] if found else None


def _header(path: str, done: Drafted, line: str) -> str:
    count = len(done.opened)
    if count:
        state = (
            f"{count} operation{'s' if count > 1 else ''} in it ha{'ve' if count > 1 else 's'} no rule. "
            "Mend the line below each comment\nthat begins with OPEN, delete the comment, then add to "
            "strangler.toml"
        )
    else:
        state = "Every operation in it has a rule. To use it as it is, add to strangler.toml"
    return f'''"""Draft of {path} ({done.source}), made for {done.made_for}.

Nobody has checked it, and the application does not use it.
{state}

    [convert.bodies]
    {line}
"""

'''


def _write(file: Path, text: str) -> None:
    try:
        if file.exists() and file.read_text(encoding="utf-8") != text:
            hint = "name another file with --to, or remove it"
            raise OutputError(f"{file} is there already, and is another one", hint=hint)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise OutputError(f"{file} cannot be written: {error}") from error
