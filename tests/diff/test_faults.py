"""Faults: each changes what it says, and the comparison sees them unless a rule hides them."""

import json
from dataclasses import dataclass, replace
from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from strangler.diff import Accepted, Exchange, Gap, Pairing, compare
from strangler.diff.faults import faults
from strangler.verify.audit import overlooked

HEADERS = (("Content-Type", "application/json"), ("X-Frame-Options", "DENY"))
BODY = {"id": 1, "name": "First", "when": "2026-01-01T10:00:00Z", "on": True,
        "tags": ["a", "b"], "none": None, "inner": {"price": "1.50"}, "empty": []}  # fmt: skip
TODAY = date(2026, 11, 1)


def answer(body: object) -> Exchange:
    return Exchange(200, HEADERS, json.dumps(body).encode(), 1.0, 1.1)


@dataclass
class Entry:
    endpoint: str
    pointer: str
    reason: str = "known"
    until: date = TODAY


def test_every_fault_in_a_steady_answer_is_seen() -> None:
    found = list(faults(answer(BODY)))
    kinds = {each.kind for each in found}
    assert {"an hour later", "other order", "key more", "value lost", "turned round"} <= kinds
    for each in found:
        assert overlooked(each, answer(BODY), answer(BODY), "GET /", Accepted(), TODAY) is None, (
            each
        )


def test_what_a_rule_hides_is_told_with_its_reason() -> None:
    rules = Accepted([Entry("GET /", "/inner/*"), Entry("GET /other/", "/name")])
    hidden = {
        (each.kind, each.pointer)
        for each in faults(answer(BODY))
        if overlooked(each, answer(BODY), answer(BODY), "GET /", rules, TODAY) == "accepted: known"
    }
    assert {place for _, place in hidden} == {"/inner", "/inner/price"}
    assert {kind for kind, place in hidden if place == "/inner"} == {"key more"}
    late = TODAY + timedelta(days=1)
    price = next(each for each in faults(answer(BODY)) if each.pointer == "/inner/price")
    assert overlooked(price, answer(BODY), answer(BODY), "GET /", rules, late) is None


def test_a_fresh_value_is_the_only_thing_that_may_differ() -> None:
    one, two = "0b6f5f0e-7a51-4f37-8a35-0f6a1f1f0001", "5d1f5f0e-7a51-4f37-8a35-0f6a1f1f0b02"
    first, second = answer({"id": one}), answer({"id": two})
    reasons = {
        each.kind: overlooked(each, first, second, "GET /", Accepted(), TODAY)
        for each in faults(first)
        if each.pointer == "/id"
    }
    assert reasons.pop("letter changed") is not None
    assert set(reasons.values()) == {None}


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(max_size=5), lambda inner: (
    st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3)
), max_leaves=8))  # fmt: skip
def test_each_fault_changes_the_answer(body: object) -> None:
    exchange = answer(body)
    for each in faults(exchange):
        planted = each.apply(exchange)
        assert planted != exchange
        assert replace(planted, started=1.0) != exchange
        assert not compare(exchange, planted, Pairing(Gap(0, 0))).equal or each.kind in {
            "letter changed", "text in other case", "an hour later", "number changed",
        }, each  # fmt: skip
