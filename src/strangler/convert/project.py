"""Reading the legacy project's sources, whatever lies among them."""

from __future__ import annotations

import ast
import io
import os
import platform
import tokenize
import warnings
from dataclasses import dataclass, field
from pathlib import Path

_SKIPPED_FOLDERS = frozenset(["node_modules", "__pycache__", "venv", "site-packages"])
# Skipped too, unless they are packages: an app may be called `media`.
_SKIPPED_UNLESS_PACKAGES = frozenset(
    [
        "env",
        "build",
        "dist",
        "htmlcov",
        "static",
        "staticfiles",
        "media",
    ]
)
_MAX_BYTES = 2_000_000
#: Levels of one expression or statement inside another; more than people write, less than breaks us.
_MAX_DEPTH = 120


@dataclass
class Project:
    """Sources by path relative to the root; `skipped` are (path or `path:line`, reason) of others."""

    root: Path
    files: dict[str, str] = field(default_factory=dict)
    skipped: list[tuple[str, str]] = field(default_factory=list)


def read_project(root: Path, *, without: Path | None = None) -> Project:
    """Read every Python file below `root` but virtualenvs, hidden folders and the folder `without`.

    Links that leave the root, special files, files over 2 MB, files that are no text and those that do not parse are
    listed in `skipped` with the reason. A byte order mark and PEP 263 encodings are honoured; line ends become `\\n`.
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
    if folder.name in _SKIPPED_UNLESS_PACKAGES and not (folder / "__init__.py").is_file():
        return False
    return folder != avoided and not (folder / "pyvenv.cfg").exists()


def _read(project: Project, root: Path, path: Path) -> None:
    relative = path.relative_to(root).as_posix()
    reason = _obstacle(path, root)
    if reason is not None:
        project.skipped.append((relative, reason))
        return
    try:
        text = _decoded(path.read_bytes())
        _check(text)
    except SyntaxError as error:
        project.skipped.append((f"{relative}:{error.lineno or 1}", error.msg))
    except OSError as error:
        project.skipped.append((relative, f"it cannot be read: {error.strerror}"))
    else:
        project.files[relative] = text


def read_file(root: Path, name: str) -> str | None:
    """One file as `read_project` has it; None for what it skips, or what is not there."""
    project, real = Project(root), root.resolve()
    if (real / name).exists():
        _read(project, real, real / name)
    return project.files.get(name)


def parsed(text: str) -> ast.Module:
    """The syntax tree; what today's Python warns of in old sources is not said."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return ast.parse(text)


def _decoded(data: bytes) -> str:
    """The text as Python reads it; SyntaxError with the line where it is none."""
    encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        raise _at(data[: error.start].count(b"\n") + 1, f"it is not {encoding}") from error
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if "\0" in text:
        raise _at(text.partition("\0")[0].count("\n") + 1, "it holds NUL characters")
    return text


def _check(text: str) -> None:
    """SyntaxError with the line where the text is no Python that we can work on."""
    try:
        tree = parsed(text)
    except SyntaxError as error:
        version = ".".join(platform.python_version_tuple()[:2])
        reason = f"it does not parse as Python {version}: {error.msg}"
        raise _at(error.lineno or 1, reason) from error
    except (ValueError, RecursionError, MemoryError) as error:
        raise _at(1, "it is nested too deeply") from error
    level: list[tuple[ast.AST, int]] = [(node, node.lineno) for node in tree.body]
    for _ in range(_MAX_DEPTH):
        level = [
            (child, getattr(child, "lineno", line))
            for node, line in level
            for child in ast.iter_child_nodes(node)
        ]
        if not level:
            return
    raise _at(level[0][1], "it is nested too deeply")


def _at(line: int, reason: str) -> SyntaxError:
    return SyntaxError(reason, (None, line, None, None))


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
