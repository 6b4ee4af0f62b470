"""Every model has its table in the new app, also where no endpoint may use its rows."""

from dataclasses import replace

import pytest

from strangler.facts import ModelField
from tests.codemods.project import Converted, legacy_project

MODELS = """
from django.db import models
from django.db.models.functions import Lower


class Loud(models.CharField):
    def get_attname(self):
        return super().get_attname()


class Owner(models.Model):
    name = models.CharField(max_length=9)


class Shown(models.Model):
    owner = models.ForeignKey(Owner, on_delete=models.CASCADE)
    value = Loud(max_length=9, unique=True)


class Near(models.Model):
    shown = models.ForeignKey(Shown, on_delete=models.CASCADE)


class Made(models.Model):
    name = models.CharField(max_length=9)
    lower = models.GeneratedField(
        expression=Lower("name"), output_field=models.CharField(max_length=9), db_persist=True
    )
    number = models.IntegerField(db_default=3)


class Pair(models.Model):
    pk = models.CompositePrimaryKey("one", "two")
    one = models.IntegerField()
    two = models.IntegerField()


class Left(models.Model):
    left_id = models.AutoField(primary_key=True)


class Right(models.Model):
    right_id = models.AutoField(primary_key=True)


class Both(Left, Right):
    bool = models.BooleanField()
    other = models.BooleanField(default=False)


class Under(models.Model):
    name = models.CharField(max_length=9)


class Hanging(Left, Right):
    hanging_id = models.AutoField(primary_key=True)
    under = models.ForeignKey(Under, on_delete=models.CASCADE)


class Elsewhere(models.Model):
    class Meta:
        required_db_vendor = "oracle"
"""
VIEWS = """
from rest_framework import serializers, viewsets
from rest_framework.decorators import api_view
from rest_framework.response import Response

from . import models


class OwnerSerializer(serializers.ModelSerializer):
    class Meta:
        model = models.Owner
        fields = ["id", "name"]


class OwnerView(viewsets.ModelViewSet):
    queryset = models.Owner.objects.all()
    serializer_class = OwnerSerializer


class ListedSerializer(serializers.ModelSerializer):
    class Meta:
        model = models.Owner
        fields = ["id", "shown_set"]


class ListedView(viewsets.ReadOnlyModelViewSet):
    queryset = models.Owner.objects.all()
    serializer_class = ListedSerializer


class FoundView(viewsets.ReadOnlyModelViewSet):
    serializer_class = OwnerSerializer

    def get_queryset(self):
        return models.Owner.objects.filter(shown__value="a")


class MadeSerializer(serializers.ModelSerializer):
    class Meta:
        model = models.Made
        fields = ["id", "name", "number"]


class MadeView(viewsets.ModelViewSet):
    queryset = models.Made.objects.all()
    serializer_class = MadeSerializer


class UnderSerializer(serializers.ModelSerializer):
    class Meta:
        model = models.Under
        fields = ["id", "name"]


class UnderView(viewsets.ModelViewSet):
    queryset = models.Under.objects.all()
    serializer_class = UnderSerializer


@api_view(["GET"])
def counted(request):
    return Response({"count": models.Shown.objects.count()})
"""
URLS = """
from django.urls import include, path
from rest_framework import routers

from tables import views

router = routers.SimpleRouter()
for name in ("Owner", "Listed", "Found", "Made", "Under"):
    router.register(name.lower(), getattr(views, name + "View"), basename=name.lower())
urlpatterns = [path("", include(router.urls)), path("counted/", views.counted)]
"""


@pytest.fixture(scope="module")
def tables(tmp_path_factory: pytest.TempPathFactory) -> Converted:
    files = {"tables/models.py": MODELS, "tables/views.py": VIEWS, "urls.py": URLS}
    return legacy_project(tmp_path_factory.mktemp("tables"), files).convert()


