"""Serializers that are asked without raising, read where that is certain, and nowhere else."""

import pytest

from tests.codemods.project import Converted, legacy_project

MODELS = """
from django.db import models


class Cup(models.Model):
    name = models.CharField(max_length=20)
"""

HEAD = """
from rest_framework import serializers
from rest_framework.response import Response
from rest_framework.views import APIView

from .models import Cup


class CupSerializer(serializers.ModelSerializer):
    class Meta:
        model = Cup
        fields = ["id", "name"]
"""
#: Name of a view, its body and the code that keeps it on legacy; empty where it converts.
VIEWS = [
    ("Asked", "if s.is_valid():\n return Response(s.validated_data['name'], 201)\nreturn Response([s.errors], 400)", ""),
    ("Kept", "if not s.is_valid():\n return Response({'e': s.errors}, status=409)\ns.save()\nreturn Response(s.data)", ""),
    ("Blind", "s.is_valid()\nreturn Response(s.validated_data['name'])", "B136"),
    ("Stored", "fine = s.is_valid()\nif fine:\n return Response(s.validated_data['name'])\nreturn Response(1)", "B136"),
    ("Turned", "if s.is_valid():\n return Response(s.errors)\nreturn Response(1)", "B136"),
    ("Wrong", "if not s.is_valid():\n return Response(s.validated_data['name'])\nreturn Response(1)", "B136"),
    (
        "Second",
        "if not s.is_valid():\n return Response({'e': s.errors}, 409)\n"
        "t = CupSerializer(data=request.data)\nt.is_valid()\nreturn Response(t.validated_data['name'])",
        "B136",
    ),
    (
        "Former",
        "if not s.is_valid():\n return Response({'e': s.errors}, 409)\n"
        "t = CupSerializer(data=request.data)\nif not t.is_valid():\n return Response(1)\n"
        "return Response(s.validated_data['name'])",
        "B104",
    ),
    ("Silent", "s.is_valid()", "B138"),
    ("Sometimes", "if request.query_params.get('x'):\n return Response(1)", ""),
]  # fmt: skip


def view(name: str, body: str) -> str:
    lines = body.replace("\n ", "\n    ").split("\n")
    text = "\n".join(f"        {line}" for line in lines)
    made = "        s = CupSerializer(data=request.data)"
    return f"\n\nclass {name}(APIView):\n    def post(self, request):\n{made}\n{text}\n"


@pytest.fixture(scope="module")
def cups(tmp_path_factory: pytest.TempPathFactory) -> Converted:
    views = HEAD + "".join(view(name, body) for name, body, _ in VIEWS)
    paths = "".join(f'path("{n}/", views.{n}.as_view()), ' for n, _, _ in VIEWS)
    urls = f"from django.urls import path\nfrom cups import views\nurlpatterns = [{paths}]\n"
    files = {"cups/models.py": MODELS, "cups/views.py": views, "urls.py": urls}
    return legacy_project(tmp_path_factory.mktemp("cups"), files).convert()


@pytest.mark.parametrize(("name", "code"), [(name, code) for name, _, code in VIEWS])
def test_what_may_not_be_there_is_not_read(name: str, code: str, cups: Converted) -> None:
    assert cups.codes(f"POST /{name}/") == ([code] if code else [])


def test_each_answer_has_its_status(cups: Converted) -> None:
    routers = cups.module("app.cups.routers")
    assert "return Response([data.detail], status=400)" in routers
    assert 'return Response({"e": data.detail}, status=409)' in routers
    assert '@asked_router.post("/", status_code=201' in routers
