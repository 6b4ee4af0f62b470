"""`get_permissions` that asks the request or the database: chosen anew for each request.

    class EntryPermissions(PermissionsByRequest):
        def choose(self, context: Context) -> list[PermissionSource]:
            if context.request.method == "POST":
                return [IsAuthenticated]
            return [IsAuthenticated | ReadOnly]

What a view chooses from is one placeholder each while the hook is rewritten.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import libcst as cst
from libcst import matchers

from strangler.facts import Endpoint, Facts, Permission, Ref

from .class_bodies import class_value
from .operation import code_of
from .permission_trees import ChosenPermission, permission_list
from .refusal import RefusalError
from .sources import KNOWN_PACKAGES, FunctionSource, Module
from .view_hooks import require_static
from .world import World

HOOK = "get_permissions"
_OWN = "self.permission_classes"
_DECORATOR = "rest_framework.decorators.permission_classes"
PLACE = "PERMISSIONS_{}"


@dataclass
class Hook:
    """A `get_permissions` whose every path returns a placeholder; what each stands for."""

    source: FunctionSource
    places: list[tuple[Permission, ...]] = field(default_factory=list)


def with_chosen(world: World) -> Facts:
    """The facts, with permissions that views choose for each request as their sources say."""
    endpoints = []
    for endpoint in world.facts.endpoints:
        chosen = _chosen(world, endpoint) if endpoint.kind == "drf" else None
        asked = [text for text in endpoint.dynamic if not text.startswith(f"{HOOK}:")]
        changes = {"permissions": (chosen,), "dynamic": tuple(asked)} if chosen is not None else {}
        endpoints.append(endpoint.model_copy(update=changes))
    return world.facts.model_copy(update={"endpoints": tuple(endpoints)})


def _chosen(world: World, endpoint: Endpoint) -> ChosenPermission | None:
    ref = endpoint.methods.get(HOOK)
    if ref is None or world.sources.function(ref.path) is None:
        return None
    if not any(text.startswith(f"{HOOK}:") for text in endpoint.dynamic):
        try:
            require_static(world, endpoint, ref)
        except RefusalError:
            pass
        else:
            return None
    try:
        hook = read_hook(world, endpoint)
    except RefusalError:  # then the reason is what the running view said
        return None
    each = tuple(Permission(op="and", of=place) for place in dict.fromkeys(hook.places))
    return ChosenPermission(op="or", of=each, hook=ref.path)


def read_hook(world: World, endpoint: Endpoint) -> Hook:
    """The view's `get_permissions`, normalised.

    Raises:
        RefusalError: it gives something that is not known.
    """
    classes = list(endpoint.lineage)
    for index, cls in enumerate(classes):
        source = world.sources.function(f"{cls.path}.{HOOK}")
        if source is not None:
            return _Reader(world, classes, classes[index + 1 :], source).read()
    raise RefusalError("P107", f"`{HOOK}` of the view was not found", endpoint.source or "")


@dataclass
class _Reader:
    """Walks the statements of a hook; `held`: the names that permissions were assigned to."""

    world: World
    classes: list[Ref]
    above: list[Ref]
    source: FunctionSource
    places: list[tuple[Permission, ...]] = field(default_factory=list)

    def read(self) -> Hook:
        node = self.source.node
        plain = not node.decorators and len(node.params.params) == 1
        if not plain or not isinstance(node.body, cst.IndentedBlock):
            raise self._refused(node)
        body = node.body.with_changes(body=self._walk(node.body.body, {}))
        return Hook(replace(self.source, node=node.with_changes(body=body)), self.places)

    def _walk(
        self, lines: Sequence[cst.BaseStatement], held: dict[str, str]
    ) -> list[cst.BaseStatement]:
        """The statements, those that assign permissions left out."""
        done: list[cst.BaseStatement] = []
        for index, line in enumerate(lines):
            if isinstance(line, cst.If) and _settles(line):
                done.extend(self._branches(line, lines[index + 1 :], held))
                return done
            if _settles(line) and not _is_simple(line):
                raise self._refused(line)
            assigned = self._assigned(line)
            if assigned is not None:
                held = {**held, **assigned}
                continue
            value = _returned(line)
            if value is not None:
                name = self._value(value, held)
                done.append(cst.SimpleStatementLine([cst.Return(cst.Name(name))]))
                return done
            done.append(line)
        raise self._refused(self.source.node)

    def _branches(
        self, node: cst.If, rest: Sequence[cst.BaseStatement], held: dict[str, str]
    ) -> list[cst.BaseStatement]:
        if not isinstance(node.body, cst.IndentedBlock):
            raise self._refused(node)
        taken = self._walk([*node.body.body, *rest], held)
        other: list[cst.BaseStatement] = []
        if isinstance(node.orelse, cst.If):
            other = [node.orelse]
        elif node.orelse is not None and isinstance(node.orelse.body, cst.IndentedBlock):
            other = list(node.orelse.body.body)
        body = node.body.with_changes(body=taken)
        left = self._walk([*other, *rest], held)
        return [node.with_changes(body=body, orelse=None), *left]

    def _assigned(self, line: cst.BaseStatement) -> dict[str, str] | None:
        """`self.permission_classes = [...]`, or a variable with a list of permissions."""
        if not isinstance(line, cst.SimpleStatementLine) or len(line.body) != 1:
            return None
        (small,) = line.body
        if not isinstance(small, cst.Assign) or len(small.targets) != 1:
            return None
        name = code_of(small.targets[0].target)
        if name != _OWN and "permission" not in name:
            return None
        return {name: self._place(permission_list(self.world, self.source.module, small.value))}

    def _value(self, node: cst.BaseExpression, held: dict[str, str]) -> str:
        """The placeholder of what a `return` gives."""
        if code_of(node) == f"super().{HOOK}()":
            self._require_usual(node)
            return held.get(_OWN) or self._place(self._of_class(node))
        if isinstance(node, cst.ListComp):
            name = _instances_of(node)
            if name in held:
                return held[name]
            if name == _OWN:
                return self._place(self._of_class(node))
            raise self._refused(node)
        return self._place(permission_list(self.world, self.source.module, node, made=True))

    def _of_class(self, node: cst.BaseExpression) -> tuple[Permission, ...]:
        """What the classes of the view set as `permission_classes`."""
        for ref in self.classes:
            found = self.world.sources.class_node(ref.path) if ref.package is None else None
            if found is not None and self._is_decorated(*found):
                break
            bound = class_value(found[0], "permission_classes", found[1]) if found else None
            if found is not None and bound is not None:
                return permission_list(self.world, found[1], bound[0])
        raise self._refused(node)

    def _is_decorated(self, owner: cst.ClassDef, module: Module) -> bool:
        """Whether a decorator sets the permissions of a class."""
        names = (d.decorator for d in owner.decorators)
        called = (code_of(n.func if isinstance(n, cst.Call) else n) for n in names)
        return any(self.world.sources.resolve(module, name) == _DECORATOR for name in called)

    def _require_usual(self, node: cst.BaseExpression) -> None:
        """Refuse `super().get_permissions()` that is not DRF's."""
        for ref in self.above:
            if ref.package not in KNOWN_PACKAGES or self.world.sources.function(
                f"{ref.path}.{HOOK}"
            ):
                raise self._refused(node)

    def _place(self, trees: tuple[Permission, ...]) -> str:
        if trees not in self.places:
            self.places.append(trees)
        return PLACE.format(self.places.index(trees) + 1)

    def _refused(self, node: cst.CSTNode) -> RefusalError:
        module: Module = self.source.module
        line = module.line_of(node) or self.source.line
        text = "what `get_permissions` gives here is not known"
        return RefusalError("P107", text, f"{module.path}:{line}")


def _is_simple(line: cst.BaseStatement) -> bool:
    return isinstance(line, cst.SimpleStatementLine)


def _settles(line: cst.BaseStatement) -> bool:
    """Whether a statement returns, or says something of permissions."""
    returns = matchers.findall(line, matchers.Return())
    return bool(returns) or "permission" in code_of(line)


def _returned(line: cst.BaseStatement) -> cst.BaseExpression | None:
    small = line.body[0] if isinstance(line, cst.SimpleStatementLine) else None
    return small.value if isinstance(small, cst.Return) else None


def _instances_of(node: cst.ListComp) -> str:
    """`classes`, of `[each() for each in classes]`; empty for anything else."""
    loop = node.for_in
    name = code_of(loop.target)
    plain = not loop.ifs and loop.inner_for_in is None and code_of(node.elt) == f"{name}()"
    return code_of(loop.iter) if plain else ""
