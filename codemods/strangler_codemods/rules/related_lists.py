"""The list of a many-to-many relation is changed by compat.

Before: article.tags.add(tag)
After:  m2m_add(session, article, "tags", tag)
"""

import libcst as cst

from strangler_codemods.links import many_to_many
from strangler_codemods.operation import Operation, Typed, parse
from strangler_codemods.rule import method, rewrites
from strangler_codemods.types import Instance, Plain, Query, Rows
from strangler_codemods.writability import links_obstacle

_FUNCTIONS = {"add": "m2m_add", "remove": "m2m_remove", "set": "m2m_set", "clear": "m2m_clear"}


@rewrites(*(method(Query, name) for name in _FUNCTIONS))
def rewrite(operation: Operation) -> Typed:
    kind, body = operation.on.type, operation.body
    assert isinstance(kind, Query)
    if kind.related is None:
        operation.refuse("Q106", f"`.{operation.name}()` of a query has no rule")
    row, label, name = kind.related
    if body.colour == "build":
        operation.refuse("Q107", f"`.{operation.name}()` writes where nothing may be written")
    column = many_to_many(body.world, label, name)
    if column is None or body.world.attribute(name) != name:
        operation.refuse("Q106", f"`.{operation.name}()` of `{name}` has no rule")
    reason = links_obstacle(body.world, label, [name])
    if reason is not None:
        operation.refuse("Q113", reason)
    given = operation.positional()
    wanted = {"set": 1, "clear": 0}.get(operation.name, len(given))
    if operation.keywords() or len(given) != wanted:
        operation.refuse("B111", f"`.{operation.name}()` with these arguments has no rule")
    members = "".join(f", {_member(operation, kind, node)}" for node in given)
    function = body.compat("manytomany", _FUNCTIONS[operation.name])
    if body.colour == "async":
        text = f'await {body.session()}.run_sync({function}, {row}, "{name}"{members})'
    else:
        text = f'{function}({body.session()}, {row}, "{name}"{members})'
    return Typed(parse(text), Plain("None"))


def _member(operation: Operation, kind: Query, node: cst.BaseExpression) -> str:
    """A row, or the rows of `set`."""
    value = operation.body.expr(node)
    wanted = Rows(kind.model) if operation.name == "set" else Instance(kind.model)
    plain = isinstance(value.type, Plain) and value.type.name.startswith("list")
    if value.type != wanted and not (operation.name == "set" and plain):
        operation.refuse("B102", f"`{value.code}` does not go into `{kind.model}`")
    return value.code
