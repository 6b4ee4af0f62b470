"""The command line: runs a command, turns what went wrong into one line and an exit code."""

import errno
import os
import select
import sys
import traceback
from collections.abc import Sequence
from typing import Annotated

import typer
from typer.exceptions import TyperException

from strangler.cli.lazy import LazyCommand
from strangler.errors import ExitCode, StranglerError

#: Name and one line of help; the module of that name under `strangler.cli` offers `command`.
COMMANDS = {
    "inspect": "Take stock: models, endpoints, what holds them back.",
    "convert": "Write the FastAPI application, and say what is left.",
    "verify": "Run both applications and compare their answers.",
}

# What an operating system says when the person, not the program, has something to mend.
_ENVIRONMENT = {errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOSPC, errno.EDQUOT}
_INTERRUPTED, _PIPE_CLOSED = 130, 141  # 128 + signal number, as shells report them


def main(args: Sequence[str] | None = None) -> int:
    """Run one command line and return its exit code; never raises for what we know can go wrong."""
    given = tuple(sys.argv[1:] if args is None else args)
    code = _guarded(list(given)) if given else _guarded(["--help"]) or ExitCode.USAGE
    try:
        if sys.stdout is not None:
            sys.stdout.flush()
    except BrokenPipeError:
        _silence_stdout()
    return code


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
    except (KeyboardInterrupt, typer.Abort):
        return _report("interrupted", _INTERRUPTED)
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
    return _report(f"{error.format_message()} (try '{path} --help')", ExitCode.USAGE)


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
