"""`a = b = value` becomes one assignment after the other, and means the same."""

import textwrap

import libcst as cst
import pytest

from strangler_codemods.chained import is_chained, unchained
from strangler_codemods.functions import walk
from strangler_codemods.operation import code_of

# What is assigned, and what it becomes; None where it stays.
FORMS = {
    "a = b = 0": ["a = 0", "b = 0"],
    "a = b = kept[0] = {}": ["a = {}", "b = a", "kept[0] = a"],
    "a = a.next = Node(a)": ["a = Node(a)", "a.next = a"],
    "kept[at()] = a = Node(a)": None,
}


@pytest.mark.parametrize("text", FORMS)
def test_chains_are_taken_apart(text: str) -> None:
    function = cst.parse_module(f"def f(a, kept):\n    {text}\n    return a\n").body[0]
    assert isinstance(function, cst.FunctionDef)
    changed = unchained(function)
    lines = textwrap.dedent(code_of(changed.body)).strip().splitlines()
    assert lines == [*(FORMS[text] or [text]), "return a"]
    assert any(is_chained(node) for node in walk(changed)) == (FORMS[text] is None)
