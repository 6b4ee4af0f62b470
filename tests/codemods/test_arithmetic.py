"""Properties say the type that their operators give, which is not always the one of both sides."""

import pytest

from tests.codemods.project import Converted, legacy_project

# Each expression over columns, and the type of what it gives.
KINDS = {
    "self.a / self.b": "float",
    "self.a + self.b * self.a - self.a // self.b": "int",
    "self.last - self.first": "timedelta",
    "self.last - timedelta(days=1)": "date",
    "self.at - self.at": "timedelta",
    "self.at + (self.last - self.first)": "datetime",
    "self.flag + self.flag": "int",
    "self.flag & self.flag": "bool",
    "-self.flag": "int",
    "-self.price": "Decimal",
    "self.price / self.price": "Decimal",
    "self.a ** self.b": "Any",
    "self.a * self.name": "Any",
    "self.name + self.name": "str",
}
MODELS = """
from datetime import timedelta

from django.db import models


class Thing(models.Model):
    a = models.IntegerField()
    b = models.IntegerField()
    first = models.DateField()
    last = models.DateField()
    at = models.DateTimeField()
    flag = models.BooleanField()
    price = models.DecimalField(max_digits=9, decimal_places=2)
    name = models.CharField(max_length=9)

    @property
    def summed(self):
        total = 0
        for number in (2, 3):
            total += self.price / number
        return total
"""
VIEWS = """
from rest_framework.response import Response
from rest_framework.views import APIView

from things.models import Thing


class Shown(APIView):
    def get(self, request):
        thing = Thing.objects.get(pk=1)
        return Response([thing.summed, {names}])
"""
URLS = """
from django.urls import path
from things.views import Shown

urlpatterns = [path("shown/", Shown.as_view())]
"""


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> str:
    names = [f"kind_{number}" for number in range(len(KINDS))]
    members = "".join(
        f"\n    @property\n    def {name}(self):\n        return {text}\n"
        for name, text in zip(names, KINDS, strict=True)
    )
    files = {
        "things/models.py": MODELS + members, "urls.py": URLS,
        "things/views.py": VIEWS.replace("{names}", ", ".join(f"thing.{name}" for name in names)),
    }  # fmt: skip
    converted: Converted = legacy_project(tmp_path_factory.mktemp("kinds"), files).convert()
    assert converted.codes("GET /shown/") == []
    return converted.conversion.files["app/things/models.py"]


@pytest.mark.parametrize("text", KINDS)
def test_a_property_has_the_type_that_its_operators_give(text: str, models: str) -> None:
    name = f"kind_{list(KINDS).index(text)}"
    assert f"def {name}(self) -> {KINDS[text]}:\n        return {text}" in models


def test_a_sum_has_the_type_of_what_was_added(models: str) -> None:
    assert "def summed(self) -> Any:" in models
