"""The parent's end of an executor: starts it, asks it, notices when it hangs or dies."""

import base64
import json
import os
import selectors
import signal
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO, Any, Literal, Self

from strangler.diff.exchange import Effect, Exchange
from strangler.errors import EnvironmentProblem
from strangler.verify.requests import Request

LEGACY_SCRIPT = Path(__file__).with_name("legacy_executor.py")
NEW_SCRIPT = Path(__file__).with_name("new_executor.py")

Side = Literal["legacy", "new"]
SIDES: tuple[Side, Side] = ("legacy", "new")
_BOOT_SECONDS, _CHUNK = 60.0, 1 << 20


def _allowing(answer: Mapping[str, Any]) -> str | None:
    """What to do where an application fails without a service that it is kept from."""
    wanted = list(dict.fromkeys(answer.get("refused", ())))
    if not wanted:
        return None
    told = " ".join(f"--allow {each}" for each in wanted)
    return f"it wants to connect to {', '.join(wanted)}; where that is harmless: {told}"


class ExecutorFailure(EnvironmentProblem):
    """An executor did not boot, did not answer in time, or died."""


class Executor:
    """A running executor; a context manager that ends its process.

    `hello` is its answer to the boot line: versions, isolation, on the legacy side secrets too.
    """

    def __init__(
        self,
        side: Side,
        python: str,
        boot: Mapping[str, Any],
        *,
        environment: Mapping[str, str] | None = None,
        seconds: float = 30.0,
    ) -> None:
        self.side: Side = side
        self.seconds = seconds
        self._buffer = bytearray()
        self._log: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115  # closed by close()
        read_end, self._write = os.pipe()
        self._read, write_end = os.pipe()
        script = LEGACY_SCRIPT if side == "legacy" else NEW_SCRIPT
        try:
            self._process = self._start([python, str(script)], read_end, write_end, environment)
        except OSError as error:
            raise ExecutorFailure(
                f"the interpreter {python} does not start: {error.strerror}"
            ) from error
        finally:
            os.close(read_end)
            os.close(write_end)
        try:
            self.hello = self.ask(dict(boot), seconds=_BOOT_SECONDS)
        except BaseException:
            self.close()
            raise

    def _start(
        self,
        command: Sequence[str],
        read_end: int,
        write_end: int,
        environment: Mapping[str, str] | None,
    ) -> subprocess.Popen[bytes]:
        variables = dict(os.environ if environment is None else environment)
        # no .pyc beside the project's sources; sets of strings in the same order on both sides
        variables |= {"PYTHONDONTWRITEBYTECODE": "1", "PYTHONHASHSEED": "0"}
        variables.pop("PYTHONSAFEPATH", None)
        return subprocess.Popen(
            [*command, str(read_end), str(write_end)],
            stdin=subprocess.DEVNULL,
            stdout=self._log,
            stderr=self._log,
            pass_fds=(read_end, write_end),
            env=variables,
            start_new_session=True,
        )

    def ask(self, message: Mapping[str, Any], *, seconds: float | None = None) -> dict[str, Any]:
        """Send one object, wait for one; ExecutorFailure when it is late, gone or a problem."""
        line = json.dumps(message).encode("ascii") + b"\n"
        limit = self.seconds if seconds is None else seconds
        try:
            view = memoryview(line)
            while view:
                view = view[os.write(self._write, view) :]
            answer: dict[str, Any] = json.loads(self._line(time.monotonic() + limit))
        except (BrokenPipeError, EOFError):
            raise ExecutorFailure(self._death()) from None
        except TimeoutError:
            self._process.kill()
            self.close()
            raise ExecutorFailure(
                f"the {self.side} application did not answer within {limit:g} s"
            ) from None
        if "problem" in answer:
            raise ExecutorFailure(
                f"the {self.side} application: {answer['problem']}", hint=_allowing(answer)
            )
        return answer

    def send(self, request: Request, *, fresh: bool = False) -> Exchange:
        """Let the application answer one request; `fresh`: after it forgot caches and mail."""
        answer = self.ask(request.message() | {"fresh": fresh})
        return Exchange(
            status=answer["status"],
            headers=tuple((name, value) for name, value in answer["headers"]),
            body=base64.b64decode(answer["body"]),
            started=answer["started"],
            ended=answer["ended"],
            complete=answer["complete"],
            error=answer.get("error", ""),
            refused=tuple(answer.get("refused", ())),
            effects=tuple(Effect(**each) for each in answer.get("effects", ())),
            statements=tuple(answer.get("statements", ())),
            queries=answer.get("queries", 0),
        )

    def _line(self, deadline: float) -> bytes:
        with selectors.DefaultSelector() as selector:
            selector.register(self._read, selectors.EVENT_READ)
            while True:
                end = self._buffer.find(b"\n")
                if end >= 0:
                    line = bytes(self._buffer[:end])
                    del self._buffer[: end + 1]
                    return line
                if not selector.select(max(0.0, deadline - time.monotonic())):
                    raise TimeoutError
                part = os.read(self._read, _CHUNK)
                if not part:
                    raise EOFError
                self._buffer += part

    def _death(self) -> str:
        try:
            code: int | None = self._process.wait(5)
        except subprocess.TimeoutExpired:
            code = None
        note = f"the {self.side} application's process ended (exit code {code})"
        last = self.last_words()
        return f"{note}: {last}" if last else note

    def last_words(self) -> str:
        """The last line the process printed, for error messages."""
        if self._log.closed:
            return ""
        self._log.seek(0)
        lines = self._log.read().decode("utf-8", "replace").strip().splitlines()
        return lines[-1].strip() if lines else ""

    @property
    def closed(self) -> bool:
        """Whether the process is gone."""
        return self._write < 0 or self._process.poll() is not None

    def close(self) -> None:
        """End the process: by closing its pipe, then by force."""
        for descriptor in (self._write, self._read):
            if descriptor >= 0:
                os.close(descriptor)
        self._write = self._read = -1
        try:
            self._process.wait(2)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        with suppress(ProcessLookupError, PermissionError):  # what the application had started
            os.killpg(self._process.pid, signal.SIGKILL)
        self._log.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
