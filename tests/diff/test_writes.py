"""What is written more often than legacy writes it, and than rows change, is named."""

import pytest

from strangler.diff import Exchange, RowChange, compare_writes

_UPDATE = 'UPDATE "note" SET title = ?'
_CHANGED = RowChange("note", "1", {"id": "1", "a": 1}, {"id": "1", "a": 2})


def sent(*statements: str, status: int = 200) -> Exchange:
    return Exchange(status, (), b"", statements=statements, queries=len(statements))


def pointers(legacy: Exchange, new: Exchange, *changed: RowChange) -> list[str]:
    return [each.pointer for each in compare_writes(legacy, new, changed)]


def test_a_write_that_is_sent_twice_is_named() -> None:
    new = sent("UPDATE note SET title = ?", "UPDATE note SET title = ?")
    (found,) = compare_writes(sent(_UPDATE), new, [_CHANGED])
    assert (found.category, found.pointer, found.legacy, found.new) == (
        "write-repeated", "sql:note", "UPDATE 1 times", "UPDATE 2 times",
    )  # fmt: skip


@pytest.mark.parametrize(
    "new",
    [
        sent(_UPDATE, "SELECT 1", "SELECT 1"),
        sent("UPDATE `shop`.`note` SET title = ?"),
        sent(),
    ],
)
def test_as_many_writes_or_fewer_are_no_difference(new: Exchange) -> None:
    assert pointers(sent(_UPDATE), new, _CHANGED) == []


def test_one_statement_for_each_row_is_another_way_to_write_them() -> None:
    rows = [RowChange("note", key, None, {"id": key}) for key in "123"]
    legacy = sent("INSERT INTO note (a) VALUES (1), (2), (3)")
    one, ignoring = "INSERT INTO note (a) VALUES (?)", "INSERT OR IGNORE INTO note (a) VALUES (?)"
    assert pointers(legacy, sent(one, one, one), *rows) == []
    assert pointers(legacy, sent(one, one, one, ignoring), *rows) == ["sql:note"]


def test_what_was_taken_back_or_not_kept_is_not_counted() -> None:
    """A refusal undoes its writes; of very many statements only the first are known."""
    twice = sent(_UPDATE, _UPDATE, status=400)
    assert pointers(sent(_UPDATE, status=400), twice) == []
    cut = Exchange(200, (), b"", statements=(_UPDATE, _UPDATE), queries=5000)
    assert pointers(sent(_UPDATE), cut, _CHANGED) == []


def test_each_side_deletes_in_its_own_way() -> None:
    gone = RowChange("note", "1", {"id": "1"}, None)
    delete, detach = "DELETE FROM note WHERE id = ?", "UPDATE line SET note_id = NULL"
    assert pointers(sent(delete), sent(detach, "DELETE FROM tag_of WHERE 1", delete), gone) == []
