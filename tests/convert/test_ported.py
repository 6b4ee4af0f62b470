"""`[convert.bodies]`: what a person wrote stands for a body in every endpoint that passes through it."""

import json
import sys
from pathlib import Path

import jsonschema
import pytest

from strangler.cli import main
from strangler.convert.run import Choices, run
from strangler.errors import ConfigError, ExitCode
from tests.codemods.project import Legacy
from tests.convert.ported_project import BODIES, FILES, configured, ported_project, written

SCHEMA = Path("src/strangler/convert/report.schema.json")


@pytest.fixture
def legacy(tmp_path: Path) -> Legacy:
    return ported_project(tmp_path / "project")


def convert(legacy: Legacy, *options: str) -> int:
    out = legacy.folder.parent / "api"
    common = ["--python", sys.executable, "--out", str(out)]
    return main(["convert", str(legacy.folder), *common, *options])


def report_of(legacy: Legacy, bodies: dict[str, str]) -> dict[str, dict[str, object]]:
    configured(legacy.folder, bodies)
    report = legacy.folder.parent / "report.json"
    assert convert(legacy, "--report", str(report)) == ExitCode.DONE
    document = json.loads(report.read_text())
    return {each["id"]: each for each in document["endpoints"]}


def test_every_endpoint_behind_a_ported_body_converts(legacy: Legacy, repository: Path) -> None:
    """All of them, of both models; the ledger names the override and keeps its form."""
    endpoints = report_of(legacy, BODIES)
    assert {each["status"] for each in endpoints.values()} == {"converted"}
    queryset, creating, permission, size, label = BODIES
    assert endpoints["GET /shops/{pk}/"]["overrides"] == [queryset]
    assert endpoints["POST /shops/"]["overrides"] == [creating]
    assert endpoints["GET /open/"]["overrides"] == [permission]
    assert endpoints["GET /items/"]["overrides"] == [queryset, label, size]
    schema = json.loads((repository / SCHEMA).read_text())
    document = json.loads((legacy.folder.parent / "report.json").read_text())
    jsonschema.validate(document, schema)


def test_the_function_is_copied_once_and_called_for_each_model(legacy: Legacy) -> None:
    """One module in the application, and a call with each view's own statement."""
    report_of(legacy, BODIES)
    app = legacy.folder.parent / "api" / "app"
    assert "def get_queryset(" in (app / "overrides" / "owned.py").read_text()
    queries = (app / "shops" / "queries.py").read_text()
    for model in ("Shop", "Item"):
        call = f"owned_get_queryset(statement={model.lower()}s(), model={model}, user=user)"
        assert call in queries


def test_what_a_ported_validate_returns_is_saved(legacy: Legacy) -> None:
    """A person answers for the keys of the dictionary."""
    fields = 'fields = ["id", "name"]\n'
    checked = f"""{fields}
            def validate(self, attrs):
                if len(vars(self)) and attrs["name"] == "none":
                    raise serializers.ValidationError("Not that.")
                return attrs
"""
    written(legacy.folder, "shops/views.py", FILES["shops/views.py"].replace(fields, checked))
    written(
        legacy.folder,
        "overrides/shops.py",
        """
        from typing import Any


        def validate(attrs: dict[str, Any]) -> dict[str, Any]:
            return attrs
        """,
    )
    assert report_of(legacy, BODIES)["POST /shops/"]["status"] == "legacy"
    name = "shops.views.ShopSerializer.validate"
    endpoints = report_of(legacy, {**BODIES, name: "overrides/shops.py:validate"})
    assert endpoints["POST /shops/"]["status"] == "converted"
    schemas = (legacy.folder.parent / "api/app/shops/schemas.py").read_text()
    assert "return validate(attrs=attrs)" in schemas or "return shops_validate(attrs" in schemas


def test_an_unordered_statement_gets_the_order_of_its_model(legacy: Legacy) -> None:
    """Unless it comes from the statement behind, which is ordered already, or orders itself."""
    written(
        legacy.folder,
        "overrides/owned.py",
        """
        from typing import Any

        from sqlalchemy import Select, select
        from sqlalchemy.orm import Session

        from app.auth.models import User


        def get_queryset(session: Session, model: type[Any], user: User | None) -> Select[Any]:
            return select(model)
        """,
    )
    name = "core.views.OwnedMixin.get_queryset"
    report_of(legacy, {name: BODIES[name]})
    queries = (legacy.folder.parent / "api/app/shops/queries.py").read_text()
    assert "user=user).order_by(*SHOP_ORDER)" in queries
    assert "owned_get_queryset(session, model=Shop, user=user)" in queries


