"""Views that name their object themselves: a project's `get_object` as a dependency."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import libcst as cst

from strangler.facts import Endpoint

from .body import Body, CallResult
from .functions import rewrite_function
from .handlers import HandlerTools
from .operation import Typed, code_of
from .refusal import RefusalError
from .row_names import row_name
from .sources import KNOWN_PACKAGES
from .types import Instance, View

if TYPE_CHECKING:
    from .endpoints import Endpoints, Parts
    from .world import World

_GENERIC = "rest_framework.generics.GenericAPIView"


class _Looking(HandlerTools):
    """What a project's `get_object` can ask of its view: not for itself."""

    def found(self) -> tuple[str, str]:
        """The object that the path names: it is what is looked for."""
        raise RefusalError("B137", "`get_object` asks for itself")

    def filtered(
        self, body: Body, statement: Typed, *, one: bool = False, narrowed: bool = False
    ) -> Typed:
        """A statement behind the view's filter backends, for one row of it."""
        return super().filtered(body, statement, one=True, narrowed=narrowed)


def own_object(endpoints: Endpoints, parts: Parts) -> tuple[str, str]:
    """Variable and annotation of the object that the project's `get_object` gives.

    Raises:
        RefusalError: an operation of it has no rule, or it gives something else than a row.
    """
    endpoint = parts.endpoint
    ref = endpoint.methods["get_object"]
    source = endpoints.world.sources.function(ref.path)
    if source is None:
        raise RefusalError("B302", f"`{ref.path}` has no source", ref.source or "")
    owner = endpoints.querysets.owner(endpoint, parts.login)
    owner.queryset_attribute = lambda inner: endpoints.querysets.attribute(endpoint, inner)
    owner.tools = tools = _Looking(endpoints, parts)
    owner.call_super = partial(_above, tools, ref.path)
    body = Body(endpoints.world, source.module, owner, colour="async")
    found: list[Instance] = []

    def finish(inner: Body, value: Typed | None, node: cst.CSTNode) -> cst.BaseExpression:
        kind = value.type if value is not None else None
        if value is None or not isinstance(kind, Instance) or kind.optional:
            inner.refuse("B207", "`get_object` gives something other than a row", node)
        found.append(kind)
        return value.node

    rewritten = rewrite_function(
        source, body, {source.node.params.params[0].name.value: View()}, finish
    )
    kinds = {(kind.model, kind.extras) for kind in found}
    if len(kinds) != 1 or rewritten.falls_through:
        body.refuse("B207", "`get_object` does not always give a row of one model", source.node)
    class_name = parts.use(*endpoints.world.model_symbol(kinds.pop()[0]))
    variable = row_name(class_name)
    parts.imports |= rewritten.imports
    needs = tuple(body.parameters.values())
    head = endpoints.signature(parts, "_", [], needs, class_name)
    if not any(p.kind == "session" for p in needs):
        head = head.replace("session: Session, ", "").replace("session: Session", "")
    tail = rewritten.text("def _()").partition("\n")[2]
    if "user" in body.parameters and variable == "user" and tail.strip() == "return user":
        parts.use("app.identity", "CurrentUser")
        return "user", "CurrentUser"
    stem = f"{endpoints.stem(parts)}_object"
    name = endpoints.routers.finder(parts.module, stem, f"{head}\n{tail}", parts.imports)
    alias = "".join(part.title() for part in name.split("_"))
    parts.imports |= {("typing", "Annotated"), ("fastapi", "Depends")}
    order = endpoints.routers.finder_order(parts.module, name, 1)
    text = f"{alias} = Annotated[{class_name}, Depends({name})]"
    parts.module.add(alias, text, parts.imports, order)
    return variable, alias


def asks_above(world: World, endpoint: Endpoint) -> bool:
    """Whether a project's `get_object` gives a row that DRF's own finds."""
    ref = endpoint.methods.get("get_object")
    source = world.sources.function(ref.path) if ref is not None else None
    return source is not None and "super().get_object()" in code_of(source.node)


def _above(
    tools: HandlerTools, path: str, body: Body, name: str, node: cst.BaseExpression
) -> CallResult | Typed:
    """`super().get_object()`: DRF's own, where no class between has another."""
    endpoint = tools.parts.endpoint
    if name != "get_object" or not isinstance(node, cst.Call) or node.args:
        body.refuse("B302", f"`super().{name}` has no rule here", node)
    if "check_object_permissions" in endpoint.methods:
        body.refuse("B302", "`super().get_object` asks what the view overrides", node)
    lineage = endpoint.lineage
    first = next(i for i, ref in enumerate(lineage) if f"{ref.path}.get_object" == path)
    for ref in lineage[first + 1 :]:
        if ref.path == _GENERIC:
            return tools.looked_up(body, node)
        own = tools.endpoints.world.sources.function(f"{ref.path}.get_object")
        if ref.package not in KNOWN_PACKAGES or own is not None:
            body.refuse("B302", f"`super().{name}` may reach `{ref.path}`", node)
    body.refuse("B302", f"`super().{name}` has no rule here", node)
