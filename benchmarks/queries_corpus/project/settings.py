"""Settings of the corpus project: one app, a zone with summer time."""

import os
from urllib.parse import urlsplit

SECRET_KEY = "only-for-the-corpus"
ROOT_URLCONF = "urls"
USE_TZ = True
TIME_ZONE = "Europe/Berlin"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
url = urlsplit(os.environ["DATABASE_URL"])
if url.scheme == "mysql":
    import pymysql

    pymysql.install_as_MySQLdb()
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends." + url.scheme.replace("sqlite", "sqlite3"),
        "NAME": url.path[1:],
        "HOST": url.hostname or "",
        "PORT": url.port or "",
        "USER": url.username or "",
    }
}
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "rest_framework",
    "library",
]
MIDDLEWARE: list[str] = []
REST_FRAMEWORK = {"DEFAULT_AUTHENTICATION_CLASSES": [], "DEFAULT_PERMISSION_CLASSES": []}
