"""Django and DRF inside the test process, configured on import: what compat has to agree with."""

import tempfile
from pathlib import Path

import django
from django.conf import settings

DATABASE = Path(tempfile.mkdtemp(prefix="oracle-")) / "oracle.sqlite3"

if not settings.configured:
    settings.configure(
        SECRET_KEY="only for tests",
        ALLOWED_HOSTS=["*"],
        USE_TZ=True,
        TIME_ZONE="UTC",
        ROOT_URLCONF=(),
        MEDIA_URL="/media/",
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
        DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": str(DATABASE)}},
        INSTALLED_APPS=[
            "django.contrib.contenttypes",
            "django.contrib.auth",
            "django.contrib.sessions",
            "rest_framework",
            "rest_framework.authtoken",
        ],
    )
    django.setup()
