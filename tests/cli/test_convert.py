"""`strangler convert` as a person calls it: what is wrong is one line, and nothing is half-written."""

import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from strangler.cli import main
from strangler.config import Config
from strangler.facts import Facts
from tests.legacy.conftest import SETTINGS, Project

URLS = """
from django.urls import path
from rest_framework.response import Response
from rest_framework.views import APIView

class Hello(APIView):
    def get(self, request):
        return Response({"hello": "world"})

urlpatterns = [path("hello/", Hello.as_view())]
"""


@pytest.fixture
def zoo(tmp_path: Path) -> Project:
    """A project with one endpoint that converts."""
    project = Project(tmp_path / "zoo")
    middleware = 'MIDDLEWARE = ["django.middleware.common.CommonMiddleware"]'
    assert middleware in SETTINGS
    quiet = "REST_FRAMEWORK = {'DEFAULT_AUTHENTICATION_CLASSES': []}\nALLOWED_HOSTS = ['*']\n"
    project.write("site_settings.py", SETTINGS + quiet)
    project.write("site_urls.py", URLS)
    return project


def convert(project: Project, *options: str, python: str = sys.executable) -> int:
    out = str(project.root.parent / "newapp")
    return main(["convert", str(project.root), "--python", python, "--out", out, *options])


def _no_manage(project: Project) -> None:
    (project.root / "manage.py").unlink()


def _no_settings(project: Project) -> None:
    (project.root / "site_settings.py").unlink()


def _variable(project: Project) -> None:
    project.write("site_settings.py", f'import os\nKEY = os.environ["ZOO_KEY"]\n{SETTINGS}')


def _syntax(project: Project) -> None:
    project.write("zoo/models.py", "x = 1\ndef broken(:\n")
    project.write("site_urls.py", f"import zoo.models\n{URLS}")


def _foreign(project: Project) -> None:
    kept = project.root.parent / "newapp" / "mine.txt"
    kept.parent.mkdir()
    kept.write_text("a person's")


def _file(project: Project) -> None:
    (project.root.parent / "newapp").write_text("a person's")


@pytest.mark.parametrize(
    ("spoil", "line"),
    [
        (_no_manage, "no manage.py"),
        (_no_settings, "site_settings"),
        (_variable, "need the environment variable ZOO_KEY"),
        (_syntax, "zoo/models.py:2"),
        (_foreign, "newapp"),
        (_file, "newapp"),
    ],
)
def test_what_is_wrong_is_one_line_and_nothing_is_written(
    zoo: Project,
    capfd: pytest.CaptureFixture[str],
    spoil: Callable[[Project], None],
    line: str,
) -> None:
    spoil(zoo)
    before = tree(zoo.root.parent)
    report = zoo.root.parent / "report.json"
    assert convert(zoo, "--report", str(report)) == 2
    printed = capfd.readouterr()
    assert line in printed.err
    assert (printed.err.count("\n"), printed.out) == (1, "")
    assert tree(zoo.root.parent) == before


def test_an_interpreter_without_django_is_one_line(
    zoo: Project, capfd: pytest.CaptureFixture[str]
) -> None:
    bare = zoo.write("bare/bin/python", '#!/bin/sh\nexec /usr/bin/env -i python3 -I -S "$@"\n')
    bare.chmod(0o755)
    before = tree(zoo.root.parent)
    assert convert(zoo, python=str(bare)) == 2
    error = capfd.readouterr().err
    assert "Django" in error
    assert error.count("\n") == 1
    assert tree(zoo.root.parent) == before


def test_an_import_that_never_returns_is_one_line(
    zoo: Project, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    import strangler.legacy

    def soon(config: Config) -> Facts:
        return read(config, timeout=2.0)

    read = strangler.legacy.read_facts
    monkeypatch.setattr(strangler.legacy, "read_facts", soon)
    zoo.write("zoo/models.py", "import time\n\nwhile True:\n    time.sleep(0.01)\n")
    before = tree(zoo.root.parent)
    assert convert(zoo) == 2
    error = capfd.readouterr().err
    assert "zoo/models.py:4" in error
    assert error.count("\n") == 1
    assert tree(zoo.root.parent) == before


def test_a_project_converts_without_its_database(
    zoo: Project, capfd: pytest.CaptureFixture[str]
) -> None:
    """Its own database need not be there: it is not asked, and what that leaves open is said."""
    away = (
        '{"default": {"ENGINE": "django.db.backends.postgresql", "HOST": "127.0.0.1", "PORT": 1}}'
    )
    text = (zoo.root / "site_settings.py").read_text()
    zoo.write("site_settings.py", f"{text}DATABASES = {away}\n")
    assert convert(zoo) == 0
    out = capfd.readouterr().out
    assert "1 (100 %)" in out
    assert "no database was asked: not known are its version" in " ".join(out.split())
    assert main(["verify", str(zoo.root), "--out", str(zoo.root.parent / "newapp")]) == 2
    error = capfd.readouterr().err
    assert "127.0.0.1" in error
    assert error.count("\n") == 1


def test_a_dry_run_and_a_diff_write_nothing(
    zoo: Project, capfd: pytest.CaptureFixture[str]
) -> None:
    before = tree(zoo.root.parent)
    assert convert(zoo, "--dry-run") == 0
    assert "nothing was written" in capfd.readouterr().out.replace("\n", " ")
    assert convert(zoo, "--diff") == 0
    assert "+++ b/app/main.py" in capfd.readouterr().out
    assert tree(zoo.root.parent) == before


def test_a_diff_keeps_hand_edits_as_convert_does(
    zoo: Project, capfd: pytest.CaptureFixture[str]
) -> None:
    assert convert(zoo) == 0
    place = next(zoo.root.parent.rglob("app/main.py"))
    place.write_text(place.read_text() + "\n# mine\n")
    capfd.readouterr()
    assert convert(zoo, "--diff") == 0
    assert capfd.readouterr().out == ""


def test_strict_and_json_say_what_stays(zoo: Project, capfd: pytest.CaptureFixture[str]) -> None:
    broken = "        return Response(open('/etc/hostname').read())\n"
    zoo.write("site_urls.py", URLS.replace('        return Response({"hello": "world"})\n', broken))
    assert convert(zoo, "--strict", "--json") == 1
    report = json.loads(capfd.readouterr().out)
    (entry,) = report["endpoints"]
    assert (entry["id"], entry["status"]) == ("GET /hello/", "legacy")
    assert entry["reasons"][0]["source"].startswith("site_urls.py:")


def test_an_unknown_rule_is_one_line(zoo: Project, capfd: pytest.CaptureFixture[str]) -> None:
    assert convert(zoo, "--skip", "no-such-rule") == 2
    assert "there is no rule 'no-such-rule'" in capfd.readouterr().err


def tree(folder: Path) -> dict[str, bytes]:
    """What is in a folder; byte code that the interpreter left aside."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and "__pycache__" not in path.parts
    }


def test_strangler_toml_says_where_the_project_is(
    zoo: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a folder on the command line; it need not be the one that people stand in."""
    folder = zoo.root.parent
    text = f'[legacy]\npath = "zoo"\npython = "{sys.executable}"\n[new]\npath = "api"\n'
    (folder / "strangler.toml").write_text(text)
    monkeypatch.chdir(folder)
    assert main(["convert"]) == 0
    assert (folder / "api" / "pyproject.toml").is_file()
