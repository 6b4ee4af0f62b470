"""Makes a Django project of the apps in the tests of Django's own source distribution."""

import hashlib
import os
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Iterable
from pathlib import Path

#: Of each release the version that is pinned, and the hash of its source distribution.
_PINNED = {
    "5.2": ("5.2.19", "ad03d8abc51dbff95ebf34b27123cf0c26a3b62db7ba0cd520783686362533d1"),
    "6.0": ("6.0.10", "6005d030df924f85088454c18bd35dcf082b058aa355ad3df520d8de9aef9f41"),
}
#: The release whose tests are converted; the first is that of the other tests' projects.
RELEASE = os.environ.get("DJANGO") or next(iter(_PINNED))
if RELEASE not in _PINNED:
    raise SystemExit(f"DJANGO={RELEASE} is not pinned; there are {', '.join(_PINNED)}")
IS_USUAL = next(iter(_PINNED)) == RELEASE
VERSION, _SHA256 = _PINNED[RELEASE]

#: Apps that only start where something is installed that the others do not need, or that are
#: made to fail: their tests load them with settings of their own.
_APART = frozenset({"gis_tests", "admin_scripts", "import_error_package", "test_runner_apps"})
CONTRIB = (
    "contenttypes", "auth", "sites", "sessions", "messages", "admin.apps.SimpleAdminConfig",
    "staticfiles", "flatpages", "redirects",
)  # fmt: skip

MANAGE = """\
import os
import sys

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "corpus_settings")
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)
"""
_SETTINGS = """\
import os
from pathlib import Path


class WithoutMigrations(dict):
    def __contains__(self, name):
        return True

    def __getitem__(self, name):
        return None


SECRET_KEY = "corpus"
INSTALLED_APPS = {apps!r}
MIDDLEWARE = [
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
]
MIGRATION_MODULES = WithoutMigrations()
ROOT_URLCONF = "corpus_urls"
SITE_ID = 1
USE_TZ = True
STATIC_URL = "static/"
SILENCED_SYSTEM_CHECKS = {silenced!r}
if os.environ.get("CORPUS_KIND") == "mariadb":
    import pymysql

    pymysql.install_as_MySQLdb()
    DATABASES = {{
        "default": {{
            "ENGINE": "django.db.backends.mysql",
            "NAME": os.environ["CORPUS_NAME"],
            "HOST": "127.0.0.1",
            "PORT": os.environ["CORPUS_PORT"],
            "USER": "strangler",
        }}
    }}
elif os.environ.get("CORPUS_PORT"):
    DATABASES = {{
        "default": {{
            "ENGINE": "django.db.backends.postgresql",
            "NAME": os.environ["CORPUS_NAME"],
            "HOST": "127.0.0.1",
            "PORT": os.environ["CORPUS_PORT"],
            "USER": "strangler",
        }}
    }}
else:
    DATABASES = {{
        "default": {{
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": os.environ.get("CORPUS_NAME", Path(__file__).with_name("db.sqlite3")),
        }}
    }}
"""


def tests_folder(cache: Path) -> Path:
    """`tests/` of the pinned source distribution, brought into `cache` where it is not there.

    Raises SystemExit where the archive is not the one that is pinned.
    """
    archive = cache / f"django-{VERSION}.tar.gz"
    folder = cache / f"django-{VERSION}" / "tests"
    if folder.is_dir():
        return folder
    if not archive.is_file():
        cache.mkdir(parents=True, exist_ok=True)
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"]
        options = ["--no-binary", "django", "--dest", str(cache), f"django=={VERSION}"]
        subprocess.run([*command, *options], check=True)
    if hashlib.sha256(archive.read_bytes()).hexdigest() != _SHA256:
        raise SystemExit(f"{archive} is not the archive that is pinned")
    with tarfile.open(archive) as opened:
        opened.extractall(cache, filter="data")
    return folder


def django_python(cache: Path) -> str:
    """Python with this release, made in `cache` by the interpreter LEGACY_PYTHON; ours for the first.

    Raises subprocess.CalledProcessError where the release cannot be installed.
    """
    if IS_USUAL:
        return sys.executable
    folder = cache / f"django-{VERSION}-venv"
    python, mark = folder / "bin" / "python", folder / "installed.txt"
    if not mark.is_file():
        base = os.environ.get("LEGACY_PYTHON") or sys.executable
        subprocess.run([base, "-m", "venv", folder], check=True)
        command = [python, "-m", "pip", "install", "--quiet", f"django=={VERSION}"]
        subprocess.run([*command, "pillow", "jinja2", "psycopg[binary]", "pymysql"], check=True)
        mark.write_text(VERSION)
    return str(python)


def apps_of(tests: Path) -> list[str]:
    """Folders of `tests` that are apps with models."""
    found = []
    for folder in sorted(tests.iterdir()):
        models = (folder / "models.py", folder / "models" / "__init__.py")
        if folder.name not in _APART and any(place.is_file() for place in models):
            found.append(folder.name)
    return found


def make_project(tests: Path, apps: Iterable[str], root: Path, *, postgresql: bool) -> None:
    """Write a project of these apps at `root`; what is there goes."""
    shutil.rmtree(root, ignore_errors=True)
    root.mkdir(parents=True)
    apps = list(apps)
    for name in apps:
        shutil.copytree(tests / name, root / name, ignore=_ignored)
    contrib = [f"django.contrib.{name}" for name in CONTRIB]
    if postgresql:
        contrib.append("django.contrib.postgres")
    (root / "corpus_settings.py").write_text(settings_text([*contrib, *apps]))
    (root / "corpus_urls.py").write_text("urlpatterns: list[object] = []\n")
    (root / "manage.py").write_text(MANAGE)


def settings_text(apps: list[str]) -> str:
    """The settings of a project of these apps; keys are what the release makes of itself from 6 on."""
    keys = 'DEFAULT_AUTO_FIELD = "django.db.models.AutoField"\n' if IS_USUAL else ""
    return keys + _SETTINGS.format(apps=apps, silenced=["fields.W342", "postgres.E005"])


def _ignored(folder: str, names: list[str]) -> set[str]:
    """Tests, templates and the like: what an app needs no more once it has models."""
    return {name for name in names if name.startswith("test") and name.endswith(".py")}
