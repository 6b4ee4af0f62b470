"""Lines of nodes, found without measuring the whole module, are those that LibCST's metadata gives."""

import inspect
import json.decoder
import textwrap
from types import ModuleType

import libcst as cst
import pytest
from libcst.metadata import MetadataWrapper, PositionProvider

from strangler_codemods import sources, statements
from strangler_codemods.sources import Module
from strangler_codemods.walking import has, walk

TRICKY = '''\
# a comment first

"""The docstring."""

import os; import sys  # two on a line

# above the decorator
@decorated(
    1,
)
# between
class A:
    """Its text."""

    x: int = 1; y = (
        2
    )

    @property
    def f(self):
        return [
            z for z in self.y
        ]


if os:
    b = 1
else:
    b = 2
'''


@pytest.mark.parametrize("module", [sources, statements, inspect, json.decoder])
def test_lines_are_those_of_the_metadata(module: ModuleType) -> None:
    check(inspect.getsource(module))


def test_lines_hold_with_several_statements_and_decorators() -> None:
    check(TRICKY)


def check(text: str) -> None:
    module = Module("m.py", "m", text)
    positions = MetadataWrapper(module.parsed, unsafe_skip_copy=True).resolve(PositionProvider)
    asked = [
        n for n in walk(module.parsed) if isinstance(n, cst.BaseStatement | cst.Name | cst.Call)
    ]
    assert len(asked) > 10
    assert [module.line_of(n) for n in asked] == [positions[n].start.line for n in asked]
    assert module.line_of(cst.Name("new")) == 0


def test_what_a_node_holds_is_found_however_deep() -> None:
    function = cst.parse_statement(
        textwrap.dedent(
            """
            def f():
                with a:
                    for x in y:
                        return g(x)
            """
        )
    )
    assert has(function, cst.Return)
    assert has(function, cst.Yield, cst.Call)
    assert not has(function, cst.Yield)
