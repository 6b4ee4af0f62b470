"""The command line: runs a command, turns what went wrong into one line and an exit code."""

import errno
import os
import select
import signal
import sys
import threading
import traceback
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Annotated, Any

import typer
from typer.exceptions import TyperException

from strangler.cli.lazy import LazyCommand
from strangler.errors import ExitCode, StranglerError

#: Name and one line of help; the module of that name under `strangler.cli` offers `command`.
COMMANDS = {
    "init": "Look at the Django project, write strangler.toml.",
    "inspect": "Take stock: models, endpoints, what holds them back.",
    "convert": "Write the FastAPI application, and say what is left.",
    "observe": "Learn types from the legacy tests.",
    "draft": "Begin the translation of one body that has no rule.",
    "schema": "Check the tables; hand them over to Alembic.",
    "verify": "Run both applications and compare their answers.",
    "explain": "Show one difference that verify found, with both sides.",
    "diff": "Audit the comparison: which faults would it miss?",
    "up": "Run both applications and the proxy, together.",
    "proxy": "Run the routing proxy alone.",
    "route": "Choose which application answers each endpoint.",
    "status": "Show each endpoint's mode, answers and differences.",
    "demo": "Play a whole migration on the sample shop.",
}

# What an operating system says when the person, not the program, has something to mend.
_ENVIRONMENT = {errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOSPC, errno.EDQUOT}
_SIGNALLED = 128  # + signal number, as shells report it
_PIPE_CLOSED = _SIGNALLED + signal.SIGPIPE
_STOPS = {signal.SIGINT: "interrupted", signal.SIGTERM: "terminated", signal.SIGHUP: "hung up"}


class _Stopped(KeyboardInterrupt):
    """A signal that asks us to end; on its way up everything that was started is cleared away."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self.number = signal.Signals(number)


def main(args: Sequence[str] | None = None) -> int:
    """Run one command line and return its exit code; never raises for what we know can go wrong."""
    given = tuple(sys.argv[1:] if args is None else args)
    with _stoppable():
        code = _guarded(list(given)) if given else _guarded(["--help"]) or ExitCode.USAGE
    try:
        if sys.stdout is not None:
            sys.stdout.flush()
    except BrokenPipeError:
        _silence_stdout()
    return code


@contextmanager
def _stoppable() -> Iterator[None]:
    """Let the first signal of each kind end the command in good order; more must not disturb it."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(number: int, _: Any) -> None:
        for each in ours:
            signal.signal(each, signal.SIG_IGN)
        raise _Stopped(number)

    # a signal that our parent has us ignore, as nohup does, stays ignored
    ours = [each for each in _STOPS if signal.getsignal(each) is not signal.SIG_IGN]
    before = {each: signal.signal(each, stop) for each in ours}
    try:
        yield
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)


def _guarded(args: list[str]) -> int:
    try:
        return _run(args)
    except typer.Exit as stop:
        return stop.exit_code
    except TyperException as error:
        return _usage(error)
    except StranglerError as error:
        return _report(str(error), error.exit_code)
    except BrokenPipeError as error:
        if not _stdout_has_no_reader():  # then it was a pipe of ours
            return _internal(error)
        _silence_stdout()
        return _PIPE_CLOSED
    except (KeyboardInterrupt, typer.Abort) as error:
        number = getattr(error, "number", signal.SIGINT)
        return _report(_STOPS[number], _SIGNALLED + number)
    except OSError as error:
        if error.errno not in _ENVIRONMENT:
            return _internal(error)
        place = f"{error.filename}: " if error.filename else ""
        return _report(f"{place}{error.strerror}", ExitCode.USAGE)
    except Exception as error:  # whatever else happens is our fault, and must not look otherwise
        return _internal(error)


def _run(args: list[str]) -> int:
    group = typer.main.get_group(_app())
    for name, summary in COMMANDS.items():
        group.add_command(LazyCommand(name, summary))
    with group.make_context("strangler", args) as context:
        result = group.invoke(context)
    return result if isinstance(result, int) else ExitCode.DONE


def _app() -> typer.Typer:
    app = typer.Typer(add_completion=False, rich_markup_mode=None)
    app.callback()(_options)
    return app


def _version(wanted: bool) -> None:
    if wanted:
        from importlib import metadata  # takes a fifth of the start-up time

        print("strangler", metadata.version("strangler"))
        raise typer.Exit


def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """Move a Django REST framework service to FastAPI, endpoint by endpoint."""


def _usage(error: TyperException) -> int:
    context = getattr(error, "ctx", None)
    path = context.command_path if context is not None else "strangler"
    message = error.format_message().replace("Value error, ", "")
    return _report(f"{message} (try '{path} --help')", ExitCode.USAGE)


def _internal(error: Exception) -> int:
    note = f"internal error: {type(error).__name__}: {error}"
    return _report(f"{note} (STRANGLER_DEBUG=1 shows where)", ExitCode.INTERNAL)


def _report(line: str, code: int) -> int:
    if os.environ.get("STRANGLER_DEBUG") == "1":
        traceback.print_exc()
    print("strangler:", " ".join(line.split()), file=sys.stderr)
    return code


def _stdout_has_no_reader() -> bool:
    try:
        descriptor = sys.stdout.fileno()
    except (AttributeError, OSError):  # closed from the start, or not a file at all
        return False
    poll = select.poll()
    poll.register(descriptor, 0)
    return bool(poll.poll(0))


def _silence_stdout() -> None:
    """Let the interpreter's own flush at exit go nowhere instead of failing once more."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
