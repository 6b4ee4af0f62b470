"""Writes a Django project in which every serializer of the corpus has views of its own."""

import shutil
from pathlib import Path
from random import Random

from .model_texts import ModelText, models
from .serializer_texts import Case, cases

_HEADER = """import datetime
import decimal
import zoneinfo
from decimal import Decimal

from rest_framework import serializers

from corpus.models import *

UTC = datetime.timezone.utc


def no_threes(value):
    if "3" in str(value):
        raise serializers.ValidationError("No threes.")


def not_long(value):
    if len(str(value)) > 9:
        raise serializers.ValidationError("Much too long.", code="long")


def short_text(value):
    if isinstance(value, str) and len(value) < 2:
        raise serializers.ValidationError(["Too short.", "Really."])
"""
_MODELS = """import datetime

from django.core.validators import (
    MaxValueValidator, MinLengthValidator, MinValueValidator, RegexValidator,
)
from django.db import models
from django.utils import timezone


class Tag(models.Model):
    name = models.CharField(max_length=20, unique=True)
    rank = models.IntegerField(unique=True)


class Label(models.Model):
    id = models.UUIDField(primary_key=True)
    name = models.CharField(max_length=20)
"""
#: English is what most projects answer in.
LANGUAGES = ("en", *["en-us"] * 4, "de", "pt-br", "ru", "fr", "zh-hans", "ar", "es-mx")
_SETTINGS = """import os
from urllib.parse import urlsplit

SECRET_KEY = "only-for-the-corpus"
ALLOWED_HOSTS = ["*"]
ROOT_URLCONF = "urls"
USE_TZ = {use_tz}
TIME_ZONE = {zone!r}
LANGUAGE_CODE = {language!r}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
url = urlsplit(os.environ["DATABASE_URL"])
DATABASES = {{
    "default": {{
        "ENGINE": "django.db.backends." + url.scheme.replace("sqlite", "sqlite3"),
        "NAME": url.path[1:],
        "HOST": url.hostname or "",
        "PORT": url.port or "",
        "USER": url.username or "",
    }}
}}
INSTALLED_APPS = [
    "django.contrib.auth", "django.contrib.contenttypes", "rest_framework", "corpus",
]
MIDDLEWARE = []
REST_FRAMEWORK = {{"DEFAULT_AUTHENTICATION_CLASSES": [], "DEFAULT_PERMISSION_CLASSES": [], {more}}}
"""
MANAGE = """import os
import sys

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "settings")
if __name__ == "__main__":
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)
"""


def make_fields_project(root: Path, seed: int, drf: tuple[int, ...]) -> list[Case]:
    """Write the project at `root`; what is there goes. The serializers in it."""
    random = Random(seed)
    shutil.rmtree(root, ignore_errors=True)
    (root / "corpus").mkdir(parents=True)
    (root / "manage.py").write_text(MANAGE)
    (root / "settings.py").write_text(_settings(random))
    (root / "corpus" / "__init__.py").write_text("")
    made = models(random)
    (root / "corpus" / "models.py").write_text("\n\n".join([_MODELS, *(m.source for m in made)]))
    found = cases(random, made, drf)
    texts = "\n\n".join([_HEADER, *(case.source for case in found)])
    (root / "corpus" / "serializers.py").write_text(texts, encoding="utf-8")
    _views(root, found, made)
    return found


def _settings(random: Random) -> str:
    zone = random.choice(["UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata"])
    more = random.choice(
        ["", "'COERCE_DECIMAL_TO_STRING': False", "'NON_FIELD_ERRORS_KEY': 'errors'"]
    )
    use_tz = random.random() < 0.75
    language = random.choice(LANGUAGES)
    return _SETTINGS.format(use_tz=use_tz, zone=zone, more=more, language=language)


def _views(root: Path, found: list[Case], made: list[ModelText]) -> None:
    views = ["from rest_framework import generics", "from rest_framework.response import Response",
             "from rest_framework.views import APIView", "", "from corpus.models import *",
             "from corpus.serializers import *"]  # fmt: skip
    urls = ["from django.urls import path", "from corpus import views", "urlpatterns = ["]
    for case in found:
        if case.model is not None:
            views += ["", "", f"class {case.name}List(generics.ListCreateAPIView):",
                      f"    queryset = {case.model}.objects.all()",
                      f"    serializer_class = {case.name}Serializer"]  # fmt: skip
            urls.append(f"    path('{case.name.lower()}/', views.{case.name}List.as_view()),")
            continue
        views += ["", "", f"class {case.name}View(APIView):", "    def post(self, request):",
                  f"        serializer = {case.name}Serializer(data=request.data)",
                  "        serializer.is_valid(raise_exception=True)",
                  '        return Response({"ok": True})']  # fmt: skip
        urls.append(f"    path('{case.name.lower()}/', views.{case.name}View.as_view()),")
    (root / "corpus" / "views.py").write_text("\n".join(views) + "\n")
    (root / "urls.py").write_text("\n".join([*urls, "]"]) + "\n")
