"""Classes that views of several models share, and names that models keep inside themselves."""

from pathlib import Path

import pytest

from tests.codemods.project import Converted, legacy_project

FILES = {
    "things/models.py": """
        from django.conf import settings
        from django.db import models


        class Pen(models.Model):
            class State(models.TextChoices):
                NEW = "new"
                DONE = "done"

            owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE)
            state = models.CharField(max_length=8, choices=State.choices)

            @property
            def is_done(self):
                return self.state == self.State.DONE


        class Cup(models.Model):
            owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE)
        """,
    "things/views.py": """
        from rest_framework import permissions, serializers, viewsets

        from things.models import Cup, Pen


        class IsOwner(permissions.BasePermission):
            def has_object_permission(self, request, view, obj):
                return obj.owner_id == request.user.id


        class IsOwnerOrReads(IsOwner):
            def has_permission(self, request, view):
                return request.user.is_authenticated


        class PenSerializer(serializers.ModelSerializer):
            class Meta:
                model = Pen
                fields = ["id", "is_done"]


        class CupSerializer(serializers.ModelSerializer):
            class Meta:
                model = Cup
                fields = ["id"]


        class Pens(viewsets.ReadOnlyModelViewSet):
            queryset = Pen.objects.all()
            serializer_class = PenSerializer
            permission_classes = [permissions.IsAuthenticated, IsOwnerOrReads]


        class Cups(viewsets.ReadOnlyModelViewSet):
            queryset = Cup.objects.all()
            serializer_class = CupSerializer
            permission_classes = [permissions.IsAuthenticated, IsOwnerOrReads]
        """,
    "urls.py": """
        from rest_framework.routers import SimpleRouter

        from things import views

        router = SimpleRouter()
        router.register("pens", views.Pens)
        router.register("cups", views.Cups)
        urlpatterns = router.urls
        """,
}


@pytest.fixture(scope="module")
def things(tmp_path_factory: pytest.TempPathFactory) -> Converted:
    return legacy_project(tmp_path_factory.mktemp("shared"), FILES).convert()


def test_a_permission_of_several_models_is_a_class_for_each(things: Converted) -> None:
    """The first has its name, the next says whose it is; so do the classes above."""
    assert things.converted("GET /pens/{pk}/")
    assert things.converted("GET /cups/{pk}/")
    module = things.module("app.things.permissions")
    assert "class IsOwner(BasePermission):" in module
    assert "class IsOwnerForCup(BasePermission):" in module
    assert "obj: Cup)" in module
    assert "class IsOwnerOrReadsForCup(IsOwnerForCup):" in module
    assert "permissions=[IsAuthenticated, IsOwnerOrReadsForCup]" in things.module(
        "app.things.routers"
    )


def test_choices_are_read_through_a_row(things: Converted) -> None:
    assert "return self.state == PenState.DONE" in things.module("app.things.models")


def test_two_conversions_give_the_same(tmp_path: Path, things: Converted) -> None:
    again = legacy_project(tmp_path / "again", FILES).convert()
    assert again.generated == things.generated
