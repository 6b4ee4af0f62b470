"""Passwords are refused as the settings of the project say, in serializers and in bodies."""

from pathlib import Path

import pytest

from tests.corpus.asked import asked
from tests.corpus.commands import converted
from tests.corpus.small_project import SETTINGS, small_project
from tests.postgres import Cluster

pytestmark = pytest.mark.slow

VALIDATED = (
    SETTINGS
    + """
AUTH_USER_MODEL = "things.Member"
STANDARD = "django.contrib.auth.password_validation."
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": STANDARD + "UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("username", "email", "nick"), "max_similarity": 0.6},
    },
    {"NAME": STANDARD + "MinimumLengthValidator", "OPTIONS": {"min_length": 9}},
    {"NAME": STANDARD + "CommonPasswordValidator"},
    {"NAME": STANDARD + "NumericPasswordValidator"},
]
"""
)
MODELS = """
from django.contrib.auth.models import AbstractUser
from django.db import models


class Member(AbstractUser):
    nick = models.CharField("pet name", max_length=20, blank=True)
"""
VIEWS = """
from django.contrib.auth import password_validation
from django.contrib.auth.hashers import check_password, make_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError as DjangoValidationError
from django.shortcuts import get_object_or_404
from rest_framework import generics, serializers
from rest_framework.response import Response
from rest_framework.views import APIView

from .models import Member


class MemberSerializer(serializers.ModelSerializer):
    password = serializers.CharField(
        write_only=True, validators=[validate_password], style={"input_type": "password"}
    )
    again = serializers.CharField(write_only=True)

    class Meta:
        model = Member
        fields = ["username", "email", "nick", "password", "again"]

    def validate(self, attrs):
        if attrs["password"] != attrs["again"]:
            raise serializers.ValidationError({"again": "Passwords differ."})
        return attrs

    def create(self, validated_data):
        member = Member(username=validated_data["username"], nick=validated_data["nick"])
        validate_password(validated_data["password"], member)
        member.set_password(validated_data["password"])
        member.save()
        return member


class Members(generics.CreateAPIView):
    queryset = Member.objects.all()
    serializer_class = MemberSerializer


class PasswordSerializer(serializers.Serializer):
    password = serializers.CharField()

    def validate_password(self, value):
        validate_password(value)
        return value


class Passwords(APIView):
    def post(self, request):
        serializer = PasswordSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        return Response({"good": True})


class Change(APIView):
    def put(self, request, name):
        member = get_object_or_404(Member, username=name)
        password = str(request.data.get("password", ""))
        try:
            password_validation.validate_password(password, user=member)
        except DjangoValidationError as error:
            return Response({"wrong": error.messages, "told": str(error)}, status=400)
        member.set_password(password)
        member.save()
        return Response({"changed": member.check_password(password)})


class HashedSerializer(serializers.ModelSerializer):
    password = serializers.CharField(write_only=True)

    class Meta:
        model = Member
        fields = ["username", "password"]

    def create(self, validated_data):
        validated_data["password"] = make_password(validated_data["password"])
        return super().create(validated_data)


class Hashed(generics.CreateAPIView):
    queryset = Member.objects.all()
    serializer_class = HashedSerializer


class Compared(APIView):
    def post(self, request, name):
        member = get_object_or_404(Member, username=name)
        if check_password(request.data.get("password"), member.password):
            member.set_password(request.data.get("new", "another one"))
            member.save()
            return Response({"changed": check_password("another one", member.password)})
        return Response({"changed": False})


class Crash(APIView):
    def post(self, request):
        validate_password(str(request.data.get("password", "")), None)
        return Response({"good": True})
"""
URLS = """
from django.urls import path

from things import views

urlpatterns = [
    path("members/", views.Members.as_view()),
    path("passwords/", views.Passwords.as_view()),
    path("change/<str:name>/", views.Change.as_view()),
    path("hashed/", views.Hashed.as_view()),
    path("compared/<str:name>/", views.Compared.as_view()),
    path("crash/", views.Crash.as_view()),
]
"""
PASSWORDS = [
    *(
        "",
        "short",
        "12345678",
        "123456789012",
        "password1",
        "PassWord123 ",
        "iloveyou",
        "qwertyuiop",
    ),
    *("annabelle", "annabelle-smith", "smith@example.com", "RexAndBello", "rexandbell", "Ⅷ²³"),
    *("a much longer sentence of words", "correct horse", "qwertyui\u0000"),
]
SEED = """
from things.models import Member
Member.objects.create_user("annabelle", email="annabelle.smith@example.com", nick="Rex and Bello")
"""


