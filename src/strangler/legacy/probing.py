"""Gets facts out of the legacy project; whatever stands in the way becomes one clear line."""

import json
import os
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from strangler.config import Config
from strangler.errors import LegacyError
from strangler.facts import Facts
from strangler.legacy.expressions import simplified
from strangler.legacy.project import environment_of, interpreter_of, root_of, variables_of
from strangler.legacy.running import Outcome, run_apart

#: Seconds that a project may take to boot and to be read.
TIMEOUT = 60.0
_GRACE = 3.0  # the interpreter stops itself first, and can say where it hangs
_MEMORY = 4 * 1024**3
_SCRIPT = Path(__file__).with_name("probe.py")
_FRAME = re.compile(r'File "(.+?)", line (\d+) in (\S+)')
_SHORTEST_SECRET = 6


class BootError(LegacyError):
    """Django does not start; `code` names the reason: no-django, syntax, environment, timeout, …"""

    def __init__(
        self, code: str, message: str, *, source: str | None = None, hint: str | None = None
    ) -> None:
        super().__init__(message, source=source, hint=hint)
        self.code = code


_HINTS = {
    "no-django": "--python or [legacy] python names the interpreter of the project",
    "no-settings": "name one with --settings",
    "environment": "set it, or name an env_file in strangler.toml",
    "timeout": "does an import wait for something?",
    "import": "is it installed for the interpreter that --python or [legacy] python names?",
    "urls": "name the module of the project's urlpatterns",
    "python": "--python names the interpreter of the project",
    "crash": "--python names the interpreter of the project",
    "database": "let the query run later: in a function, or lazily",
    "exit": 'let it do so under `if __name__ == "__main__"` only',
}


def read_facts(config: Config, *, timeout: float = TIMEOUT) -> Facts:
    """Boot the project in its own interpreter and read its facts.

    Raises:
        BootError: Django does not start, with the place in the project where it is known.
        EnvironmentProblem: the interpreter or the env file is not there.
        UsageError: there is no manage.py.
    """
    return Facts.model_validate(_ask(config, timeout, {})["facts"])


def walked(config: Config, *, timeout: float = TIMEOUT) -> list[tuple[str, str]]:
    """Method and path of every endpoint, by another way through the URL resolver than the facts.

    A process of its own reads the compiled expressions and the handlers bound to them; paths
    have no converters. Raises as `read_facts` does.
    """
    answer = _ask(config, timeout, {"walk": True})
    return [(method, simplified(expression)) for method, expression in answer["walk"]]


def languages(config: Config, texts: Iterable[str], *, timeout: float = TIMEOUT) -> dict[str, Any]:
    """How texts of the code read in each language that the project may choose for a request.

    By code: `texts` that read otherwise, `plurals` by the singular with a digit for each number, as in
    the facts, and `formats` of dates and times. Raises as `read_facts` does.
    """
    found: dict[str, Any] = _ask(config, timeout, {"texts": sorted(texts)})["languages"]
    return found


def _ask(config: Config, timeout: float, wanted: dict[str, Any]) -> dict[str, Any]:
    python, root = interpreter_of(config), root_of(config)
    options = {
        "timeout": timeout,
        "memory": _MEMORY,
        "skip": [str(config.at(config.new.path))],
        **wanted,
    }
    settings = config.legacy.settings or ""
    command = [python, str(_SCRIPT), str(root), settings, "PIPE", json.dumps(options)]
    # Sets of strings reach the facts in one order only, so that they are the same each time.
    environment = {**environment_of(config), "PYTHONHASHSEED": "0", "PYTHONDONTWRITEBYTECODE": "1"}
    outcome = run_apart(command, environment, command.index("PIPE"), timeout + _GRACE)
    answer = _answer(outcome, python, root)
    if "error" in answer:
        raise _boot_error(answer["error"], _secrets(config))
    return answer


def _answer(outcome: Outcome, python: str, root: Path) -> dict[str, Any]:
    """The JSON object that the probe wrote; BootError where it did not come so far."""
    text = outcome.answer.decode(errors="replace")
    if outcome.code is None or "Timeout (" in text[:4000]:
        raise BootError(
            "timeout",
            f"the project did not start in time{_stuck_in(text)}",
            source=_stuck_at(text, root),
            hint=_HINTS["timeout"],
        )
    try:
        answer: dict[str, Any] = json.loads(text)
    except ValueError:
        raise _crash(outcome, python) from None
    return answer


def _crash(outcome: Outcome, python: str) -> BootError:
    """The interpreter ended before it could say why."""
    if "SyntaxError" in outcome.output and str(_SCRIPT) in outcome.output:
        text = f"{python} is older than Python 3.6"
        return BootError("python", text, hint=_HINTS["python"])
    code = outcome.code or 0
    ending = f"signal {-code}" if code < 0 else f"exit code {code}"
    lines = [line.strip() for line in outcome.output.splitlines() if line.strip()]
    last = f", its last words: {lines[-1][:200]}" if lines else ""
    text = f"{python} ended with {ending} before Django was up{last}"
    return BootError("crash", text, hint=_HINTS["crash"])


def _stuck_at(dump: str, root: Path) -> str | None:
    """The innermost line of the project in the dump of a hanging interpreter."""
    for path, line, _ in _FRAME.findall(dump):
        inside = os.path.realpath(path)
        if inside.startswith(f"{os.path.realpath(root)}{os.sep}") and "site-packages" not in path:
            return f"{os.path.relpath(inside, os.path.realpath(root))}:{line}"
    return None


def _stuck_in(dump: str) -> str:
    frame = _FRAME.search(dump)
    return f": it hangs in {frame[3]} of {Path(frame[1]).name}" if frame else ""


def _boot_error(reason: dict[str, Any], secrets: list[str]) -> BootError:
    code, message = reason["code"], str(reason["message"])
    for secret in secrets:
        message = message.replace(secret, "***")
    return BootError(code, message, source=reason.get("source"), hint=_HINTS.get(code))


def _secrets(config: Config) -> list[str]:
    values = variables_of(config).values()
    return sorted((v for v in values if len(v) >= _SHORTEST_SECRET), key=len, reverse=True)
