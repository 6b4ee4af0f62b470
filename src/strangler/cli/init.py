"""`strangler init`: write strangler.toml by looking at the project."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from strangler.cli.options import PythonOption, SettingsOption
from strangler.cli.page import plain
from strangler.config import FILE_NAME, Config, resolve
from strangler.errors import ExitCode, OutputError, StranglerError, UsageError
from strangler.legacy import interpreter_of, settings_of
from strangler.serving.ports import free_ports

_SKIPPED = {"node_modules", "site-packages", "venv", "env", "build", "dist"}
_DEPTH = 3


def command(
    path: Annotated[Path, typer.Argument(help="Where the file is written.")] = Path(),
    legacy: Annotated[
        Path | None, typer.Option(help="The folder of manage.py; default: looked for.")
    ] = None,
    settings: SettingsOption = None,
    python: PythonOption = None,
    out: Annotated[Path | None, typer.Option(help="Where the application will be.")] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace a file that is there.")] = False,
) -> ExitCode:
    """Look at the Django project and write strangler.toml."""
    if not path.is_dir():
        raise UsageError(f"there is no folder {path}")
    file = path / FILE_NAME
    if file.exists() and not force:
        raise OutputError("there is one already", source=str(file), hint="--force replaces it")
    found = legacy if legacy is not None else manage_folder(path)
    config = resolve(
        Config(folder=path.absolute()),
        legacy_path=str(found),
        legacy_settings=settings,
        legacy_python=python,
    )
    text = written(config, path, found, out)
    try:
        file.write_text(text, encoding="utf-8")
    except OSError as error:
        raise OutputError(f"cannot be written: {error.strerror}", source=str(file)) from error
    console = plain(soft_wrap=True)
    console.print(escape(text), style="dim")
    console.print(escape(f"written: {file}\nnext: strangler inspect {found}"))
    return ExitCode.DONE


def manage_folder(path: Path) -> Path:
    """The folder of the only manage.py in or below a folder; UsageError: none, or several."""
    found = list(_manage_files(path, _DEPTH))
    if not found:
        raise UsageError(f"there is no manage.py in {path.absolute()}", hint="--legacy FOLDER")
    if len(found) > 1 and found[0] != path:
        names = ", ".join(str(each) for each in found[:3])
        raise UsageError(f"several folders have a manage.py: {names}", hint="--legacy FOLDER")
    return found[0]


def _manage_files(folder: Path, depth: int) -> list[Path]:
    """Folders with a manage.py, the nearest ones first."""
    if (folder / "manage.py").is_file():
        return [folder]
    if depth == 0:
        return []
    with suppress(OSError):
        below = sorted(p for p in folder.iterdir() if p.is_dir() and not p.is_symlink())
        inner = [p for p in below if not p.name.startswith(".") and p.name not in _SKIPPED]
        return [found for each in inner for found in _manage_files(each, depth - 1)]
    return []


def written(config: Config, path: Path, legacy: Path, out: Path | None) -> str:
    """The text of the file."""
    ports = free_ports()
    lines = ["[legacy]", f"path = {_quoted(_relative(legacy, path))}"]
    lines.append(f"settings = {_quoted(settings_of(config))}")
    interpreter = _interpreter(config, path)
    if interpreter:
        lines.append(f"python = {_quoted(interpreter)}")
    lines.append(f'url = "http://127.0.0.1:{ports[0]}"')
    for name in (".env", "env"):
        if (legacy / name).is_file():
            lines.append(f"env_file = {_quoted(_relative(legacy / name, path))}")
            break
    target = _relative(out, path) if out is not None else "newapp"
    lines += ["", "[new]", f"path = {_quoted(target)}", f'url = "http://127.0.0.1:{ports[1]}"']
    lines += ["", "[proxy]", f'listen = "127.0.0.1:{ports[2]}"']
    lines += [f'admin = "127.0.0.1:{ports[3]}"', ""]
    return "\n".join(lines)


def _interpreter(config: Config, path: Path) -> str | None:
    """The interpreter as it should stand in the file; None: it is found anyway."""
    with suppress(StranglerError):
        found = interpreter_of(config)
        if found != sys.executable or config.legacy.python:
            return _relative(Path(found), path)
    return None


def _relative(place: Path, folder: Path) -> str:
    """Below the folder: as people write it; elsewhere: absolute."""
    whole, start = os.path.abspath(place), os.path.abspath(folder)
    if whole == start or whole.startswith(f"{start}{os.sep}"):
        return os.path.relpath(whole, start)
    return whole


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
