"""What functions of statements take and give: their arguments, and what is known of the rows."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import reduce

import libcst as cst

from .annotations import annotation_of
from .body import Body, Import, Parameter
from .functions import Rewritten
from .lattice import join
from .modules import NewModule
from .operation import Operation, Typed, code_of
from .refusal import RefusalError
from .sources import FunctionSource
from .types import Computed, Constant, Instance, Plain, Query, Type, Unknown
from .world import World


def lasting(queries: Iterable[Query]) -> str:
    """How statements of a function are ordered: as asked for, as the model says, or either."""
    found = {query.ordering in ("default", "meta") for query in queries}
    if len(found) > 1:
        return "mixed"
    return "meta" if True in found else "applied"


def either(rewritten: Rewritten) -> Type:
    """What a method of queries gives, whichever path it takes.

    Raises:
        RefusalError: its paths give queries of different forms.
    """
    kinds = [typed.type for typed in rewritten.returns if typed is not None]
    kind = reduce(join, kinds) if kinds else Constant(None)
    if isinstance(kind, Unknown):
        raise RefusalError("Q110", f"what it gives: {kind.reason}", rewritten.source.source)
    return kind


def arguments_of(
    world: World, source: FunctionSource, env: dict[str, Type], rows: Mapping[str, Type]
) -> list[Parameter]:
    """Parameters after `self`: rows, and what carries an annotation or a default to be typed."""
    found = []
    for param in source.node.params.params[1:]:
        name = param.name.value
        if name in rows:
            imports: set[Import] = set()
            text = annotation_of(world, rows[name], imports)
            found.append(Parameter(name, text, "argument", imports=tuple(imports)))
            env[name] = rows[name]
            continue
        annotation = code_of(param.annotation.annotation) if param.annotation else "Any"
        if annotation not in ("str", "int", "bool", "float", "Any"):
            raise RefusalError("B206", f"the parameter `{name}` has no known type", source.source)
        default = code_of(param.default) if param.default else None
        needed = (("typing", "Any"),) if annotation == "Any" else ()
        found.append(Parameter(name, annotation, "argument", default, imports=needed))
        env[name] = Plain(annotation)
    return found


def bound_values(operation: Operation, source: FunctionSource) -> dict[str, Typed]:
    names = [p.name.value for p in source.node.params.params[1:]]
    bound = {}
    for name, node in operation.take(*names).items():
        typed = operation.body.expr(node)
        if not isinstance(typed.type, Plain | Constant | Instance):
            operation.refuse("B206", f"`{name}` is no plain value")
        bound[name] = typed
    return bound


def narrowed(before: Query, after: Type) -> Type | None:
    """What a query becomes in a function that was written for a plain query of its order.

    before: what the function is given. after: what it makes of a plain query. None where the two may need
    each other's joins, or where what was computed changes its meaning.
    """
    if before == Query(before.model, before.ordering):
        return after
    if not isinstance(after, Query) or before.sliced or before.shape or before.entity:
        return None
    ordered = replace(Query(after.model, after.ordering), order=after.order)
    if after != ordered or (
        after.ordering != before.ordering and (before.group or before.distinct)
    ):
        return None
    if after.ordering == before.ordering:
        return replace(before, related=None)
    return replace(before, related=None, ordering=after.ordering, order=after.order)


def known_state(kind: Query) -> Query | None:
    """What a function may know of the query that it is given, where its text is good in any module."""
    ordering = kind.ordering
    known = Query(kind.model, ordering, kind.joins, distinct=kind.distinct, many=kind.many)
    return known if replace(kind, paths=(), related=None) == known else None


def named_in(module: NewModule, body: Body, returns: Type) -> Iterator[Import]:
    """What the texts of computed values name, for the modules that they are written into later."""
    texts = " ".join(c.text for c in returns.computed) if isinstance(returns, Query) else ""
    words = set(re.findall(r"\w+", texts))
    yield from (found for found in body.imports if found[1] in words)
    yield from ((module.name, name) for name in body.definitions if name in words)


def statement_for_self(text: str) -> str:
    """`self`, the queryset, is the parameter `statement`."""
    tree = cst.parse_module(text)

    class Rename(cst.CSTTransformer):
        def leave_Name(self, original_node: cst.Name, updated_node: cst.Name) -> cst.Name:
            is_self = original_node.value == "self"
            return updated_node.with_changes(value="statement") if is_self else updated_node

    return tree.visit(Rename()).code


def kept_values(body: Body, queries: Sequence[Query]) -> tuple[Computed, ...]:
    """What all of the queries compute, as far as its text means the same in any module."""
    known = {name.rpartition(" ")[2] for _, name in body.imports} | body.definitions.keys()
    return tuple(
        replace(one, shown=False)
        for one in (queries[0].computed if queries else ())
        if all(_same(one, query.computed) for query in queries)
        and {n.id for n in ast.walk(ast.parse(one.text)) if isinstance(n, ast.Name)} <= known
    )


def _same(one: Computed, others: Iterable[Computed]) -> bool:
    return any(replace(one, shown=False) == replace(other, shown=False) for other in others)
