"""Hooks of views and serializers in their usual forms: contexts, fields of one's own, `super()`."""

from pathlib import Path

import pytest

from tests.corpus.commands import converted, not_equal, verified
from tests.corpus.small_project import SETTINGS, small_project
from tests.postgres import Cluster

pytestmark = pytest.mark.slow

URLS = """
from django.urls import include, path
from rest_framework.routers import SimpleRouter

from things import views

router = SimpleRouter()
for view in (views.Shouted, views.Updated, views.Wrapped, views.Shaped, views.Trimmed):
    router.register(view.__name__.lower(), view, basename=view.__name__.lower())
router.register(r"jars/(?P<jar_pk>[0-9]+)/pots", views.Pots, basename="pots")
urlpatterns = [
    path("api/", include(router.urls)),
    path("api/plain/", views.Plain.as_view()),
    path("api/spread/", views.Spread.as_view()),
    path("api/checked/", views.Checked.as_view()),
    path("api/of/<int:jar_pk>/<int:pk>/", views.OfJar.as_view()),
]
"""

MODELS = """
from django.db import models


class Jar(models.Model):
    name = models.CharField(max_length=20)
    note = models.CharField(max_length=20, blank=True)


class Pot(models.Model):
    jar = models.ForeignKey(Jar, on_delete=models.CASCADE, related_name="pots")
    label = models.CharField(max_length=20)
"""

SERIALIZERS = """
from rest_framework import serializers

from .models import Jar, Pot

KEPT = ("id", "name")


class ShoutedSerializer(serializers.ModelSerializer):
    shout = serializers.SerializerMethodField()
    by = serializers.SerializerMethodField()

    class Meta:
        model = Jar
        fields = ["id", "name", "shout", "by"]

    def get_shout(self, jar):
        return f"{jar.name}{self.context['suffix']}"

    def get_by(self, jar):
        return [self.context.get("by"), self.context["request"].method]

    def validate_name(self, value):
        if value == self.context.get("suffix"):
            raise serializers.ValidationError("a name, not a suffix")
        return value


class PotSerializer(serializers.ModelSerializer):
    class Meta:
        model = Pot
        fields = ["id", "label"]

    def create(self, validated_data):
        return Pot.objects.create(jar_id=self.context["jar_id"], **validated_data)


class OfJarSerializer(serializers.ModelSerializer):
    mate = serializers.SerializerMethodField()

    class Meta:
        model = Pot
        fields = ["id", "mate"]

    def get_mate(self, pot):
        return self.context["jar"].name


class ShapedSerializer(serializers.ModelSerializer):
    class Meta:
        model = Jar
        fields = ["id", "name", "note"]

    def __init__(self, *args, **kwargs):
        super(ShapedSerializer, self).__init__(*args, **kwargs)
        self.fields["note"].required = True
        self.fields["note"].allow_blank = False
        self.fields["name"].error_messages["required"] = "Name it."
        for field in self.fields.values():
            field.help_text = "said"


class TrimmedSerializer(serializers.ModelSerializer):
    class Meta:
        model = Jar
        fields = ["id", "name", "note"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for name in set(self.fields) - set(KEPT):
            self.fields.pop(name)

    def get_extra_kwargs(self):
        extra = super().get_extra_kwargs()
        extra["name"] = {"min_length": 2}
        return extra

    def get_fields(self):
        fields = super().get_fields()
        fields["more"] = serializers.BooleanField(write_only=True, required=False)
        fields.pop("more")
        return fields


class JarSerializer(serializers.ModelSerializer):
    class Meta:
        model = Jar
        fields = ["id", "name"]
"""

VIEWS = """
from django.shortcuts import get_object_or_404
from rest_framework import generics, viewsets
from rest_framework.response import Response

from . import serializers
from .models import Jar, Pot


class Shouted(viewsets.ModelViewSet):
    queryset = Jar.objects.order_by("id")
    serializer_class = serializers.ShoutedSerializer

    def get_serializer_context(self):
        context = super().get_serializer_context()
        context["suffix"] = "!"
        context["view"] = self
        context["request"] = self.request
        return context


class Updated(viewsets.ReadOnlyModelViewSet):
    queryset = Jar.objects.order_by("id")
    serializer_class = serializers.ShoutedSerializer

    def get_serializer_context(self):
        context = super(Updated, self).get_serializer_context()
        context.update({"suffix": "?", "by": self.request.user.is_authenticated})
        return context


class Plain(generics.ListCreateAPIView):
    queryset = Jar.objects.order_by("id")
    serializer_class = serializers.ShoutedSerializer

    def get_serializer_context(self):
        return {"request": self.request, "suffix": 7}


class Spread(generics.ListAPIView):
    queryset = Jar.objects.order_by("id")
    serializer_class = serializers.ShoutedSerializer

    def get_serializer_context(self):
        asked = self.request.query_params.get("suffix", "-")
        return {**super().get_serializer_context(), "suffix": asked}


class Pots(viewsets.ModelViewSet):
    serializer_class = serializers.PotSerializer

    def get_queryset(self):
        return Pot.objects.filter(jar_id=self.kwargs["jar_pk"]).order_by("id")

    def get_serializer_context(self):
        return {"jar_id": self.kwargs["jar_pk"]}


class OfJar(generics.RetrieveAPIView):
    queryset = Pot.objects.all()
    serializer_class = serializers.OfJarSerializer

    def get_serializer_context(self):
        context = super().get_serializer_context()
        context["jar"] = get_object_or_404(Jar, pk=self.kwargs["jar_pk"])
        return context


class Wrapped(viewsets.ModelViewSet):
    queryset = Jar.objects.order_by("id")
    serializer_class = serializers.JarSerializer

    def list(self, request, *args, **kwargs):
        response = super(Wrapped, self).list(request,*args,**kwargs)
        return Response({"data": response.data})

    def create(self, request, *args, **kwargs):
        response = super().create(
            request, *args, **kwargs
        )
        response.data = {"made": response.data}
        return response


class Checked(generics.ListCreateAPIView):
    queryset = Jar.objects.order_by("id")
    serializer_class = serializers.JarSerializer

    def post(self, request, *args, **kwargs):
        if request.data.get("name") == "bad":
            return Response({"detail": "bad"}, status=400)
        return super().post(request, *args, **kwargs)


class Shaped(viewsets.ModelViewSet):
    queryset = Jar.objects.order_by("id")
    serializer_class = serializers.ShapedSerializer


class Trimmed(viewsets.ModelViewSet):
    queryset = Jar.objects.order_by("id")
    serializer_class = serializers.TrimmedSerializer
"""


@pytest.fixture
def pantry(tmp_path: Path) -> Path:
    texts = {
        "urls.py": URLS, "things/models.py": MODELS, "things/views.py": VIEWS,
        "things/serializers.py": SERIALIZERS, "settings.py": SETTINGS,
    }  # fmt: skip
    return small_project(tmp_path / "pantry", texts)


@pytest.mark.parametrize("server", ["sqlite", "postgresql"])
def test_usual_hooks_do_what_they_did(
    server: str, pantry: Path, tmp_path: Path, postgres: Cluster
) -> None:
    url = f"sqlite:///{tmp_path}/pantry.db"
    if server == "postgresql":
        url = postgres.new_database("corpus_view_hooks")
    conversion = converted(pantry, tmp_path, DATABASE_URL=url)
    left = {e["id"]: e["reasons"] for e in conversion["endpoints"] if e["status"] != "converted"}
    assert left == {}
    evidence = verified(pantry, tmp_path, "--cases", "30", DATABASE_URL=url)
    assert not_equal(evidence) == []
