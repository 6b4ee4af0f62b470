"""What field classes do when a row is saved is done by the new app too, to the row and the column."""

from pathlib import Path

import pytest

from tests.corpus.commands import converted, not_equal, verified
from tests.corpus.small_project import small_project
from tests.postgres import Cluster

pytestmark = pytest.mark.slow

MODELS = """
from django.db import models
from django.utils import timezone
from django.utils.text import slugify


class Always(models.DateTimeField):
    def pre_save(self, model_instance, add):
        return timezone.now()


class Lowered(models.CharField):
    def pre_save(self, model_instance, add):
        value = getattr(model_instance, self.attname)
        value = value.lower()
        setattr(model_instance, self.attname, value)
        return value


class Counting(models.IntegerField):
    def pre_save(self, instance, add):
        value = super().pre_save(instance, add)
        return 1 if add else value + 1


class Slugged(models.SlugField):
    def pre_save(self, instance, add):
        return slugify(instance.name)


class Base(models.Model):
    changed = Always(default=timezone.now, editable=False)

    class Meta:
        abstract = True


class Thing(Base):
    name = models.CharField(max_length=30)
    code = Lowered(max_length=9)
    saves = Counting(default=0, editable=False)
    slug = Slugged(editable=False, default="")


class Other(Base):
    code = Lowered(max_length=9, default="NONE")


class Odd(models.IntegerField):
    def pre_save(self, instance, add):
        return self.get_default()


class Unruled(models.Model):
    number = Odd(default=3, editable=False)
    name = models.CharField(max_length=9)
"""

VIEWS = """
from rest_framework import serializers, viewsets
from rest_framework.response import Response
from rest_framework.views import APIView

from things.models import Other, Thing, Unruled


class ThingSerializer(serializers.ModelSerializer):
    class Meta:
        model = Thing
        fields = ["id", "name", "code", "saves", "slug"]


class OtherSerializer(serializers.ModelSerializer):
    class Meta:
        model = Other
        fields = ["id", "code"]


class UnruledSerializer(serializers.ModelSerializer):
    class Meta:
        model = Unruled
        fields = ["id", "name", "number"]


class Things(viewsets.ModelViewSet):
    queryset = Thing.objects.order_by("id")
    serializer_class = ThingSerializer


class Others(viewsets.ModelViewSet):
    queryset = Other.objects.order_by("id")
    serializer_class = OtherSerializer


class UnruledView(viewsets.ModelViewSet):
    queryset = Unruled.objects.order_by("id")
    serializer_class = UnruledSerializer


class Twice(APIView):
    def post(self, request, number):
        name = f"A Thing {number}"
        thing = Thing(name=name, code="UPPER")
        thing.save()
        first = [thing.code, thing.saves, thing.slug]
        thing.save()
        thing.save(update_fields=["name"])
        again = Thing.objects.get(pk=thing.pk)
        Thing.objects.bulk_create([Thing(name=name, code="BULK")])
        bulk = Thing.objects.order_by("-id").first()
        return Response({
            "first": first, "object": [thing.code, thing.saves, thing.slug],
            "row": [again.code, again.saves, again.slug],
            "bulk": [bulk.code, bulk.saves, bulk.slug] if bulk else None,
        })
"""

URLS = """
from django.urls import include, path
from rest_framework.routers import SimpleRouter

from things import views

router = SimpleRouter()
router.register("things", views.Things)
router.register("others", views.Others)
router.register("unruled", views.UnruledView)
urlpatterns = [path("", include(router.urls)), path("twice/<int:number>/", views.Twice.as_view())]
"""

STAYING = {"POST /unruled/", "PUT /unruled/{pk}/", "PATCH /unruled/{pk}/"}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    files = {"urls.py": URLS, "things/models.py": MODELS, "things/views.py": VIEWS}
    return small_project(tmp_path / "legacy", files)


def test_rows_are_saved_as_their_field_classes_want(project: Path, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/things.db"
    conversion = converted(project, tmp_path, DATABASE_URL=url)
    drf = [e for e in conversion["endpoints"] if e["kind"] == "drf"]
    assert {e["id"] for e in drf if e["reasons"]} == STAYING
    assert not_equal(verified(project, tmp_path, "--cases", "30", DATABASE_URL=url)) == []


def test_the_same_on_postgresql(project: Path, tmp_path: Path, postgres: Cluster) -> None:
    url = postgres.new_database("corpus_saving_fields")
    converted(project, tmp_path, DATABASE_URL=url)
    assert not_equal(verified(project, tmp_path, "--cases", "20", DATABASE_URL=url)) == []
