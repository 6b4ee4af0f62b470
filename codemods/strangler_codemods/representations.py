"""`to_representation` of the project's serializers: the read schema's own `represent`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from strangler.facts import Serializer

from .body import Body, CallResult, Owner
from .functions import Rewritten, rewrite_function
from .operation import Operation, Typed, parse
from .refusal import RefusalError
from .types import Constant, Instance, Plain, SerializerSelf, Type

if TYPE_CHECKING:
    from .schemas import Schemas

REPRESENT = "to_representation"


def representation(schemas: Schemas, serializer: Serializer, label: str | None) -> list[Rewritten]:
    """The override as a method to be; none where the project wrote none.

    Raises:
        RefusalError: an operation of it has no rule, or it reaches another override.
    """
    ref = serializer.methods.get(REPRESENT)
    if ref is None:
        return []
    place = ref.source or serializer.source or ""
    world = schemas.world
    source = world.sources.function(ref.path)
    if source is None or label is None or label not in world.models:
        raise RefusalError("S130", f"the serializer overrides `{REPRESENT}`", place)
    world.registry.declared("representation")
    others = [c.path for c in serializer.lineage if c.path != ref.path.rpartition(".")[0]]
    own = [path for path in others if world.sources.function(f"{path}.{REPRESENT}") is not None]
    names = [p.name.value for p in source.node.params.params]
    if own or len(names) != 2:  # the serializer and the row
        raise RefusalError("S130", f"the serializer overrides `{REPRESENT}`", place)
    owner = Owner("serializer", serializer.name, attributes={"model": label, "shows": True})
    owner.call_super = _super
    body = Body(world, source.module, owner, colour="sync", use_context=True)
    env: dict[str, Type] = {names[0]: SerializerSelf(serializer.name), names[1]: Instance(label)}
    rewritten = rewrite_function(source, body, env, _finish)
    if rewritten.falls_through:
        body.refuse("S130", f"`{REPRESENT}` may give nothing", source.node)
    return [rewritten]


def _super(body: Body, name: str, node: cst.BaseExpression) -> CallResult | Typed:
    """What DRF would show of the row."""
    if name != REPRESENT or not isinstance(node, cst.Call):
        body.refuse("B302", f"`super().{name}` has no rule here", node)
    given = Operation(node, body, name, args=tuple(node.args)).take("instance")
    row = body.expr(given["instance"])
    if not isinstance(row.type, Instance) or row.type != Instance(
        str(body.owner.attributes["model"])
    ):
        body.refuse("B302", f"`super().{name}` of something else has no rule", node)
    text = f"super().represent({row.code}, {body.context()})"
    return Typed(parse(text), Plain("dict[str, Any]"))


def _finish(body: Body, value: Typed | None, node: cst.CSTNode) -> cst.BaseExpression:
    """`return data`: a dictionary, or whatever JSON has."""
    if (
        value is None
        or value.type == Constant(None)
        or not isinstance(value.type, Plain | Constant)
    ):
        body.refuse("S130", f"`{REPRESENT}` gives something else than data", node)
    return value.node
