"""Runs a script inside the legacy interpreter: a process group of its own, limits, its own pipe."""

import os
import selectors
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import NamedTuple

from strangler.errors import EnvironmentProblem, LegacyError

_CHUNK = 64 * 1024
_KEPT_OUTPUT = 16 * 1024
_LARGEST_ANSWER = 512 * 1024**2


class Outcome(NamedTuple):
    """What a process said: on its own pipe, the end of what user code printed, its exit code.

    A negative code is a signal; None: it had to be killed when its time was over.
    """

    answer: bytes
    output: str
    code: int | None


def run_apart(
    command: Sequence[str], environment: Mapping[str, str], pipe: int, seconds: float
) -> Outcome:
    """Run a command with `{pipe}` in it replaced by a file descriptor that it may write to.

    Whatever the command started is killed when it ends, at the latest after so many seconds.

    Raises:
        EnvironmentProblem: the command cannot be started.
        LegacyError: the answer is larger than half a GiB.
    """
    reading, writing = os.pipe()
    arguments = [
        str(writing) if position == pipe else text for position, text in enumerate(command)
    ]
    try:
        process = subprocess.Popen(
            arguments,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=dict(environment),
            pass_fds=(writing,),
            start_new_session=True,
        )
    except OSError as error:
        os.close(reading)
        raise EnvironmentProblem(
            f"the interpreter {command[0]} cannot be started: {error.strerror}",
            hint="name another one with --python",
        ) from error
    finally:
        os.close(writing)
    try:
        return _listen(process, reading, time.monotonic() + seconds)
    finally:
        _end(process)
        os.close(reading)


def _listen(process: subprocess.Popen[bytes], reading: int, deadline: float) -> Outcome:
    """Read both pipes until the process ends, or the deadline passes."""
    assert process.stdout is not None
    printed = process.stdout.fileno()
    texts = {reading: bytearray(), printed: bytearray()}
    with selectors.DefaultSelector() as selector:
        for descriptor in texts:
            os.set_blocking(descriptor, False)
            selector.register(descriptor, selectors.EVENT_READ)
        code = None
        while code is None and time.monotonic() < deadline:
            for key, _ in selector.select(timeout=0.1):
                if not _take(key.fd, texts[key.fd]):
                    selector.unregister(key.fd)
                del texts[printed][:-_KEPT_OUTPUT]
            code = process.poll()
            if len(texts[reading]) > _LARGEST_ANSWER:
                raise LegacyError("the facts of this project are larger than 512 MiB")
    for descriptor, text in texts.items():  # what was written between the last look and the end
        while _take(descriptor, text):
            continue
    output = texts[printed][-_KEPT_OUTPUT:].decode(errors="replace")
    return Outcome(bytes(texts[reading]), output, code)


def _take(descriptor: int, text: bytearray) -> bool:
    """Append what is there; False at the end, and where nothing is there yet."""
    with suppress(BlockingIOError):
        chunk = os.read(descriptor, _CHUNK)
        text += chunk
        return bool(chunk)
    return False


def _end(process: subprocess.Popen[bytes]) -> None:
    """Kill the group: the process, where it is still there, and what it left behind."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    if process.stdout is not None:
        process.stdout.close()
