"""Settings of letters that the environment gave as texts, or not at all."""

from pathlib import Path

import pytest

from tests.codemods.project import legacy_project

VIEWS = """
from django.core.mail import send_mail
from rest_framework.response import Response
from rest_framework.views import APIView


class Letters(APIView):
    def post(self, request):
        send_mail("Open", "We are.", None, ["all@example.org"])
        return Response({})
"""
URLS = """
from django.urls import path
from shop.views import Letters

urlpatterns = [path("letters/", Letters.as_view())]
"""


FILES = {"shop/views.py": VIEWS, "urls.py": URLS}


@pytest.mark.parametrize(
    ("said", "written"),
    [
        ("EMAIL_PORT = None", "email_port: int = 0"),
        ('EMAIL_PORT = ""', "email_port: int = 0"),
        ('EMAIL_PORT = "587"', "email_port: int = 587"),
        ('EMAIL_USE_TLS = "False"', "email_use_tls: bool = True"),
        ('EMAIL_USE_TLS = ""', ""),
        ("EMAIL_USE_SSL = None", ""),
    ],
)
def test_settings_mean_what_django_makes_of_them(tmp_path: Path, said: str, written: str) -> None:
    done = legacy_project(tmp_path, FILES, said).convert()
    assert done.reasons("POST /letters/") == []
    text = done.generated["app/mail.py"]
    assert written in text
    assert ("email_" in text) == bool(written)


@pytest.mark.parametrize(
    "said", ['EMAIL_PORT = "smtp"', 'EMAIL_TIMEOUT = "5"', "DEFAULT_FROM_EMAIL = None"]
)
def test_settings_that_django_fails_with_keep_the_endpoint(tmp_path: Path, said: str) -> None:
    done = legacy_project(tmp_path, FILES, said).convert()
    assert [reason.code for reason in done.reasons("POST /letters/")] == ["X102"]
