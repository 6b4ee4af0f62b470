"""Loops over known names as lines of their own, and what must stay a loop."""

import libcst as cst
import pytest

from strangler_codemods.operation import code_of
from strangler_codemods.settled import without_settled
from strangler_codemods.unrolling import sets_named, unrolled


def written(text: str) -> str:
    node = cst.ensure_type(cst.parse_module(text).body[0], cst.FunctionDef)
    return code_of(unrolled(node, sets_named)).strip()


def test_each_name_has_its_own_lines() -> None:
    before = """
def f(row, data):
    for name in ("a", "b"):
        if name not in data:
            continue
        if getattr(row, name) is None:
            log(f"{name} is new")
            continue
        setattr(row, name, data[name])
"""
    after = """
def f(row, data):
    if "a" in data:
        if row.a is None:
            log(f"a is new")
        else:
            row.a = data["a"]
    if "b" in data:
        if row.b is None:
            log(f"b is new")
        else:
            row.b = data["b"]
"""
    assert written(before.lstrip("\n")) == after.strip()


@pytest.mark.parametrize(
    "loop",
    [
        "for name in names:\n        setattr(row, name, 1)",
        "for name in ('a', 'b'):\n        print(name)",
        "for name in ('a', 'b c'):\n        setattr(row, name, 1)",
        "for name in ('a', 'class'):\n        setattr(row, name, 1)",
        "for name in ('a', 'b'):\n        setattr(row, name, 1)\n    return name",
        "for name in ('a', 'b'):\n        setattr(row, name, 1)\n        break",
        "for name in ('a', 'b'):\n        setattr(row, name, lambda: name)",
        "for name in ('a', 'b'):\n        name = name.upper()\n        setattr(row, name, 1)",
        "for name in ('a', 'b'):\n        setattr(row, name, [name for name in row])",
        "for name in ('a', 'b'):\n        setattr(row, name, 1)\n    else:\n        g()",
    ],
)
def test_a_loop_that_means_more_stays_as_it_is(loop: str) -> None:
    text = f"def f(row, names):\n    {loop}"
    assert written(text) == text


def left(text: str) -> str:
    return "".join(map(code_of, without_settled(cst.parse_module(text).body))).strip()


def test_branches_on_what_is_never_set_are_left_out() -> None:
    assert left("a = False\nb = []\nif a:\n    b.append(1)\nelse:\n    f()\n") == "f()"
    kept = "a = False\nif x:\n    a = True\nif a:\n    f()"
    assert left(kept) == kept
