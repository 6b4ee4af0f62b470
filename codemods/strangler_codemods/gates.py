"""What views of the project do where requests are let in: `initial`, `check_permissions` and the like.

    def hidden_users(context: Context, above: Callable[[], Any]) -> None:
        if context.user is not None and context.action == "list":
            raise NotFound()
        above()

Such a function stands around what DRF does itself, and calls it as `super()` does.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import libcst as cst

from strangler.facts import Endpoint, Ref

from .body import Body, CallResult, Import, Owner
from .endpoint_index import index_of
from .functions import is_docstring, place_function, rewrite_function
from .model_overrides import without_stars
from .modules import Tree
from .names import snake
from .operation import Typed, code_of, parse
from .permission_facts import kinds_over
from .refusal import RefusalError
from .sources import KNOWN_PACKAGES, FunctionSource
from .types import Constant, Kwargs, Plain, Request, Type, View
from .walking import statements_of, walk
from .world import World

#: The methods in DRF's order, and what it calls them with.
HOOKS = {
    "initial": ("request",),
    "check_permissions": ("request",),
    "check_throttles": ("request",),
    "permission_denied": ("request", "message", "code"),
}
#: What DRF asks the authenticators or the parsers for, if nobody has yet.
_LAZY = frozenset({"user", "auth", "data", "FILES", "POST", "session", "authenticators"})


@dataclass
class Gates:
    """Writes each override once and remembers it; `asking`: views of which one looks at the action."""

    world: World
    tree: Tree
    asking: set[str] = field(default_factory=set)
    _done: dict[tuple[str, str], Import | RefusalError] = field(default_factory=dict)

    def hooks(self, endpoint: Endpoint) -> dict[str, list[Import]]:
        """The functions of a view by the name of the method, the outermost first.

        Raises:
            RefusalError: an operation of one of them has no rule.
        """
        knows = self.world.registry.knows
        return {
            name: self._chain(endpoint, name)
            for name, ref in ((name, endpoint.methods.get(name)) for name in HOOKS)
            if ref is not None and not knows("view method", ref.path, endpoint)
        }

    def option(self, endpoint: Endpoint, imports: set[Import]) -> str | None:
        """The `hooks` of a router; None where the project overrides nothing."""
        texts = []
        for name, places in self.hooks(endpoint).items():
            imports |= set(places)
            names = ", ".join(function for _, function in places)
            texts.append(f"{name!r}: ({names},)")
        return f"{{{', '.join(texts)}}}" if texts else None

    def _chain(self, endpoint: Endpoint, name: str) -> list[Import]:
        found = []
        for ref in endpoint.lineage:
            if ref.package not in KNOWN_PACKAGES:
                raise RefusalError("E101", f"`{ref.path}` may override `{name}`", ref.source or "")
            source = self.world.sources.function(f"{ref.path}.{name}")
            if source is not None:
                found.append(self._of(endpoint, ref, name, source))
        if not found:
            place = endpoint.methods[name].source or endpoint.source or ""
            raise RefusalError("E101", f"the view overrides `{name}`", place)
        return found

    def _of(self, endpoint: Endpoint, ref: Ref, name: str, source: FunctionSource) -> Import:
        key = (endpoint.view, source.path)
        if key not in self._done:
            try:
                self._done[key] = self._convert(endpoint, ref, name, source)
            except RefusalError as refusal:
                self._done[key] = refusal
        known = self._done[key]
        if isinstance(known, RefusalError):
            raise known
        return known

    def _convert(self, endpoint: Endpoint, ref: Ref, name: str, source: FunctionSource) -> Import:
        self.world.registry.declared("gate")
        node = source.node
        names = [p.name.value for p in node.params.params]
        if node.decorators or len(names) < 2 or tuple(names[1:]) != HOOKS[name][: len(names) - 1]:
            raise RefusalError("E101", f"`{name}` takes other arguments", source.source)
        if name == "initial":
            _require_known_first(source)
        plain, stars = without_stars(source)
        params = plain.node.params.with_changes(params=plain.node.params.params[:2])
        plain = replace(plain, node=plain.node.with_changes(params=params))
        owner = Owner("permission", endpoint.view)
        routed = index_of(self.world.facts).by_view.get(endpoint.view, [])
        owner.attributes = {"endpoint": endpoint, "path_kinds": kinds_over(routed)}
        owner.call_super = _Above(name, names, stars)
        body = Body(self.world, source.module, owner, colour="sync", use_context=True)
        env: dict[str, Type] = {names[0]: View(), names[1]: Request()}
        env |= {star[2:]: Kwargs() for star in stars if star.startswith("**")}
        rewritten = rewrite_function(plain, body, env, _finish)
        if set(body.parameters) - {"context"}:
            body.refuse("E101", f"`{name}` needs more than the request", node)
        self._note(endpoint, body, node)
        app = self.world.app_of(ref.path)
        module = self.tree.module(
            f"app.{app}.gates" if app else "app.gates", "What views do where requests are let in."
        )
        imports = rewritten.imports | {("app.identity", "Context"), ("collections.abc", "Callable")}
        imports.add(("typing", "Any"))
        wanted = f"{snake(ref.path.rpartition('.')[2])}_{name}"
        head = "(context: Context, above: Callable[[], Any]) -> None"
        return place_function(module, rewritten, wanted, head, imports)

    def _note(self, endpoint: Endpoint, body: Body, node: cst.FunctionDef) -> None:
        """What the view's router has to hand the function."""
        if "asks_view" in body.owner.attributes:
            body.refuse("E101", "what it reads of the view is not known here", node)
        if "asks_action" in body.owner.attributes:
            if not any(r.path == "rest_framework.viewsets.ViewSetMixin" for r in endpoint.lineage):
                body.refuse("B123", "`self.action` of a view that has none", node)
            self.asking.add(endpoint.view)


