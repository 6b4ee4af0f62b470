"""Handlers that check `request.data`: where the check goes, and which forms stay on legacy."""

import pytest

from tests.codemods.project import Converted, legacy_project

MODELS = """
from django.db import models


class Crate(models.Model):
    name = models.CharField(max_length=30)
"""

VIEWS = """
from rest_framework import serializers, status, viewsets
from rest_framework.decorators import action
from rest_framework.response import Response

from .models import Crate


class CrateSerializer(serializers.ModelSerializer):
    class Meta:
        model = Crate
        fields = ["id", "name"]


class KeepingSerializer(CrateSerializer):
    def save(self, **kwargs):
        return super().save(name="kept", **kwargs)


class SizeSerializer(serializers.Serializer):
    size = serializers.IntegerField()
    depth = serializers.IntegerField(required=False)


class Crates(viewsets.ModelViewSet):
    queryset = Crate.objects.order_by("id")
    serializer_class = CrateSerializer
"""

FORMS = {
    "raises": (
        "s = SizeSerializer(data=request.data)",
        "s.is_valid(raise_exception=True)",
        'return Response({"n": s.validated_data["size"] + s.validated_data["depth"]})',
    ),
    "answers": (
        "s = SizeSerializer(data=request.data)",
        "if not s.is_valid():",
        "    return Response(s.errors, status=status.HTTP_400_BAD_REQUEST)",
        'return Response({"n": s.validated_data.get("depth", 2)})',
    ),
    "otherwise": (
        "s = self.get_serializer(data=request.data)",
        "if s.is_valid():",
        "    s.save()",
        "    return Response(s.data)",
        "else:",
        "    return Response(s.errors, 400)",
    ),
    "changes": (
        "crate = self.get_object()",
        "s = CrateSerializer(crate, data=request.data, partial=True)",
        "s.is_valid(raise_exception=True)",
        's.save(name="a")',
        'return Response({"id": s.instance.id})',
    ),
    "checks_only": (
        "s = KeepingSerializer(data=request.data)",
        "s.is_valid(raise_exception=True)",
        "return Response(status=204)",
    ),
    "saves_its_way": (
        "s = KeepingSerializer(data=request.data)",
        "s.is_valid(raise_exception=True)",
        "s.save()",
        "return Response(status=204)",
    ),
    "shows_one": (
        "s = CrateSerializer(data=request.data)",
        "s.is_valid(raise_exception=True)",
        'return Response({"name": s.data["name"]})',
    ),
    "shows_key": (
        "s = CrateSerializer(data=request.data)",
        "s.is_valid(raise_exception=True)",
        'return Response({"id": s.data["id"]})',
    ),
    "later": (
        "number = Crate.objects.count()",
        "s = SizeSerializer(data=request.data)",
        "s.is_valid(raise_exception=True)",
        'return Response({"n": number})',
    ),
    "other_words": (
        "s = SizeSerializer(data=request.data)",
        "if not s.is_valid():",
        '    return Response({"bad": True}, status=400)',
        'return Response({"n": 1})',
    ),
    "other_status": (
        "s = SizeSerializer(data=request.data)",
        "if not s.is_valid():",
        "    return Response(s.errors, status=422)",
        'return Response({"n": 1})',
    ),
    "goes_on": (
        "s = SizeSerializer(data=request.data)",
        "if s.is_valid():",
        "    crate = 1",
        "return Response(s.errors, status=400)",
    ),
    "unchecked": (
        "s = SizeSerializer(data=request.data)",
        'return Response({"n": s.validated_data["size"]})',
    ),
    "unsaved": (
        "s = self.get_serializer(data=request.data)",
        "s.is_valid(raise_exception=True)",
        "return Response(s.data)",
    ),
    "found_late": (
        "s = SizeSerializer(data=request.data)",
        "s.is_valid(raise_exception=True)",
        'return Response({"id": self.get_object().id})',
    ),
    "bound_again": (
        "crate = self.get_object()",
        "s = CrateSerializer(crate)",
        "crate = Crate.objects.first()",
        "return Response(s.data)",
    ),
    "unknown_key": (
        "s = SizeSerializer(data=request.data)",
        "s.is_valid(raise_exception=True)",
        'return Response({"n": s.validated_data["width"]})',
    ),
    "cut_again": ("return Response(CrateSerializer(self.get_queryset()[:5].filter(id=1), many=True).data)",),
}  # fmt: skip

