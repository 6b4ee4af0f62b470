"""`get_or_create` and `update_or_create` find a row by columns, or make one.

Before: tag, made = Tag.objects.get_or_create(name=name, defaults={"weight": 1})
After:  tag, made = get_or_create(session, Tag, defaults={"weight": 1}, name=name)
"""

from dataclasses import replace

import libcst as cst

from strangler_codemods.evaluating import run
from strangler_codemods.operation import Operation, Typed, code_of, parse, string_value
from strangler_codemods.queries import base
from strangler_codemods.rule import method, rewrites
from strangler_codemods.saving_options import require_storable, unpacked_columns
from strangler_codemods.strangers import somebody
from strangler_codemods.types import Instance, Manager, Plain, Query, TupleOf

_DEFAULTS = ("defaults", "create_defaults")


@rewrites(
    method(Manager, "get_or_create"), method(Manager, "update_or_create"),
    method(Query, "get_or_create"), method(Query, "update_or_create"),
)  # fmt: skip
def rewrite(operation: Operation) -> Typed:
    body, name = operation.body, operation.name
    if body.colour == "build":
        operation.refuse("Q107", f"`.{name}()` writes where nothing may be written")
    statement = base(operation)
    kind = statement.type
    assert isinstance(kind, Query)
    related = kind.related
    narrowed = kind.sliced or kind.shape or kind.entity or kind.computed or kind.distinct
    if (related is not None and related.column is None) or narrowed:
        operation.refuse("Q132", f"`{name}` of this query has no rule")
    body.world.require_writable(body, kind.model, operation.node, "save")
    starred = [argument.value for argument in operation.args if argument.star == "**"]
    named = replace(operation, args=tuple(a for a in operation.args if a.star != "**"))
    given = named.keywords()
    texts = []
    for key in _DEFAULTS:
        if key in given:
            texts.append(f"{key}={_defaults(operation, kind.model, given.pop(key))}")
    if named.positional():
        operation.refuse("B111", f"`{name}` with these arguments has no rule")
    if related is not None and related.column is not None:
        texts.append(f"{related.column}={related.row}")
    for key, node in given.items():
        value = somebody(body, body.expr(node))
        require_storable(operation, kind.model, key, value.type, value.code)
        texts.append(f"{key}={value.code}")
    for node in starred:
        texts.append(f"**{unpacked_columns(operation, kind.model, node, set(given))}")
    plain = code_of(statement.node) == f"select({body.model(kind.model)})" or related is not None
    target = body.model(kind.model) if plain else statement.code
    if related is not None and not _shows_all(operation, kind.model):
        operation.refuse("Q132", f"`{name}` of rows that a manager hides has no rule")
    return Typed(
        parse(run(body, name, target, *texts)), TupleOf((Instance(kind.model), Plain("bool")))
    )


def _shows_all(operation: Operation, label: str) -> bool:
    managers = operation.body.world.models[label].managers
    return not any(m.default and m.filtering for m in managers)


def _defaults(operation: Operation, label: str, node: cst.BaseExpression) -> str:
    """The values of a new row: a dictionary whose keys are in sight."""
    if not isinstance(node, cst.Dict):
        operation.refuse("B133", "defaults that are not in sight have no rule")
    texts = []
    for element in node.elements:
        key = string_value(element.key) if isinstance(element, cst.DictElement) else None
        if key is None:
            operation.refuse("B133", "defaults whose names are not in sight have no rule")
        value = somebody(operation.body, operation.body.expr(element.value))
        require_storable(operation, label, key, value.type, value.code)
        if operation.body.world.attribute(key) != key:
            operation.refuse("B133", f"`{key}` of {label} has another name here")
        texts.append(f'"{key}": {value.code}')
    return "{" + ", ".join(texts) + "}"
