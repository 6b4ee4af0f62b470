"""`hasattr` of requests: they have what DRF's requests have, where there is one."""

from pathlib import Path

import pytest

from tests.codemods.project import legacy_project

MODELS = """
from django.db import models


class Page(models.Model):
    title = models.CharField(max_length=20)
"""
VIEWS = """
from rest_framework import generics, serializers

from shop.models import Page


class PageSerializer(serializers.ModelSerializer):
    told = serializers.SerializerMethodField()

    class Meta:
        model = Page
        fields = ["id", "told"]

    def get_told(self, obj):
        request = self.context.get("request")
        return {test}


class Pages(generics.ListAPIView):
    serializer_class = PageSerializer
    queryset = Page.objects.order_by("id")
"""
URLS = """
from django.urls import path
from shop.views import Pages

urlpatterns = [path("pages/", Pages.as_view())]
"""


def _files(test: str) -> dict[str, str]:
    views = VIEWS.replace("{test}", test)
    return {"shop/models.py": MODELS, "shop/views.py": views, "urls.py": URLS}


@pytest.mark.parametrize("name", ["user", "method", "META"])
def test_requests_have_it_where_there_is_one(tmp_path: Path, name: str) -> None:
    done = legacy_project(tmp_path, _files(f'hasattr(request, "{name}")')).convert()
    assert done.reasons("GET /pages/") == []
    assert "return context.has_request" in done.generated["app/shop/schemas.py"]


@pytest.mark.parametrize("name", ["data", "session", "tenant", "size"])
def test_what_not_every_request_has_keeps_the_endpoint(tmp_path: Path, name: str) -> None:
    done = legacy_project(tmp_path, _files(f'hasattr(request, "{name}")')).convert()
    assert [reason.code for reason in done.reasons("GET /pages/")] == ["B105"]
