"""`prefetch_related` becomes `selectinload`.

Before: queryset.prefetch_related("tags", "reviews__author")
After:  statement.options(selectinload(Book.tags), selectinload(Book.reviews).selectinload(Review.author))

Before: queryset.prefetch_related(Prefetch("reviews", queryset=Review.objects.select_related("author")))
After:  statement.options(selectinload(Book.reviews).options(joinedload(Review.author)))
"""

import libcst as cst

from strangler_codemods.loading import load_path
from strangler_codemods.operation import Operation, Typed, code_of, parse, string_value
from strangler_codemods.queries import base
from strangler_codemods.rule import method, rewrites
from strangler_codemods.types import Manager, Query, Symbol

_PREFETCH = tuple(Symbol(f"django.db.models.{name}") for name in ("Prefetch", "query.Prefetch"))


@rewrites(method(Manager, "prefetch_related"), method(Query, "prefetch_related"))
def rewrite(operation: Operation) -> Typed:
    statement = base(operation)
    assert isinstance(statement.type, Query)
    options = []
    for node in operation.positional():
        path, inner = string_value(node), ""
        if path is None:
            path, inner = _prefetch(operation, node)
        option = load_path(
            operation.body, statement.type.model, path or "", to_many=True, before=statement.code
        )
        if path is None or option is None:
            operation.refuse("Q123", "this `prefetch_related` has no rule")
        options.append(f"{option}{inner}")
    text = f"{statement.code}.options({', '.join(options)})" if options else statement.code
    return Typed(parse(text), statement.type)


def _prefetch(operation: Operation, node: cst.BaseExpression) -> tuple[str | None, str]:
    """The path of a `Prefetch`, and what its queryset loads beside its rows.

    A queryset that leaves rows out, or has an order of its own, is refused: relations show all rows.
    """
    body = operation.body
    function = body.expr(node.func).type if isinstance(node, cst.Call) else None
    if not isinstance(node, cst.Call) or function not in _PREFETCH:
        return None, ""
    given = Operation(node, body, "Prefetch", args=tuple(node.args)).take("lookup", "queryset")
    path = string_value(given["lookup"]) if "lookup" in given else None
    if "queryset" not in given:
        return path, ""
    queryset = body.expr(given["queryset"])
    if isinstance(queryset.type, Manager):
        queryset = base(Operation(node, body, "all", queryset))
    loads: list[str] = []
    rest = queryset.node
    while isinstance(rest, cst.Call) and isinstance(rest.func, cst.Attribute):
        if rest.func.attr.value != "options":
            break
        loads[:0] = [code_of(argument.value) for argument in rest.args]
        rest = rest.func.value
    kind = queryset.type
    managers = body.world.models[kind.model].managers if isinstance(kind, Query) else ()
    if any(m.default and m.filtering for m in managers):  # relations show what it leaves
        operation.refuse("Q123", f"the queryset of `Prefetch` of `{path}` has no rule")
    if not isinstance(kind, Query) or code_of(rest) != f"select({body.model(kind.model)})":
        operation.refuse("Q123", f"the queryset of `Prefetch` of `{path}` has no rule")
    return path, f".options({', '.join(loads)})" if loads else ""
