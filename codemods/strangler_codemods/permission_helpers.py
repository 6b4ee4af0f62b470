"""Methods that a permission class calls on itself: carried into the class beside those of DRF."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

import libcst as cst

from strangler.facts import ClassFacts

from .annotations import annotation_of, widened
from .body import Body, Import, Owner
from .functions import Rewritten, rewrite_function
from .lattice import join
from .operation import Operation, Typed, code_of, parse
from .sources import FunctionSource
from .types import Constant, PermissionSelf, Request, Type, Unknown, View
from .world import World

ASKED = ("has_permission", "has_object_permission")
_PLAIN = frozenset({"classmethod", "staticmethod"})


def has_no_rule(world: World, name: str, path: str) -> bool:
    """Whether a method of a permission class may be asked by something other than its own code."""
    source = world.sources.function(path)
    if source is None:
        return True
    return name.startswith("__") or bool(_decorators(source) - _PLAIN)


@dataclass
class PermissionHelpers:
    """The helpers of one permission class; `above` are those that its bases have already."""

    world: World
    facts: ClassFacts
    owner: Callable[[], Owner]
    above: dict[str, tuple[tuple[Type, ...], Type]]
    given: Mapping[str, tuple[Typed, frozenset[Import]]] = field(default_factory=dict)
    imports: set[Import] = field(default_factory=set)
    texts: list[str] = field(default_factory=list)
    bodies: list[tuple[FunctionSource, Body]] = field(default_factory=list)
    _running: list[str] = field(default_factory=list)

    def call(self, body: Body, name: str, node: cst.Call) -> Typed:
        """`self.helper(request, view, value)`: request and view come with the context.

        Raises:
            RefusalError: the helper has no rule, or is called with other types elsewhere.
        """
        source = self._source(body, name, node)
        static = "staticmethod" in _decorators(source)
        names = [p.name.value for p in source.node.params.params][0 if static else 1 :]
        given = Operation(node, body, name, args=tuple(node.args)).take(*names)
        typed = {key: body.expr(value) for key, value in given.items()}
        if list(typed) != names:
            body.refuse("B110", f"`{name}` is called without all its arguments", node)
        kinds = tuple(widened(value.type) for value in typed.values())
        if name not in self.above:
            if name in self._running:
                body.refuse("B145", f"`{name}` calls itself", node)
            self._running.append(name)
            self.above[name] = kinds, self._convert(source, names, kinds)
            self._running.remove(name)
        before, returns = self.above[name]
        if before != kinds:
            body.refuse("B148", f"`{name}` is given different things", node)
        texts = [v.code for v in typed.values() if not isinstance(v.type, Request | View)]
        receiver = code_of(node.func.value) if isinstance(node.func, cst.Attribute) else "self"
        return Typed(parse(f"{receiver}.{name}({', '.join([body.context(), *texts])})"), returns)

    def _source(self, body: Body, name: str, node: cst.Call) -> FunctionSource:
        """The one definition of a helper along the class's bases."""
        paths = [f"{ref.path}.{name}" for ref in self.facts.lineage]
        below = [
            f"{facts.name}.{name}"
            for facts in self.world.facts.permissions
            if any(ref.path == self.facts.name for ref in facts.lineage)
        ]
        found = {
            path: source
            for path in (*paths, *below)
            if (source := self.world.sources.function(path)) is not None
        }
        if len(found) != 1 or name in ASKED:
            body.refuse("P105", f"`{name}` of `{self.facts.name}` has no rule", node)
        ((path, source),) = found.items()
        if has_no_rule(self.world, name, path):
            body.refuse("P105", f"`{path}` has no rule", source.node)
        return source

    def _convert(self, source: FunctionSource, names: list[str], kinds: tuple[Type, ...]) -> Type:
        first = [p.name.value for p in source.node.params.params][: -len(names) or None]
        body = Body(self.world, source.module, self.owner(), colour="sync", use_context=True)
        env: dict[str, Type] = dict(zip(names, kinds, strict=True))
        if "staticmethod" not in _decorators(source):
            env[first[0]] = PermissionSelf(self.facts.name)
        else:
            first = ["self"]
        bare = replace(source, node=source.node.with_changes(decorators=[]))
        rewritten = rewrite_function(bare, body, env)
        returns = _returned(rewritten, body, source)
        if body.parameters.keys() - {"context"}:
            body.refuse("B150", f"`{source.node.name.value}` needs the request", source.node)
        shown = [f"{key}: {annotation_of(self.world, kind, self.imports)}"
                 for key, kind in zip(names, kinds, strict=True)
                 if not isinstance(kind, Request | View)]  # fmt: skip
        kind = annotation_of(self.world, returns, self.imports)
        parameters = ", ".join([first[0], "context: Context", *shown])
        text = rewritten.text(f"def {source.node.name.value}({parameters}) -> {kind}")
        self.imports |= rewritten.imports | {("app.identity", "Context")}
        self.texts.append(text)
        self.bodies.append((source, body))
        return returns


def _decorators(source: FunctionSource) -> set[str]:
    return {code_of(decorator.decorator) for decorator in source.node.decorators}


def _returned(rewritten: Rewritten, body: Body, source: FunctionSource) -> Type:
    found = [t.type if t is not None else Constant(None) for t in rewritten.returns]
    if rewritten.falls_through or not found:
        found.append(Constant(None))
    returns = widened(found[0])
    for kind in found[1:]:
        returns = join(returns, widened(kind))
    if isinstance(returns, Unknown):
        body.refuse("B147", f"what the helper returns: {returns.reason}", source.node)
    return returns
