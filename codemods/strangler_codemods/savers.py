"""`create` and `update` of the project's serializers: class methods of their write schemas."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import libcst as cst

from strangler.facts import Serializer

from .annotations import annotation_of
from .body import Body, CallResult, Import, Owner
from .functions import finish_value, rewrite_function
from .modules import Item
from .operation import Operation, Typed, code_of, parse
from .refusal import RefusalError
from .types import Attrs, Instance, ListOf, SerializerSelf, Type
from .writability import links_obstacle

if TYPE_CHECKING:
    from .schemas import Schemas

_PARAMETERS = {"create": 2, "update": 3}
_OPTIONS = {"create": "create_object", "update": "update_object"}
_ACTIONS = "app.compat.actions"


@dataclass
class Savers:
    """Carries overrides on demand: what `save()` is given beside the data types them."""

    schemas: Schemas
    _done: dict[tuple[str, str], tuple[tuple[object, ...], Type | RefusalError]] = field(
        default_factory=dict
    )

    def carry(
        self,
        serializer: Serializer,
        method: str,
        extra: dict[str, Type],
        place: Import,
        context: dict[str, Type] | None = None,
    ) -> Type:
        """Add the override to the write schema at `place`; the row that it gives.

        Raises:
            RefusalError: an operation of it has no rule, or two calls give it different things.
        """
        given: tuple[object, ...] = tuple(sorted(extra.items()))
        if self._reads_context(serializer, method):
            given += (("context", str(sorted((context or {}).items()))),) if context else ()
        key = (serializer.name, method)
        if key not in self._done:
            try:
                self._done[key] = given, self._convert(serializer, method, extra, place, context)
            except RefusalError as refusal:
                source = serializer.methods[method].source or serializer.source or ""
                reason = refusal.reason(source)
                self._done[key] = given, RefusalError(reason.code, reason.message, reason.source)
        before, known = self._done[key]
        if isinstance(known, RefusalError):
            raise known
        if before != given:
            text = f"`{method}` of the serializer is given different things"
            raise RefusalError("B148", text, serializer.source or "")
        return known

    def _reads_context(self, serializer: Serializer, method: str) -> bool:
        source = self.schemas.world.sources.function(serializer.methods[method].path)
        return source is None or "context" in code_of(source.node)

    def _convert(
        self,
        serializer: Serializer,
        method: str,
        extra: dict[str, Type],
        place: Import,
        context: dict[str, Type] | None,
    ) -> Instance:
        world = self.schemas.world
        ref = serializer.methods[method]
        source = world.sources.function(ref.path)
        if source is None:
            raise RefusalError("S131", f"`{ref.path}` has no source", ref.source or "")
        owner = Owner("serializer", serializer.name, attributes={"model": serializer.model})
        owner.attributes["context"] = context
        owner.call_super = self._super(serializer, method)
        body = Body(world, source.module, owner, colour="sync", use_context=True)
        names = [p.name.value for p in source.node.params.params]
        if len(names) != _PARAMETERS[method]:
            body.refuse("B206", f"`{ref.path}` has unexpected parameters", source.node)
        data = self._data(serializer, method, extra)
        env: dict[str, Type] = {names[0]: SerializerSelf(serializer.name), names[-1]: data}
        if method == "update":
            env[names[1]] = Instance(serializer.model or "")
            if serializer.model is None:
                body.refuse("B128", "the model of the instance is not known", source.node)
        rewritten = rewrite_function(source, body, env, finish_value)
        kinds = {t.type if t is not None else None for t in rewritten.returns}
        kind = kinds.pop() if len(kinds) == 1 else None
        if not isinstance(kind, Instance) or kind.optional or rewritten.falls_through:
            body.refuse("B147", f"`{method}` gives something other than one row", source.node)
        imports = set(body.imports) | {
            ("typing", "Any"), ("app.identity", "Context"), ("sqlalchemy.orm", "Session"),
        }  # fmt: skip
        shown = annotation_of(world, Instance(kind.model), imports)
        row = f"{names[1]}: {shown}, " if method == "update" else ""
        head = (
            f"def {_OPTIONS[method]}(cls, session: Session, {row}{names[-1]}: dict[str, Any], "
            f"context: Context) -> {shown}"
        )
        rewritten.lines = _with_names(rewritten.lines, body, names)
        self._add(place, rewritten.text(head, ["@classmethod"]), imports, body)
        return Instance(kind.model)

    def _data(self, serializer: Serializer, method: str, extra: dict[str, Type]) -> Attrs:
        """What the override finds in the validated data; PATCH leaves out anything."""
        attrs = self.schemas.attrs(serializer)
        fields = tuple((dict(attrs.fields) | extra).items())
        names = frozenset(name for name, _ in attrs.fields)
        maybe = names if method == "update" else attrs.maybe
        return Attrs(fields, maybe.difference(extra))

    def _add(self, place: Import, text: str, imports: set[Import], body: Body) -> None:
        module = self.schemas.tree.module(place[0])
        item = module.items[place[1]]
        lines = [f"    {line}" if line.strip() else "" for line in text.strip("\n").split("\n")]
        new = item.text.rstrip("\n") + "\n\n" + "\n".join(lines) + "\n"
        module.items[place[1]] = Item(item.name, new, item.order)
        module.imports |= imports
        for constant, definition in body.definitions.items():
            module.add(constant, definition, (), (1, body.module.path, 0))

    def _super(self, serializer: Serializer, method: str):  # type: ignore[no-untyped-def]  # the hook's type is Owner's
        def call(body: Body, name: str, node: cst.BaseExpression) -> CallResult | Typed:
            if name != method or not isinstance(node, cst.Call) or serializer.model is None:
                body.refuse("B302", f"`super().{name}` has no rule here", node)
            self._require_framework(body, serializer, method, node)
            arguments = Operation(node, body, name, args=tuple(node.args)).take(
                *(("validated_data",) if method == "create" else ("instance", "validated_data"))
            )
            given = [body.expr(value) for value in arguments.values()]
            label = serializer.model
            if not isinstance(given[-1].type, Attrs) or len(given) != _PARAMETERS[method] - 1:
                body.refuse("B302", f"`super().{name}` with these arguments has no rule", node)
            if method == "update" and given[0].type != Instance(label):
                body.refuse("B302", f"`super().{name}` with these arguments has no rule", node)
            self._require_plain(body, label, given[-1].type, node)
            first = body.model(label) if method == "create" else given[0].code
            function = body.use(_ACTIONS, _OPTIONS[method])
            text = f"{function}({body.session()}, {first}, {given[-1].code})"
            return Typed(parse(text), Instance(label))

        return call

    def _require_framework(
        self, body: Body, serializer: Serializer, method: str, node: cst.CSTNode
    ) -> None:
        """Refuse where `super()` reaches another override than DRF's."""
        owner = serializer.methods[method].path.rpartition(".")[0]
        paths = [ref.path for ref in serializer.lineage]
        for ref in serializer.lineage[paths.index(owner) + 1 :] if owner in paths else ():
            foreign = ref.package not in (None, "rest_framework", "builtins", "typing", "abc")
            if foreign or body.world.sources.function(f"{ref.path}.{method}") is not None:
                body.refuse("B302", f"`super().{method}` reaches `{ref.path}`", node)

    def _require_plain(self, body: Body, label: str, data: Attrs, node: cst.CSTNode) -> None:
        """Refuse data that DRF's own methods would refuse, or that is no column."""
        for kind in ("save", "m2m"):
            body.world.require_writable(body, label, node, kind)
        reason = links_obstacle(body.world, label, [key for key, _ in data.fields])
        if reason is not None:
            body.refuse("Q113", reason, node)
        for key, held in data.fields:
            found = body.world.field_named(label, key)
            if found is None or isinstance(held, Attrs | ListOf):
                body.refuse("B133", f"`{key}` is no column of {label}", node)


def _with_names(
    lines: list[cst.BaseStatement], body: Body, names: list[str]
) -> list[cst.BaseStatement]:
    """The body, which asks its context for the session, with the parameter of that name."""

    class Rename(cst.CSTTransformer):
        def leave_Attribute(
            self, original_node: cst.Attribute, updated_node: cst.Attribute
        ) -> cst.BaseExpression:
            is_session = isinstance(updated_node.value, cst.Name) and (
                (updated_node.value.value, updated_node.attr.value) == ("context", "session")
            )
            return cst.Name("session") if is_session else updated_node

    if "session" in body.env or "context" in names:
        return lines
    changed = [line.visit(Rename()) for line in lines]
    return [line for line in changed if isinstance(line, cst.BaseStatement)]
