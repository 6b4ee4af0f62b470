"""Which logins can be shared: those whose hashes and sessions the new application reads and writes."""

from pathlib import Path

import pytest

from strangler.compat import hashers
from strangler.testing import legacy_project
from strangler_codemods.sessions import HASHERS
from tests import notes

VIEWS = f"""
from rest_framework.authentication import SessionAuthentication
{notes.VIEWS}    authentication_classes = [SessionAuthentication]
"""
URLS = """
from rest_framework.routers import SimpleRouter

from things.views import Notes

router = SimpleRouter()
router.register("notes", Notes)
urlpatterns = router.urls
"""
SETTINGS = """
MIDDLEWARE = [
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
]
"""


def test_the_hashers_that_keep_no_login_on_django_are_those_that_compat_has() -> None:
    assert set(hashers.HASHERS) == HASHERS


@pytest.mark.parametrize(
    ("setting", "codes"),
    [
        ("", []),
        ('SESSION_SERIALIZER = "things.pickles.PickleSerializer"', ["A103"]),
        ('SESSION_ENGINE = "django.contrib.sessions.backends.cache"', ["A103"]),
    ],
)
def test_sessions_that_cannot_be_read_keep_their_views(
    setting: str, codes: list[str], tmp_path: Path
) -> None:
    """Pickles are never read, so who is logged in would not be known."""
    files = {
        "things/models.py": notes.MODELS, "things/views.py": VIEWS, "urls.py": URLS,
        "things/pickles.py": "class PickleSerializer:\n    pass\n",
    }  # fmt: skip
    project = legacy_project(tmp_path, files, SETTINGS + setting).convert()
    assert project.codes("GET /notes/") == codes
