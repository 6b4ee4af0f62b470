"""`strangler init`: what it finds, what it writes, what it leaves alone."""

import shutil
import socket
import sys
from pathlib import Path

import pytest

from strangler.cli import main
from strangler.config import load
from strangler.errors import ExitCode

Capture = pytest.CaptureFixture[str]

MANAGE = "import os\nos.environ.setdefault('DJANGO_SETTINGS_MODULE', 'site_.settings')\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_project_is_described(folder: Path, capsys: Capture) -> None:
    """Folder, settings, interpreter, environment; and the file is one that we read."""
    (folder / "backend").mkdir()
    (folder / "backend" / "manage.py").write_text(MANAGE)
    (folder / "backend" / ".env").write_text("SECRET=canary\n")
    python = folder / "backend" / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.symlink_to(sys.executable)
    assert main(["init"]) == ExitCode.DONE
    config = load(folder / "strangler.toml")
    assert str(config.legacy.path) == "backend"
    assert config.legacy.settings == "site_.settings"
    assert config.legacy.python == "backend/.venv/bin/python"
    assert str(config.legacy.env_file) == "backend/.env"
    assert str(config.new.path) == "newapp"
    assert "canary" not in (folder / "strangler.toml").read_text()
    assert "next: strangler inspect backend" in capsys.readouterr().out


def test_options_go_before_what_is_found(folder: Path) -> None:
    """And stand in the file as they were given."""
    (folder / "manage.py").write_text(MANAGE)
    arguments = ["--settings", "other.settings", "--python", sys.executable, "--out", "apps/api"]
    assert main(["init", *arguments]) == ExitCode.DONE
    config = load(folder / "strangler.toml")
    assert (config.legacy.settings, str(config.new.path)) == ("other.settings", "apps/api")
    assert config.legacy.python == sys.executable


def test_ports_in_use_are_passed_over(folder: Path) -> None:
    """All four differ, and nobody listens there."""
    (folder / "manage.py").write_text(MANAGE)
    taken = []
    for port in (8000, 8080):
        try:
            taken.append(socket.create_server(("127.0.0.1", port)))
        except OSError:
            continue  # somebody else has it: so much the better
    try:
        assert main(["init"]) == ExitCode.DONE
    finally:
        for each in taken:
            each.close()
    config = load(folder / "strangler.toml")
    places = [config.legacy.url, config.new.url, config.proxy.listen, config.proxy.admin]
    ports = {each.rpartition(":")[2] for each in places}
    assert len(ports) == 4
    assert not ports & {"8000", "8080"}


def test_a_file_that_is_there_stays(folder: Path, capsys: Capture) -> None:
    """Unless it is to be replaced."""
    (folder / "manage.py").write_text(MANAGE)
    (folder / "strangler.toml").write_text("# mine\n")
    assert main(["init"]) == ExitCode.USAGE
    assert "--force replaces it" in capsys.readouterr().err
    assert (folder / "strangler.toml").read_text() == "# mine\n"
    assert main(["init", "--force"]) == ExitCode.DONE
    assert "[legacy]" in (folder / "strangler.toml").read_text()


@pytest.mark.parametrize(
    ("projects", "line"),
    [
        ([], "there is no manage.py in"),
        (["one", "two"], "several folders have a manage.py: one, two"),
    ],
)
def test_an_unclear_project_is_asked_for(
    folder: Path, capsys: Capture, projects: list[str], line: str
) -> None:
    """One line, and the option that says it."""
    for name in projects:
        (folder / name).mkdir()
        (folder / name / "manage.py").write_text(MANAGE)
    assert main(["init"]) == ExitCode.USAGE
    err = capsys.readouterr().err
    assert line in err
    assert "--legacy FOLDER" in err
    assert not (folder / "strangler.toml").exists()


def test_the_shop_can_be_inspected_afterwards(
    folder: Path, repository: Path, capsys: Capture
) -> None:
    """The written file is enough for the next command."""
    ignored = shutil.ignore_patterns("__pycache__", "*.sqlite3*")
    shutil.copytree(repository / "sample_django_app", folder / "shop", ignore=ignored)
    assert main(["init", "--python", sys.executable]) == ExitCode.DONE
    assert main(["inspect", "--json"]) == ExitCode.DONE
    assert '"shop.settings"' in capsys.readouterr().out
