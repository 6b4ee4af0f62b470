"""Writing the generated tree: formatted, merged with hand edits, all or nothing."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from strangler.errors import InternalError, OutputError

from .merge import merge_text
from .placing import removed, staging_beside, swap
from .report import VERSION

BASE = ".strangler/base"
_MARKER = ".strangler/ledger.json"
_ORIGINS = ".strangler/origins.json"
_ELSEWHERE = "name another folder with --out"
_RUFF_CONFIG = 'line-length = 100\ntarget-version = "py311"\n[lint]\nselect = ["F401", "I"]\n[lint.isort]\nknown-first-party = ["app"]\n'


@dataclass
class Written:
    """What writing did: files by what became of them."""

    changed: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    conflicts: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)


def format_files(files: Mapping[str, str]) -> dict[str, str]:
    """The same files, imports sorted and code formatted by ruff.

    Raises:
        InternalError: ruff refuses the code: we wrote something that is no Python.
    """
    with tempfile.TemporaryDirectory(prefix="strangler-") as name:
        folder = Path(name)
        _spread(folder, files)
        (folder / "ruff.toml").write_text(_RUFF_CONFIG, encoding="utf-8")
        for arguments in (["check", "--fix", "--quiet", "."], ["format", "--quiet", "."]):
            command = [sys.executable, "-m", "ruff", *arguments, "--no-cache"]
            done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
            if done.returncode != 0:
                first = (done.stdout + done.stderr).strip().splitlines()[:4]
                raise InternalError(
                    f"the generated code is not accepted by ruff: {' | '.join(first)}"
                )
        return {path: (folder / path).read_text(encoding="utf-8") for path in files}


def _spread(folder: Path, files: Mapping[str, str]) -> None:
    for path, text in files.items():
        place = folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text, encoding="utf-8")


def check_ours(out: Path, root: Path | None = None) -> None:
    """Refuse a folder that holds something we did not write.

    Raises:
        OutputError: the folder is the Django project at `root` or one around it, is no folder, is
            not empty and has no ledger, or has one that is not ours.
    """
    if root is not None and root.resolve().is_relative_to(out.resolve()):
        raise OutputError(f"{out} holds the Django project", hint=_ELSEWHERE)
    if out.is_file():
        raise OutputError(f"{out} is a file", hint=_ELSEWHERE)
    if not out.is_dir():
        if out.exists():  # a device, a pipe: renaming a folder over it would succeed
            raise OutputError(f"{out} is no folder", hint=_ELSEWHERE)
        return
    try:
        if any(out.iterdir()):
            _check_ledger(out)
    except OSError as error:
        raise _cannot(out, error) from error


def _check_ledger(out: Path) -> None:
    ledger = out / _MARKER
    if not ledger.is_file():
        text = f"{out} is not empty and was not written by strangler"
        raise OutputError(text, hint=_ELSEWHERE)
    try:
        found = json.loads(ledger.read_text(encoding="utf-8"))
    except (ValueError, RecursionError):
        found = None
    version = found.get("version") if isinstance(found, dict) else None
    if version != VERSION:
        newer = isinstance(version, int) and version > VERSION
        what = "was written by a newer strangler" if newer else "is no ledger of strangler's"
        raise OutputError(what, source=str(ledger), hint="restore it from version control")


def write_tree(out: Path, files: Mapping[str, str], ledger: str, origins: str = "{}\n") -> Written:
    """Write the tree at `out`: either all of it or nothing. Hand edits are merged.

    Raises:
        OutputError: the folder cannot be written, or another conversion is writing to it.
    """
    written = Written()
    try:
        with staging_beside(out) as staging:
            texts = merged(out, files, written)
            _apply(staging, texts, files, {_MARKER: ledger, _ORIGINS: origins}, written)
            swap(staging, out)
    except OSError as error:
        raise _cannot(out, error) from error
    return written


def _cannot(out: Path, error: OSError) -> OutputError:
    """What the system said, about the file in `out` that it said it of."""
    if isinstance(error, shutil.Error) and error.args and isinstance(error.args[0], list):
        name, _, reason = error.args[0][0]
        return OutputError(f"{name} cannot be carried over: {reason}")
    name = str(error.filename or out)
    inside = name.partition(f".{out.resolve().name}-strangler/tree/")[2]
    place = str(out / inside) if inside else name
    return OutputError(f"{place} cannot be written: {error.strerror or error}", hint=_ELSEWHERE)


def merged(out: Path, files: Mapping[str, str], written: Written) -> dict[str, str]:
    """What each file will hold; a file that a person deleted stays deleted."""
    found = {}
    for path, new in files.items():
        base = _read(out / BASE / path)
        ours = _read(out / path)
        if base is None and ours is None:
            found[path] = new
            written.changed.append(path)
        elif ours is None:
            written.removed.append(path)
        elif ours in (base, new):
            found[path] = new
            (written.unchanged if ours == new else written.changed).append(path)
        else:  # without a base nobody can say which lines are a person's: both stand in a conflict
            text, conflict = merge_text(base or "", ours, new)
            found[path] = text
            (written.unchanged if text == ours else written.changed).append(path)
            if conflict:
                written.conflicts.append(path)
    return found


def _read(path: Path) -> str | None:
    try:
        return path.read_text(encoding="utf-8") if path.is_file() else None
    except UnicodeDecodeError as error:
        raise OutputError("is not UTF-8", source=str(path), hint="save it as UTF-8") from error


def _apply(
    staging: Path,
    merged: Mapping[str, str],
    files: Mapping[str, str],
    own: Mapping[str, str],
    written: Written,
) -> None:
    base = staging / BASE
    for path in _tracked(base):
        gone = path not in files and _read(staging / path) == _read(base / path)
        if gone and (staging / path).is_file():
            (staging / path).unlink()
            written.removed.append(path)
            _drop_empty((staging / path).parent, staging)
    removed(base)
    every = {**merged, **{f"{BASE}/{path}": text for path, text in files.items()}, **own}
    for path, text in every.items():
        _replace(staging, path, text)


def _replace(staging: Path, path: str, text: str) -> None:
    """Write a file anew: what stands there may be a link to the old tree's."""
    place = staging / path
    if not place.parent.resolve().is_relative_to(staging.resolve()):
        raise OutputError(f"a link leads {path} out of the folder", hint=_ELSEWHERE)
    if place.is_file() and not place.is_symlink() and place.read_bytes() == text.encode():
        return
    mode = place.stat().st_mode & 0o777 if place.is_file() else None
    place.parent.mkdir(parents=True, exist_ok=True)
    place.unlink(missing_ok=True)
    place.write_text(text, encoding="utf-8")
    if mode is not None:
        place.chmod(mode)


def _tracked(base: Path) -> list[str]:
    return sorted(p.relative_to(base).as_posix() for p in base.rglob("*") if p.is_file())


def _drop_empty(folder: Path, above: Path) -> None:
    """Remove a folder that became empty, and those around it; empty ones of a person's own stay."""
    while folder != above and not any(folder.iterdir()):
        folder.rmdir()
        folder = folder.parent