@pytest.mark.parametrize(("name", "code"), [("Shown", "M105"), ("Hanging", "M104")])
def test_a_model_that_stays_on_legacy_has_its_class(
    name: str, code: str, tables: Converted
) -> None:
    entry = tables.conversion.models[f"tables.{name}"]
    assert (entry.status, entry.reasons[0].code) == ("legacy", code)
    assert f'__tablename__ = "tables_{name.lower()}"' in tables.function("app.tables.models", name)


def test_a_model_with_a_key_to_one_that_stays_converts(tables: Converted) -> None:
    assert tables.conversion.models["tables.Near"].reasons == ()
    text = tables.function("app.tables.models", "Near")
    assert "shown: Mapped[Shown] = relationship(" in text


def test_a_model_of_another_database_has_no_class(tables: Converted) -> None:
    assert tables.conversion.models["tables.Elsewhere"].reasons[0].code == "M103"
    assert tables.function("app.tables.models", "Elsewhere") == ""


def test_a_class_has_the_columns_of_every_parent(tables: Converted) -> None:
    text = tables.function("app.tables.models", "Both")
    assert "class Both(Left):" in text
    assert '__beside__ = (("right_ptr_id", Right),)' in text
    assert 'right_id: Mapped[int] = column_property(Right.__table__.c["right_id"])' in text


def test_names_that_columns_hide_are_imported_under_others(tables: Converted) -> None:
    assert "other: Mapped[bool_]" in tables.function("app.tables.models", "Both")
    assert "from builtins import bool as bool_" in tables.module("app.tables.models")


@pytest.mark.parametrize("endpoint", ["GET /listed/", "GET /found/", "GET /counted/"])
def test_an_endpoint_that_reaches_such_rows_stays(endpoint: str, tables: Converted) -> None:
    assert not tables.converted(endpoint)


def test_an_endpoint_that_does_not_is_converted(tables: Converted) -> None:
    assert tables.converted("GET /owner/")
    assert tables.converted("POST /owner/")


def test_what_the_database_makes_is_read_and_rows_of_it_are_written(tables: Converted) -> None:
    text = tables.function("app.tables.models", "Made")
    assert "Computed('LOWER(\"name\")', persisted=True)" in text
    assert "server_default=text(" in text
    assert tables.converted("GET /made/")
    assert tables.converted("POST /made/")


def test_a_column_says_which_updates_renew_it_where_django_reads_it_anew(tables: Converted) -> None:
    legacy = tables.legacy
    changed = [
        model.model_copy(update={"fields": tuple(map(_renewed, model.fields))})
        for model in legacy.facts.models
    ]
    facts = legacy.facts.model_copy(update={"models": tuple(changed)})
    newer = replace(legacy, facts=facts).convert()
    assert newer.converted("POST /made/")
    assert 'info={"renewed_by": {"name"}}' in newer.function("app.tables.models", "Made")
    assert "renewed_by" not in tables.function("app.tables.models", "Made")


def _renewed(field: ModelField) -> ModelField:
    """The field as the probe tells of it with Django 6."""
    if field.generated is None:
        return field
    generated = field.generated.model_copy(update={"renewed_by": ("name",)})
    return field.model_copy(update={"generated": generated})


def test_a_delete_that_takes_rows_of_several_parents_stays(tables: Converted) -> None:
    assert tables.codes("DELETE /under/{pk}/") == ["Q113"]
    assert tables.converted("POST /under/")
    assert tables.converted("DELETE /owner/{pk}/")


SHAPES = {
    "shapes/models/__init__.py": "from .base import Above\nfrom .above import Below, Loose, Near\n",
    "shapes/models/above.py": """
from django.db import models

from .base import Above


class Below(Above):
    more = models.CharField(max_length=9, blank=1)


class Loose(models.Model):
    team = models.ForeignKey("nowhere.Team", on_delete=models.CASCADE)


class Near(models.Model):
    loose = models.ForeignKey(Loose, on_delete=models.CASCADE)
""",
    "shapes/models/base.py": """
from django.db import models


class Above(models.Model):
    name = models.CharField(max_length=9)
""",
    "shapes/apps.py": """
from django.apps import AppConfig


class ShapesConfig(AppConfig):
    name = "shapes"
""",
    "urls.py": "urlpatterns = []",
}


