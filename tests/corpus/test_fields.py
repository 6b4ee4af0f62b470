"""Serializer fields with arguments of every kind show and take what they did."""

from pathlib import Path

import pytest

from tests.corpus.commands import converted, not_equal, verified
from tests.corpus.small_project import small_project
from tests.postgres import Cluster

pytestmark = pytest.mark.slow

URLS = """
from django.urls import include, path
from rest_framework.routers import SimpleRouter

from things import views

router = SimpleRouter()
router.register("shown", views.Shown, basename="shown")
router.register("details", views.Details, basename="details")
router.register("taken", views.Taken, basename="taken")
urlpatterns = [path("api/", include(router.urls))]
"""

MODELS = """
from decimal import Decimal

from django.core.validators import RegexValidator
from django.db import models


class Thing(models.Model):
    name = models.CharField(max_length=30)
    count = models.IntegerField(default=0)
    large = models.BigIntegerField(default=2**40)
    ratio = models.FloatField(default=0.5)
    price = models.DecimalField(max_digits=8, decimal_places=3, default=1)
    cost = models.DecimalField(max_digits=8, decimal_places=3, default=Decimal("2.5"))
    at = models.DateTimeField(null=True)
    day = models.DateField(null=True)
    clock = models.TimeField(null=True)
    span = models.DurationField(null=True)
    key = models.UUIDField()
    flag = models.BooleanField(default=False)
    extra = models.JSONField(default=dict)
    doc = models.FileField(upload_to="d", blank=True)
    ip = models.GenericIPAddressField(null=True, blank=True)
    kind = models.CharField(max_length=2, choices=[("a", "Aaa"), ("b", "Bbb")], default="a")
    level = models.IntegerField(choices=[(1, "one"), (2, "two")], null=True, blank=True)
    slug = models.SlugField(blank=True, validators=[RegexValidator("^[a-zA-Z]", "a letter")])
    parent = models.ForeignKey("self", null=True, blank=True, on_delete=models.SET_NULL)


class Detail(models.Model):
    thing = models.OneToOneField(Thing, on_delete=models.CASCADE, related_name="detail")
    text = models.CharField(max_length=30)
    other = models.ForeignKey(Thing, null=True, on_delete=models.CASCADE, related_name="details")
"""

