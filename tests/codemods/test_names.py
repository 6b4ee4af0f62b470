"""Names of the new app where legacy's own would clash."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from strangler.compat.schemas import ReadSchema, WriteSchema
from strangler_codemods.modules import NameTakenError, NewModule, Tree
from strangler_codemods.names import attribute_name, identifier, schema_attribute, snake, view_stem
from strangler_codemods.pruning import prune
from strangler_codemods.sources import Sources
from tests.codemods.project import Converted, legacy_project

_APP = """
from django.db import models


class Item(models.Model):
    {fields}
"""

_VIEWS = """
from rest_framework import serializers, viewsets

from .models import Item


class ItemSerializer(serializers.ModelSerializer):
    class Meta:
        model = Item
        fields = "__all__"


class ItemViewSet(viewsets.ModelViewSet):
    queryset = Item.objects.order_by("id")
    serializer_class = ItemSerializer

    def get_queryset(self):
        queryset = super().get_queryset()
        session = self.request.query_params.get("session")
        pk = self.request.query_params.get("pk")
        if session:
            queryset = queryset.filter(name=session)
        if pk:
            queryset = queryset.filter(id=pk)
        return queryset

    def perform_update(self, serializer):
        data = self.request.query_params.get("data")
        serializer.save(name=data or "none")
"""

_URLS = """
from django.urls import include, path
from rest_framework.routers import SimpleRouter

import {imports}

