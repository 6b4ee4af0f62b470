"""Field classes that the project wrote: their two methods become functions that schemas name."""

from __future__ import annotations

from dataclasses import dataclass, field

import libcst as cst

from strangler.facts import SerializerField

from .annotations import annotation_of
from .body import Body, Import, Owner
from .functions import finish_value, place_function, rewrite_function
from .modules import Tree
from .names import snake
from .operation import Typed, code_of
from .refusal import RefusalError
from .types import ClassSelf, Constant, Instance, Plain, Type
from .world import World

_RELATED = ("rest_framework.serializers.RelatedField", "rest_framework.relations.RelatedField")
_PLAIN = ("rest_framework.serializers.Field", "rest_framework.fields.Field")
SHOW, TAKE = "to_representation", "to_internal_value"


def is_own(item: SerializerField) -> bool:
    """Whether the project wrote the class of a field, below DRF's most general ones."""
    base = (item.drf_cls or "").rpartition(".")[2]
    return item.cls != item.drf_cls and base in ("Field", "RelatedField")


@dataclass
class OwnFields:
    """Writes the functions once for each class and type of value."""

    world: World
    tree: Tree
    _done: dict[tuple[str, str, Type], tuple[Import, Type] | RefusalError] = field(
        default_factory=dict
    )

    def shown(self, item: SerializerField, kind: Type, place: str) -> Import:
        """The function that writes a value of this type.

        Raises:
            RefusalError: the class, or an operation of the method, has no rule.
        """
        return self._function(item, SHOW, kind, place)[0]

    def taken(self, item: SerializerField, place: str) -> tuple[Import, Type]:
        """The function that reads what clients send, and the type of what it gives."""
        return self._function(item, TAKE, Plain(), place)

    def _function(
        self, item: SerializerField, method: str, kind: Type, place: str
    ) -> tuple[Import, Type]:
        key = (item.cls, method, kind)
        if key not in self._done:
            try:
                self._done[key] = self._convert(item, method, kind, place)
            except RefusalError as refusal:
                reason = refusal.reason(place)
                text = f"the field class `{item.cls}` has no rule: {reason.message}"
                self._done[key] = RefusalError("S101", text, reason.source)
        known = self._done[key]
        if isinstance(known, RefusalError):
            raise known
        return known

    def _convert(
        self, item: SerializerField, method: str, kind: Type, place: str
    ) -> tuple[Import, Type]:
        self.world.registry.declared("field class")
        self._require_known(item.cls)
        source = self.world.sources.function(f"{item.cls}.{method}")
        if source is None:
            raise RefusalError("S101", f"it has no `{method}`", place)
        names = [p.name.value for p in source.node.params.params]
        if len(names) != 2:  # the field and the value
            raise RefusalError("S101", f"its `{method}` takes other arguments", source.source)
        owner = Owner("serializer", item.cls)
        body = Body(self.world, source.module, owner, colour="sync", use_context=True)
        env: dict[str, Type] = {names[0]: ClassSelf(item.cls), names[1]: kind}
        rewritten = rewrite_function(source, body, env, finish_value)
        gives = self._given(body, [t for t in rewritten.returns if t is not None], source.node)
        if rewritten.falls_through:
            body.refuse("S101", f"`{method}` may give nothing", source.node)
        imports = rewritten.imports | {("app.identity", "Context")}
        first = f"{names[1]}: {annotation_of(self.world, kind, imports)}"
        returns = annotation_of(self.world, gives, imports) if method == TAKE else "Any"
        imports.add(("typing", "Any"))
        app = self.world.app_of(item.cls) or "core"
        module = self.tree.module(f"app.{app}.fields", "Values in forms of their own.")
        verb, stem = "show" if method == SHOW else "take", snake(item.cls.rpartition(".")[2])
        head = f"({first}, context: Context) -> {returns}"
        return place_function(module, rewritten, f"{verb}_{stem}", head, imports), gives

    def _given(self, body: Body, found: list[Typed], node: cst.CSTNode) -> Type:
        kinds = {t.type for t in found}
        if len(kinds) == 1 and isinstance(only := kinds.pop(), Instance) and not only.optional:
            return only
        if any(not isinstance(t.type, Plain | Constant) for t in found):
            body.refuse("S101", "it gives more than one kind of value", node)
        return Plain()

    def _require_known(self, path: str) -> None:
        """Refuse a class with more than the two methods, or below another one of the project."""
        found = self.world.sources.class_node(path)
        if found is None:
            raise RefusalError("S101", "its source is not in the project")
        node, module = found
        place = f"{module.path}:{module.line_of(node.name)}"
        bases = [self.world.sources.resolve(module, code_of(b.value)) for b in node.bases]
        if len(bases) != 1 or bases[0] not in (*_RELATED, *_PLAIN) or node.decorators:
            raise RefusalError("S101", "it is put together in its own way", place)
        allowed = {SHOW, TAKE, *(("get_queryset",) if bases[0] in _RELATED else ())}
        for line in node.body.body:
            if isinstance(line, cst.FunctionDef) and line.name.value in allowed:
                continue
            if isinstance(line, cst.SimpleStatementLine) and all(
                isinstance(s, cst.Pass)
                or (isinstance(s, cst.Expr) and isinstance(s.value, cst.SimpleString))
                for s in line.body
            ):
                continue
            raise RefusalError("S101", "it has more than its two methods", place)