VIEWS = """
import decimal
import zoneinfo

from rest_framework import serializers as s
from rest_framework import viewsets

from .models import Detail, Thing


class DetailSerializer(s.ModelSerializer):
    class Meta:
        model = Detail
        fields = ["text", "other", "thing"]


class ShownSerializer(s.ModelSerializer):
    at_plain = s.DateTimeField(source="at", read_only=True)
    at_raw = s.DateTimeField(source="at", format=None, read_only=True)
    at_year = s.DateTimeField(source="at", format="%Y %H", read_only=True)
    at_tokyo = s.DateTimeField(
        source="at", default_timezone=zoneinfo.ZoneInfo("Asia/Tokyo"), read_only=True
    )
    at_text = s.CharField(source="at", read_only=True)
    at_value = s.ReadOnlyField(source="at")
    day_own = s.DateField(source="day", format="%d.%m.%Y", read_only=True)
    clock_own = s.TimeField(source="clock", format="%H|%M", read_only=True)
    span_iso = s.DurationField(source="span", format="iso-8601", read_only=True)
    span_value = s.ReadOnlyField(source="span")
    key_hex = s.UUIDField(source="key", format="hex", read_only=True)
    key_int = s.UUIDField(source="key", format="int", read_only=True)
    key_urn = s.UUIDField(source="key", format="urn", read_only=True)
    key_text = s.CharField(source="key", read_only=True)
    name_text = s.SlugField(source="name", read_only=True)
    count_text = s.CharField(source="count", read_only=True)
    count_float = s.FloatField(source="count", read_only=True)
    count_truth = s.BooleanField(source="count", read_only=True)
    count_choice = s.ChoiceField(choices=[("1", "x"), ("0", "y")], source="count", read_only=True)
    ratio_whole = s.IntegerField(source="ratio", read_only=True)
    ratio_decimal = s.DecimalField(max_digits=5, decimal_places=2, source="ratio", read_only=True)
    price_number = s.DecimalField(8, 3, coerce_to_string=False, source="price", read_only=True)
    price_free = s.DecimalField(8, None, source="price", read_only=True)
    price_short = s.DecimalField(8, 1, rounding=decimal.ROUND_UP, source="price", read_only=True)
    price_normal = s.DecimalField(8, 3, normalize_output=True, source="price", read_only=True)
    price_float = s.FloatField(source="price", read_only=True)
    price_text = s.CharField(source="price", read_only=True)
    price_value = s.ReadOnlyField(source="price")
    cost_value = s.ReadOnlyField(source="cost")
    flag_number = s.IntegerField(source="flag", read_only=True)
    flag_text = s.CharField(source="flag", read_only=True)
    extra_text = s.CharField(source="extra", read_only=True)
    extra_texts = s.DictField(child=s.CharField(), source="extra", read_only=True)
    doc_name = s.FileField(source="doc", use_url=False, read_only=True)
    doc_url = s.FileField(source="doc", read_only=True)
    kind_label = s.CharField(source="get_kind_display", read_only=True)
    level_label = s.CharField(source="get_level_display", read_only=True)
    above = s.CharField(source="parent.name", read_only=True)
    above_or_not = s.CharField(source="parent.name", read_only=True, default="none")
    above_or_none = s.CharField(source="parent.name", read_only=True, default=None)
    above_or_null = s.CharField(source="parent.name", read_only=True, allow_null=True)
    above_key = s.IntegerField(source="parent_id", read_only=True)
    detail = DetailSerializer(read_only=True)
    details = DetailSerializer(many=True, read_only=True)
    above_detail = DetailSerializer(source="parent.detail", read_only=True)
    above_details = DetailSerializer(source="parent.details", many=True, read_only=True)
    detail_text = s.CharField(source="detail.text", read_only=True)
    detail_key = s.PrimaryKeyRelatedField(source="detail", read_only=True)
    detail_other = s.CharField(source="detail.other.name", read_only=True, default="none")
    above_slug = s.SlugRelatedField("name", source="parent", read_only=True)

    class Meta:
        model = Thing
        exclude = ["doc"]
        read_only_fields = ["parent"]


class TakenSerializer(s.ModelSerializer):
    at = s.DateTimeField(
        input_formats=["%d.%m.%Y %H:%M"],
        default_timezone=zoneinfo.ZoneInfo("Asia/Tokyo"),
        allow_null=True,
    )
    day = s.DateField(input_formats=["%d.%m.%Y", "iso-8601"], format="%d.%m.%Y")
    clock = s.TimeField(input_formats=["%H|%M"], required=False)
    name = s.RegexField(r"^[a-c]+\\d*$", max_length=8, error_messages={"invalid": "no!"})
    price = s.DecimalField(4, 1, min_value=decimal.Decimal("0.5"))
    cost = s.DecimalField(6, None, max_value=900)
    ratio = s.FloatField(min_value=0.5, max_value=3)
    ip = s.IPAddressField(protocol="IPv4", allow_null=True)
    extra = s.ListField(child=s.IntegerField(min_value=3), max_length=2, allow_empty=False)
    key = s.UUIDField(format="hex")
    level = s.ChoiceField(choices=[(1, "one"), (2, "two"), (None, "none")], allow_null=True)
    kind = s.ChoiceField(choices=[("G", [("a", "A"), ("b", "B")])], default="a")
    parent = s.PrimaryKeyRelatedField(
        queryset=Thing.objects.all(), error_messages={"does_not_exist": "gone {pk_value}"}
    )

    class Meta:
        model = Thing
        fields = [
            "id", "at", "day", "clock", "name", "price", "cost", "ratio", "ip", "extra", "key",
            "level", "kind", "parent", "slug", "flag", "large",
        ]


class Shown(viewsets.ModelViewSet):
    queryset = Thing.objects.order_by("id")
    serializer_class = ShownSerializer


class Details(viewsets.ModelViewSet):
    queryset = Detail.objects.order_by("id")
    serializer_class = DetailSerializer


class Taken(viewsets.ModelViewSet):
    queryset = Thing.objects.order_by("id")
    serializer_class = TakenSerializer
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    files = {"urls.py": URLS, "things/models.py": MODELS, "things/views.py": VIEWS}
    return small_project(tmp_path / "legacy", files)


def test_odd_fields_answer_as_before_on_sqlite(project: Path, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/things.db"
    conversion = converted(project, tmp_path, DATABASE_URL=url)
    assert [e["reasons"] for e in conversion["endpoints"] if e["status"] != "converted"] == []
    assert not_equal(verified(project, tmp_path, "--cases", "8", DATABASE_URL=url)) == []


def test_odd_fields_answer_as_before_on_postgresql(
    project: Path, tmp_path: Path, postgres: Cluster
) -> None:
    url = postgres.new_database("corpus_fields")
    converted(project, tmp_path, DATABASE_URL=url)
    assert not_equal(verified(project, tmp_path, "--cases", "20", DATABASE_URL=url)) == []