router = SimpleRouter()
{registered}
urlpatterns = [path("", include(router.urls))]
"""


@pytest.fixture(scope="module")
def twins(tmp_path_factory: pytest.TempPathFactory) -> Converted:
    """Two apps with a model, a serializer and a view of the same names."""
    files = {
        "left/models.py": _APP.format(fields='name = models.CharField(max_length=9, db_column="class")'),
        "right/models.py": _APP.format(
            fields="name = models.CharField(max_length=9)\n    metadata = models.JSONField(null=True)"
        ),
        "left/views.py": _VIEWS,
        "right/views.py": _VIEWS,
        "urls.py": _URLS.format(
            imports="left.views, right.views",
            registered='router.register("left", left.views.ItemViewSet, basename="left")\n'
            'router.register("right", right.views.ItemViewSet, basename="right")',
        ),
    }  # fmt: skip
    return legacy_project(tmp_path_factory.mktemp("twins"), files).convert()


def test_models_of_one_name_are_led_by_their_apps(twins: Converted) -> None:
    assert "class LeftItem(Base):" in twins.module("app.left.models")
    assert "class RightItem(Base):" in twins.module("app.right.models")


def test_routers_of_one_name_are_told_apart_where_they_meet(twins: Converted) -> None:
    main = twins.module("app.main")
    assert "from app.left.routers import item_router as left_item_router" in main
    assert "from app.right.routers import item_router as right_item_router" in main


def test_a_column_may_have_a_reserved_name(twins: Converted) -> None:
    assert 'name: Mapped[str] = mapped_column("class", String(9))' in twins.module(
        "app.left.models"
    )


def test_an_attribute_that_sqlalchemy_reserves_is_renamed_and_its_column_is_not(
    twins: Converted,
) -> None:
    assert 'metadata_: Mapped[Any | None] = mapped_column("metadata", ' in twins.module(
        "app.right.models"
    )


def test_query_parameters_do_not_take_the_names_of_others(twins: Converted) -> None:
    text = twins.module("app.left.routers")
    assert 'session_param: Annotated[str | None, Query(alias="session")] = None' in text
    assert 'pk_param: Annotated[str | None, Query(alias="pk")] = None' in text


def test_a_local_does_not_overwrite_the_data(twins: Converted) -> None:
    text = twins.function("app.left.routers", "update_item")
    assert 'await update(session, left_item, data, name=data_ or "none")' in text


def test_everything_is_converted(twins: Converted) -> None:
    assert [e.id for e in twins.legacy.facts.endpoints if twins.reasons(e.id)] == []


@pytest.mark.parametrize(
    ("text", "name"),
    [("class", "class_"), ("2nd-try", "n2nd_try"), ("a b", "a_b"), ("", "unnamed")],
)
def test_any_text_becomes_an_identifier(text: str, name: str) -> None:
    assert identifier(text) == name


def test_names_keep_their_words() -> None:
    assert snake("HTTPOrderItem") == "http_order_item"
    assert view_stem("shop.views.ProductViewSet") == "product"
    assert view_stem("shop.views.View") == "view"
    assert attribute_name("registry") == "registry_"


def test_one_name_has_one_meaning_in_a_module() -> None:
    module = NewModule("app.a")
    module.add("LIMIT", "LIMIT = 1")
    module.add("LIMIT", "LIMIT = 1")
    with pytest.raises(NameTakenError):
        module.add("LIMIT", "LIMIT = 2")
    assert module.free_name("LIMIT", "LIMIT = 2") == "LIMIT_2"


def test_pruning_keeps_what_roots_reach_and_drops_empty_modules() -> None:
    tree = Tree()
    first, second = tree.module("app.a.queries"), tree.module("app.a.other")
    first.add("used", "def used(): return helper() + LIMIT", {("app.a.other", "helper as helper")})
    first.add("unused", "def unused(): return 1")
    second.add("helper", "def helper(): return 1")
    second.add("LIMIT", "LIMIT = 3")
    first.add("LIMIT", "LIMIT = 2")
    prune(tree, [("app.a.queries", "used")])
    assert set(first.items) == {"used", "LIMIT"}
    assert set(second.items) == {"helper"}
    prune(tree, [])
    assert tree.modules == {}


def test_a_name_is_followed_through_reexports_and_relative_imports() -> None:
    sources = Sources(
        {
            "shop/__init__.py": "from .models import Product as Item\n",
            "shop/models.py": "class Product:\n    def total(self):\n        return 1\n",
            "shop/views.py": "from . import Item\nfrom shop.models import *\n",
        }
    )
    module = sources.module("shop.views")
    assert module is not None
    assert sources.resolve(module, "Item.total") == "shop.models.Product.total"
    assert sources.resolve(module, "Product") == "shop.models.Product"
    found = sources.function("shop.models.Product.total")
    assert found is not None
    assert found.source == "shop/models.py:2"


@pytest.mark.parametrize(
    "text",
    [
        "LIMIT = 1\nLIMIT = 2\n",
        "LIMIT = 1\nif DEBUG:\n    LIMIT = 2\n",
        "LIMIT = 1\n\ndef grow():\n    global LIMIT\n    LIMIT = 2\n",
        "LIMIT = 1\nLIMIT += 1\n",
    ],
)
def test_a_constant_that_is_set_twice_is_none(text: str) -> None:
    module = Sources({"a.py": text}).module("a")
    assert module is not None
    assert module.constant("LIMIT") is None


def test_a_constant_may_share_its_name_with_a_local() -> None:
    module = Sources({"a.py": "LIMIT = 1\n\ndef f():\n    LIMIT = 2\n"}).module("a")
    assert module is not None
    assert module.constant("LIMIT") is not None


def test_a_file_that_is_no_python_has_no_names() -> None:
    module = Sources({"a.py": "def (:\n"}).module("a")
    assert module is not None
    assert module.names == {}


def test_a_missing_source_keeps_the_endpoints_on_legacy(twins: Converted) -> None:
    legacy = twins.legacy
    files = {path: text for path, text in legacy.files.items() if path != "left/views.py"}
    converted = replace(legacy, files=files).convert()
    assert not converted.converted("GET /left/")
    assert converted.converted("GET /right/")


def test_an_app_whose_label_is_taken_has_its_package_under_another(
    tmp_path: Path,
) -> None:
    files = {
        "async/models.py": "from django.db import models\n\n\nclass One(models.Model):\n    pass\n",
        "migrations/models.py": "from django.db import models\n\n\nclass Two(models.Model):\n"
        '    one = models.ForeignKey("async.One", on_delete=models.CASCADE)\n',
        "urls.py": "urlpatterns = []\n",
    }
    done = legacy_project(tmp_path, files).convert()
    assert "from app.async_.models import One" in done.module("app.migrations_.models")
    assert '__label__ = "async.One"' in done.module("app.async_.models")
    assert '"app.async_.models", "app.auth.models"' in " ".join(done.module("app.registry").split())
    assert done.conversion.models["async.One"].module == "app.async_.models"


_VERSIONS = """
from rest_framework import serializers, viewsets

