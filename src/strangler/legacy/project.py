"""The legacy project as a person configured it: root, interpreter, settings, environment."""

import os
import re
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path

from strangler.config import Config
from strangler.errors import EnvironmentProblem, UsageError

_SETTINGS = re.compile(r"DJANGO_SETTINGS_MODULE['\"]\s*[,\]]\s*=?\s*['\"]([\w.]+)['\"]")
_VARIABLE = re.compile(r"\s*(?:export\s+)?([A-Za-z_]\w*)\s*=(.*)")
_QUOTED = re.compile(r"""\s*(?:"((?:\\.|[^"\\])*)"|'([^']*)')""")


def root_of(config: Config) -> Path:
    """The folder of manage.py.

    Raises:
        UsageError: there is no such folder, or no manage.py in it.
    """
    root = config.at(config.legacy.path)
    if root.exists() and not root.is_dir():
        raise UsageError(f"{root} is no folder", hint="name the folder that has manage.py")
    if not root.is_dir():
        raise UsageError(f"there is no folder {root}", hint="name the folder that has manage.py")
    if not (root / "manage.py").is_file():
        raise UsageError(f"there is no manage.py in {root}", hint="name the folder that has it")
    return root


def interpreter_of(config: Config) -> str:
    """The interpreter: configured, `.venv`, `venv`, VIRTUAL_ENV, else the one that runs us.

    Raises:
        EnvironmentProblem: the configured one is not there.
    """
    if config.legacy.python:
        return _configured(config, config.legacy.python)
    folders = [root_of(config) / ".venv", root_of(config) / "venv"]
    if os.environ.get("VIRTUAL_ENV"):
        folders.append(Path(os.environ["VIRTUAL_ENV"]))
    for folder in folders:
        if os.access(folder / "bin" / "python", os.X_OK):
            return str(folder / "bin" / "python")
    return sys.executable


def _configured(config: Config, name: str) -> str:
    path = str(config.at(Path(name))) if os.sep in name else name
    found = shutil.which(path)
    if found is None:
        raise EnvironmentProblem(
            f"there is no interpreter {path}", hint="name another one with --python"
        )
    return found


def settings_of(config: Config) -> str:
    """The settings module: configured, DJANGO_SETTINGS_MODULE, or the one manage.py names.

    Raises:
        UsageError: nothing names one.
    """
    named = config.legacy.settings or environment_of(config).get("DJANGO_SETTINGS_MODULE")
    if named:
        return named
    found = _SETTINGS.search((root_of(config) / "manage.py").read_text(errors="replace"))
    if found is None:
        raise UsageError("manage.py names no settings module", hint="name one with --settings")
    return found[1]


def environment_of(config: Config) -> Mapping[str, str]:
    """Our environment, and what `[legacy] env_file` adds to it.

    Raises:
        EnvironmentProblem: the file cannot be read.
    """
    return {**variables_of(config), **os.environ}


def variables_of(config: Config) -> dict[str, str]:
    """The variables of `[legacy] env_file`; their values never reach facts, reports or output.

    Raises:
        EnvironmentProblem: the file cannot be read.
    """
    if config.legacy.env_file is None:
        return {}
    path = config.at(config.legacy.env_file)
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise EnvironmentProblem(f"{path} cannot be read: {reason}") from error
    matches = [_VARIABLE.fullmatch(line) for line in lines]
    return {match[1]: _unquoted(match[2]) for match in matches if match is not None}


def _unquoted(text: str) -> str:
    """The value as shells and dotenv read it: quotes taken off, a comment after a blank dropped."""
    quoted = _QUOTED.match(text)
    if quoted is None:
        return re.split(r"(?:^|\s)#", text, maxsplit=1)[0].strip()
    if quoted[2] is not None:
        return quoted[2]
    return re.sub(r"\\(.)", lambda match: {"n": "\n", "t": "\t"}.get(match[1], match[1]), quoted[1])
