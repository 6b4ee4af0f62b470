"""Reads the functions that `[convert.bodies]` names, and tries the modules that come of them."""

from __future__ import annotations

import difflib
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path

from strangler.errors import ConfigError
from strangler_codemods.conversion import Conversion
from strangler_codemods.overrides import Override, OverrideError, module_of, read_override
from strangler_codemods.sources import Sources

_PATIENCE = 60.0
_SECTION = "[convert.bodies]"
_TRY = """
import importlib, json, sys, traceback
for name in sys.argv[1:]:
    try:
        importlib.import_module(name)
    except BaseException as error:
        own = name.replace(".", "/") + ".py"
        lines = [f.lineno for f in traceback.extract_tb(error.__traceback__) if f.filename.endswith(own)]
        line = lines[-1] if lines else getattr(error, "lineno", None) or 1
        print(json.dumps([name, line, type(error).__name__, str(error)]))
        break
"""


def read_overrides(
    bodies: Mapping[str, str], folder: Path, files: Mapping[str, str]
) -> list[Override]:
    """The functions that stand for bodies: dotted path to `overrides/core.py:get_queryset`.

    `folder` is where relative paths start, `files` are the project's sources.

    Raises:
        ConfigError: there is no such body, file or function, or it cannot be called.
    """
    sources = Sources(files)
    found: dict[str, Override] = {}
    places: dict[str, str] = {}
    for name, target in bodies.items():
        path = _path_of(sources, name, _SECTION)
        place, _, function = target.rpartition(":")
        other = places.setdefault(module_of(place), place)
        if other != place:
            raise ConfigError(
                f"{other} and {place} would become the same module, {module_of(place)}",
                source=_SECTION,
                hint="give one of the files another name",
            )
        try:
            found[path] = read_override(path, place, function, _read(folder, place, name))
        except OverrideError as error:
            source = f"{place}:{error.line}"
            raise ConfigError(
                f"{error.message}, for {name}", source=source, hint=error.hint
            ) from None
    return list(found.values())


def body_path(files: Mapping[str, str], name: str) -> str:
    """The path of a function in the project's sources, re-exports followed.

    Raises:
        ConfigError: there is none.
    """
    return _path_of(Sources(files), name)


def _path_of(sources: Sources, name: str, source: str | None = None) -> str:
    path = sources.canonical(name)
    if sources.function(path) is not None:
        return path
    found = sources.split(path)
    known = [] if found is None else [f"{found[0].name}.{each}" for each in found[0].functions]
    close = difflib.get_close_matches(name, known, 1) or known[:1]
    hint = f"did you mean {close[0]}?" if close else "write module.Class.method or module.function"
    raise ConfigError(f"the project has no function {name}", source=source, hint=hint)


def _read(folder: Path, place: str, name: str) -> str:
    file = folder / place
    try:
        return file.read_text(encoding="utf-8")
    except FileNotFoundError:
        hint = f"write the function there: `strangler draft {name}` makes a beginning"
        raise ConfigError(f"{file} is not there", source=_SECTION, hint=hint) from None
    except UnicodeDecodeError:
        raise ConfigError("it is not UTF-8", source=place, hint="save it as UTF-8") from None
    except OSError as error:
        text = f"{file} cannot be read: {error.strerror}"
        raise ConfigError(text, source=_SECTION) from error


def require_used(conversion: Conversion) -> list[str]:
    """Notes on overrides that were not reached, since something else holds their endpoints back.

    Raises:
        ConfigError: an override fits nowhere, or no endpoint passes through its body.
    """
    notes = []
    for name, override in conversion.overrides.by_name.items():
        if name in conversion.overrides.used:
            continue
        refused = conversion.overrides.refused.get(name)
        if refused is not None:
            own = refused.code.startswith("O")
            hint = f"{refused.code}, docs/codes.md" if own else f"{refused.code} {refused.source}"
            text = f"it cannot stand for {name}: {refused.message}"
            raise ConfigError(text, source=override.source, hint=hint)
        if name in conversion.overrides.walked or conversion.held_back(name):
            notes.append(f"{name}: not used yet, its endpoints are held back by something else")
            continue
        hint = "drop the line, or name the method that the endpoints pass through"
        raise ConfigError(f"no endpoint passes through {name}", source=_SECTION, hint=hint)
    return notes


def require_importable(
    files: Mapping[str, str], overrides: Iterable[Override], python: str | None
) -> None:
    """Import the overrides as modules of the new application.

    Raises:
        ConfigError: one of them raises.
    """
    places = {each.module: each.place for each in overrides}
    modules = [name for name in places if f"{name.replace('.', '/')}.py" in files]
    if not modules:
        return
    with tempfile.TemporaryDirectory(prefix="strangler-") as folder:
        for path, text in files.items():
            place = Path(folder) / path
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(text, encoding="utf-8")
        environment = {
            **os.environ, "DATABASE_URL": "sqlite://", "SECRET_KEY": "only-to-import",
            "PYTHONDONTWRITEBYTECODE": "1", "PYTHONPATH": folder,
        }  # fmt: skip
        command = [python or sys.executable, "-c", _TRY, *modules]
        try:
            done = subprocess.run(
                command, cwd=folder, env=environment, capture_output=True, text=True,
                timeout=_PATIENCE, check=False,
            )  # fmt: skip
        except subprocess.TimeoutExpired:
            text = f"importing it takes more than {_PATIENCE:.0f} s"
            raise ConfigError(text, source=places[modules[0]]) from None
    _judge(done.stdout, done.stderr, done.returncode, places)


def _judge(output: str, errors: str, code: int, places: Mapping[str, str]) -> None:
    line = output.strip().splitlines()[-1:] or [""]
    if line[0].startswith("["):
        module, number, kind, message = json.loads(line[0])
        hint = (
            "it is imported inside the new application: from app.… and installed packages, "
            "nothing of Django or of the project"
        )
        raise ConfigError(
            f"importing it raises {kind}: {message}", source=f"{places[module]}:{number}", hint=hint
        )
    if code:
        last = (errors.strip().splitlines() or ["no message"])[-1]
        source = next(iter(places.values()))
        raise ConfigError(f"importing it ends the interpreter: {last}", source=source)
