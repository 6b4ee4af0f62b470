"""Serializer fields on the way out: what each becomes in a read schema."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from strangler.facts import Serializer, SerializerField

from .body import Import
from .model_members import read_member
from .refusal import RefusalError
from .types import Plain
from .world import World

_OUT = "app.compat.outputs"
_SIMPLE = {
    "CharField": "str", "EmailField": "str", "SlugField": "str", "URLField": "str", "RegexField": "str",
    "IPAddressField": "str", "FilePathField": "str", "IntegerField": "int", "BigIntegerField": "int",
    "FloatField": "float", "BooleanField": "bool", "NullBooleanField": "bool", "ChoiceField": "Any",
    "MultipleChoiceField": "Any", "JSONField": "Any", "ReadOnlyField": "Any", "ModelField": "Any",
    "HStoreField": "Any",
}  # fmt: skip


@dataclass
class FieldText:
    """One field of a schema: its annotation, its default, its imports."""

    annotation: str
    default: str | None = None
    imports: set[Import] = field(default_factory=set)

    def with_metadata(self, *extra: str) -> FieldText:
        """The annotation inside `Annotated` with more metadata."""
        if not extra:
            return self
        inner = self.annotation
        if inner.startswith("Annotated[") and inner.endswith("]"):
            inner = inner.removeprefix("Annotated[").removesuffix("]")
        self.imports.add(("typing", "Annotated"))
        text = f"Annotated[{', '.join([inner, *extra])}]"
        return FieldText(text, self.default, self.imports)


Nested = Callable[[str, str | None], tuple[str, str]]


@dataclass
class ReadFields:
    """Turns instantiated fields into annotations; `nested` names the read schema of a serializer."""

    world: World
    nested: Nested

    def field(self, serializer: Serializer, label: str | None, item: SerializerField) -> FieldText:
        """The annotation of one readable field.

        Raises:
            RefusalError: the field has no rule.
        """
        place = item.line or serializer.source or ""
        if item.serializer is not None:
            return self._nested(item, label, place)
        kind = drf_kind(item, place)
        if kind == "SerializerMethodField":
            found = FieldText("Any", imports={("typing", "Any"), (_OUT, "Method")})
            return found.with_metadata(f'Method("{item.method_name or "get_" + item.name}")')
        text = self._by_kind(kind, item, label, place)
        self._check_source(kind, item, label, place)
        if item.source == item.name:
            return text
        text = self._from(text, item)
        if "." in item.source and not item.required and item.default is None:
            # DRF leaves the field out where a relation on the way is empty.
            text.imports.add(("app.compat.schemas", "UNSET"))
            text.default = "UNSET" if not item.allow_null else "None"
        return text

    def _from(self, text: FieldText, item: SerializerField) -> FieldText:
        text.imports.add(("app.compat.plans", "From"))
        return text.with_metadata(f'From("{item.source}")')

    def _nested(self, item: SerializerField, label: str | None, place: str) -> FieldText:
        assert item.serializer is not None
        target = self.target(label, item.source, place)
        if item.many:
            self._check_rows(target, item, place)
        module, name = self.nested(item.serializer, target)
        text = FieldText(f"list[{name}]" if item.many else name, imports={(module, name)})
        return self._from(text, item) if item.source != item.name else text

    def _check_rows(self, label: str | None, item: SerializerField, place: str) -> None:
        """A related manager shows the rows of the default manager, in the default order."""
        model = self.world.models.get(label or "")
        if model is None:
            return
        if any(m.default and m.filtering for m in model.managers):
            text = f"`{item.name}` shows what a manager of {model.name} leaves"
            raise RefusalError("S117", text, place)
        if not self.world.order_known(model.name):
            text = f"`{item.name}` has the default order of {model.name}, which has no rule"
            raise RefusalError("S117", text, place)

    def target(self, label: str | None, source: str, place: str) -> str | None:
        """The model that a dotted source ends at."""
        if label is None:
            return None
        for name in source.split("."):
            step = self._step(label, name)
            if step is None:
                raise RefusalError("S102", f"`{source}` is no relation of {label}", place)
            label = step
        return label

    def _step(self, label: str, name: str) -> str | None:
        found = self.world.field_named(label, name)
        if found is not None and found[1].relation is not None:
            return found[1].relation.model
        for reverse in self.world.models[label].reverse:
            if reverse.accessor == name:
                return reverse.model
        return None

    def _by_kind(
        self, kind: str, item: SerializerField, label: str | None, place: str
    ) -> FieldText:
        if kind in _SIMPLE:
            name = _SIMPLE[kind]
            return FieldText(name, imports={("typing", "Any")} if name == "Any" else set())
        handler = _KINDS.get(kind)
        if handler is None:
            raise RefusalError("S103", f"fields of the kind `{kind}` have no rule", place)
        return handler(self, item, label, place)

    def _check_source(
        self, kind: str, item: SerializerField, label: str | None, place: str
    ) -> None:
        """Every attribute on the way is a column or a relation, or the field stays on legacy."""
        if item.source == "*":
            if kind == "HyperlinkedIdentityField":
                return  # the address of the row itself
            raise RefusalError("S104", f'`{item.name}` reads the whole row (`source="*"`)', place)
        if label is None:
            return
        current = label
        parts = item.source.split(".")
        for index, name in enumerate(parts):
            target = self._step(current, name)
            if target is not None and kind == "ManyRelatedField":
                self._check_rows(target, item, place)
            if target is not None and not (index == len(parts) - 1 and name.endswith("_id")):
                current = target
                continue
            is_column = isinstance(self.world.attribute_type(current, name), Plain)
            if is_column and index == len(parts) - 1:
                return
            if index == len(parts) - 1 and read_member(self.world, current, name) is not None:
                return
            raise RefusalError(
                "S105", f"`{item.source}` of {label} is no column or relation", place
            )
        if kind not in _OF_RELATION:
            raise RefusalError("S105", f"`{item.source}` is a relation shown as a value", place)


_OF_RELATION = frozenset(
    [
        "PrimaryKeyRelatedField",
        "ManyRelatedField",
        "SlugRelatedField",
        "StringRelatedField",
        "HyperlinkedRelatedField",
        "HyperlinkedIdentityField",
    ]
)


def drf_kind(item: SerializerField, place: str) -> str:
    """The DRF class of a field; a class of the project's own keeps the field on legacy.

    Raises:
        RefusalError: the field class has no rule.
    """
    if item.drf_cls is None or item.cls != item.drf_cls:
        raise RefusalError("S101", f"the field class `{item.cls}` has no rule", place)
    return item.drf_cls.rpartition(".")[2]


def _marker(name: str, base: str, call: str = "") -> Callable[..., FieldText]:
    def make(fields: ReadFields, item: SerializerField, label: str | None, place: str) -> FieldText:
        if item.options.get("format") not in (None, "", "iso-8601"):
            raise RefusalError("S106", f"`{item.name}` has a format of its own", place)
        return FieldText(base, imports={(_OUT, name)}).with_metadata(f"{name}{call or '()'}")

    return make


def _decimal(fields: ReadFields, item: SerializerField, label: str | None, place: str) -> FieldText:
    places = item.options.get("decimal_places")
    if item.options.get("coerce_to_string") is False:
        raise RefusalError("S106", f"`{item.name}` is shown as a number", place)
    if item.options.get("localize") or item.options.get("normalize_output"):
        raise RefusalError("S106", f"`{item.name}` has a format of its own", place)
    return FieldText("str", imports={(_OUT, "Decimals")}).with_metadata(f"Decimals({places})")


def _primary_key(
    fields: ReadFields, item: SerializerField, label: str | None, place: str
) -> FieldText:
    if item.pk_field is not None:
        raise RefusalError("S106", f"`{item.name}` has a `pk_field`", place)
    return FieldText("Any", imports={("typing", "Any"), (_OUT, "PrimaryKey")}).with_metadata(
        "PrimaryKey()"
    )


def _many(fields: ReadFields, item: SerializerField, label: str | None, place: str) -> FieldText:
    child = item.child
    kind = (child.drf_cls or "").rpartition(".")[2] if child else ""
    imports: set[Import] = {("typing", "Any")}
    if child is not None and kind == "PrimaryKeyRelatedField":
        return FieldText("list[Any]", imports=imports | {(_OUT, "PrimaryKey")}).with_metadata(
            "PrimaryKey()"
        )
    if child is not None and kind == "SlugRelatedField":
        text = FieldText("list[Any]", imports=imports | {(_OUT, "SlugOf")})
        return text.with_metadata(f'SlugOf("{child.slug_field}")')
    if kind == "StringRelatedField":
        raise RefusalError("S107", f"`{item.name}` shows `__str__` of rows", place)
    raise RefusalError("S103", f"lists of `{kind}` have no rule", place)


def _slug(fields: ReadFields, item: SerializerField, label: str | None, place: str) -> FieldText:
    text = FieldText("Any", imports={("typing", "Any"), (_OUT, "SlugOf")})
    return text.with_metadata(f'SlugOf("{item.slug_field}")')


def _link(fields: ReadFields, item: SerializerField, label: str | None, place: str) -> FieldText:
    view = item.view_name or ""
    lookup = item.lookup_field or "pk"
    kwarg = item.lookup_url_kwarg or lookup
    names = {e.url_name for e in fields.world.facts.endpoints}
    if view not in names or item.options.get("format") is not None:
        raise RefusalError("S108", f"the hyperlink `{item.name}` has no rule", place)
    if lookup != "pk" and label is not None and fields.world.field_named(label, lookup) is None:
        raise RefusalError("S108", f"the hyperlink `{item.name}` has no rule", place)
    fields.world.links.add(view)
    extra = "" if lookup == "pk" == kwarg else f', "{lookup}"'
    extra += "" if kwarg == lookup else f', "{kwarg}"'
    text = FieldText("str", imports={(_OUT, "Link")})
    return text.with_metadata(f'Link("{view}"{extra})')


def _string(fields: ReadFields, item: SerializerField, label: str | None, place: str) -> FieldText:
    target = fields.target(label, item.source, place)
    if target is None or read_member(fields.world, target, "__str__") is None:
        raise RefusalError("S107", f"`{item.name}` shows `__str__` of a row", place)
    return FieldText("str", imports={(_OUT, "Text")}).with_metadata("Text()")


def _list(fields: ReadFields, item: SerializerField, label: str | None, place: str) -> FieldText:
    child = item.child
    kind = (child.drf_cls or "").rpartition(".")[2] if child else ""
    if kind in _SIMPLE or kind == "_UnvalidatedField":
        inner = _SIMPLE.get(kind, "Any")
        imports: set[Import] = {("typing", "Any")} if inner == "Any" else set()
        return FieldText(f"list[{inner}]", imports=imports)
    raise RefusalError("S103", f"lists of `{kind}` have no rule", place)


def _dictionary(
    fields: ReadFields, item: SerializerField, label: str | None, place: str
) -> FieldText:
    return FieldText("dict[str, Any]", imports={("typing", "Any")})


_KINDS: dict[str, Callable[[ReadFields, SerializerField, str | None, str], FieldText]] = {
    "DecimalField": _decimal,
    "DateTimeField": _marker("Timestamp", "str"),
    "DateField": _marker("CalendarDate", "str"),
    "TimeField": _marker("ClockTime", "str"),
    "DurationField": _marker("Span", "str"),
    "UUIDField": _marker("UuidText", "str"),
    "FileField": _marker("FileUrl", "str | None"),
    "ImageField": _marker("FileUrl", "str | None"),
    "PrimaryKeyRelatedField": _primary_key,
    "ManyRelatedField": _many,
    "SlugRelatedField": _slug,
    "StringRelatedField": _string,
    "HyperlinkedRelatedField": _link,
    "HyperlinkedIdentityField": _link,
    "ListField": _list,
    "DictField": _dictionary,
}
