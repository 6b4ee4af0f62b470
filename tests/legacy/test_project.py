"""Which interpreter, settings and environment a project gets."""

import os
import sys
from pathlib import Path

import pytest

from strangler.config import Config, resolve
from strangler.errors import EnvironmentProblem, UsageError
from strangler.legacy import environment_of, interpreter_of, settings_of

from .conftest import Project


def python_in(folder: Path) -> str:
    """Put an interpreter into a virtual environment's place."""
    python = folder / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.symlink_to(sys.executable)
    return str(python)


def config_of(project: Project, **options: str) -> Config:
    return resolve(Config(folder=project.root), legacy_path=str(project.root), **options)


def test_interpreters_are_tried_in_their_order(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Option, `.venv`, `venv`, VIRTUAL_ENV, our own."""
    assert interpreter_of(config_of(project)) == sys.executable
    active = python_in(tmp_path / "active")
    monkeypatch.setenv("VIRTUAL_ENV", str(tmp_path / "active"))
    assert interpreter_of(config_of(project)) == active
    plain = python_in(project.root / "venv")
    assert interpreter_of(config_of(project)) == plain
    hidden = python_in(project.root / ".venv")
    assert interpreter_of(config_of(project)) == hidden
    assert interpreter_of(config_of(project, legacy_python=active)) == active


def test_the_environment_wins_over_the_env_file(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The file adds what is missing."""
    project.write(".env", "ZOO_A=file\nZOO_B='file # not a comment'\nZOO_C=plain # comment\n")
    monkeypatch.setenv("ZOO_A", "shell")
    found = environment_of(config_of(project, legacy_env_file=str(project.root / ".env")))
    names = ("ZOO_A", "ZOO_B", "ZOO_C")
    assert [found[name] for name in names] == ["shell", "file # not a comment", "plain"]
    assert found["PATH"] == os.environ["PATH"]


def test_an_env_file_that_is_not_there_is_named(project: Project) -> None:
    """Not silently left out."""
    with pytest.raises(EnvironmentProblem, match=r"missing\.env cannot be read"):
        environment_of(config_of(project, legacy_env_file=str(project.root / "missing.env")))


@pytest.mark.parametrize(
    "line",
    [
        'os.environ.setdefault("DJANGO_SETTINGS_MODULE", "deep.settings")',
        "os.environ['DJANGO_SETTINGS_MODULE'] = 'deep.settings'",
    ],
)
def test_manage_py_names_the_settings(project: Project, line: str) -> None:
    """Both ways in which people write it."""
    project.write("manage.py", line)
    assert settings_of(config_of(project)) == "deep.settings"


def test_no_settings_at_all_are_refused(project: Project) -> None:
    """With the option that helps."""
    project.write("manage.py", "pass")
    with pytest.raises(UsageError, match="--settings"):
        settings_of(config_of(project))