@dataclass
class _Above:
    """`super().initial(request, *args, **kwargs)`: whatever it was called with."""

    name: str
    parameters: list[str]
    stars: tuple[str, ...]

    def __call__(self, body: Body, name: str, node: cst.BaseExpression) -> CallResult | Typed:
        if name != self.name or not isinstance(node, cst.Call):
            body.refuse("B302", f"`super().{name}` has no rule here", node)
        given = []
        for position, argument in enumerate(node.args):
            if argument.star:
                given.append(f"{argument.star}{code_of(argument.value)}")
            elif argument.keyword is not None and argument.keyword.value == code_of(argument.value):
                given.append(argument.keyword.value)
            elif argument.keyword is None and self._at(position) == code_of(argument.value):
                given.append(code_of(argument.value))
            else:
                body.refuse("E101", f"`super().{name}` is called with other arguments", node)
        if sorted(given) != sorted([*self.parameters[1:], *self.stars]):
            body.refuse("E101", f"`super().{name}` is called with other arguments", node)
        return Typed(parse("above()"), Plain("None"))

    def _at(self, position: int) -> str | None:
        rest = self.parameters[1:]
        return rest[position] if position < len(rest) else None


def _finish(body: Body, value: Typed | None, node: cst.CSTNode) -> cst.BaseExpression | None:
    if value is not None and value.type not in (Constant(None), Plain("None")):
        body.refuse("E101", "the hook returns something", node)
    return value.node if value is not None else None


def _require_known_first(source: FunctionSource) -> None:
    """Refuse an `initial` that asks for the caller before DRF's own has found the renderer."""
    for line in statements_of(source.node):
        if is_docstring(line):
            continue
        small = line.body[0] if isinstance(line, cst.SimpleStatementLine) else None
        value = small.value if isinstance(small, cst.Expr | cst.Return) else None
        if value is not None and code_of(value).startswith("super().initial("):
            return
        asked = {each.attr.value for each in walk(line) if isinstance(each, cst.Attribute)}
        calls = [each for each in walk(line) if isinstance(each, cst.Return)]
        if calls or not asked.isdisjoint({*_LAZY, "initial"}):
            break
    text = "`initial` asks for more than the request before DRF's own"
    raise RefusalError("E101", text, source.source)