WRITTEN = {
    "raises": "data: Valid[SizeWrite]) -> Any:\n    return {'n': data.size + data.attrs()['depth']}",
    "answers": "data: Valid[SizeWrite]) -> Any:\n    return {'n': data.attrs().get('depth', 2)}",
    "otherwise": "crate = await create(session, Crate, data)\n    return await read(session, CrateRead, crate)",
    "changes": "data: ValidFor[Partial[CrateWrite], FoundCrate]\n) -> Any:\n    crate = await update(session, crate, data, name='a')\n    return {'id': crate.id}",
    "checks_only": "data: Valid[KeepingWrite]",
    "shows_one": "data: Valid[CrateWrite]) -> Any:\n    return {'name': data.name}",
    "other_words": "attempt(session, SizeWrite), ValidationError):\n        return Response({'bad': True}, status=400)",
    "other_status": "attempt(session, SizeWrite), ValidationError):\n        return Response(data.detail, status=422)",
    "later": "number = await count(session, select(Crate))\n    data = await checked(session, SizeWrite)",
}  # fmt: skip

REFUSED = {
    "goes_on": ("B136", "return Response(s.errors, status=400)"),
    "unchecked": ("B136", 'return Response({"n": s.validated_data["size"]})'),
    "unsaved": ("B102", "return Response(s.data)"),
    "saves_its_way": ("S130", "def save(self, **kwargs):"),
    "shows_key": ("B136", 'return Response({"id": s.data["id"]})'),
    "found_late": ("B137", 'def found_late(self, request, pk=None):'),
    "bound_again": ("B104", "return Response(s.data)"),
    "unknown_key": ("B132", 'return Response({"n": s.validated_data["width"]})'),
    "cut_again": ("Q131", FORMS["cut_again"][0]),
}  # fmt: skip


def _action(name: str, lines: tuple[str, ...]) -> str:
    detail = any("get_object" in line for line in lines)
    head = (
        f'    @action(detail={detail}, methods=["post"])\n    def {name}(self, request, pk=None):\n'
    )
    return head + "".join(f"        {line}\n" for line in lines)


@pytest.fixture(scope="module")
def crates(tmp_path_factory: pytest.TempPathFactory) -> Converted:
    actions = "\n".join(_action(name, lines) for name, lines in FORMS.items())
    urls = (
        "from django.urls import include, path\nfrom rest_framework.routers import SimpleRouter\n"
        "from crates import views\n\nrouter = SimpleRouter()\n"
        'router.register("crates", views.Crates)\n'
        'urlpatterns = [path("api/", include(router.urls))]\n'
    )
    files = {
        "crates/models.py": MODELS,
        "crates/views.py": f"{VIEWS}\n{actions}",
        "urls.py": urls,
    }
    return legacy_project(tmp_path_factory.mktemp("crates"), files).convert()


def _endpoint(name: str) -> str:
    detail = any("get_object" in line for line in FORMS[name])
    return f"POST /api/crates/{'{pk}/' if detail else ''}{name}/"


@pytest.mark.parametrize("name", WRITTEN)
def test_the_body_is_checked_where_legacy_checks_it(name: str, crates: Converted) -> None:
    assert crates.reasons(_endpoint(name)) == []
    text = crates.function("app.crates.routers", f"{name}_crates").replace('"', "'")
    assert WRITTEN[name] in text


@pytest.mark.parametrize("name", REFUSED)
def test_other_forms_stay_on_legacy(name: str, crates: Converted) -> None:
    assert crates.refusal(_endpoint(name)) == REFUSED[name]


def test_every_form_is_looked_at() -> None:
    assert WRITTEN.keys() | REFUSED.keys() == FORMS.keys()
