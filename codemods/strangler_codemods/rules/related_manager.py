"""What a related manager changes: the pairs of a many-to-many, or new rows that point to the row.

Before: book.tags.add(tag); book.tags.set(tags); book.reviews.create(stars=5)
After:  m2m_add(session, book, "tags", tag); m2m_set(...); create(session, Review, book=book, stars=5)
"""

import libcst as cst

from strangler_codemods.evaluating import run
from strangler_codemods.operation import Operation, Typed, parse
from strangler_codemods.plain_values import operate
from strangler_codemods.rule import method, rewrites
from strangler_codemods.saving_options import saving_options
from strangler_codemods.types import Constant, Instance, ListOf, Plain, Query, Related, Rows
from strangler_codemods.writability import links_obstacle


def _related(operation: Operation) -> Related:
    kind, body = operation.on.type, operation.body
    assert isinstance(kind, Query)
    if kind.related is None:
        operation.refuse("Q106", f"`.{operation.name}()` of a query has no rule")
    if body.colour == "build":
        operation.refuse("Q107", f"`.{operation.name}()` writes where nothing may be written")
    return kind.related


def _many(operation: Operation) -> Related:
    """The many-to-many relation that is changed."""
    related = _related(operation)
    if related.column is not None:
        operation.refuse("Q132", f"`.{operation.name}()` of rows that point here has no rule")
    kind, world = operation.on.type, operation.body.world
    assert isinstance(kind, Query)
    declared = world.field_named(related.model, related.accessor)
    owner, name = (
        (related.model, related.accessor) if declared else (kind.model, related.query_name)
    )
    reason = links_obstacle(world, owner, [name])
    if reason is not None:
        operation.refuse("Q113", reason)
    return related


def _members(operation: Operation) -> list[str]:
    """Rows or keys, as arguments."""
    texts = []
    for argument in operation.args:
        if argument.keyword is not None or len(argument.star) > 1:
            operation.refuse("Q132", f"`.{operation.name}()` with these arguments has no rule")
        text, many = _value(operation, argument.value)
        if many != bool(argument.star):
            operation.refuse("Q132", f"`.{operation.name}()` with these arguments has no rule")
        texts.append(f"*{text}" if many else text)
    return texts


def _value(operation: Operation, node: cst.BaseExpression) -> tuple[str, bool]:
    """Rows or keys as text, and whether there may be many."""
    value = operation.body.expr(node)
    if isinstance(value.type, Query):
        inner = Operation(node, operation.body, "__iter__", value)
        value = operate(operation.body, "method", Query, "__iter__", inner) or value
    kind = value.type
    if isinstance(kind, Instance):
        if kind.optional:
            operation.refuse("B121", f"`{value.code}` may be None here")
        return value.code, False
    if isinstance(kind, Rows | ListOf):
        return value.code, True
    if isinstance(kind, Constant):
        return value.code, isinstance(kind.value, tuple)
    if not isinstance(kind, Plain):
        operation.refuse("Q132", f"`.{operation.name}()` of something else has no rule")
    return value.code, kind.name not in ("int", "str")


@rewrites(method(Query, "add"))
def add(operation: Operation) -> Typed:
    return _written(operation, "m2m_add", _members(operation))


@rewrites(method(Query, "remove"))
def remove(operation: Operation) -> Typed:
    return _written(operation, "m2m_remove", _members(operation))


@rewrites(method(Query, "clear"))
def clear(operation: Operation) -> Typed:
    operation.take()
    return _written(operation, "m2m_clear", [])


@rewrites(method(Query, "set"))
def replace_all(operation: Operation) -> Typed:
    text, many = _value(operation, operation.take("objs")["objs"])
    if not many:
        operation.refuse("Q132", "`.set()` of something else has no rule")
    return _written(operation, "m2m_set", [text])


def _written(operation: Operation, function: str, texts: list[str]) -> Typed:
    related = _many(operation)
    name = operation.body.world.attribute(related.accessor)
    call = run(operation.body, function, related.row, f'"{name}"', *texts)
    return Typed(parse(call), Plain("None"))


@rewrites(method(Query, "create"))
def create(operation: Operation) -> Typed:
    related = _related(operation)
    kind, body = operation.on.type, operation.body
    assert isinstance(kind, Query)
    if related.column is None:
        operation.refuse("Q132", "`.create()` of a many-to-many relation has no rule")
    body.world.require_writable(body, kind.model, operation.node, "save")
    options = saving_options(operation, kind.model)
    owner = f"{related.column}={related.row}"
    if body.colour == "async":
        function = body.compat("actions", "create")
        text = (
            f"await {function}({body.session()}, {body.model(kind.model)}, {{}}, {owner}{options})"
        )
    else:
        function = body.compat("orm", "create")
        text = f"{function}({body.session()}, {body.model(kind.model)}, {owner}{options})"
    return Typed(parse(text), Instance(kind.model))
