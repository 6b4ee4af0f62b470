"""Rows that are equal in what a list is ordered by may come in any order, others may not."""

import json

import pytest

from strangler.diff import Comparison, Difference, Exchange
from strangler.verify.lockstep import Outcome
from strangler.verify.open_order import with_open_orders
from strangler.verify.requests import Request

ONE, TIED, LAST = ({"id": n, "stars": s} for n, s in ((1, 5), (2, 5), (3, 4)))


def counted(path: str, legacy: list[object], new: list[object], default=()) -> list[str]:
    answers = [Exchange(200, (), json.dumps({"results": each}).encode()) for each in (legacy, new)]
    found = Comparison((Difference("list-order", "/results", "", ""),))
    outcome = Outcome(Request("GET", path), *answers, found)
    judged = with_open_orders(outcome, "order", default)
    assert len(judged.comparison.differences) == 1
    return [each.category for each in judged.differences]


@pytest.mark.parametrize("path", ["/?order=stars", "/?order=-stars", "/?order=id&order=-stars"])
def test_equals_may_change_places(path) -> None:
    assert counted(path, [ONE, TIED, LAST], [TIED, ONE, LAST]) == []


def test_what_the_view_orders_by_counts_where_nobody_asks() -> None:
    assert counted("/", [ONE, TIED], [TIED, ONE], ["-stars"]) == []
    assert counted("/?order=id", [ONE, TIED], [TIED, ONE], ["-stars"]) == ["list-order"]


@pytest.mark.parametrize(
    ("path", "legacy", "new"),
    [
        ("/", [ONE, TIED], [TIED, ONE]),
        ("/?order=stars", [ONE, LAST], [LAST, ONE]),
        ("/?order=stars,id", [ONE, TIED], [TIED, ONE]),
        ("/?order=owner", [ONE, TIED], [TIED, ONE]),
        ("/?order=stars", [1, 2], [2, 1]),
    ],
)
def test_anything_else_is_a_difference(path, legacy, new) -> None:
    assert counted(path, legacy, new) == ["list-order"]


FOURTH = {"id": 4, "stars": 4}


def cut(legacy: list[object], new: list[object], at: int = 1, **links: str) -> list[str]:
    bodies = [json.dumps({"data": {**links, "results": each}}).encode() for each in (legacy, new)]
    found = Comparison((Difference("value", f"/data/results/{at}/id", "2", "4"),))
    answers = [Exchange(200, (), body) for body in bodies]
    outcome = Outcome(Request("GET", "/?order=stars"), *answers, found)
    return [each.category for each in with_open_orders(outcome, "order", ()).differences]


def test_of_equals_that_a_page_divides_others_may_come() -> None:
    assert cut([ONE, LAST], [ONE, FOURTH], next="/?page=2") == []
    assert cut([LAST, ONE], [FOURTH, ONE], at=0, previous="/?page=1") == []
    assert cut([LAST, ONE], [FOURTH, ONE], at=1, previous="/?page=1") == ["value"]


def test_on_a_whole_page_and_inside_of_one_they_may_not() -> None:
    assert cut([ONE, LAST], [ONE, FOURTH]) == ["value"]
    assert cut([ONE, LAST], [TIED, LAST], next="/?page=2") == ["value"]
    assert cut([ONE, LAST], [ONE, FOURTH], previous="/?page=1") == ["value"]


def test_rows_that_both_sides_show_are_the_same_at_the_end_of_a_page_too() -> None:
    wrong = {**LAST, "text": "wrong"}
    assert cut([ONE, {**LAST, "text": "right"}], [ONE, wrong], next="/?page=2") == ["value"]
    swapped = [{**FOURTH, "text": "x"}, {**LAST, "text": "right"}]
    assert cut(swapped, [{**LAST, "text": "wrong"}, {**FOURTH, "text": "x"}], next="/?p=2") == [
        "value"
    ]


def test_rows_that_nothing_tells_apart_are_a_difference() -> None:
    assert cut([{"stars": 4, "n": 1}], [{"stars": 4, "n": 2}], next="/?page=2") == ["value"]
