"""Two JSON bodies: each difference has its pointer and the category that names its cause."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from strangler.diff import CATEGORIES, Limits
from strangler.diff.jsons import compare_json
from tests.diff.exchanges import compared, found, pairing

LEAVES = st.none() | st.booleans() | st.integers(-9, 9) | st.text("abc/~é", max_size=3)
JSON = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("ab/~", max_size=2), inner),
    max_leaves=8,
)


@given(JSON)
def test_a_value_equals_itself(value: Any) -> None:
    assert compare_json(value, json.loads(json.dumps(value)), pairing(), Limits()) == []


@given(JSON, JSON)
def test_other_values_differ_and_pointers_lead_to_what_differs(left: Any, right: Any) -> None:
    differences = compare_json(left, right, pairing(), Limits())
    counted = [each for each in differences if not each.note]
    assert bool(counted) == (json.dumps(left, sort_keys=True) != json.dumps(right, sort_keys=True))
    for each in differences:
        sides = (_at(left, each.pointer), _at(right, each.pointer))
        assert sides[0] is not sides[1] or each.note
        assert each.category in CATEGORIES


def _at(value: Any, pointer: str) -> Any:
    """RFC 6901, an object of its own where nothing is."""
    for part in pointer.split("/")[1:]:
        key = part.replace("~1", "/").replace("~0", "~")
        if isinstance(value, list):
            value = value[int(key)]
        elif key in value:
            value = value[key]
        else:
            return object()
    return value if isinstance(value, dict | list) else [value]


@pytest.mark.parametrize(
    ("legacy", "new", "category"),
    [
        ("9.50", 9.5, "decimal-as-number"),
        (7, "7", "number-as-text"),
        ("9.50", "9.5", "decimal-scale"),
        (1, 1.0, "float-text"),
        (None, "", "empty-or-null"),
        ([], None, "empty-or-null"),
        (True, 1, "type"),
        ("2024-01-01T10:00:00.5Z", "2024-01-01T10:00:00Z", "microseconds"),
        ("2024-01-01T10:00:00Z", "2024-01-01T10:00:00+00:00", "utc-offset"),
        ("2024-01-01T10:00:00Z", "2024-01-01T11:00:00Z", "timestamp"),
        ("http://a/items/?page=2", "http://b/items/?page=2", "link"),
        ("/items/1/", "/items/1", "trailing-slash"),
        ("draft", "Draft", "choice-label"),
        ("one", "two!", "value"),
        ([1, 2, 3], [3, 1, 2], "list-order"),
        ([1, 2], [1], "list-length"),
        (False, True, "value"),
        (0.1, 0.2, "value"),
    ],
)
def test_a_kind_of_difference_has_its_category(legacy: Any, new: Any, category: str) -> None:
    assert found(compared({"x": legacy}, {"x": new})) == [(category, "/x")]


def test_a_missing_key_is_told_from_a_missing_null_and_from_an_extra_key() -> None:
    comparison = compared({"a": 1, "b": None, "d": 1}, {"c": 2, "d": 1})
    assert found(comparison) == [
        ("key-missing", "/a"),
        ("null-or-missing", "/b"),
        ("key-extra", "/c"),
    ]


def test_keys_in_another_order_are_noted_but_do_not_count() -> None:
    comparison = compared({"a": 1, "b": 2}, {"b": 2, "a": 1})
    assert comparison.equal
    assert [each.category for each in comparison.differences] == ["key-order"]


def test_other_blanks_are_noted_but_do_not_count() -> None:
    comparison = compared([1, {"a": 2}], [1, {"a": 2}])
    assert comparison.differences == ()


def test_page_links_have_a_category_of_their_own() -> None:
    pair = {"next": "http://a/?page=2"}, {"next": "http://a/?page=3"}
    assert found(compared(*pair)) == [("page-link", "/next")]


def test_errors_differ_in_text_or_in_shape() -> None:
    assert found(compared({"x": ["No."]}, {"x": ["Nope!"]}, 400)) == [("error-text", "/x/0")]
    assert found(compared({"detail": "No."}, {"x": ["No."]}, 400)) == [
        ("error-shape", "/detail"),
        ("error-shape", "/x"),
    ]


def test_the_number_of_differences_is_bounded() -> None:
    left, right = {str(i): i for i in range(500)}, {str(i): str(i) for i in range(500)}
    assert len(compared(left, right).differences) == Limits().differences
