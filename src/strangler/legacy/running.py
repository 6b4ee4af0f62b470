"""Runs a script inside the legacy interpreter: own process group, limits, JSON on its own pipe."""

from __future__ import annotations

import json
import os
import resource
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from strangler.errors import EnvironmentProblem, LegacyError

TIMEOUT = 60.0
_MEMORY = 4 * 1024**3
_TAIL = 3


def run_script(
    python: str,
    script: Path,
    arguments: Sequence[str],
    environment: Mapping[str, str],
    *,
    timeout: float = TIMEOUT,
) -> Any:
    """The JSON document that `script` writes to the file descriptor it is given last.

    What user code prints is kept aside. The whole process group is killed after `timeout` seconds.

    Raises:
        EnvironmentProblem: the interpreter cannot be started.
        LegacyError: the script hangs, dies, or answers no JSON.
    """
    reading, writing = os.pipe()
    command = [python, str(script), *arguments, str(writing)]
    try:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=dict(environment),
            pass_fds=(writing,),
            start_new_session=True,
            preexec_fn=_limit,  # noqa: PLW1509  # no thread of ours runs between fork and exec
        )
    except OSError as error:
        os.close(reading)
        os.close(writing)
        text = f"the interpreter {python} cannot be started: {error.strerror}"
        raise EnvironmentProblem(text, hint="name another one with --python") from error
    os.close(writing)
    answer: list[bytes] = []
    reader = threading.Thread(target=_read_all, args=(reading, answer), daemon=True)
    reader.start()
    output = _wait(process, timeout)
    reader.join(timeout=5)
    return _document(process, b"".join(answer), output)


def _limit() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))


def _read_all(descriptor: int, answer: list[bytes]) -> None:
    with os.fdopen(descriptor, "rb") as pipe:
        while chunk := pipe.read(65536):
            answer.append(chunk)


def _wait(process: subprocess.Popen[bytes], timeout: float) -> str:
    try:
        output, _ = process.communicate(timeout=timeout)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        output, _ = process.communicate()
        place = _stuck_at(output.decode(errors="replace"))
        text = f"the project did not start within {timeout:.0f} seconds{place}"
        raise LegacyError(text, hint="does an import wait for a service?") from None
    return output.decode(errors="replace")


def _stuck_at(output: str) -> str:
    """Where the dump of the stuck interpreter says that it is."""
    for line in output.splitlines():
        if (
            line.strip().startswith("File ")
            and "site-packages" not in line
            and "probe.py" not in line
        ):
            return f", stuck at {line.strip()}"
    return ""


def _document(process: subprocess.Popen[bytes], answer: bytes, output: str) -> Any:
    if process.returncode == 0 and answer:
        try:
            return json.loads(answer)
        except ValueError:
            pass
    if "Timeout (" in output:
        raise LegacyError(f"the project did not start in time{_stuck_at(output)}")
    tail = " | ".join(line.strip() for line in output.strip().splitlines()[-_TAIL:])
    reason = f"exit code {process.returncode}"
    if process.returncode < 0:
        reason = f"signal {-process.returncode}"
    text = f"the project could not be read ({reason}): {tail or 'it printed nothing'}"
    raise LegacyError(text, hint=f"tried with {_shown(process)}")


def _shown(process: subprocess.Popen[bytes]) -> str:
    arguments = process.args
    first = arguments[0] if isinstance(arguments, list) else arguments
    return str(first) if str(first) != sys.executable else "strangler's own interpreter"
