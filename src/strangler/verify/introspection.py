"""Reads the facts of the legacy project by running the probe in its own interpreter."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from pydantic import ValidationError

from strangler import legacy
from strangler.config import Config
from strangler.errors import ConfigError, LegacyError, UsageError
from strangler.facts import Facts

_SECONDS = 60
_PROBE = Path(legacy.__file__).with_name("probe.py")


def interpreter_of(config: Config) -> str:
    """`[legacy] python`, else the project's virtual environment, else ours."""
    if config.legacy.python is not None:
        return config.legacy.python
    root = config.at(config.legacy.path)
    places = [root / name for name in (".venv", "venv")]
    if active := os.environ.get("VIRTUAL_ENV"):
        places.append(Path(active))
    found = (place / "bin" / "python" for place in places)
    return str(next((path for path in found if path.exists()), sys.executable))


def environment_of(config: Config) -> dict[str, str]:
    """Our environment and `[legacy] env_file`, which wins."""
    variables = dict(os.environ)
    if config.legacy.env_file is None:
        return variables
    file = config.at(config.legacy.env_file)
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"env_file cannot be read: {error}", source=str(file)) from error
    for line in lines:
        name, equals, value = line.strip().removeprefix("export ").partition("=")
        if equals and not name.startswith("#"):
            variables[name.strip()] = value.strip().strip("\"'")
    return variables


def facts_of(config: Config, python: str, environment: Mapping[str, str]) -> Facts:
    """Run the probe; LegacyError with one line when the project cannot be booted."""
    root = config.at(config.legacy.path)
    if not (root / "manage.py").is_file():
        raise UsageError(f"there is no manage.py in {root}")
    read_end, write_end = os.pipe()
    command = [python, str(_PROBE), str(root), config.legacy.settings or "", str(write_end)]
    with tempfile.TemporaryFile() as log, os.fdopen(read_end, "rb") as pipe:
        try:
            process = subprocess.Popen(
                [*command, str(_SECONDS)],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                pass_fds=(write_end,),
                env={**environment, "PYTHONDONTWRITEBYTECODE": "1"},
                start_new_session=True,
            )
        except OSError as error:
            raise LegacyError(
                f"the interpreter {python} does not start: {error.strerror}"
            ) from error
        finally:
            os.close(write_end)
        text = pipe.read()
        code = process.wait()
        log.seek(0)
        last = log.read().decode("utf-8", "replace").strip().rpartition("\n")[2]
    return _read(text, f"the probe ended with exit code {code}: {last}")


def _read(text: bytes, otherwise: str) -> Facts:
    try:
        document = json.loads(text)
    except ValueError:
        raise LegacyError(otherwise) from None
    if "failure" in document or "error" in document:
        shown = document.get("failure") or document["error"]
        told = shown.get("message", shown) if isinstance(shown, dict) else shown
        raise LegacyError(str(told))
    try:
        return Facts.model_validate(document)
    except ValidationError as error:
        raise LegacyError(f"the facts cannot be read: {error.errors()[0]}") from error
