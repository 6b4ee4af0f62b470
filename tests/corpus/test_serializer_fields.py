"""Serializers whose fields, or the rows that they take, follow from what is asked and by whom."""

from base64 import b64encode
from pathlib import Path
from typing import Any

import pytest

from tests.corpus.asked import Asked, asked
from tests.corpus.commands import converted, not_equal, verified
from tests.corpus.small_project import SETTINGS, small_project
from tests.postgres import Cluster

pytestmark = pytest.mark.slow

BASIC = SETTINGS.replace(
    '"DEFAULT_AUTHENTICATION_CLASSES": []',
    '"DEFAULT_AUTHENTICATION_CLASSES": ["rest_framework.authentication.BasicAuthentication"],'
    '"DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"]',
)
NAMES = ("bykeyword", "byquery", "byuser", "byfield", "hidden", "gotten", "nested", "several")
URLS = """
from rest_framework.routers import SimpleRouter

from things import views

router = SimpleRouter()
""" + "\n".join(f'router.register("{n}", views.{n.title()}, basename="{n}")' for n in NAMES)
MODELS = """
from django.conf import settings
from django.db import models


class Category(models.Model):
    title = models.CharField(max_length=30)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE)


class Tag(models.Model):
    name = models.CharField(max_length=30, unique=True)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE)

    class Meta:
        ordering = ["name"]


class Item(models.Model):
    title = models.CharField(max_length=30)
    secret = models.CharField(max_length=30, default="none")
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE)
    category = models.ForeignKey(Category, models.CASCADE, related_name="items")
    tags = models.ManyToManyField(Tag, blank=True)

    class Meta:
        ordering = ["id"]
"""
VIEWS = '''
from rest_framework import serializers, viewsets

from .models import Category, Item, Tag

FIELDS = ["id", "title", "secret", "category"]


class DynamicFields(serializers.ModelSerializer):
    """Takes the names of the fields to show."""

    def __init__(self, *args, **kwargs):
        fields = kwargs.pop("fields", None)
        super().__init__(*args, **kwargs)
        if fields is not None:
            allowed = set(fields)
            existing = set(self.fields)
            for field_name in existing - allowed:
                self.fields.pop(field_name)


class ItemSerializer(DynamicFields):
    class Meta:
        model = Item
        fields = FIELDS


class ByKeyword(serializers.ModelSerializer):
    items = ItemSerializer(many=True, read_only=True, fields=("title", "id"))

    class Meta:
        model = Category
        fields = ["id", "title", "items"]


class ByQuery(serializers.ModelSerializer):
    class Meta:
        model = Item
        fields = FIELDS

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        request = self.context.get("request")
        if request:
            fields = request.query_params.get("fields")
            # What nobody names is left out.
            if fields:
                for name in set(self.fields) - set(fields.split(",")):
                    self.fields.pop(name)


class ByUser(serializers.ModelSerializer):
    class Meta:
        model = Item
        fields = FIELDS

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        user = self.context["request"].user
        self.fields["category"].queryset = Category.objects.filter(owner=user)


class OwnCategories(serializers.PrimaryKeyRelatedField):
    def get_queryset(self):
        queryset = super().get_queryset()
        user = self.context["request"].user
        if user.is_staff:
            return queryset
        return queryset.filter(owner=user)


class OwnTags(serializers.SlugRelatedField):
    """Everybody has tags of their own."""

    def get_queryset(self):
        return Tag.objects.filter(owner=self.context["request"].user)


class ByField(serializers.ModelSerializer):
    category = OwnCategories(queryset=Category.objects.exclude(title="closed"))
    tags = OwnTags(many=True, slug_field="name")

    class Meta:
        model = Item
        fields = [*FIELDS, "tags"]


class Hiding(serializers.ModelSerializer):
    class Meta:
        model = Item
        fields = [*FIELDS, "tags"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        request = self.context.get("request")
        if request and not request.user.is_staff:
            self.fields.pop("secret")


class Getting(serializers.ModelSerializer):
    class Meta:
        model = Item
        fields = FIELDS

    def get_fields(self):
        fields = super().get_fields()
        user = self.context["request"].user
        fields["category"].queryset = Category.objects.filter(owner=user)
        if not user.is_staff:
            del fields["secret"]
        return fields


class Nesting(serializers.ModelSerializer):
    items = Getting(many=True, read_only=True)

    class Meta:
        model = Category
        fields = ["id", "title", "items"]


class Severally(serializers.ModelSerializer):
    class Meta:
        model = Item
        fields = [*FIELDS, "tags"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        request = self.context.get("request")
        if request is None:
            return
        if request.user.is_staff:
            self.fields["category"].queryset = Category.objects.all()
        else:
            self.fields["category"].queryset = Category.objects.filter(owner=request.user)
        self.fields["tags"].child_relation.queryset = Tag.objects.filter(owner=request.user)


class Items(viewsets.ModelViewSet):
    queryset = Item.objects.all()

    def perform_create(self, serializer):
        serializer.save(owner=self.request.user)


class Bykeyword(viewsets.ReadOnlyModelViewSet):
    queryset = Category.objects.order_by("id")
    serializer_class = ByKeyword


class Byquery(Items):
    serializer_class = ByQuery


class Byuser(Items):
    serializer_class = ByUser


class Byfield(Items):
    serializer_class = ByField


class Hidden(Items):
    serializer_class = Hiding


class Gotten(Items):
    serializer_class = Getting


class Nested(viewsets.ReadOnlyModelViewSet):
    queryset = Category.objects.order_by("id")
    serializer_class = Nesting


class Several(Items):
    serializer_class = Severally
'''
FILES = {
    "settings.py": BASIC, "urls.py": URLS + "\nurlpatterns = router.urls\n",
    "things/models.py": MODELS, "things/views.py": VIEWS,
}  # fmt: skip
SEED = """
from django.contrib.auth.models import User
from things.models import Category, Item, Tag
for name, staff in (("anna", True), ("bert", False)):
    user = User.objects.create_user(name, password="pw", is_staff=staff)
    for title in ("open", "closed"):
        category = Category.objects.create(title=title, owner=user)
        item = Item.objects.create(title=name, secret="s", owner=user, category=category)
        item.tags.add(Tag.objects.create(name=f"{name} {title}", owner=user))
"""
SENT: tuple[dict[str, Any], ...] = (
    *({"title": "new", "category": number, "tags": []} for number in (1, 2, 3, 4, 9)),
    {"title": "new", "secret": "told", "category": 3, "tags": ["bert open"]},
    {"title": "new", "secret": 5, "category": 1, "tags": ["anna open", "anna closed"]},
    {"title": "new", "secret": [], "category": "x", "tags": ["bert open", "anna open"]},
    {"title": "new", "category": None, "tags": [1, 9]},
    {"category": 3, "tags": [3, 4]},
    {},
)
QUERIES = (
    "",
    "?fields=id",
    "?fields=title,secret",
    "?fields=",
    "?fields=none",
    "?fields=id&fields=title",
)


