"""`f(**known)` becomes `f(a=1)` where that is the same, and stays as it is elsewhere."""

import textwrap

import libcst as cst
import pytest

from strangler_codemods.operation import code_of, string_value
from strangler_codemods.spelled_out import spelled_out

#: The lines of a function, and what becomes of them; None where they stay.
FORMS = {
    'k = {"a": x}; return f(**k)': "return f(a=x)",
    'k = {"a": x.y["z"], "b": 1}; return rows.filter(c=2, **k)': "return rows.filter(c=2, a=x.y['z'], b=1)",
    'k = {"a": x.k["b"]}; return f(**k)': "return f(a=x.k['b'])",
    'return f(**{"a": g(x)}, b=f(**{"c": y}))': "return f(a=g(x), b=f(c=y))",
    "return f(**{x: y})": None,
    'return f(**{"class": y})': None,
    'return f(a=1, **{"a": 2})': None,
    'k = {"a": x}; g(); return f(**k)': None,
    'k = {"a": g()}; return f(**k)': None,
    'k = {"a": x}; return f(a=1, **k)': None,
    'k = {"a": x}; return f(**k) if x else k': None,
    'k = {"a": x}; return f(**k) if x else None': None,
    'k = {"a": x}; return [f(**k) for x in y]': None,
    'k = {"a": x, "a": y}; return f(**k)': None,
    'k = {"not a name": x}; return f(**k)': None,
    "k = {x: y}; return f(**k)": None,
    'k = {"a": x, **y}; return f(**k)': None,
}


@pytest.mark.parametrize("text", FORMS)
def test_dictionaries_are_spelled_out(text: str) -> None:
    lines = "\n    ".join(text.split("; "))
    function = cst.parse_module(f"def h(x, y):\n    {lines}\n").body[0]
    assert isinstance(function, cst.FunctionDef)
    changed = spelled_out(function, string_value)
    left = textwrap.dedent(code_of(changed.body)).strip().replace('"', "'")
    assert left == (FORMS[text] or text.replace("; ", "\n").replace('"', "'"))


def test_comments_stay() -> None:
    text = 'def h(x):\n    # whose\n    k = {"a": x}\n\n    # these\n    return f(**k)\n'
    function = cst.parse_module(text).body[0]
    assert isinstance(function, cst.FunctionDef)
    left = code_of(spelled_out(function, string_value))
    assert left.strip() == "def h(x):\n    # whose\n    # these\n    return f(a=x)"


def test_lines_in_blocks() -> None:
    text = 'def h(x):\n    for y in x:\n        k = {"a": y}\n        f(**k)\n    g(**y)\n'
    function = cst.parse_module(text).body[0]
    assert isinstance(function, cst.FunctionDef)
    changed = spelled_out(function, string_value)
    assert code_of(changed).strip() == "def h(x):\n    for y in x:\n        f(a=y)\n    g(**y)"
    assert changed.body.body[1] is function.body.body[1]
