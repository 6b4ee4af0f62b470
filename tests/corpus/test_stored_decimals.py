"""Numbers that no serializer has checked are rounded, or refused, before they are stored."""

import json
from pathlib import Path

import pytest

from tests.corpus.asked import asked
from tests.corpus.commands import converted
from tests.corpus.small_project import SETTINGS, small_project
from tests.postgres import Cluster

pytestmark = pytest.mark.slow

MODELS = """
from django.db import models


class Item(models.Model):
    price = models.DecimalField(max_digits=7, decimal_places=2, null=True)
"""
URLS = """
from django.urls import path

from things import views

urlpatterns = [
    path("items/", views.items),
    path("items/<int:pk>/", views.item),
    path("all/", views.everything),
]
"""
VIEWS = """
from rest_framework.decorators import api_view
from rest_framework.response import Response

from .models import Item


@api_view(["POST"])
def items(request):
    data = request.data
    try:
        item = Item.objects.create(price=data["price"])
    except Exception as error:
        return Response({"error": str(error)}, status=400)
    return Response({"id": item.id})


@api_view(["PUT"])
def item(request, pk):
    data = request.data
    found = Item.objects.get(pk=pk)
    found.price = data["price"]
    found.save()
    return Response("saved")


@api_view(["PUT", "GET"])
def everything(request):
    if request.method == "PUT":
        Item.objects.update(price=request.data["price"])
    whole = Item.objects.filter(price=1.24).count()
    return Response([whole, [str(price) for price in Item.objects.order_by("id").values_list("price", flat=True)]])
"""
PRICES = ["1.239", "1.235", 1.2449, "999999", "99999.99", "99999.999", "-0.004", None, 12, "1e3"]


@pytest.mark.parametrize("server", ["sqlite", "postgresql"])
def test_numbers_are_cut_to_their_columns(server: str, tmp_path: Path, postgres: Cluster) -> None:
    url = f"sqlite:///{tmp_path}/items.db"
    if server == "postgresql":
        url = postgres.new_database("stored_decimals")
    files = {
        "settings.py": SETTINGS, "urls.py": URLS, "things/models.py": MODELS, "things/views.py": VIEWS,
    }  # fmt: skip
    legacy = small_project(tmp_path / "legacy", files)
    conversion = converted(legacy, tmp_path, DATABASE_URL=url)
    assert [e["id"] for e in conversion["endpoints"] if e["reasons"]] == []
    seed = "from things.models import Item\nItem.objects.create(price=1)"
    with asked(legacy, tmp_path, postgres if server == "postgresql" else None, seed) as both:
        statuses = set()
        for price in PRICES:
            if server == "sqlite":  # of what PostgreSQL refuses, the drivers' texts are others
                statuses.add(both.agree("POST", "/items/", {"price": price}).status)
            for path in ("/items/1/", "/all/"):
                statuses.add(both.each("PUT", path, {"price": price})[0].status)
                both.agree("PUT", path, {"price": price})
            both.agree("GET", "/all/")
        assert statuses >= {200, 500}
        assert json.loads(both.agree("GET", "/all/").body)[1][0] == "1000.00"
