"""A relation to a proxy leads to the model itself only where nothing could tell the two apart."""

import pytest

from strangler.facts import Facts, Model, ModelField
from strangler_codemods.proxies import past_proxies

PLAIN = {"name": "objects", "cls": {"path": "django.db.models.manager.Manager"}, "default": True}
OWN = {**PLAIN, "cls": {"path": "shelf.models.Visible"}, "filtering": True}
KEY = {"name": "id", "attname": "id", "cls": "a", "internal_type": "AutoField"}


def model(name: str, **more: object) -> Model:
    given = {"path": f"shelf.models.{name}", "db_table": "shelf_book", "pk": "id"}
    return Model.model_validate({"name": f"shelf.{name}", "managers": [PLAIN], **given, **more})


def target(**proxy: object) -> str:
    """Where a foreign key to a proxy of Book leads."""
    to_proxy = {**KEY, "relation": {"kind": "foreign_key", "model": "shelf.Novel"}}
    models = (
        model("Book", ordering=["title"]),
        model(
            "Novel", **{"proxy": True, "proxy_for": "shelf.Book", "ordering": ["title"], **proxy}
        ),
        model("Page", db_table="shelf_page", fields=[ModelField.model_validate(to_proxy)]),
    )
    relation = past_proxies(Facts.model_construct(models=models)).models[2].fields[0].relation
    assert relation is not None
    return relation.model


def test_a_plain_proxy_is_its_model() -> None:
    assert target() == "shelf.Book"


@pytest.mark.parametrize(
    "own",
    [
        {"ordering": ["-title"]},
        {"managers": [OWN]},
        {"methods": {"shout": {"path": "shelf.models.Novel.shout"}}},
        {"proxy_for": "shelf.Missing"},
    ],
)
def test_a_proxy_with_something_of_its_own_is_kept(own: dict[str, object]) -> None:
    assert target(**own) == "shelf.Novel"