@pytest.fixture(scope="module")
def spread(tmp_path_factory: pytest.TempPathFactory) -> Converted:
    settings = 'INSTALLED_APPS += ["shapes"]\nSILENCED_SYSTEM_CHECKS = ["fields.E300"]'
    return legacy_project(tmp_path_factory.mktemp("spread"), SHAPES, settings).convert()


def test_a_class_comes_after_those_that_it_extends(spread: Converted) -> None:
    text = spread.module("app.shapes.models")
    assert 0 < text.index("class Above(Base)") < text.index("class Below(Above)")
    assert spread.conversion.models["shapes.Below"].status == "converted"


def test_a_model_with_a_field_that_cannot_be_read_has_no_class(spread: Converted) -> None:
    (reason,) = spread.conversion.models["shapes.Loose"].reasons
    assert (reason.code, reason.source) == ("M114", "shapes/models/above.py:10")
    assert "`team`" in reason.message
    assert spread.function("app.shapes.models", "Loose") == ""
    near = spread.function("app.shapes.models", "Near")
    assert "loose_id" in near
    assert "ForeignKey(" not in near


PACKAGED = {
    "site-packages/tools/__init__.py": """
import random

from django.apps import apps
from django.conf import settings

STEPS = 3


def currency():
    \"\"\"Only a setting decides.\"\"\"
    return settings.SHOP_CURRENCY


def state():
    if settings.SHOP_REVIEWS and STEPS > 2:
        return apps.get_model("prices", "Price").CHECKED
    return "none"


def lucky():
    return random.randint(1, 9)
""",
    "prices/models.py": """
import tools
from django.db import models


class Price(models.Model):
    CHECKED = "checked"
    currency = models.CharField(max_length=3, default=tools.currency)
    state = models.CharField(max_length=9, default=tools.state)
    luck = models.IntegerField(default=tools.lucky)


def last():
    return Price.objects.count()


class Asking(models.Model):
    number = models.IntegerField(default=1)
    after = models.IntegerField(default=last)
""",
    "prices/views.py": """
from rest_framework.decorators import api_view
from rest_framework.response import Response

from prices.models import Asking


@api_view(["POST"])
def made(request):
    row = Asking(number=2)
    return Response({"after": row.after})


@api_view(["POST"])
def created(request):
    row = Asking.objects.create(number=2)
    return Response({"after": row.after})
""",
    "urls.py": """
from django.urls import path

from prices import views

urlpatterns = [path("made/", views.made), path("created/", views.created)]
""",
}


@pytest.fixture(scope="module")
def packaged(tmp_path_factory: pytest.TempPathFactory) -> Converted:
    settings = """
import sys
from pathlib import Path

sys.path.append(str(Path(__file__).with_name("site-packages")))
SHOP_CURRENCY = "EUR"
SHOP_REVIEWS = True
"""
    return legacy_project(tmp_path_factory.mktemp("packaged"), PACKAGED, settings).convert()


def test_a_default_of_a_package_is_a_value_where_only_settings_decide(packaged: Converted) -> None:
    text = packaged.function("app.prices.models", "Price")
    assert 'currency: Mapped[str] = mapped_column(String(3), default="EUR")' in text
    assert 'default="checked"' in text
    assert 'luck: Mapped[int] = mapped_column(Integer, info={"starts_none": True})' in text


def test_only_what_has_a_session_makes_rows_with_a_default_that_asks(packaged: Converted) -> None:
    assert '"asked": last' in packaged.function("app.prices.models", "Asking")
    assert packaged.codes("POST /made/") == ["Q113"]
    assert packaged.converted("POST /created/")
