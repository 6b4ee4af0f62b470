"""Reading the legacy project's sources, whatever lies among them."""

from __future__ import annotations

import io
import os
import tokenize
from dataclasses import dataclass, field
from pathlib import Path

_SKIPPED_FOLDERS = frozenset(
    [
        "node_modules",
        "__pycache__",
        "venv",
        "env",
        "site-packages",
        "build",
        "dist",
        "htmlcov",
        "static",
        "staticfiles",
        "media",
    ]
)
_MAX_BYTES = 2_000_000


@dataclass
class Project:
    """Sources by path relative to the root, and the files that could not be read."""

    root: Path
    files: dict[str, str] = field(default_factory=dict)
    skipped: list[tuple[str, str]] = field(default_factory=list)


def read_project(root: Path, *, without: Path | None = None) -> Project:
    """Read every Python file below `root` but virtualenvs, hidden folders and the folder `without`.

    Links that leave the root, special files, files over 2 MB and files that are no text are listed in `skipped` with the
    reason. A byte order mark and PEP 263 encodings are honoured; line ends become `\\n`.
    """
    project = Project(root)
    root_real = root.resolve()
    avoided = without.resolve() if without is not None else None
    for folder, names, files in os.walk(root_real):
        here = Path(folder)
        names[:] = sorted(n for n in names if _enters(here / n, avoided))
        for name in sorted(files):
            if name.endswith(".py"):
                _read(project, root_real, here / name)
    return project


def _enters(folder: Path, avoided: Path | None) -> bool:
    if folder.name.startswith(".") or folder.name in _SKIPPED_FOLDERS or folder.is_symlink():
        return False
    return folder != avoided and not (folder / "pyvenv.cfg").exists()


def _read(project: Project, root: Path, path: Path) -> None:
    relative = path.relative_to(root).as_posix()
    reason = _obstacle(path, root)
    if reason is not None:
        project.skipped.append((relative, reason))
        return
    try:
        data = path.read_bytes()
        encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
        text = data.decode(encoding)
    except (OSError, SyntaxError, UnicodeDecodeError, LookupError) as error:
        project.skipped.append((relative, f"it cannot be read: {error}".splitlines()[0]))
        return
    if "\0" in text:
        project.skipped.append((relative, "it holds NUL characters"))
        return
    project.files[relative] = text.replace("\r\n", "\n").replace("\r", "\n")


def _obstacle(path: Path, root: Path) -> str | None:
    try:
        if not path.resolve().is_relative_to(root):
            return "it is a link that leaves the project"
        if not path.is_file():
            return "it is no regular file"
        if path.stat().st_size > _MAX_BYTES:
            return "it is larger than 2 MB"
    except (OSError, RuntimeError) as error:
        return f"it cannot be read: {error}"
    return None
