"""Serializers as schemas: one for reading, one for writing, hooks carried as methods."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from textwrap import indent

import libcst as cst

from strangler.facts import Ref, Serializer, SerializerField

from .body import Body, Import, Owner
from .chosen_fields import of_overrides
from .counted_fields import counting, counts_rows
from .field_text import FieldText
from .field_validators import rule_arguments
from .functions import (
    Rewritten,
    finish_value,
    rewrite_function,
    without_class,
)
from .kept_values import note_kept
from .links import may_repeat
from .list_classes import require_lists
from .modules import NameTakenError, Tree
from .names import as_docstring, quoted, schema_attribute
from .nested_hooks import finish_given, require_looking, with_dictionaries
from .operation import Typed
from .own_fields import OwnFields, is_own
from .refusal import RefusalError
from .related import reverse_named
from .relation_rows import relation_rows
from .representations import REPRESENT, representation
from .savers import Savers
from .schema_members import member_text
from .schema_methods import READING, SHAPE, WRITING
from .schema_read import ReadFields
from .schema_write import WriteFields, read_only_defaults
from .shown_rows import among
from .sources import FunctionSource
from .static_methods import with_self
from .types import Attrs, Instance, ListOf, Plain, Rows, SerializerSelf, Type
from .valid_values import note_validated, valid_value
from .validates_above import Validations
from .value_types import python_type
from .world import World

_SCHEMAS = "app.compat.schemas"
_DICTIONARY = "dict[str, Any]"
#: What is written, of which serializer, over rows of which model, with what is computed for them.
_Key = tuple[str, str, str | None, frozenset[str]]


@dataclass
class Schemas:
    """Builds and remembers the schemas of the new app."""

    world: World
    tree: Tree
    _done: dict[_Key, tuple[str, str] | RefusalError] = field(default_factory=dict)
    validators: dict[str, tuple[str, str]] = field(default_factory=dict)
    _running: set[_Key] = field(default_factory=set)
    #: What a query computes for the rows that are to be shown, by name.
    extras: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.world.read_schema = self.read
        self.world.require_lists = self.require_lists
        self.world.valid_value = partial(valid_value, self)
        self._savers = Savers(self)
        self._own = OwnFields(self.world, self.tree)

    def read(
        self, name: str, label: str | None, extras: Sequence[tuple[str, str]] = ()
    ) -> tuple[str, str]:
        """Module and class of the read schema of a serializer over rows of `label`.

        extras: names and types of what a query computes for these rows.

        Raises:
            RefusalError: a field or an override has no rule.
        """
        declared = next((s.fields for s in self.world.facts.serializers if s.name == name), ())
        sources = {field.source for field in declared}
        before, self.extras = self.extras, {key: kind for key, kind in extras if key in sources}
        try:
            return self._remember("read", name, label, frozenset(self.extras))
        finally:
            self.extras = before

    def write(self, name: str) -> tuple[str, str]:
        """Module and class of the write schema of a serializer.

        Raises:
            RefusalError: a field, a validator or a hook has no rule.
        """
        return self._remember("write", name, None)

    def _remember(
        self, kind: str, name: str, label: str | None, extras: frozenset[str] = frozenset()
    ) -> tuple[str, str]:
        key = (kind, name, label, extras)
        if kind == "read" and key in self._running:  # a serializer that shows rows as it is shown
            return self._place(self._serializer(name), "Read")
        if key not in self._done:
            self._running.add(key)
            try:
                rule = self.world.registry.declared(f"{kind} schema")
                self._done[key] = rule(self, self._serializer(name), label)
            except RefusalError as refusal:
                self._done[key] = refusal
            except NameTakenError as clash:
                self._done[key] = RefusalError("B303", str(clash))
            finally:
                self._running.discard(key)
        known = self._done[key]
        if isinstance(known, RefusalError):
            raise known
        return known

    def _serializer(self, name: str) -> Serializer:
        found = next((s for s in self.world.facts.serializers if s.name == name), None)
        if found is None:
            raise RefusalError("S120", f"the serializer `{name}` was not found")
        if found.refused:
            raise RefusalError("R003", found.refused, found.source or "")
        if found.problem:
            raise RefusalError("S121", f"`{name}`: {found.problem}", found.source or "")
        if found.kind in ("list", "base"):
            raise RefusalError("S122", f"`{name}` is a {found.kind} serializer", found.source or "")
        return found

    def require_lists(self, name: str, *, written: bool = False) -> None:
        """Refuse a serializer whose list class may show or take lists in its own way.

        Raises:
            RefusalError: it has such a class.
        """
        require_lists(self.world, self._serializer(name), written=written)

    def _place(self, serializer: Serializer, suffix: str) -> tuple[str, str]:
        module, stem = self.world.schema_places[serializer.name]
        return module, f"{stem}{suffix}"

    def make_read(self, serializer: Serializer, label: str | None) -> tuple[str, str]:
        """Write the read schema of a serializer."""
        label = serializer.model or label
        shown = representation(self, serializer, label)
        refused = (SHAPE | READING) - ({REPRESENT} if shown else set())
        chosen = self._overrides(serializer, refused)
        fields = ReadFields(self.world, self.read, self._own, self.extras)
        readable = [f for f in serializer.fields if not f.write_only and not _hidden(f)]
        if label is not None:
            self._refuse_repeated(serializer, readable, label)
        texts = {
            f.name: self._placed(fields.field(serializer, label, f), f, label) for f in readable
        }
        methods = [
            self._method(serializer, f, label)
            for f in readable
            if (f.drf_cls or "").endswith(".SerializerMethodField")
            or counts_rows(self.world, label, f)
        ]
        module, name = self._place(serializer, "Read")
        return self._emit(
            serializer, module, name, "ReadSchema", texts, [*methods, *shown, *chosen]
        )

    def make_write(self, serializer: Serializer, label: str | None) -> tuple[str, str]:
        """Write the write schema of a serializer."""
        chosen = self._overrides(serializer, SHAPE | WRITING)
        fields = WriteFields(
            self.world, self._inner, self._validator, self._rows, self.tree, self._own
        )
        writable = [f for f in serializer.fields if not f.read_only]
        texts = {
            f.name: self._placed(fields.field(serializer, f), f, serializer.model) for f in writable
        }
        hooks = self._hooks(serializer, writable)
        rules = self._rules(serializer)
        module, name = self._place(serializer, "Write")
        return self._emit(serializer, module, name, "WriteSchema", texts, [*rules, *hooks, *chosen])

    def saver(
        self,
        name: str,
        method: str,
        extra: dict[str, Type],
        context: dict[str, Type] | None = None,
    ) -> Type | None:
        """Carry `create` or `update` of a serializer into its write schema; the row it gives.

        None where the project wrote none, and DRF's own is to run. `extra`: what `save()` is given;
        `context`: what the serializer is made with, None for DRF's own context.

        Raises:
            RefusalError: an operation of it has no rule.
        """
        serializer = self._serializer(name)
        if "save" in serializer.methods:
            text = "the serializer overrides `save`"
            raise RefusalError("S130", text, serializer.methods["save"].source or "")
        self.write(name)
        if name in self.world.reshaped:
            text = "what `validate` returns is saved"
            raise RefusalError("B207", text, serializer.source or "")
        if method not in serializer.methods:
            for item in serializer.fields:
                if item.serializer is not None and not item.read_only:
                    text = f"nothing says how the nested `{item.name}` is saved"
                    raise RefusalError("S110", text, item.line or serializer.source or "")
                self._refuse_far_rows(serializer, item)
            return None
        return self._savers.carry(serializer, method, extra, self.write(name), context)

    def _refuse_far_rows(self, serializer: Serializer, item: SerializerField) -> None:
        """Refuse rows that hold the key to this one: Django moves them, or fails to."""
        label = serializer.model or ""
        if item.read_only or self.world.field_named(label, item.source) is not None:
            return
        reverse = reverse_named(self.world, label, item.source)
        if reverse is not None and not reverse.many_to_many:
            text = f"`{item.name}` gives rows of {reverse.model} that hold the key themselves"
            raise RefusalError("S119", text, item.line or serializer.source or "")

    def _placed(self, text: FieldText, item: SerializerField, label: str | None) -> FieldText:
        """The field with the attributes of mapped classes that its source stands for."""
        parts = item.source.split(".")
        path = ".".join(self.world.attribute(part) for part in parts)
        if label is None or path == item.source or self.world.field_named(label, parts[0]) is None:
            return text
        text.metadata = tuple(one for one in text.metadata if not one.startswith("From("))
        text.imports.add(("app.compat.plans", "From"))
        return text.with_metadata(f'From("{path}")')

    def _refuse_repeated(
        self, serializer: Serializer, fields: list[SerializerField], label: str
    ) -> None:
        """Refuse lists of related rows that Django shows more than once."""
        for item in fields:
            if may_repeat(self.world, label, item.source):
                text = f"`{item.name}` shows a row again for each row that links to it"
                raise RefusalError("S117", text, item.line or serializer.source or "")

    def _overrides(self, serializer: Serializer, refused: frozenset[str]) -> list[FieldText]:
        module = self._place(serializer, "")[0]
        return of_overrides(self.world, self.tree, serializer, refused, module)

    def _method(
        self, serializer: Serializer, item: SerializerField, label: str | None
    ) -> Rewritten:
        if label is not None and counts_rows(self.world, label, item):
            source = counting(self.world, serializer, item)
            return self._rewrite(serializer, source, label, "shown", {1: Instance(label)})
        name = item.method_name or f"get_{item.name}"
        ref = serializer.methods.get(name)
        if ref is not None and label is None:
            label = self._seen(ref)
        if ref is None or label is None:
            raise RefusalError("S131", f"`{name}` was not found", serializer.source or "")
        source = self._source(serializer, ref)
        return self._rewrite(serializer, source, label, "shown", {1: Instance(label)})

    def _source(self, serializer: Serializer, ref: Ref) -> FunctionSource:
        source = self.world.sources.function(ref.path)
        if source is None:
            raise RefusalError("S131", f"`{ref.path}` has no source", ref.source or "")
        return with_self(source)

    def _seen(self, ref: Ref) -> str | None:
        """The model of the rows that a method was called with in the project's tests."""
        source = self.world.sources.function(ref.path)
        names = [p.name.value for p in source.node.params.params] if source is not None else []
        return self.world.observed.row(ref.path, names[1]) if len(names) > 1 else None

    def _rewrite(
        self,
        serializer: Serializer,
        source: FunctionSource,
        label: str | None,
        colour: str,
        env: dict[int, Type],
    ) -> Rewritten:
        owner = Owner("serializer", serializer.name, attributes={"model": label})
        owner.attributes["shows" if colour == "shown" else "validating"] = True
        return self._carried(source, owner, colour, env)

    def validation(
        self, above: Validations, source: FunctionSource, name: str, attrs: Attrs
    ) -> Rewritten:
        """A `validate` of a serializer's classes as a method of that name."""
        serializer = above.serializer
        owner = Owner("serializer", serializer.name, attributes={"model": serializer.model})
        owner.attributes |= {"validates": name, "validating": True}
        owner.call_super = partial(above.call, source.path)
        return self._carried(source, owner, "attrs", {1: attrs})

    def _carried(
        self, source: FunctionSource, owner: Owner, colour: str, env: dict[int, Type]
    ) -> Rewritten:
        body = Body(self.world, source.module, owner, colour="sync", use_context=True)
        names = [p.name.value for p in source.node.params.params]
        if len(names) != len(env) + 1:
            body.refuse("B206", f"`{source.path}` has unexpected parameters", source.node)
        types: dict[str, Type] = {names[0]: SerializerSelf(owner.name)}
        types.update({names[index]: kind for index, kind in env.items()})
        source = without_class(source)
        finish = {"attrs": _any, "given": finish_given}.get(colour, finish_value)
        owner.attributes["runs"] = source.node
        if colour == "given":
            owner.attributes["given"] = names[1]
        return rewrite_function(source, body, types, finish)

    def _hooks(self, serializer: Serializer, writable: list[SerializerField]) -> list[Rewritten]:
        found: dict[str, list[Rewritten]] = {}
        by_name = {f.name: f for f in writable}
        places = {f"validate_{f.name}": place for place, f in enumerate(writable)}
        called = sorted(serializer.methods.items(), key=lambda m: places.get(m[0], len(places)))
        for method, ref in called:  # as DRF does: what one keeps others may read
            if method == "validate":
                above = Validations(self, serializer)
                attrs = self._attrs(serializer, writable)
                source = self._source(serializer, ref)
                validated = self.validation(above, source, "validate_object", attrs)
                note_validated(self.world, serializer.name, validated)
                note_kept(self.world, serializer.name, validated)
                found[ref.source or ""] = [validated, *above.members]
            elif method.startswith("validate_") and method.removeprefix("validate_") in by_name:
                item = by_name[method.removeprefix("validate_")]
                env: dict[int, Type] = {1: self.value_type(item)}
                source = self._source(serializer, ref)
                kind = "sync" if item.serializer is None else "given"
                if kind == "given":
                    require_looking(source, item)
                hook = self._rewrite(serializer, source, serializer.model, kind, env)
                note_kept(self.world, serializer.name, hook)
                if kind == "given":
                    value = source.node.params.params[1].name.value
                    hook = with_dictionaries(hook, value, many=item.many)
                found[ref.source or ""] = [hook]
        return [each for _, hooks in sorted(found.items()) for each in hooks]

    def attrs(self, serializer: Serializer) -> Attrs:
        """What the validated data of a serializer holds."""
        if serializer.name in self.world.validated:
            return self.world.validated[serializer.name]
        return self._attrs(serializer, [f for f in serializer.fields if not f.read_only])

    def _attrs(self, serializer: Serializer, writable: list[SerializerField]) -> Attrs:
        known = [f for f in writable if "." not in f.source]
        same = [f for f in known if self.world.attribute(f.source) == f.source]
        maybe = frozenset(f.source for f in same if not f.required and f.default is None)
        return Attrs(tuple((f.source, self.value_type(f)) for f in same), maybe)

    def value_type(self, item: SerializerField) -> Type:
        """The type of a field's validated value."""
        kind = (item.drf_cls or "").rpartition(".")[2]
        if item.queryset is not None and item.queryset.model:
            return Instance(item.queryset.model, optional=item.allow_null)
        if is_own(item):
            return self._own.taken(item, item.line or "")[1]
        if kind == "ManyRelatedField":
            return self._members(item)
        if item.serializer is not None:
            inner = self.attrs(self._serializer(item.serializer))
            return ListOf(inner) if item.many else inner
        name = python_type(kind) or {"SlugField": "str", "BooleanField": "bool"}.get(kind)
        if kind in ("ChoiceField", "RegexField"):
            name = "str"
        return Plain(f"{name or 'Any'} | None" if item.allow_null and name else name or "Any")

    def _members(self, item: SerializerField) -> Type:
        """The type of a list of related rows."""
        child = item.child
        if child is not None and is_own(child):
            kind = self._own.taken(child, item.line or "")[1]
            return Rows(kind.model) if isinstance(kind, Instance) else Plain("list[Any]")
        return Plain("list[Any]")

    def _validator(self, path: str, place: str) -> tuple[str, str]:
        """A project function that checks one value, converted."""
        if path not in self.validators:
            source = self.world.sources.function(path)
            if source is None:
                raise RefusalError("S112", f"the validator `{path}` has no rule", place)
            body = Body(
                self.world, source.module, Owner("function", path, attributes={"validator": True})
            )
            names = [p.name.value for p in source.node.params.params]
            rewritten = rewrite_function(source, body, {n: Plain() for n in names}, finish_value)
            if body.parameters or len(names) != 1:
                raise RefusalError("S112", f"the validator `{path}` has no rule", place)
            app = self.world.app_of(path) or "core"
            module = self.tree.module(f"app.{app}.validators", "Checks of single values.")
            name = path.rpartition(".")[2]
            head = f"def {name}({names[0]}: Any) -> None"
            for constant, definition in body.definitions.items():
                module.add(constant, definition, (), (1, source.module.path, 0))
            order = (5, source.module.path, source.line)
            module.add(name, rewritten.text(head), {*body.imports, ("typing", "Any")}, order)
            self.validators[path] = (module.name, name)
        return self.validators[path]

    def _inner(self, name: str, label: str | None) -> tuple[str, str]:
        """The write schema of a serializer that is a field of another."""
        return self.write(name)

    def _rows(self, serializer: Serializer, item: SerializerField, place: str) -> Import:
        """The function of the rows that a relation with a queryset of its own may name."""
        return relation_rows(self.world, self.tree, serializer, item, place)

    def _rules(self, serializer: Serializer) -> list[FieldText]:
        """Class-level validators as `rules`."""
        found, imports = [], set[Import]()
        for validator in serializer.validators:
            model = str(validator.params.get("queryset"))
            arguments = rule_arguments(validator) if model in self.world.models else None
            if arguments is None:
                text = f"the validator `{validator.cls}` has no rule"
                raise RefusalError("S112", text, serializer.source or "")
            module, class_name = self.world.model_symbol(model)
            imports |= {(module, class_name), ("app.compat.uniqueness", arguments[0])}
            arguments[1:] = [class_name, *arguments[1:], *among(self.world, model, imports)]
            found.append(f"{arguments[0]}({', '.join(arguments[1:])})")
        if not found:
            return []
        imports.add(("typing", "ClassVar"))
        imports.add(("typing", "Any"))
        rules = FieldText(f"rules: ClassVar[Any] = ({', '.join(found)},)", None, imports)
        return [rules, *read_only_defaults(serializer)]

    def _emit(
        self, serializer: Serializer, module_name: str, name: str, base: str,
        texts: dict[str, FieldText], members: Sequence[Rewritten | FieldText],
    ) -> tuple[str, str]:  # fmt: skip
        module = self.tree.module(module_name, "What clients send and receive.")
        imports: set[Import] = {(_SCHEMAS, base)}
        lines = [f"class {name}({base}):"]
        if serializer.docstring:
            lines.append(f"    {as_docstring(serializer.docstring)}\n")
        for field_name, text in texts.items():
            attribute = schema_attribute(field_name)
            default = f" = {text.default}" if text.default is not None else ""
            if attribute != field_name:
                imports.add(("pydantic", "Field"))
                given = f"{text.default}, " if text.default is not None else ""
                default = f" = Field({given}alias={quoted(field_name)})"
            lines.append(f"    {attribute}: {text.annotation}{default}")
            imports |= text.imports
        for member in members:
            if isinstance(member, FieldText):
                lines.insert(1, f"    {member.annotation}\n")
                imports |= member.imports
                continue
            lines.append(
                "\n"
                + indent(member_text(self.world, member, imports, module_name).strip("\n"), "    ")
            )
            for constant, definition in member.body.definitions.items():
                module.add(constant, definition, (), (1, member.source.module.path, 0))
        if len(lines) == 1:
            lines.append('    """Nothing."""')
        line = int((serializer.source or ":0").rpartition(":")[2] or 0)
        path = (serializer.source or "").partition(":")[0]
        module.add(name, "\n".join(lines), imports, (5, path, line))
        return module_name, name


def _any(body: Body, value: Typed | None, node: cst.CSTNode) -> cst.BaseExpression | None:
    if value is not None and isinstance(value.type, Plain) and value.type.name == _DICTIONARY:
        body.world.reshaped.add(body.owner.name)
        return value.node
    if value is None or not isinstance(value.type, Attrs):
        body.refuse("B207", "`validate` returns something other than its attrs", node)
    return value.node


def _hidden(item: SerializerField) -> bool:
    return (item.drf_cls or "").endswith(".HiddenField")
