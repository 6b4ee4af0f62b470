"""`finalize_response` of the project's views: a function that every answer of a router passes."""

from __future__ import annotations

from dataclasses import dataclass, field

import libcst as cst

from strangler.facts import Endpoint, Ref

from .answer_types import Response
from .body import Body, CallResult, Import, Owner
from .functions import place_function, rewrite_function
from .model_overrides import without_stars
from .modules import Tree
from .names import snake
from .operation import Operation, Typed, parse
from .refusal import RefusalError
from .sources import KNOWN_PACKAGES
from .types import Request, Type, View
from .world import World

_NAME = "finalize_response"


@dataclass
class Finalizers:
    """Writes each override once and remembers it."""

    world: World
    tree: Tree
    _done: dict[tuple[str, ...], Import | RefusalError | None] = field(default_factory=dict)

    def function(self, endpoint: Endpoint) -> Import | None:
        """The function for the answers of a view; None where the project overrides nothing.

        Raises:
            RefusalError: an operation of the override has no rule.
        """
        if _NAME not in endpoint.methods:
            return None
        return self._of(endpoint.lineage)

    def _of(self, classes: tuple[Ref, ...]) -> Import | None:
        key = tuple(ref.path for ref in classes)
        if key not in self._done:
            try:
                self._done[key] = self._first(classes)
            except RefusalError as refusal:
                self._done[key] = refusal
        known = self._done[key]
        if isinstance(known, RefusalError):
            raise known
        return known

    def _first(self, classes: tuple[Ref, ...]) -> Import | None:
        """The override of the first of these classes that has one."""
        for index, ref in enumerate(classes):
            if ref.package not in KNOWN_PACKAGES:
                raise RefusalError("E101", f"`{ref.path}` may override `{_NAME}`", ref.source or "")
            if self.world.sources.function(f"{ref.path}.{_NAME}") is not None:
                return self._convert(ref, classes[index + 1 :])
        return None

    def _convert(self, ref: Ref, above: tuple[Ref, ...]) -> Import:
        self.world.registry.declared("finalize_response")
        source = self.world.sources.function(f"{ref.path}.{_NAME}")
        assert source is not None
        source, _ = without_stars(source)
        names = [p.name.value for p in source.node.params.params]
        if len(names) != 3:  # the view, the request and the response
            raise RefusalError("E101", f"`{_NAME}` takes other arguments", source.source)
        owner = Owner("function", ref.path)
        owner.call_super = self._super(above)
        body = Body(self.world, source.module, owner, colour="sync")
        env: dict[str, Type] = {names[0]: View(), names[1]: Request(), names[2]: Response()}
        rewritten = rewrite_function(source, body, env, _finish)
        if body.parameters or rewritten.falls_through:
            body.refuse("E101", f"`{_NAME}` needs more than the response", source.node)
        app = self.world.app_of(ref.path)
        module = self.tree.module(
            f"app.{app}.finalizers" if app else "app.finalizers", "What every answer passes."
        )
        wanted, head = snake(ref.path.rpartition(".")[2]), f"({names[2]}: Response) -> Response"
        imports = rewritten.imports | {("app.compat.responses", "Response")}
        return place_function(module, rewritten, wanted, head, imports)

    def _super(self, above: tuple[Ref, ...]):  # type: ignore[no-untyped-def]  # the hook's type is Owner's
        def call(body: Body, name: str, node: cst.BaseExpression) -> CallResult | Typed:
            if name != _NAME or not isinstance(node, cst.Call):
                body.refuse("B302", f"`super().{name}` has no rule here", node)
            plain = tuple(a for a in node.args if not a.star)
            given = Operation(node, body, name, args=plain).take("request", "response")
            request, response = (
                body.expr(given[key]) if key in given else None for key in ("request", "response")
            )
            if request is None or not isinstance(request.type, Request):
                body.refuse("B302", f"`super().{name}` with these arguments has no rule", node)
            if response is None or response.type != Response():
                body.refuse("B302", f"`super().{name}` with these arguments has no rule", node)
            next_one = self._of(above)
            if next_one is None:
                return response
            return Typed(parse(f"{body.use(*next_one)}({response.code})"), Response())

        return call


def _finish(body: Body, value: Typed | None, node: cst.CSTNode) -> cst.BaseExpression:
    if value is None or value.type != Response():
        body.refuse("E101", f"`{_NAME}` returns something other than its response", node)
    return value.node
