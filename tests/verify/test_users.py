"""Users that are made on the twins: also where a project's own model is not quite as Django wants it."""

import sys
from pathlib import Path
from typing import Any

from strangler.verify.project import Project
from strangler.verify.source import prepared
from tests.verify.conftest import plain_environment

SETTINGS = """
ROOT_URLCONF = "urls"
SECRET_KEY = "not-used"
INSTALLED_APPS = ["django.contrib.contenttypes", "django.contrib.auth", "people"]
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": "people.sqlite3"}}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_USER_MODEL = "people.User"
"""

MODELS = """
from django.contrib.auth.models import AbstractUser
from django.db import models


class User(AbstractUser):
    username = None
    email = models.EmailField(unique=True)
    kind = models.CharField(max_length=9, choices=[("pupil", "Pupil"), ("tutor", "Tutor")])

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS = %s
    objects = models.Manager()

    def save(self, *args, **kwargs):
        if self.is_superuser and %s:
            raise ValueError("nobody may do everything")
        super().save(*args, **kwargs)
"""


def _users(tmp_path: Path, required: str, *, strict: bool = False) -> dict[str, Any]:
    """What is said of the users that were made."""
    texts = {
        "manage.py": "",
        "urls.py": "urlpatterns = []",
        "people/__init__.py": "",
        "settings.py": SETTINGS,
        "people/models.py": MODELS % (required, strict),
    }
    for name, text in texts.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    project = Project(
        tmp_path, "settings", sys.executable, tmp_path, "", sys.executable, plain_environment()
    )
    told = project.legacy(None, "none")
    told.close()
    twins = prepared(project, told.hello, None)
    with project.seeding(twins.template(), "none") as executor:
        executor.ask({"op": "migrate"})
        answer = executor.ask({"op": "users"})
    twins.freeze()
    twins.close()
    return answer


def test_a_wrong_name_among_required_fields_is_passed_over(tmp_path: Path) -> None:
    answer = _users(tmp_path, '[kind, "nickname"]')
    kinds = {trait for user in answer["users"] for trait in user["traits"]}
    assert {"kind=pupil", "kind=tutor"} <= kinds
    assert answer["refusal"] == ""


def test_why_a_user_could_not_be_made_is_told(tmp_path: Path) -> None:
    answer = _users(tmp_path, "[]", strict=True)
    assert not any(user["superuser"] for user in answer["users"])
    assert answer["refusal"] == "ValueError: nobody may do everything"
