"""A project in which a few bodies of shared classes have no rule."""

from collections.abc import Mapping
from pathlib import Path
from textwrap import dedent

from tests.codemods.project import Legacy, legacy_project

FILES = {
    "core/views.py": """
        from rest_framework import permissions


        def visible(queryset, user):
            names = [f.name for f in queryset.model._meta.get_fields()]
            if "owner" in names:
                return queryset.filter(owner=user)
            return queryset


        class OwnedMixin:
            permission_classes = [permissions.IsAuthenticated]

            def get_queryset(self):
                return visible(super().get_queryset(), self.request.user)

            def perform_create(self, serializer):
                from importlib import import_module

                import_module("json")
                serializer.save(owner=self.request.user)


        class Weekday(permissions.BasePermission):
            def has_permission(self, request, view):
                return len(dir(view)) > 0 and not iskeyword("day")


        from keyword import iskeyword
        """,
    "shops/models.py": """
        from django.conf import settings
        from django.db import models


        class Shop(models.Model):
            name = models.CharField(max_length=30)
            owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE)

            class Meta:
                ordering = ["name"]


        class Item(models.Model):
            title = models.CharField(max_length=30)
            owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE)

            class Meta:
                ordering = ["-title"]

            def label(self):
                return "/".join(sorted(vars(self))[:1])
        """,
    "shops/views.py": """
        from rest_framework import serializers, viewsets

        from core.views import OwnedMixin, Weekday
        from shops.models import Item, Shop


        class ShopSerializer(serializers.ModelSerializer):
            class Meta:
                model = Shop
                fields = ["id", "name"]


        class ItemSerializer(serializers.ModelSerializer):
            size = serializers.SerializerMethodField()

            class Meta:
                model = Item
                fields = ["id", "title", "size", "label"]

            def get_size(self, obj):
                return len(vars(obj))


        class Shops(OwnedMixin, viewsets.ModelViewSet):
            queryset = Shop.objects.all()
            serializer_class = ShopSerializer


        class Items(OwnedMixin, viewsets.ModelViewSet):
            queryset = Item.objects.all()
            serializer_class = ItemSerializer


        class Open(viewsets.ReadOnlyModelViewSet):
            queryset = Shop.objects.all()
            serializer_class = ShopSerializer
            permission_classes = [Weekday]


        def lonely(value):
            return value
        """,
    "urls.py": """
        from rest_framework.routers import SimpleRouter

        from shops import views

        router = SimpleRouter()
        router.register("shops", views.Shops)
        router.register("items", views.Items)
        router.register("open", views.Open, basename="open")
        urlpatterns = router.urls
        """,
}

#: What a person wrote in place of each, in one file.
OVERRIDES = '''
"""What the mixins of core.views do."""

from typing import Any

from sqlalchemy import Select
from sqlalchemy.orm import Session

from app.auth.models import User
from app.compat.actions import create_object
from app.identity import Context
from app.shops.models import Item


def get_queryset(statement: Select[Any], model: type[Any], user: User) -> Select[Any]:
    """Only the user's own rows."""
    return statement.where(model.owner_id == user.id)


def perform_create(session: Session, model: type[Any], data: Any, user: User) -> Any:
    return create_object(session, model, data, owner=user)


def has_permission(context: Context) -> bool:
    return True


def get_size(obj: Item) -> int:
    return 4


def label(row: Item) -> str:
    return "_state"
'''
BODIES = {
    "core.views.OwnedMixin.get_queryset": "overrides/owned.py:get_queryset",
    "core.views.OwnedMixin.perform_create": "overrides/owned.py:perform_create",
    "core.views.Weekday.has_permission": "overrides/owned.py:has_permission",
    "shops.views.ItemSerializer.get_size": "overrides/owned.py:get_size",
    "shops.models.Item.label": "overrides/owned.py:label",
}


def ported_project(folder: Path) -> Legacy:
    """The project on disk, with the overrides beside it."""
    (folder / "overrides").mkdir(parents=True)
    (folder / "overrides" / "owned.py").write_text(OVERRIDES.lstrip("\n"), encoding="utf-8")
    return legacy_project(folder, FILES)


def configured(folder: Path, bodies: Mapping[str, str]) -> None:
    """Write strangler.toml with these bodies."""
    lines = [f'"{name}" = "{target}"' for name, target in bodies.items()]
    text = "\n".join(["[convert.bodies]", *lines, ""])
    (folder / "strangler.toml").write_text(text, encoding="utf-8")


def written(folder: Path, name: str, text: str) -> None:
    """Write a file of the project."""
    (folder / name).write_text(dedent(text).lstrip("\n"), encoding="utf-8")
