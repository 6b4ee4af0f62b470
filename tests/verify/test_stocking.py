"""Lists get more rows than their pages hold; rows that make legacy fail do not stay."""

from collections.abc import Mapping
from typing import Any

import pytest

from strangler.diff import Exchange
from strangler.facts import Model, ModelField
from strangler.verify.project import Project
from strangler.verify.requests import Request
from strangler.verify.roster import Roster
from strangler.verify.source import prepared
from strangler.verify.stocking import Stock
from tests.verify.notes_project import facts

FACTS = facts()
LIST = [each for each in FACTS.endpoints if each.id == "GET /api/notes/"]


def test_a_list_has_more_rows_than_the_largest_page(
    project: Project, hello: dict[str, object]
) -> None:
    """Copies of what is there; those of a list that is long enough are none."""
    twins = prepared(project, hello, None)
    with project.seeding(twins.template(), "none") as executor:
        executor.ask({"op": "migrate"})
        executor.ask({"op": "users"})
        executor.ask({"op": "rows", "models": {"notes.Note": 2}})
        stock = Stock(executor, FACTS, LIST, Roster(()))
        stock.fill()
        again = Stock(executor, FACTS, LIST, Roster(()))
        again.fill()
    twins.freeze()
    rows = twins.rows("notes_note", 99)
    twins.close()
    assert (stock.made["notes.Note"], again.made) == (6, {})
    assert len({row["code"] for row in rows}) == len(rows) == 8


def test_nothing_is_copied_for_a_list_that_shows_nobody_anything(
    project: Project, hello: dict[str, object]
) -> None:
    twins = prepared(project, hello, None)
    with project.seeding(twins.template(), "none") as executor:
        executor.ask({"op": "migrate"})
        stock = Stock(executor, FACTS, LIST, Roster(()))
        stock.fill()
    twins.close()
    assert not +stock.made


class _Legacy:
    """Answers with one status, and with another once rows at limits are there."""

    def __init__(self, before: int, after: int) -> None:
        self.hello = {"host": "localhost"}
        self.statuses = [before, after]

    def send(self, request: Request, *, fresh: bool = False) -> Exchange:
        return Exchange(self.statuses[0], (), b"{}")

    def ask(self, message: Mapping[str, Any], **_: object) -> dict[str, Any]:
        self.statuses = self.statuses[::-1]  # rows are made, or taken back
        return {"made": {"a.Item": ["7"]}, "asked": {"a.Item": ["7"], "a.Order": ["3"]}}


@pytest.mark.parametrize(
    ("before", "after", "stays"), [(200, 200, True), (200, 500, False), (500, 500, True)]
)
def test_rows_at_limits_stay_where_legacy_bears_them(before: int, after: int, stays: bool) -> None:
    price = ModelField(name="price", attname="price", cls="", internal_type="DecimalField")
    item = Model.model_construct(name="a.Item", fields=(price,))
    known = FACTS.model_copy(update={"models": (item,)})
    stock = Stock(_Legacy(before, after), known, LIST, Roster(()))  # type: ignore[arg-type]  # all that it asks of it
    stock.stretch({"models": {"a.Item": 1}})
    assert stock.doubtful == {}
    assert stock.great == ({"a.Item": ["7"], "a.Order": ["3"]} if stays else {})
