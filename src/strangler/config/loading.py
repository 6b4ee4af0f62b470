"""Reads `strangler.toml`; what is wrong with it becomes one line with the place."""

import re
import tomllib
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from strangler.config.lines import line_of
from strangler.config.models import Config
from strangler.errors import ConfigError

FILE_NAME = "strangler.toml"
_MAX_BYTES = 1024 * 1024
_POSITION = re.compile(r" \(at line (\d+), column \d+\)| \(at end of document\)")


def discover(project: Path) -> Config:
    """The configuration of the project at `project` (the folder of manage.py).

    The file may lie there or in the working directory; without one the defaults hold, and
    relative paths start from `project`.
    """
    for folder in (project, Path()):
        candidate = folder / FILE_NAME
        if candidate.is_file():
            return load(candidate)
    return Config(folder=project.absolute())


def load(path: Path) -> Config:
    """Read and check a file; raise ConfigError with `file:line` for the first thing wrong."""
    text = read_text(path)
    return _validated(parse_toml(text, path), text, path)


def read_text(path: Path) -> str:
    """The text of a TOML file; raise ConfigError where it is none: not UTF-8, empty, too large."""
    try:
        with path.open("rb") as file:
            data = file.read(_MAX_BYTES + 1)
    except OSError as error:
        raise ConfigError(f"cannot be read: {error.strerror}", source=str(path)) from error
    if len(data) > _MAX_BYTES:
        raise _refusal(path, 1, "is larger than 1 MiB")
    if data.startswith(b"\xef\xbb\xbf"):
        raise _refusal(path, 1, "starts with a byte order mark; save it as UTF-8 without one")
    if not data.strip():
        raise _refusal(path, 1, "is empty")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise _refusal(path, line, "is not UTF-8") from error


def parse_toml(text: str, path: Path) -> dict[str, Any]:
    """What a TOML text says; raise ConfigError with the line of the first mistake."""
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        position = _POSITION.search(str(error))
        last = len(text.splitlines())
        line = int(position[1]) if position and position[1] else last
        raise _refusal(path, line, _POSITION.sub("", str(error))) from error
    except RecursionError as error:
        raise _refusal(path, 1, "is nested too deeply") from error


def _validated(data: dict[str, Any], text: str, path: Path) -> Config:
    if "folder" in data:  # a field of ours that is no key of the file
        raise _refusal(path, line_of(text, ("folder",)), "unknown key 'folder'")
    try:
        return Config.model_validate(data | {"folder": path.parent.absolute()})
    except ValidationError as error:
        first = error.errors()[0]
        location = tuple(first["loc"])
        raise _refusal(path, line_of(text, location), _explained(first)) from error


def _explained(error: ErrorDetails) -> str:
    name = ".".join(str(part) for part in error["loc"])
    if error["type"] == "extra_forbidden":
        return f"unknown key {name!r}"
    if error["type"] == "missing":
        return f"{name!r} is missing"
    message = error["msg"].removeprefix("Value error, ")
    return f"{name}: {message}" if name else message


def _refusal(path: Path, line: int, message: str) -> ConfigError:
    return ConfigError(message, source=f"{path}:{line}")
