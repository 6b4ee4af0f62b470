"""Child processes whose output comes prefixed, and who are stopped together."""

import os
import signal
import socket
import subprocess
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

from strangler.errors import EnvironmentProblem

#: Takes one line of a child's output: the child's name, and the line without its end.
Printer = Callable[[str, str], object]

_LAST_WORDS = 20


@dataclass(frozen=True, slots=True)
class Program:
    """What is to be started. `secret` goes to its standard input, and nowhere else."""

    name: str
    command: Sequence[str]
    folder: Path
    url: str
    environment: Mapping[str, str] = field(repr=False)
    secret: bytes = field(default=b"", repr=False)
    #: Seconds it gets to end by itself.
    patience: float = 5.0

    @property
    def place(self) -> tuple[str, int]:
        """Where it will listen."""
        parts = urlsplit(self.url)
        return parts.hostname or "127.0.0.1", parts.port or 80


class Child:
    """A running program, in a process group of its own."""

    def __init__(self, program: Program, printer: Printer) -> None:
        self.program = program
        self.last: deque[str] = deque(maxlen=_LAST_WORDS)
        self.printer = printer
        try:
            self._process = subprocess.Popen(
                list(program.command),
                cwd=program.folder,
                env=dict(program.environment),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        except OSError as error:
            raise EnvironmentProblem(
                f"{program.command[0]} cannot be started: {error.strerror}"
            ) from error
        assert self._process.stdin is not None
        with suppress(BrokenPipeError):
            self._process.stdin.write(program.secret)
            self._process.stdin.close()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    @property
    def code(self) -> int | None:
        """The exit code; None while it runs."""
        return self._process.poll()

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            text = line.decode("utf-8", "replace").rstrip("\r\n")
            self.last.append(text)
            self.printer(self.program.name, text)

    def listens(self) -> bool:
        """Whether it takes connections."""
        with suppress(OSError), socket.create_connection(self.program.place, timeout=0.5):
            return True
        return False

    def stop(self) -> None:
        """Ask it to end, wait, and end it."""
        if self.code is None:
            self._signal(signal.SIGTERM)
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(self.program.patience)
        self._signal(signal.SIGKILL)  # and what it may have left in its group
        self._process.wait()
        self._reader.join(1.0)

    def _signal(self, number: signal.Signals) -> None:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, number)


class Group:
    """Children that live and end together; a context manager that stops them, last one first."""

    def __init__(self, printer: Printer) -> None:
        self._printer = printer
        self.children: list[Child] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for child in reversed(self.children):
            child.stop()

    def start(self, *programs: Program, seconds: float = 60.0) -> None:
        """Start programs and wait until all listen; EnvironmentProblem with their last words."""
        for program in programs:
            check_free(program)
        started = [Child(program, self._printer) for program in programs]
        self.children += started
        end = time.monotonic() + seconds
        for child in started:
            while not child.listens():
                if child.code is not None:
                    raise _death(child)
                if time.monotonic() > end:
                    raise EnvironmentProblem(
                        f"{child.program.name} did not listen at {child.program.url} "
                        f"within {seconds:g} s"
                    )
                time.sleep(0.05)

    def show(self, printer: Printer) -> None:
        """Hand what is printed from now on to somebody else."""
        self._printer = printer
        for child in self.children:
            child.printer = printer

    def dead(self) -> Child | None:
        """A child that ended by itself."""
        return next((child for child in self.children if child.code is not None), None)


def check_free(program: Program) -> None:
    """Raise EnvironmentProblem where somebody listens already."""
    with suppress(OSError), socket.create_connection(program.place, timeout=0.5):
        raise EnvironmentProblem(
            f"{program.name} cannot listen at {program.url}: the port is in use",
            hint="choose another one in strangler.toml",
        )


def _death(child: Child) -> EnvironmentProblem:
    time.sleep(0.1)  # its last lines are still being read
    words = next((line.strip() for line in reversed(child.last) if line.strip()), "")
    note = f": {words[:300]}" if words else ""
    return EnvironmentProblem(
        f"{child.program.name} ended with exit code {child.code} before it listened{note}"
    )
