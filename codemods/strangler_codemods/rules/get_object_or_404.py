"""`get_object_or_404` finds one row, or answers 404 in Django's words.

Before: book = get_object_or_404(Book, pk=pk)
After:  book = await get_or_404(session, select(Book).where(Book.id == pk))

DRF's own, of `rest_framework.generics`, finds nothing either where a value cannot be one of the column's.
"""

from dataclasses import replace

import libcst as cst

from strangler_codemods.computed_values import loaded
from strangler_codemods.lookups import filtered
from strangler_codemods.operation import Operation, Typed, code_of, parse
from strangler_codemods.rule import call, rewrites
from strangler_codemods.types import Instance, Manager, ModelClass, Query
from strangler_codemods.walking import has

_LENIENT = "rest_framework.generics.get_object_or_404"


@rewrites(call("django.shortcuts.get_object_or_404"), call(_LENIENT))
def rewrite(operation: Operation) -> Typed:
    body = operation.body
    if not operation.args or operation.args[0].keyword or operation.args[0].star:
        operation.refuse("B111", "`get_object_or_404` without a model has no rule")
    if body.colour == "build":
        operation.refuse("Q107", "a row is looked for where no query may run")
    target = body.expr(operation.args[0].value)
    if isinstance(target.type, ModelClass):
        managers = body.world.models[target.type.model].managers
        name = next((m.name for m in managers if m.default), "objects")
        target = Typed(target.node, Manager(target.type.model, name))
    if isinstance(target.type, Manager):
        assert body.world.manager_base is not None
        target = body.world.manager_base(body, target.type.model, target.type.name)
    if not isinstance(target.type, Query) or target.type.sliced:
        operation.refuse("B111", "`get_object_or_404` of something else has no rule")
    rest = operation.args[1:]
    lenient = operation.name == _LENIENT and bool(rest)
    given = replace(target, node=cst.Name("rows")) if lenient else target
    if lenient and not all(_is_read(one.value) for one in rest):
        operation.refuse("B111", "a value that is computed while a row is looked for has no rule")
    statement = filtered(replace(operation, args=rest), given)
    kind = statement.type
    assert isinstance(kind, Query)
    if kind.values or kind.repeats:
        operation.refuse("B111", "`get_object_or_404` of columns has no rule")
    extras = kind.extras()
    statement = loaded(body, statement)
    function = body.compat("actions" if body.colour == "async" else "orm", "get_or_404")
    asked = f"{target.code}, lambda rows: {statement.code}" if lenient else statement.code
    text = f"{function}({body.session()}, {asked})"
    row = Instance(kind.model, extras=extras)
    return Typed(parse(f"await {text}" if body.colour == "async" else text), row)


def _is_read(node: cst.BaseExpression) -> bool:
    """Whether a value is there already, so that only what is asked of the column may fail."""
    if isinstance(node, cst.Subscript):
        return code_of(node.value) in ("kwargs", "self.kwargs")
    return not has(node, cst.Call, cst.Subscript)
