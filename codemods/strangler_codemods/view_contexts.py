"""`get_serializer_context` of the project's views: a function that makes the context, and its types.

    def get_serializer_context(self):
        context = super().get_serializer_context()
        context["shelf"] = self.kwargs["shelf"]
        return context

Serializers read `self.context["shelf"]` then, whichever view made them: what lies under a key has to
be of one type in all views.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import libcst as cst

from strangler.facts import Endpoint

from .annotations import widened
from .body import Body, Owner
from .lattice import join
from .operation import Operation, Typed, parse
from .refusal import RefusalError
from .required_login import requires_login
from .sources import FunctionSource
from .types import Constant, Given, Instance, Plain, Request, Rows, Type, View

if TYPE_CHECKING:
    from .querysets import Querysets
    from .world import World

HOOK = "get_serializer_context"
#: What marks the owner of a body whose dictionaries are contexts.
MAKES = "makes_context"
#: What a context may hold under a key.
HELD = (Plain, Constant, Instance, Rows, Request, View)
#: The actions of DRF's mixins that make a serializer.
_SHOWING = frozenset({"list", "retrieve", "create", "update", "partial_update"})


def stands_in(world: World, endpoint: Endpoint) -> FunctionSource | None:
    """An action of DRF's in a view with a context of its own, as if the project had written it."""
    own = endpoint.methods.get(HOOK)
    if own is None or endpoint.function_view or endpoint.action not in _SHOWING:
        return None
    source, action = world.sources.function(own.path), endpoint.action
    if action in endpoint.methods or source is None:
        return None
    text = (
        f"def {action}(self, request, *args, **kwargs):\n"
        f"    return self.{action}(request, *args, **kwargs)\n"
    )
    node = cst.parse_statement(text)
    assert isinstance(node, cst.FunctionDef)
    return replace(source, node=node)


def own_context(body: Body, node: cst.BaseExpression) -> Typed | None:
    """The context that the view of a body makes; None where it is DRF's.

    Raises:
        RefusalError: an operation of the hook has no rule.
    """
    endpoint = body.owner.attributes.get("endpoint")
    ref = endpoint.methods.get(HOOK) if isinstance(endpoint, Endpoint) else None
    if ref is None or body.owner.kind != "view":
        return None
    assert isinstance(endpoint, Endpoint)
    if body.world.call_helper is None or MAKES in body.owner.attributes:
        body.refuse("E101", f"the view overrides `{HOOK}`", node)
    owner = replace(
        body.owner,
        attributes={**body.owner.attributes, MAKES: True},
        tools=None,
        call_super=_above(endpoint, ref.path),
    )
    operation = Operation(node, body, HOOK)
    made = body.world.call_helper(operation, ref.path, owner)
    if not isinstance(made.type, Given):
        raise RefusalError("E101", f"`{HOOK}` gives something that has no rule", ref.source or "")
    for key, kind in made.type.fields:
        if not isinstance(kind, HELD):
            text = f"`{HOOK}` holds something under `{key}` that has no rule"
            raise RefusalError("E101", text, ref.source or "")
    return made


def _above(endpoint: Endpoint, path: str):  # type: ignore[no-untyped-def]  # the hook's type is Owner's
    def call(body: Body, name: str, node: cst.BaseExpression) -> Typed:
        owner = path.rpartition(".")[0]
        classes = [ref.path for ref in endpoint.lineage]
        behind = classes[classes.index(owner) + 1 :] if owner in classes else ["?"]
        foreign = any(
            not each.startswith(("rest_framework.", "django.", "builtins.", "typing.", "abc."))
            and (
                body.world.sources.class_node(each) is None
                or body.world.sources.function(f"{each}.{HOOK}") is not None
            )
            for each in behind
        )
        if name != HOOK or foreign or not isinstance(node, cst.Call) or node.args:
            body.refuse("B302", f"`super().{name}` has no rule here", node)
        request = body.request()
        suffix = f', "format": {request}.path_params.get("format")'
        text = f'{{"request": {request}{suffix if endpoint.suffix_variants else ""}}}'
        return Typed(parse(text), Given((("request", Request()), ("view", View()))))

    return call


@dataclass
class ViewContexts:
    """What the project's views put into the contexts of serializers."""

    world: World
    querysets: Querysets
    _found: dict[str, Type] | None = None

    def install(self) -> None:
        """Let serializers ask what they are told."""
        self.world.told_by_views = self.told

    def told(self) -> dict[str, Type]:
        """Type by key; Unknown where views differ. Empty where every context is DRF's own."""
        if self._found is None:
            self._found = {}
            found: dict[str, Type] = {}
            for endpoint in self.world.facts.endpoints:
                for key, kind in self._of(endpoint):
                    held = widened(kind)
                    found[key] = join(found.get(key, held), held)
            if found:
                found |= {"request": Request(), "view": View()}
            self._found = found
        return self._found

    def _of(self, endpoint: Endpoint) -> tuple[tuple[str, Type], ...]:
        ref = endpoint.methods.get(HOOK)
        source = self.world.sources.function(ref.path) if ref is not None else None
        if source is None or endpoint.kind != "drf":
            return ()
        login = requires_login(endpoint.permissions, endpoint.method)
        owner: Owner = self.querysets.owner(endpoint, login)
        try:
            made = own_context(
                Body(self.world, source.module, owner, colour="sync"), source.node.name
            )
        except RefusalError:  # the endpoint says so itself, and stays
            return ()
        return made.type.fields if made is not None and isinstance(made.type, Given) else ()
