"""Loops over a list that a call gives as `[]` are left out, with what only they could lead to."""

from dataclasses import replace
from textwrap import dedent
from typing import cast

import libcst as cst
import pytest

from strangler_codemods.known_empty import with_empty_arguments, without_loops
from strangler_codemods.sources import FunctionSource


def source(text: str) -> FunctionSource:
    node = cst.parse_module(dedent(text).lstrip("\n")).body[0]
    return FunctionSource(cast("cst.FunctionDef", node), None, 1, None)  # type: ignore[arg-type]  # it is not asked


def text_of(found: FunctionSource) -> str:
    return cst.Module([found.node]).code


UPDATED = """
def updated(row, names, data):
    changed = False
    later = {}
    table = {field.name: field for field in row._meta.get_fields()}

    for name in names:
        changed = True
        later[name] = table[name]

    if changed:
        row.save()

    for name, value in later.items():
        changed = True

    return row, changed
"""


def test_what_no_loop_leads_to_is_left_out() -> None:
    found = without_loops(source(UPDATED), ["names"], frozenset({"row"}))
    assert text_of(found) == dedent("""\
        def updated(row, names, data):
            changed = False

            return row, changed
    """)


def test_what_may_be_no_row_is_still_asked() -> None:
    assert "row._meta" in text_of(without_loops(source(UPDATED), ["names"], frozenset()))


def test_an_else_runs_where_the_condition_is_false() -> None:
    found = without_loops(
        source("""
            def f(names):
                any_ = False
                for name in names:
                    any_ = True
                if any_:
                    return 1
                else:
                    return 2
        """),
        ["names"],
        frozenset(),
    )
    assert text_of(found).endswith("return 2\n")
    assert "return 1" not in text_of(found)


@pytest.mark.parametrize(
    "line",
    [
        "names.append(1)",
        "names += [1]",
        "fill(names)",
        "other = names; other.append(1)",
        "names = given()",
        "del names[0]",
    ],
)
def test_a_list_that_is_used_otherwise_is_looped_over(line: str) -> None:
    given = source(f"def f(names):\n    {line}\n    for name in names:\n        name()\n")
    assert without_loops(given, ["names"], frozenset()) == given


def test_a_loop_with_an_else_stays() -> None:
    given = source(
        "def f(names):\n    for name in names:\n        name()\n    else:\n        g()\n"
    )
    assert without_loops(given, ["names"], frozenset()) == given


def test_a_name_for_an_empty_list_is_handed_on_as_it() -> None:
    given = source("def f(row):\n    names: list[str] = []\n    return updated(row, names=names)\n")
    assert (
        text_of(with_empty_arguments(given)) == "def f(row):\n    return updated(row, names=[])\n"
    )


@pytest.mark.parametrize(
    "line",
    ["names.append(1)", "other = names", "updated(row, names)", "names = [1]", "names[0] = 1"],
)
def test_a_name_that_is_used_otherwise_is_kept(line: str) -> None:
    given = source(f"def f(row):\n    names = []\n    {line}\n    return updated(row, names)\n")
    assert with_empty_arguments(given) == given


def test_the_source_stays_that_of_its_place() -> None:
    given = replace(source(UPDATED), line=7)
    assert without_loops(given, ["names"], frozenset({"row"})).line == 7
