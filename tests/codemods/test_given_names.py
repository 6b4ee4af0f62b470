"""Names that code gives to rows as attributes, so that nobody takes them for absent."""

import ast

import pytest

from strangler_codemods.given_names import given_names, names_in_sight, sets_computed


@pytest.mark.parametrize(
    "line",
    [
        "row.size = 1",
        "row.size += 1",
        "row.size: int = 1",
        'setattr(row, "size", 1)',
        "rows.annotate(size=Count('x'))",
        "rows.annotate(**{'size': Count('x')})",
        "more = dict(size=1)\nrows.annotate(**more)",
        "rows.extra(select={'size': 'x'})",
        "row.__dict__.update(size=1)",
        'Prefetch("books", to_attr="size")',
        "for row.size in (1, 2):\n    pass",
    ],
)
def test_a_name_that_may_be_given_is_known(line: str) -> None:
    assert "size" in given_names(ast.parse(line))


@pytest.mark.parametrize("line", ["size = 1", "f(size=1)", "{'size': 1}", "print(row.size)"])
def test_other_uses_of_a_name_give_nothing(line: str) -> None:
    assert "size" not in given_names(ast.parse(line))


@pytest.mark.parametrize(
    ("line", "computed"),
    [("setattr(row, name, 1)", True), ('setattr(row, "size", 1)', False), ("row.size = 1", False)],
)
def test_a_name_that_comes_from_somewhere_is_told(line: str, computed: bool) -> None:
    assert sets_computed(ast.parse(line)) is computed


@pytest.mark.parametrize(
    "line", ['NAMES = ["size"]', "class A:\n    size = 1", "f(size=1)", "row = {'size': 1}"]
)
def test_what_such_a_name_may_be_is_in_sight(line: str) -> None:
    assert "size" in names_in_sight(ast.parse(line))


@pytest.mark.parametrize("line", ['getattr(row, "size", 0)', 'hasattr(row, "size")', "row.size"])
def test_a_name_that_is_only_asked_for_is_not(line: str) -> None:
    assert "size" not in names_in_sight(ast.parse(line))
