"""`filterset_fields` of views whose rows only a user has: the filters are there, or the endpoint stays."""

from pathlib import Path

import pytest

from tests.codemods.project import legacy_project

MODELS = """
from django.conf import settings
from django.db import models


class Basket(models.Model):
    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE)
    note = models.CharField(max_length=20)


class Item(models.Model):
    basket = models.ForeignKey(Basket, on_delete=models.CASCADE)
    state = models.CharField(max_length=20)
"""
VIEWS = """
from django_filters.rest_framework import DjangoFilterBackend
from rest_framework import generics, serializers
from rest_framework.permissions import IsAuthenticated

from shop.models import Basket, Item


class ItemSerializer(serializers.ModelSerializer):
    class Meta:
        model = Item
        fields = ["id", "state"]


class BasketSerializer(serializers.ModelSerializer):
    class Meta:
        model = Basket
        fields = ["id", "note"]


class Items(generics.ListAPIView):
    serializer_class = {serializer}
    permission_classes = [IsAuthenticated]
    filter_backends = [DjangoFilterBackend]
    filterset_fields = {fields}

    def get_queryset(self):
        {rows}
"""
URLS = """
from django.urls import path
from shop.views import Items

urlpatterns = [path("items/", Items.as_view())]
"""
OF_USER = "return Item.objects.filter(basket__user=self.request.user)"
LOOKED_UP = """basket = Basket.objects.get(user=self.request.user)
        return Item.objects.filter(basket=basket)"""
FILTERS = "class ItemsFilter(FilterSet):\n    state = CharFilter()\n"


def _views(rows: str, serializer: str = "ItemSerializer", fields: str = '["state"]') -> str:
    return VIEWS.format(rows=rows, serializer=serializer, fields=fields)


@pytest.mark.parametrize("rows", [OF_USER, LOOKED_UP], ids=["of a user", "looked up"])
def test_rows_of_a_user_are_filtered(tmp_path: Path, rows: str) -> None:
    files = {"shop/models.py": MODELS, "shop/views.py": _views(rows), "urls.py": URLS}
    done = legacy_project(tmp_path, files).convert()
    assert done.converted("GET /items/")
    assert FILTERS in done.generated["app/shop/filters.py"]
    assert "request, ITEM_FILTERS)" in done.generated["app/shop/routers.py"]


@pytest.mark.parametrize(
    "views",
    [
        _views(LOOKED_UP, "BasketSerializer", '["note"]'),
        _views(LOOKED_UP, "serializers.Serializer"),
        _views(OF_USER, fields='["colour"]'),
    ],
    ids=["another model is shown", "no model is shown", "no such column"],
)
def test_filters_that_are_not_known_keep_the_endpoint(tmp_path: Path, views: str) -> None:
    files = {"shop/models.py": MODELS, "shop/views.py": views, "urls.py": URLS}
    done = legacy_project(tmp_path, files).convert()
    assert not done.converted("GET /items/")
    assert {reason.code for reason in done.reasons("GET /items/")} & {"E103", "F104"}