def _signed(name: str) -> tuple[str, str]:
    return "Authorization", f"Basic {b64encode(f'{name}:pw'.encode()).decode()}"


def _ask(both: Asked, name: str, user: str) -> None:
    """Read and write as one user."""
    for query in QUERIES:
        assert both.agree("GET", f"/{name}/{query}", None, _signed(user)).status == 200
        both.agree("GET", f"/{name}/1/{query}", None, _signed(user))
    for data in () if name in ("bykeyword", "nested") else SENT:
        for query in ("", "?fields=title,category"):
            both.agree("POST", f"/{name}/{query}", data, _signed(user))
        both.agree("PUT", f"/{name}/1/", data, _signed(user))
        both.agree("PATCH", f"/{name}/2/", data, _signed(user))


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_fields_are_those_that_django_leaves(
    tmp_path: Path, postgres: Cluster, database: str
) -> None:
    server = postgres if database == "postgresql" else None
    url = f"sqlite:///{tmp_path}/none.db" if server is None else server.new_database("fields")
    project = small_project(tmp_path / "legacy", FILES)
    report = converted(project, tmp_path, DATABASE_URL=url)
    assert [e["reasons"] for e in report["endpoints"] if e["status"] != "converted"] == []
    with asked(project, tmp_path, server, SEED) as both:
        for name in NAMES:
            for user in ("anna", "bert"):
                _ask(both, name, user)
            both.agree("GET", f"/{name}/")


def test_verify_finds_who_and_what_decides(tmp_path: Path) -> None:
    project = small_project(tmp_path / "legacy", FILES)
    url = f"sqlite:///{tmp_path}/fields.db"
    converted(project, tmp_path, DATABASE_URL=url)
    assert not_equal(verified(project, tmp_path, "--cases", "20", DATABASE_URL=url)) == []
    schemas = tmp_path / "api/app/things/schemas.py"
    for wrong in ('left.pop("secret")', "fields = context.request.query_params.get"):
        text = schemas.read_text()
        assert wrong in text
        other = wrong.replace('pop("secret")', 'get("secret")').replace(
            "fields =", "fields = None and"
        )
        schemas.write_text(text.replace(wrong, other))
        report = verified(project, tmp_path, "--cases", "20", DATABASE_URL=url)
        assert any(verdict == "different" for _, verdict, *_ in not_equal(report)), wrong
        schemas.write_text(text)


OPEN = BASIC.replace("permissions.IsAuthenticated", "permissions.AllowAny")
FORMS = {
    "more than names": 'self.fields["secret"].max_length = len(self.context["request"].path)',
    "twice": 'self.fields["category"].queryset = a = Category.objects.all()',
    "by argument": 'self.fields.pop(kwargs["context"]["name"])',
    "of a list": 'self.fields["tags"].queryset = Tag.objects.none()',
    "in a loop": 'for n in ("category",):\n                self.fields[n].queryset = Category.objects.none()',
}


@pytest.mark.parametrize("form", FORMS)
def test_what_has_no_rule_stays(form: str, tmp_path: Path) -> None:
    text = VIEWS.replace('self.fields.pop("secret")', FORMS[form])
    project = small_project(tmp_path / "legacy", {**FILES, "things/views.py": text})
    report = converted(project, tmp_path, DATABASE_URL=f"sqlite:///{tmp_path}/none.db")
    kept = {e["id"].split()[1].split("/")[1] for e in report["endpoints"] if e["reasons"]}
    assert kept == {"hidden"}


def test_rows_of_a_user_stay_where_anybody_asks(tmp_path: Path) -> None:
    """There, Django fails as soon as the serializer is made."""
    project = small_project(tmp_path / "legacy", {**FILES, "settings.py": OPEN})
    report = converted(project, tmp_path, DATABASE_URL=f"sqlite:///{tmp_path}/none.db")
    kept = {e["id"].split()[1].split("/")[1] for e in report["endpoints"] if e["reasons"]}
    assert kept == {"byuser", "gotten", "nested", "several"}
