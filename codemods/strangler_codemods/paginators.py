"""Methods of pagination classes: the envelope of a page, and its links."""

from __future__ import annotations

import functools
from collections.abc import Iterator

import libcst as cst

from strangler.facts import Paginator, Ref

from .answer_types import PaginatorSelf, Response
from .answered import answered
from .body import Body, CallResult, Import, Owner
from .functions import rewrite_function
from .operation import Typed, parse
from .refusal import RefusalError
from .types import Constant, Plain, SchemaData, Type
from .world import World

_ENVELOPE = "get_paginated_response"
_LINKS = frozenset({"get_next_link", "get_previous_link"})
#: What only documents read.
_DOCUMENTING = frozenset({"get_paginated_response_schema", "get_schema_operation_parameters"})
#: What DRF sets on a paginator as it works.
_SET = frozenset({"base_url", "count", "cursor", "limit", "offset", "ordering", "page", "request"})


def paginator_methods(
    world: World, facts: Paginator, place: str, imports: set[Import]
) -> Iterator[str]:
    """Each method that the project wrote, as one of the new class.

    Raises:
        RefusalError: a method, or something in it, has no rule.
    """
    for name, ref in sorted(facts.methods.items()):
        asked = name in facts.overrides or name in _SET or name.startswith("_")
        if name in _DOCUMENTING or not asked:
            continue  # nobody calls it: what asks for it has no rule
        if name not in {_ENVELOPE, *_LINKS}:
            raise RefusalError("G102", f"the paginator overrides `{name}`", ref.source or place)
        yield _method(world, facts, name, ref, imports)


def _method(world: World, facts: Paginator, name: str, ref: Ref, imports: set[Import]) -> str:
    source = world.sources.function(ref.path)
    wanted = 2 if name == _ENVELOPE else 1
    params = [p.name.value for p in source.node.params.params] if source is not None else []
    if source is None or len(params) != wanted:
        raise RefusalError("G102", f"`{name}` of the paginator has no rule", ref.source or "")
    owner = Owner("function", facts.name)
    owner.call_super = functools.partial(_super, name)
    body = Body(world, source.module, owner, colour="sync")
    env: dict[str, Type] = {params[0]: PaginatorSelf(facts.kind, tuple(_literals(facts)))}
    if name == _ENVELOPE:
        env[params[1]] = SchemaData("list[dict[str, Any]]", many=True)
        body.answered = answered(source.node, body)
    finish = _enveloped if name == _ENVELOPE else _linked
    rewritten = rewrite_function(source, body, env, finish)
    if body.parameters or body.definitions or rewritten.falls_through:
        body.refuse("G102", f"`{name}` needs more than the page", source.node)
    imports |= rewritten.imports | {("typing", "Any")}
    given = f"self, {params[1]}: list[Any]" if name == _ENVELOPE else "self"
    return rewritten.text(f"def {'envelope' if name == _ENVELOPE else name}({given}) -> Any")


def _literals(facts: Paginator) -> Iterator[str]:
    """Attributes whose values the new class writes."""
    for name, value in facts.attributes.items():
        if value.kind == "literal":
            yield name


def _super(method: str, body: Body, name: str, node: cst.BaseExpression) -> CallResult | Typed:
    if name != method or name not in _LINKS or not isinstance(node, cst.Call) or node.args:
        body.refuse("B302", f"`super().{name}` has no rule here", node)
    return Typed(parse(f"super().{name}()"), Plain("str | None"))


def _enveloped(body: Body, value: Typed | None, node: cst.CSTNode) -> cst.BaseExpression:
    kind = value.type if value is not None else None
    if not isinstance(kind, Response) or kind.status != 200 or kind.data is None:
        body.refuse("G102", "the paginator answers with more than data", node)
    return parse(kind.data)


def _linked(body: Body, value: Typed | None, node: cst.CSTNode) -> cst.BaseExpression:
    if value is None or not isinstance(value.type, Plain | Constant):
        body.refuse("G102", "the paginator's link is no value", node)
    return value.node