def test_a_helper_is_ported_for_each_model_that_it_is_called_with(legacy: Legacy) -> None:
    """A function that takes and gives a query: its calls keep the model and the order."""
    written(
        legacy.folder,
        "overrides/seen.py",
        """
        from typing import Any

        from sqlalchemy import Select

        from app.auth.models import User


        def visible(queryset: Select[Any], user: User) -> Select[Any]:
            model = queryset.column_descriptions[0]["entity"]
            return queryset.where(model.owner_id == user.id)
        """,
    )
    name = "core.views.visible"
    endpoints = report_of(legacy, {name: "overrides/seen.py:visible"})
    assert endpoints["GET /shops/"]["overrides"] == [name]
    assert endpoints["DELETE /items/{pk}/"]["overrides"] == [name]
    queries = (legacy.folder.parent / "api/app/shops/queries.py").read_text()
    assert "return visible(shops(), user=user)" in queries
    assert "return visible_item(items(), user=user)" in queries


def test_a_handler_does_not_go_round_a_ported_hook(legacy: Legacy) -> None:
    """A `create` of the project that calls `perform_create` stays, rather than use the old body."""
    views = legacy.folder / "shops" / "views.py"
    text = views.read_text().replace(
        "    queryset = Shop.objects.all()\n    serializer_class = ShopSerializer\n\n\nclass Items",
        """    queryset = Shop.objects.all()
    serializer_class = ShopSerializer

    def create(self, request, *args, **kwargs):
        return super().create(request, *args, **kwargs)


class Items""",
    )
    views.write_text(text)
    endpoints = report_of(legacy, BODIES)
    assert endpoints["POST /shops/"]["status"] == "legacy"


WRONG = [
    ("core.views.OwnedMixin.get_queryset", "overrides/nope.py:f", "nope.py is not there", "strangler draft core.views"),
    ("core.views.OwnedMixin.get_queryset", "overrides/owned.py:f", "no function `f`", "it has get_queryset"),
    ("core.views.OwnedMixin.get_quryset", "overrides/owned.py:get_queryset", "no function core.views", "did you mean core.views.OwnedMixin.get_queryset?"),
    ("core.views.OwnedMixin.get_queryset", "overrides/owned.py:label", "takes `row`, which is not known here", "it may take `session`, `user`"),
    ("core.views.OwnedMixin.get_queryset", "overrides/bad.py:number", "`user` of `number` is a `int`, and is given a `User`", "O102"),
    ("core.views.OwnedMixin.get_queryset", "overrides/bad.py:text", "gives `str`, not `Select[Any]`", "O102"),
    ("core.views.OwnedMixin.get_queryset", "overrides/bad.py:waits", "is `async def`", "write `def`"),
    ("core.views.OwnedMixin.get_queryset", "overrides/bad.py:bare", "`user` of `bare` has no annotation", "overrides/bad.py:11"),
    ("core.views.OwnedMixin.get_queryset", "overrides/bad.py:silent", "no annotation for what it returns", "Select[Any]"),
    ("core.views.OwnedMixin.get_queryset", "overrides/bad.py:late", "`session` is not the first parameter", "put it first"),
    ("core.views.OwnedMixin.get_queryset", "overrides/broken.py:f", "it is no Python", "overrides/broken.py:1"),
    ("core.views.OwnedMixin.get_queryset", "overrides/draft.py:f", "a draft with 1 open operations", "overrides/draft.py:2"),
    ("shops.views.lonely", "overrides/owned.py:label", "no endpoint passes through shops.views.lonely", "drop the line"),
    ("core.views.Weekday.has_permission", "overrides/raises.py:allowed", "importing it raises ZeroDivisionError", "overrides/raises.py:1"),
]  # fmt: skip
BAD = """
def number(user: int) -> str: ...


def text() -> str: ...


async def waits() -> str: ...


def silent(): ...
def bare(user) -> str: ...


def late(user: int, session: int) -> str: ...
"""


@pytest.fixture(scope="module")
def still(tmp_path_factory: pytest.TempPathFactory) -> Legacy:
    """The project once more, with overrides that do not fit."""
    legacy = ported_project(tmp_path_factory.mktemp("wrong") / "project")
    written(legacy.folder, "overrides/bad.py", BAD)
    written(legacy.folder, "overrides/broken.py", "def (:\n")
    draft = "def f() -> str:\n    # OPEN B101 x.py:1: no\n    return 1\n"
    written(legacy.folder, "overrides/draft.py", draft)
    raising = "LIMIT = 1 / 0\n\n\ndef allowed() -> bool:\n    return LIMIT > 1\n"
    written(legacy.folder, "overrides/raises.py", raising)
    return legacy


@pytest.mark.parametrize(("name", "target", "says", "advises"), WRONG)
def test_what_cannot_stand_for_a_body_is_refused_with_advice(
    name: str, target: str, says: str, advises: str, still: Legacy
) -> None:
    """One line that says what is wrong, where, and what to do; nothing is written."""
    out = still.folder.parent / "api"
    choices = Choices(bodies={name: target}, folder=still.folder)
    with pytest.raises(ConfigError) as refused:
        run(still.folder, out, still.facts, still.walk, choices=choices)
    assert says in str(refused.value)
    assert advises in str(refused.value)
    assert not out.exists()
