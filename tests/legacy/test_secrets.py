"""Secrets stay where they are: canaries in every place where projects keep them."""

import json

import pytest

from .conftest import SETTINGS, Project

CANARIES = {
    "django": "canary-secret-key-1",
    "fallback": "canary-fallback-2",
    "database": "canary-db-passw0rd-3",
    "jwt": "canary-jwt-signing-4",
    "mail": "canary-mail-password-5",
    "cloud": "canary-AKIA-cloud-6",
    "variable": "canary-from-environment-7",
}

MORE = """
import os
SECRET_KEY = "{django}"
SECRET_KEY_FALLBACKS = ["{fallback}"]
DATABASES["default"].update(PASSWORD="{database}", USER="zoo")
INSTALLED_APPS += ["rest_framework_simplejwt"]
SIMPLE_JWT = {{"SIGNING_KEY": "{jwt}", "VERIFYING_KEY": "{jwt}"}}
EMAIL_HOST_PASSWORD = "{mail}"
AWS = {{"nested": [{{"ACCESS_TOKEN": "{cloud}"}}]}}
CORS_ALLOWED_ORIGINS = ["https://" + os.environ["ZOO_API_TOKEN"] + ".example"]
"""

VIEWS = """
from django.conf import settings
from rest_framework.views import APIView


class Leaky(APIView):
    key = settings.SECRET_KEY
    header = {"Authorization": "Bearer " + settings.AWS["nested"][0]["ACCESS_TOKEN"]}
    harmless = "kept as it is"

    def get(self, request):
        pass
"""


def test_no_canary_reaches_the_facts(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not as settings, not as copies of them in attributes."""
    monkeypatch.setenv("ZOO_API_TOKEN", CANARIES["variable"])
    project.write("site_settings.py", SETTINGS + MORE.format(**CANARIES))
    project.write("zoo/views.py", VIEWS)
    project.write(
        "site_urls.py",
        """
        from django.urls import path
        from zoo.views import Leaky
        urlpatterns = [path("leaky/", Leaky.as_view())]
        """,
    )
    facts = project.facts()
    text = json.dumps(facts.model_dump(mode="json"))
    assert [name for name, canary in CANARIES.items() if canary in text] == []
    attributes = facts.endpoints[0].attributes
    assert attributes["harmless"].value == "kept as it is"
    assert attributes["header"].value == {"Authorization": "Bearer ***"}
    assert facts.settings["SIMPLE_JWT"]["ALGORITHM"] == "HS256"
    assert facts.settings["CORS_ALLOWED_ORIGINS"] == ["https://***.example"]


def test_the_address_of_a_site_is_no_secret(project: Project) -> None:
    """Though settings with a name like that may hold one: a path, a query, credentials."""
    lines = """
FRONTEND_URL = "http://localhost:3000"
WEBHOOK_URL = "https://hooks.example.com/T0/canary-webhook"
CORS_ALLOWED_ORIGINS = [FRONTEND_URL, WEBHOOK_URL]
"""
    project.write("site_settings.py", SETTINGS + lines)
    assert project.facts().settings["CORS_ALLOWED_ORIGINS"] == ["http://localhost:3000", "***"]


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("SITE_LOGIN_URL", "auth:sign-in-1", True),
        ("AFTER_LOGOUT_URL", "/accounts/Left-2/", True),
        ("SITE_URL", "https://example.com/reset/canary-1", False),
        ("CACHE_URL", "redis://:canary-2@cache/0", False),
        ("SIGNING_KEY", "canary-signing-3", False),
        ("SECRET_KEY_PASSWORD_URL", "canary-key-4", False),
    ],
)
def test_the_name_of_a_route_is_no_secret(
    name: str, value: str, told: bool, project: Project
) -> None:
    """Though a setting that ends with `_URL` has the name of a secret; an address may hold one."""
    lines = f"\n{name} = {value!r}\nCSRF_COOKIE_PATH = '/' + {value!r}\n"
    project.write("site_settings.py", SETTINGS + lines)
    shown = project.facts().settings["CSRF_COOKIE_PATH"]
    assert shown == (f"/{value}" if told else "/***")
