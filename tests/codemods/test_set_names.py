"""Names that a computed `setattr` sets, where a function inside a function says them all."""

import ast

import pytest

from strangler_codemods.given_names import given_names, sets_computed
from strangler_codemods.sources import Module

CODE = """
def copy(self):
    def one(rows, changes=None):
        if changes is None:
            changes = {{}}
        for name, value in changes.items():
            setattr(rows, name, value)
        {more}

    one(self.pages)
    one(self.rows, {given})
    {after}
"""


def _code(more: str = "pass", given: str = "{'size': 1}", after: str = "pass") -> ast.Module:
    return ast.parse(CODE.format(more=more, given=given, after=after))


@pytest.mark.parametrize("given", ["{'size': 1}", "changes={'size': int}"])
def test_keys_of_dictionaries_that_are_written_down_are_all(given: str) -> None:
    tree = _code(given=given)
    assert not sets_computed(tree)
    assert "size" in given_names(tree)


@pytest.mark.parametrize(
    "changes",
    [
        {"given": "found"},
        {"given": "{name: 1}"},
        {"given": "**found"},
        {"given": "*found"},
        {"after": "return one"},
        {"after": "one.changes = 1; each(one)"},
        {"more": "changes.update(self.more)"},
        {"more": "changes = self.more"},
        {"more": "name = self.name"},
        {"more": "setattr(rows, self.name, 1)"},
    ],
)
def test_names_from_anywhere_else_are_not_known(changes: dict[str, str]) -> None:
    assert sets_computed(_code(**changes))


def test_a_function_that_others_may_call_says_nothing() -> None:
    text = "def one(row, changes):\n    for name, value in changes.items():\n        setattr(row, name, value)"
    assert sets_computed(ast.parse(text))


@pytest.mark.parametrize(
    ("name", "text", "is_test"),
    [
        ("a.tests.test_views", "from django.test import TestCase", True),
        ("a.tests", "import unittest", True),
        ("a.test_views", "from rest_framework.views import APIView", False),
        ("a.views", "import pytest", False),
    ],
)
def test_a_module_of_tests_is_known_by_its_name_and_what_it_imports(
    name: str, text: str, is_test: bool
) -> None:
    assert Module(f"{name.replace('.', '/')}.py", name, text).is_test is is_test
