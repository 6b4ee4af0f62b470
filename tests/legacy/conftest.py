"""Small Django projects, written to disk and read by the probe in a process of its own."""

import os
import subprocess
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest

from strangler.config import Config, resolve
from strangler.facts import Facts
from strangler.legacy import read_facts, walked

MANAGE = """
import os
import sys

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "site_settings")
    from django.core.management import execute_from_command_line
    execute_from_command_line(sys.argv)
"""

SETTINGS = """
SECRET_KEY = "not-for-anyone-7f3a9c"
INSTALLED_APPS = [
    "django.contrib.contenttypes", "django.contrib.auth", "rest_framework", "django_filters", "zoo",
]
MIDDLEWARE = ["django.middleware.common.CommonMiddleware"]
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": "zoo.sqlite3"}}
ROOT_URLCONF = "site_urls"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True
"""


class Project:
    """A Django project in a folder: `zoo` is its app, `site_settings` and `site_urls` its own."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.write("manage.py", MANAGE)
        self.write("site_settings.py", SETTINGS)
        self.write("site_urls.py", "urlpatterns = []\n")
        self.write("zoo/__init__.py", "")

    def write(self, path: str, text: str) -> Path:
        """Write a file, its folders included; the text may be indented as a whole."""
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(textwrap.dedent(text).lstrip("\n"), encoding="utf-8")
        return file

    def config(self, **options: str) -> Config:
        """The configuration that reads this project with the interpreter of the tests."""
        options = {"legacy_python": sys.executable, **options}
        return resolve(Config(folder=self.root), legacy_path=str(self.root), **options)

    def facts(self, **options: str) -> Facts:
        """What the probe finds."""
        return read_facts(self.config(**options))

    def walked(self) -> list[tuple[str, str]]:
        """What the independent walk finds."""
        return walked(self.config())

    def run(self, *arguments: str, stdin: str = "") -> str:
        """What the interpreter prints when it runs in the project's folder."""
        done = subprocess.run(
            [sys.executable, *arguments],
            cwd=self.root,
            env={**os.environ, "DJANGO_SETTINGS_MODULE": "site_settings"},
            input=stdin,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """A project without models and endpoints, to be filled."""
    return Project(tmp_path)


@pytest.fixture(scope="module")
def new_project(tmp_path_factory: pytest.TempPathFactory) -> Callable[[], Project]:
    """Makes a project for a whole module of tests."""
    return lambda: Project(tmp_path_factory.mktemp("project"))
