"""The shell around the commands: what a person and a script get for every kind of end."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Annotated

import pytest
import typer

from strangler import cli
from strangler.errors import ExitCode, LegacyError, MergeConflict

STRANGLER = Path(sys.executable).with_name("strangler")
Play = Callable[..., int]


@pytest.fixture
def play(monkeypatch: pytest.MonkeyPatch) -> Iterator[Play]:
    """Run `strangler play ARGS` with the given function as its command."""

    def run(command: object, *args: str) -> int:
        module = ModuleType("strangler.cli.play")
        module.__dict__["command"] = command
        monkeypatch.setitem(sys.modules, module.__name__, module)
        monkeypatch.setitem(cli.COMMANDS, "play", "Play.")
        return cli.main(["play", *args])

    return run


def _raiser(error: BaseException) -> Callable[[], None]:
    def command() -> None:
        raise error

    return command


@pytest.mark.parametrize(
    ("error", "code", "line"),
    [
        (LegacyError("no manage.py", hint="name its folder"), 2, "no manage.py (name its folder)"),
        (MergeConflict("2 files"), 3, "2 files"),
        (PermissionError(13, "Permission denied", "out"), 2, "out: Permission denied"),
        (OSError(30, "Read-only file system", "out"), 2, "out: Read-only file system"),
        (
            BrokenPipeError("to a child"),
            70,
            "internal error: BrokenPipeError: to a child (STRANGLER_DEBUG=1 shows where)",
        ),
        (KeyboardInterrupt(), 130, "interrupted"),
        (
            ZeroDivisionError("a\nb"),
            70,
            "internal error: ZeroDivisionError: a b (STRANGLER_DEBUG=1 shows where)",
        ),
        (
            OSError(5, "Input/output error"),
            70,
            "internal error: OSError: [Errno 5] Input/output error (STRANGLER_DEBUG=1 shows where)",
        ),
    ],
)
def test_each_failure_is_one_line_and_its_exit_code(
    play: Play, capsys: pytest.CaptureFixture[str], error: BaseException, code: int, line: str
) -> None:
    assert play(_raiser(error)) == code
    assert capsys.readouterr() == ("", f"strangler: {line}\n")


def test_a_traceback_appears_only_when_asked_for(
    play: Play, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STRANGLER_DEBUG", "1")
    assert play(_raiser(ValueError("odd"))) == ExitCode.INTERNAL
    assert "Traceback" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("returned", "code"), [(None, 0), (ExitCode.FINDINGS, 1), (ExitCode.DONE, 0), ("text", 0)]
)
def test_what_a_command_returns_is_the_exit_code(play: Play, returned: object, code: int) -> None:
    assert play(lambda: returned) == code


def test_a_command_gets_its_own_options(play: Play, capsys: pytest.CaptureFixture[str]) -> None:
    def command(path: str = ".", cases: Annotated[int, typer.Option()] = 1) -> None:
        print(path, cases)

    assert play(command, "--cases", "7") == 0
    assert capsys.readouterr().out == ". 7\n"
    assert play(command, "--case", "7") == ExitCode.USAGE
    assert capsys.readouterr().err.startswith("strangler: No such option: --case")
    assert play(command, "--cases", "many") == ExitCode.USAGE
    assert capsys.readouterr().err.count("\n") == 1


def test_a_command_may_have_commands_of_its_own(
    play: Play, capsys: pytest.CaptureFixture[str]
) -> None:
    app = typer.Typer()
    app.command("list")(lambda: print("listed"))
    app.command("set")(lambda: print("set"))
    assert play(app, "set") == 0
    assert capsys.readouterr().out == "set\n"


@pytest.mark.parametrize("args", [["--bogus"], ["bogus"], ["inspct"]])
def test_a_command_line_typed_wrong_is_exit_2_with_one_line(
    capsys: pytest.CaptureFixture[str], args: list[str]
) -> None:
    assert cli.main(args) == ExitCode.USAGE
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("strangler: No such ")
    assert err.endswith("(try 'strangler --help')\n")


def test_without_a_command_the_help_is_shown_as_a_usage_error(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert cli.main([]) == ExitCode.USAGE
    assert "Commands:" in capsys.readouterr().out


def test_help_names_every_command_without_importing_one() -> None:
    code = (
        "import sys; from strangler import cli; cli.main(['--help']);"
        "print(sorted(m for m in sys.modules if m.startswith('strangler.')),"
        "'pydantic' in sys.modules, 'libcst' in sys.modules)"
    )
    command = [sys.executable, "-c", code]
    out = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    for name, summary in cli.COMMANDS.items():
        assert f"  {name}" in out
        assert summary in out
    assert out.endswith("['strangler.cli', 'strangler.cli.lazy', 'strangler.errors'] False False\n")


def test_help_answers_at_once() -> None:
    """Best of five: the machine may be busy, the program may not."""

    def once() -> float:
        start = time.perf_counter()
        subprocess.run([STRANGLER, "--help"], capture_output=True, check=True)
        return time.perf_counter() - start

    assert min(once() for _ in range(5)) < 0.3


def test_the_version_is_that_of_the_distribution() -> None:
    out = subprocess.run([STRANGLER, "--version"], capture_output=True, text=True, check=True)
    assert out.stdout == "strangler 0.1.0\n"


@pytest.mark.parametrize("args", [("--help",), ("--version",)])
def test_a_reader_that_left_is_no_reason_to_complain(args: tuple[str, ...]) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run([STRANGLER, *args], stdout=writer, stderr=subprocess.PIPE, check=False)
    os.close(writer)
    assert done.stderr == b""
    assert done.returncode in {0, 141}


def test_a_command_whose_reader_leaves_in_the_middle_ends_quietly() -> None:
    code = (
        "import sys, types; from strangler import cli;"
        "module = types.ModuleType('strangler.cli.play');"
        "module.command = lambda: [print('x' * 1000) for _ in range(1000)] and None;"
        "sys.modules[module.__name__] = module; cli.COMMANDS['play'] = '';"
        "sys.exit(cli.main(['play']))"
    )
    command = [sys.executable, "-c", code]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.read(10)
        process.stdout.close()
        assert process.stderr is not None
        assert process.stderr.read() == b""
    assert process.returncode == 141


def test_help_is_plain_where_colours_are_not_wanted() -> None:
    environment = os.environ | {"NO_COLOR": "1", "FORCE_COLOR": "1"}
    out = subprocess.run([STRANGLER, "--help"], capture_output=True, env=environment, check=True)
    assert b"\x1b" not in out.stdout
