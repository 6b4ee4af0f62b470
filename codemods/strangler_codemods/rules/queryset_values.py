"""`values` and `values_list` read columns, also of related rows, when the rows are asked for.

Before: list(Book.objects.values("id", "author__name"))
After:  mappings(session, select(Book).join(Book.author), id=Book.id, author__name=Author.name)
"""

from dataclasses import replace

import libcst as cst

from strangler_codemods.known_texts import known_text
from strangler_codemods.operation import Operation, Typed
from strangler_codemods.orderings import kind_at
from strangler_codemods.queries import base
from strangler_codemods.reach import Reach
from strangler_codemods.rule import method, rewrites
from strangler_codemods.sql_values import column, expression
from strangler_codemods.types import Constant, Manager, Query
from strangler_codemods.value_types import RANGES


@rewrites(method(Manager, "values"), method(Query, "values"))
def values(operation: Operation) -> Typed:
    named = [a for a in operation.args if a.keyword is not None]
    return _reduced(operation, base(operation), operation.positional(), named, "dict")


@rewrites(method(Manager, "values_list"), method(Query, "values_list"))
def values_list(operation: Operation) -> Typed:
    options = operation.keywords()
    flags = {}
    for key, node in options.items():
        kind = operation.body.expr(node).type
        if key not in ("flat", "named") or not isinstance(kind, Constant):
            operation.refuse("B111", "`values_list` with these arguments has no rule")
        flags[key] = bool(kind.value)
    shape = "flat" if flags.get("flat") else "named" if flags.get("named") else "tuple"
    names = operation.positional()
    if shape == "flat" and (len(names) != 1 or flags.get("named")):
        operation.refuse("Q106", "`values_list` of these columns has no rule")
    return _reduced(operation, base(operation), names, [], shape)


def _reduced(
    operation: Operation,
    statement: Typed,
    names: list[cst.BaseExpression],
    named: list[cst.Arg],
    shape: str,
) -> Typed:
    kind, body = statement.type, operation.body
    assert isinstance(kind, Query)
    reach = Reach.of(body, kind)
    found: list[tuple[str, str, str]] = []
    for node in names:
        name = known_text(body, node)
        if name is not None:
            one = column(reach, name, node)
            if kind_at(body.world, reach.label, name.split("__")) in RANGES:
                operation.refuse("B104", f"`{name}` holds ranges, which have no rule in code")
        else:
            made = expression(reach, node)
            if made is None or made.aggregate:
                operation.refuse("Q106", "these values have no rule")
            one, name = made, f"value{len(found) + 1}"
            if shape not in ("tuple", "flat"):
                operation.refuse("Q106", "a value without a name has no rule")
        found.append((name, one.text, one.kind))
    for argument in named:
        made = expression(reach, argument.value)
        assert argument.keyword is not None
        if made is None or made.aggregate:
            operation.refuse("Q106", "these values have no rule")
        found.append((argument.keyword.value, made.text, made.kind))
    if not found:
        found = _all(reach)
    _require_groups(operation, kind, found)
    if len({key for key, _, _ in found}) != len(found):
        operation.refuse("Q106", "a column that is asked for twice has no rule")
    result = reach.applied(statement)
    assert isinstance(result.type, Query)
    repeats = result.type.repeats
    return replace(
        result,
        type=replace(result.type, values=tuple(found), shape=shape, repeats=repeats, related=None),
    )


def _require_groups(operation: Operation, kind: Query, found: list[tuple[str, str, str]]) -> None:
    """Refuse columns that are not of the groups, or that `distinct` would make fewer rows of."""
    if kind.once:
        operation.refuse("Q124", "`distinct` before the columns are named has no rule")
    if kind.grouped and any(text not in _known(kind) for _, text, _ in found):
        operation.refuse("Q126", "a column that is not of the groups has no rule")


def _known(kind: Query) -> set[str]:
    return {*kind.group, *(c.text for c in kind.computed)}


def _all(reach: Reach) -> list[tuple[str, str, str]]:
    """Every column under its own name, then what is computed."""
    world = reach.body.world
    model = world.models[world.concrete(reach.label)]
    if model.parents:
        reach.body.refuse("Q106", "all columns of a model with parents have no rule")
    found = []
    for one in model.fields:
        name = one.attname
        kind = world.read_type(reach.label, name)
        text = reach.attribute(reach.entity, reach.label, reach.label, name)
        found.append((name, text, getattr(kind, "name", "Any")))
    found += [(c.name, c.text, c.kind) for c in reach.kind.computed if c.shown]
    return found