@pytest.mark.parametrize("vendor", ["sqlite", "postgresql"])
def test_passwords_are_judged_as_by_django(vendor: str, tmp_path: Path, postgres: Cluster) -> None:
    """In a field's validators, a hook and a body; with a user, and where nobody catches it."""
    files = {"settings.py": VALIDATED, "urls.py": URLS}
    texts = {"things/models.py": MODELS, "things/views.py": VIEWS, **files}
    project = small_project(tmp_path / "legacy", texts)
    server = postgres if vendor == "postgresql" else None
    report = converted(project, tmp_path, DATABASE_URL=f"sqlite:///{tmp_path / 'none.db'}")
    assert not [e["reasons"] for e in report["endpoints"] if e["status"] != "converted"]
    with asked(project, tmp_path, server, SEED) as both:
        statuses = []
        for number, word in enumerate(PASSWORDS):
            name = f"rex{number}"
            member = {"username": name, "email": f"smith{number}@example.com", "nick": "Rex"}
            for path, data in (
                ("/members/", {**member, "password": word, "again": word}),
                ("/passwords/", {"password": word}),
                ("/crash/", {"password": word}),
            ):
                statuses.append(both.agree("POST", path, data).status)
            both.agree("PUT", "/change/annabelle/", {"password": word})
        assert {200, 201, 400, 500} == set(statuses)
        for word in ("annabelle.smith", "Rex-and-Bello", "correct horses"):
            found = both.agree("PUT", "/change/annabelle/", {"password": word})
        assert found.status == 200


@pytest.mark.parametrize("vendor", ["sqlite", "postgresql"])
def test_hashes_that_code_makes_are_djangos(vendor: str, tmp_path: Path, postgres: Cluster) -> None:
    """What one application hashes, the other one knows."""
    files = {"settings.py": VALIDATED, "urls.py": URLS}
    texts = {"things/models.py": MODELS, "things/views.py": VIEWS, **files}
    project = small_project(tmp_path / "legacy", texts)
    server = postgres if vendor == "postgresql" else None
    converted(project, tmp_path, DATABASE_URL=f"sqlite:///{tmp_path / 'none.db'}")
    with asked(project, tmp_path, server, SEED) as both:
        both.agree("POST", "/hashed/", {"username": "rex", "password": "one"})
        for word in ("two", None, 7, "one", "one", "another one"):
            both.agree("POST", "/compared/rex/", {"password": word})
        answers = [
            both.agree("POST", "/compared/rex/", {"password": old, "new": new}).status
            for old, new in (("another one", 7), ("another one", "8"), (8, "9"))
        ]
        assert answers == [500, 200, 200]


def test_validators_of_the_project_keep_their_endpoints(tmp_path: Path) -> None:
    """Only Django's own validators are known."""
    settings = VALIDATED + 'AUTH_PASSWORD_VALIDATORS += [{"NAME": "things.checks.Mine"}]\n'
    checks = "class Mine:\n    def validate(self, password, user=None):\n        pass\n"
    files = {"settings.py": settings, "urls.py": URLS, "things/checks.py": checks}
    texts = {"things/models.py": MODELS, "things/views.py": VIEWS, **files}
    project = small_project(tmp_path / "legacy", texts)
    report = converted(project, tmp_path, DATABASE_URL=f"sqlite:///{tmp_path / 'none.db'}")
    kept = {e["id"] for e in report["endpoints"] if e["status"] == "converted"}
    assert kept == {"POST /hashed/"}  # nobody asks a validator there
