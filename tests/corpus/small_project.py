"""A Django project from a few texts; its tables and rows are made by `strangler verify`."""

from collections.abc import Mapping
from pathlib import Path
from textwrap import dedent

SETTINGS = """
import os
from urllib.parse import unquote, urlsplit

SECRET_KEY = "only-for-tests"
ALLOWED_HOSTS = ["*"]
ROOT_URLCONF = "urls"
USE_TZ = True
TIME_ZONE = "Europe/Berlin"
MEDIA_URL = "/media/"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
url = urlsplit(os.environ["DATABASE_URL"])
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends." + url.scheme.replace("sqlite", "sqlite3"),
        "NAME": url.path[1:],
        "HOST": url.hostname or "",
        "PORT": url.port or "",
        "USER": url.username or "",
        "PASSWORD": unquote(url.password or ""),
    }
}
INSTALLED_APPS = [
    "django.contrib.auth", "django.contrib.contenttypes", "rest_framework", "things",
]
MIDDLEWARE = []
REST_FRAMEWORK = {"DEFAULT_AUTHENTICATION_CLASSES": []}
"""

MANAGE = """
import os
import sys

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "settings")
if __name__ == "__main__":
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)
"""


def small_project(folder: Path, files: Mapping[str, str]) -> Path:
    """Write a project with one app, `things`; nobody logs in."""
    texts = {"manage.py": MANAGE, "settings.py": SETTINGS, "things/__init__.py": "", **files}
    for name, text in texts.items():
        place = folder / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(dedent(text), encoding="utf-8")
    return folder
