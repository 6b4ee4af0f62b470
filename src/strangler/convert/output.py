"""Writing the generated tree: formatted, merged with hand edits, all or nothing."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from strangler.errors import InternalError, OutputError

from .merge import merge_text

BASE = ".strangler/base"
_MARKER = ".strangler/ledger.json"
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


def check_ours(out: Path) -> None:
    """Refuse a folder that holds something we did not write.

    Raises:
        OutputError: the folder is a file, or is not empty and has no ledger.
    """
    if out.is_file():
        raise OutputError(f"{out} is a file", hint="name another folder with --out")
    if out.is_dir() and any(out.iterdir()) and not (out / _MARKER).is_file():
        text = f"{out} is not empty and was not written by strangler"
        raise OutputError(text, hint="name another folder with --out")


def write_tree(out: Path, files: Mapping[str, str], ledger: str) -> Written:
    """Write the tree at `out`: either all of it or nothing. Hand edits are merged.

    Raises:
        OutputError: the folder cannot be written.
    """
    written = Written()
    merged = _merged(out, files, written)
    parent = out.resolve().parent
    try:
        parent.mkdir(parents=True, exist_ok=True)
        staging = Path(tempfile.mkdtemp(prefix=f".{out.name}-", dir=parent))
    except OSError as error:
        text = f"{parent} cannot be written: {error.strerror}"
        raise OutputError(text, hint="name another folder with --out") from error
    try:
        if out.is_dir():
            shutil.copytree(out, staging, dirs_exist_ok=True, symlinks=True)
        _apply(staging, merged, files, ledger, written)
        _swap(staging, out)
    finally:
        shutil.rmtree(staging, ignore_errors=True)
    return written


def _merged(out: Path, files: Mapping[str, str], written: Written) -> dict[str, str]:
    """What each file will hold; a file that a person deleted stays deleted."""
    merged = {}
    for path, new in files.items():
        base = _read(out / BASE / path)
        ours = _read(out / path)
        if base is None and ours is None:
            merged[path] = new
            written.changed.append(path)
        elif ours is None:
            written.removed.append(path)
        elif base is None or ours in (base, new):
            merged[path] = new
            (written.unchanged if ours == new else written.changed).append(path)
        else:
            text, conflict = merge_text(base, ours, new)
            merged[path] = text
            (written.unchanged if text == ours else written.changed).append(path)
            if conflict:
                written.conflicts.append(path)
    return merged


def _read(path: Path) -> str | None:
    return path.read_text(encoding="utf-8") if path.is_file() else None


def _apply(
    staging: Path,
    merged: Mapping[str, str],
    files: Mapping[str, str],
    ledger: str,
    written: Written,
) -> None:
    base = staging / BASE
    for path in _tracked(base):
        gone = path not in files and _read(staging / path) == _read(base / path)
        if gone:
            (staging / path).unlink()
            written.removed.append(path)
    shutil.rmtree(base, ignore_errors=True)
    _spread(staging, merged)
    _spread(base, files)
    (staging / _MARKER).write_text(ledger, encoding="utf-8")
    _drop_empty(staging)


def _tracked(base: Path) -> list[str]:
    return sorted(p.relative_to(base).as_posix() for p in base.rglob("*") if p.is_file())


def _drop_empty(folder: Path) -> None:
    for place in sorted(folder.rglob("*"), reverse=True):
        if place.is_dir() and not any(place.iterdir()):
            place.rmdir()


def _swap(staging: Path, out: Path) -> None:
    """Put the new tree in the old one's place by two renames."""
    staging.chmod(0o755)
    target = out.resolve()
    if not target.exists():
        os.rename(staging, target)
        return
    old = target.with_name(f".{target.name}-old-{os.getpid()}")
    os.rename(target, old)
    try:
        os.rename(staging, target)
    except OSError:
        os.rename(old, target)
        raise
    shutil.rmtree(old)
