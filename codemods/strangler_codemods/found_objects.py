"""Views that name their object themselves: a project's `get_object` as a dependency."""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from .body import Body
from .functions import rewrite_function
from .names import snake
from .operation import Typed
from .refusal import RefusalError
from .types import Instance, View

if TYPE_CHECKING:
    from .endpoints import Endpoints, Parts


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
    labels = {kind.model for kind in found}
    if len(labels) != 1 or rewritten.falls_through:
        body.refuse("B207", "`get_object` does not always give a row of one model", source.node)
    class_name = parts.use(*endpoints.world.model_symbol(labels.pop()))
    variable = snake(class_name)
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