from things.models import Item


class ItemSerializer(serializers.ModelSerializer):
    class Meta:
        model = Item
        fields = {fields}


class ItemViewSet(viewsets.ModelViewSet):
    queryset = Item.objects.order_by("id")
    serializer_class = ItemSerializer
"""
_VERSION_URLS = """
from rest_framework.routers import SimpleRouter

from things import views
from things.v2 import views as second
from things.v3 import views as third

router = SimpleRouter()
router.register("one", views.ItemViewSet, basename="one")
router.register("two", second.ItemViewSet, basename="two")
router.register("three", third.ItemViewSet, basename="three")
urlpatterns = router.urls
"""


def test_serializers_of_one_name_have_schemas_of_their_own(tmp_path: Path) -> None:
    """Each endpoint takes and shows what its own serializer does, also after a refusal."""
    files = {
        "things/models.py": _APP.format(fields="name = models.CharField(max_length=9)"),
        "things/views.py": _VERSIONS.format(fields='["id", "name"]'),
        "things/v2/__init__.py": "",
        "things/v2/views.py": _VERSIONS.format(fields='["name"]'),
        "things/v3/__init__.py": "",
        "things/v3/views.py": _VERSIONS.format(fields='["id"]'),
        "urls.py": _VERSION_URLS,
    }
    converted = legacy_project(tmp_path, files).convert()
    assert {e.status for e in converted.conversion.endpoints.values()} == {"converted"}
    schemas = converted.module("app.things.schemas")
    names = re.findall(r"class (\w+)Read\(ReadSchema\)", schemas)
    shown = [converted.function("app.things.schemas", f"{name}Read") for name in names]
    given = {("id:" in text, "name:" in text) for text in shown}
    assert given == {(True, True), (False, True), (True, False)}
    assert "Item" in names
    routers = converted.module("app.things.routers")
    assert all(routers.count(f"-> {name}Read:") == 4 for name in names), routers


_TWO = """
from rest_framework import generics, serializers

from things.models import Item, Other


class NamedSerializer(serializers.Serializer):
    shown = serializers.SerializerMethodField()

    def get_shown(self, row):
        return row.name


class Items(generics.ListAPIView):
    queryset = Item.objects.order_by("id")
    serializer_class = NamedSerializer


class Others(generics.RetrieveAPIView):
    queryset = Other.objects.order_by("id")
    serializer_class = NamedSerializer


class More(Others):
    pass
"""


def test_a_name_that_is_taken_holds_back_every_endpoint_that_wants_it(tmp_path: Path) -> None:
    """A plain serializer over rows of two models would be two schemas, whoever asks again."""
    models = _APP.format(fields="name = models.CharField(max_length=9)")
    files = {
        "things/models.py": models
        + "\n\nclass Other(models.Model):\n    name = models.DateField()\n",
        "things/views.py": _TWO,
        "urls.py": "from django.urls import path\nfrom things import views\n"
        'urlpatterns = [path("items/", views.Items.as_view()),\n'
        '    path("others/<int:pk>/", views.Others.as_view()),\n'
        '    path("more/<int:pk>/", views.More.as_view())]\n',
    }
    converted = legacy_project(tmp_path, files).convert()
    assert converted.converted("GET /items/")
    assert converted.codes("GET /others/{pk}/") == ["B303"]
    assert converted.codes("GET /more/{pk}/") == ["B303"]


def test_schemas_keep_what_is_their_own() -> None:
    own = {name for schema in (ReadSchema, WriteSchema) for name in dir(schema)}
    for name in sorted(own):
        if not name.startswith("_"):
            assert schema_attribute(name) == f"{name}_"
