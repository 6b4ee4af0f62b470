"""Rows that a request changed are the same on both sides, or the table, row and column is named."""

from typing import Any

from strangler.diff import RowChange, compare_rows
from tests.diff.exchanges import pairing


def inserted(key: str, **after: Any) -> RowChange:
    return RowChange("note", key, None, {"id": key, **after})


def differences(legacy: list[RowChange], new: list[RowChange]) -> list[tuple[str, str]]:
    return [(each.category, each.pointer) for each in compare_rows(legacy, new, pairing())]


def test_equal_changes_do_not_differ() -> None:
    assert differences([inserted("1", a=1)], [inserted("1", a=1)]) == []


def test_a_column_that_differs_is_named() -> None:
    assert differences([inserted("1", a=1)], [inserted("1", a=2)]) == [
        ("row-value", "row:note/1/a")
    ]


def test_a_row_that_one_side_did_not_write_is_named() -> None:
    assert differences([inserted("1")], []) == [("row-missing", "row:note/1")]
    assert differences([], [inserted("1")]) == [("row-extra", "row:note/1")]


def test_a_delete_is_no_update() -> None:
    before = {"id": "1", "gone": False}
    deleted = RowChange("note", "1", before, None)
    hidden = RowChange("note", "1", before, {"id": "1", "gone": True})
    assert differences([hidden], [deleted]) == [("row-value", "row:note/1")]


def test_rows_with_fresh_keys_meet_and_their_other_columns_are_compared() -> None:
    first, second = "aaaaaaaa-1111-4111-8111-aaaaaaaaaaaa", "bbbbbbbb-2222-4222-8222-bbbbbbbbbbbb"
    assert differences([inserted(first, a=1)], [inserted(second, a=1)]) == []
    assert [each for each, _ in differences([inserted(first, a=1)], [inserted(second, a=2)])] == [
        "row-value"
    ]


def test_rows_written_as_they_were_are_no_change() -> None:
    same = RowChange("note", "1", {"id": 1}, {"id": 1})
    assert differences([same], []) == []


def test_text_is_not_its_number() -> None:
    assert differences([inserted("1", a=1)], [inserted("1", a="1")]) == [
        ("row-value", "row:note/1/a")
    ]
