"""A dictionary of the project's functions is written where one of them is chosen and called.

Before: handlers = {"NotFound": not_found}; if name in handlers: return handlers[name](exc, response)
After:  if name in ("NotFound",): return {"NotFound": not_found}[name](exc=exc, response=response)
"""

from typing import cast

import libcst as cst

from strangler_codemods.lattice import join
from strangler_codemods.operation import Operation, Typed, code_of, parse
from strangler_codemods.plain_values import plain
from strangler_codemods.rule import Key, item, method, rewrites
from strangler_codemods.surrounding_types import FunctionTable, TableEntry
from strangler_codemods.types import Plain, Unknown


@rewrites(Key("compare", FunctionTable, "*"))
def contains(operation: Operation) -> Typed:
    node, kind, other = operation.node, operation.on.type, operation.other
    assert isinstance(node, cst.Comparison)
    assert isinstance(kind, FunctionTable)
    operator = node.comparisons[0].operator
    if not isinstance(operator, cst.In | cst.NotIn) or other is None:
        operation.refuse("B107", "this comparison of a table of functions has no rule")
    keys = tuple(key for key, _ in kind.functions)
    word = "in" if isinstance(operator, cst.In) else "not in"
    return Typed(parse(f"{other.code} {word} {keys!r}"), Plain("bool"))


@rewrites(item(FunctionTable))
def choose(operation: Operation) -> Typed:
    node, kind = operation.node, operation.on.type
    assert isinstance(node, cst.Subscript)
    assert isinstance(kind, FunctionTable)
    index = node.slice[0].slice
    if not isinstance(index, cst.Index):
        operation.refuse("B109", "this use of a table of functions has no rule")
    key = code_of(plain(operation.body, index.value))
    return Typed(node, TableEntry(kind.functions, key))


@rewrites(
    method(FunctionTable, "get"), method(FunctionTable, "items"), method(FunctionTable, "pop")
)
def other(operation: Operation) -> Typed:
    operation.refuse("B109", "this use of a table of functions has no rule")


@rewrites(Key("construct", TableEntry, "*"))
def call(operation: Operation) -> Typed:
    kind, body = operation.on.type, operation.body
    assert isinstance(kind, TableEntry)
    helper = body.world.call_helper
    if helper is None or body.colour == "async":
        operation.refuse("B105", "calling a function from a table has no rule here")
    called = []
    for key, path in kind.functions:
        one = Operation(operation.node, body, path, args=operation.args)
        called.append((key, helper(one, path, None)))
    functions, arguments, kinds = [], set(), [typed.type for _, typed in called]
    for key, typed in called:
        node = cast("cst.Call", typed.node)
        functions.append(f"{key!r}: {code_of(node.func)}")
        arguments.add(
            ", ".join(code_of(a.with_changes(comma=cst.MaybeSentinel.DEFAULT)) for a in node.args)
        )
    returns = kinds[0]
    for found in kinds[1:]:
        returns = join(returns, found)
    if len(arguments) != 1 or isinstance(returns, Unknown):
        operation.refuse("B148", "the functions of this table are called in different ways")
    table = f"{{{', '.join(functions)}}}"
    return Typed(parse(f"{table}[{kind.key}]({arguments.pop()})"), returns)
