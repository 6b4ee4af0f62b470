"""The legacy project as a person configured it: interpreter, settings, environment, facts."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from strangler.config import Config
from strangler.errors import EnvironmentProblem, LegacyError, UsageError
from strangler.facts import Facts

from strangler.legacy.running import TIMEOUT, run_script

_HERE = Path(__file__).parent
_SETTINGS = re.compile(r"DJANGO_SETTINGS_MODULE['\"]\s*,\s*['\"]([\w.]+)['\"]")
_VARIABLE = re.compile(r"^\s*(?:export\s+)?([A-Za-z_]\w*)\s*=\s*(.*?)\s*$")


def root_of(config: Config) -> Path:
    """The folder of manage.py.

    Raises:
        UsageError: there is no such folder, or no manage.py in it.
    """
    root = config.at(config.legacy.path)
    if not root.is_dir():
        raise UsageError(f"there is no folder {root}")
    if not (root / "manage.py").is_file():
        raise UsageError(f"there is no manage.py in {root}", hint="name the folder that has it")
    return root


def interpreter_of(config: Config) -> str:
    """The interpreter: configured, `.venv`, `venv`, VIRTUAL_ENV, else the one that runs us.

    Raises:
        EnvironmentProblem: the configured one is not there.
    """
    root = root_of(config)
    if config.legacy.python:
        configured = config.legacy.python
        path = config.at(Path(configured)) if os.sep in configured else Path(configured)
        if os.sep in configured and not os.access(path, os.X_OK):
            text = f"there is no interpreter {path}"
            raise EnvironmentProblem(text, hint="name another one with --python")
        return str(path)
    candidates = [root / ".venv", root / "venv"]
    if "VIRTUAL_ENV" in os.environ:
        candidates.append(Path(os.environ["VIRTUAL_ENV"]))
    for folder in candidates:
        if os.access(folder / "bin" / "python", os.X_OK):
            return str(folder / "bin" / "python")
    return sys.executable


def environment_of(config: Config) -> Mapping[str, str]:
    """Our environment, with what `[legacy] env_file` adds.

    Raises:
        EnvironmentProblem: the file cannot be read.
    """
    environment = dict(os.environ)
    environment.pop("PYTHONPATH", None)
    if config.legacy.env_file is not None:
        path = config.at(config.legacy.env_file)
        try:
            lines = path.read_text(encoding="utf-8").splitlines()
        except OSError as error:
            raise EnvironmentProblem(f"{path} cannot be read: {error.strerror}") from error
        for line in lines:
            found = _VARIABLE.match(line)
            if found and not line.lstrip().startswith("#"):
                environment[found[1]] = found[2].strip("'\"")
    return environment


def settings_of(config: Config) -> str:
    """The settings module: configured, DJANGO_SETTINGS_MODULE, or the one manage.py names.

    Raises:
        UsageError: nothing names one.
    """
    if config.legacy.settings:
        return config.legacy.settings
    found = _SETTINGS.search((root_of(config) / "manage.py").read_text(errors="replace"))
    named = environment_of(config).get("DJANGO_SETTINGS_MODULE")
    if named or found:
        return named or (found[1] if found else "")
    raise UsageError("manage.py names no settings module", hint="name one with --settings")


def probe(config: Config, *, timeout: float = TIMEOUT) -> Facts:
    """Boot the project in its own interpreter and read its facts.

    Raises:
        StranglerError: one line that says what stands in the way.
    """
    root = root_of(config)
    python, settings = interpreter_of(config), settings_of(config)
    document = run_script(
        python, _HERE / "probe.py", [str(root), settings], environment_of(config), timeout=timeout
    )
    if "error" in document:
        raise _failure(document["error"], python)
    return Facts.model_validate(document["facts"])


def walked(config: Config) -> list[tuple[str, str]]:
    """Method and path of every endpoint, found by Django's own listing of views."""
    arguments = [str(root_of(config)), settings_of(config)]
    document = run_script(
        interpreter_of(config), _HERE / "walk.py", arguments, environment_of(config)
    )
    return [(method, path) for method, path in document]


def _failure(error: Mapping[str, Any], python: str) -> LegacyError:
    message, source = str(error.get("message", "")), error.get("source")
    hints = {
        "no-django": "name the project's interpreter with --python",
        "no-settings": "name the module with --settings",
    }
    hint = hints.get(str(error.get("code")), f"started with {python}")
    return LegacyError(message, source=source, hint=hint)
