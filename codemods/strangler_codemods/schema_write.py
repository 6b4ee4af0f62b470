"""Serializer fields on the way in: what each becomes in a write schema."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from strangler.facts import Serializer, SField, Validator, Value

from .body import Import
from .refusal import RefusalError
from .schema_read import FieldText, Nested
from .world import World

_FIELDS = "app.compat.fields"
_LIMITS = frozenset(
    "MaxLengthValidator MinLengthValidator MaxValueValidator MinValueValidator "
    "ProhibitNullCharactersValidator ProhibitSurrogateCharactersValidator DecimalValidator".split()
)
_TYPE_OWN = {
    "EmailField": "EmailValidator",
    "SlugField": "RegexValidator",
    "URLField": "URLValidator",
    "IPAddressField": "",
    "RegexField": "RegexValidator",
}
ValidatorFunction = Callable[[str, str], tuple[str, str]]


@dataclass
class WriteFields:
    """Turns instantiated fields into annotations of a write schema."""

    world: World
    nested: Nested
    validator_function: ValidatorFunction

    def field(self, serializer: Serializer, item: SField) -> FieldText:
        """The annotation of one writable field.

        Raises:
            RefusalError: the field or one of its validators has no rule.
        """
        place = item.line or serializer.source or ""
        if item.package is None and item.cls != item.drf_cls:
            raise RefusalError("S101", f"the field class `{item.cls}` has no rule", place)
        kind = item.drf_cls.rpartition(".")[2]
        if item.serializer is not None:
            raise RefusalError("S110", f"the writable nested `{item.name}` has no rule", place)
        if kind == "HiddenField":
            raise RefusalError("S111", f"the hidden field `{item.name}` has no rule", place)
        handler = _KINDS.get(kind)
        if handler is None:
            raise RefusalError("S103", f"fields of the kind `{kind}` have no rule", place)
        base, name, arguments = handler(self, item, place)
        text = FieldText(base[0], imports={(_FIELDS, name), *base[1]})
        options = [*arguments, *self._common(item, kind, place, text.imports)]
        text = text.with_metadata(f"{name}({', '.join(options)})", *self._extra(item, place, text))
        if item.allow_null:
            text = _nullable(text)
        text.default = self._default(item, place, text)
        return text

    def _common(
        self, item: SField, kind: str, place: str, imports: set[Import]
    ) -> list[str]:
        options = []
        if item.allow_null:
            options.append("allow_null=True")
        functions = []
        for validator in item.validators:
            known = self._validator(validator, item, kind, place)
            if known is not None:
                imports.add(known)
                functions.append(known[1])
        if functions:
            options.append(f"validators=({', '.join(functions)},)")
        messages = {k: v for k, v in item.error_messages.items() if isinstance(v, str)}
        if messages:
            options.append(f"messages={messages!r}")
        return options

    def _validator(
        self, validator: Validator, item: SField, kind: str, place: str
    ) -> Import | None:
        name = validator.cls.rpartition(".")[2]
        if name in _LIMITS or name == _TYPE_OWN.get(kind) or name == "UniqueValidator":
            return None
        if validator.package is None:
            return self.validator_function(validator.cls, place)
        raise RefusalError("S112", f"the validator `{validator.cls}` has no rule", place)

    def _extra(self, item: SField, place: str, text: FieldText) -> list[str]:
        """`Unique(...)` and `From(...)` metadata."""
        extra = []
        for validator in item.validators:
            if not validator.cls.endswith(".UniqueValidator"):
                continue
            model = validator.params.get("model")
            column = self.world.field_named(str(model), item.source)
            if column is None or validator.params.get("lookup", "exact") != "exact":
                raise RefusalError("S112", f"uniqueness of `{item.name}` has no rule", place)
            module, name = self.world.model_symbol(str(model))
            text.imports |= {(module, name), (_FIELDS, "Unique")}
            attribute = self.world.attribute(column[1].attname)
            message = validator.params.get("message")
            extra.append(f"Unique({name}.{attribute}, message={message!r})")
        if item.source != item.name:
            text.imports.add((_FIELDS, "From"))
            extra.append(f'From("{item.source}")')
        return extra

    def _default(self, item: SField, place: str, text: FieldText) -> str | None:
        if item.default.kind == "literal":
            return repr(item.default.value)
        if item.default.kind in ("callable", "object"):
            raise RefusalError("S113", f"the default of `{item.name}` has no rule", place)
        if item.required:
            return None
        text.imports.add(("app.compat.schemas", "UNSET"))
        return "UNSET"


def _nullable(text: FieldText) -> FieldText:
    inner = text.annotation.removeprefix("Annotated[")
    base, _, rest = inner.partition(", ")
    return FieldText(f"Annotated[{base} | None, {rest}", text.default, text.imports)


Base = tuple[str, set[Import]]
Handled = tuple[Base, str, list[str]]


def _options(item: SField, *names: str) -> list[str]:
    found = []
    for name in names:
        value = item.kwargs.get(name)
        if value not in (None, "") and not (name in _FALSE_BY_DEFAULT and value is False):
            if not (name == "trim_whitespace" and value is True):
                found.append(f"{name}={value!r}")
    return found


_FALSE_BY_DEFAULT = frozenset({"allow_blank", "allow_unicode"})


def _text(name: str) -> Callable[[WriteFields, SField, str], Handled]:
    def make(fields: WriteFields, item: SField, place: str) -> Handled:
        options = _options(item, "max_length", "min_length", "allow_blank", "trim_whitespace")
        return ("str", set()), name, options + _options(item, "allow_unicode")

    return make


def _number(name: str, base: str) -> Callable[[WriteFields, SField, str], Handled]:
    def make(fields: WriteFields, item: SField, place: str) -> Handled:
        return (base, set()), name, _options(item, "min_value", "max_value")

    return make


def _plain(name: str, base: str, module: str = "") -> Callable[[WriteFields, SField, str], Handled]:
    def make(fields: WriteFields, item: SField, place: str) -> Handled:
        if item.kwargs.get("input_formats"):
            raise RefusalError("S106", f"`{item.name}` has input formats of its own", place)
        return (base, {(module, base)} if module else set()), name, []

    return make


def _decimal(fields: WriteFields, item: SField, place: str) -> Handled:
    if item.kwargs.get("localize") or item.kwargs.get("rounding"):
        raise RefusalError("S106", f"`{item.name}` is localised or rounded", place)
    options = _options(item, "max_digits", "decimal_places")
    for name in ("min_value", "max_value"):
        value = item.kwargs.get(name)
        if value is not None:
            options.append(f'{name}=Decimal("{value}")' if isinstance(value, str) else f"{name}={value!r}")
    return ("Decimal", {("decimal", "Decimal")}), "Number", options


def _choice(fields: WriteFields, item: SField, place: str) -> Handled:
    choices = item.kwargs.get("choices")
    if not isinstance(choices, list | tuple):
        raise RefusalError("S114", f"the choices of `{item.name}` are not known", place)
    keys = tuple(pair[0] for pair in choices)
    imports: set[Import] = set()
    kind = "str" if all(isinstance(k, str) for k in keys) else "int"
    return (kind, imports), "Choice", [repr(keys), *_options(item, "allow_blank")]


def _relation(fields: WriteFields, item: SField, place: str) -> Handled:
    if item.queryset is None or item.queryset.model is None or not item.queryset.plain:
        raise RefusalError("S115", f"the queryset of `{item.name}` has no rule", place)
    label = item.queryset.model
    if any(m.default and m.filtering for m in fields.world.models[label].managers):
        raise RefusalError("S115", f"`{item.name}` looks up rows by a filtering manager", place)
    if item.pk_field is not None:
        raise RefusalError("S106", f"`{item.name}` has a `pk_field`", place)
    module, name = fields.world.model_symbol(label)
    return (name, {(module, name)}), "Existing", [name]


def _slug_relation(fields: WriteFields, item: SField, place: str) -> Handled:
    (base, imports), _, arguments = _relation(fields, item, place)
    return (base, imports), "ExistingSlug", [*arguments, f'"{item.slug_field}"']


def _many(fields: WriteFields, item: SField, place: str) -> Handled:
    if item.child is None:
        raise RefusalError("S103", f"`{item.name}` has no rule", place)
    kind = item.child.drf_cls.rpartition(".")[2]
    handler = {"PrimaryKeyRelatedField": _relation, "SlugRelatedField": _slug_relation}.get(kind)
    if handler is None:
        raise RefusalError("S103", f"lists of `{kind}` have no rule", place)
    (base, imports), name, arguments = handler(fields, item.child, place)
    options = ["allow_empty=False"] if item.kwargs.get("allow_empty") is False else []
    inner = f"{name}({', '.join(arguments)})"
    return (f"list[{base}]", imports | {(_FIELDS, name)}), "Many", [inner, *options]


def _no_files(fields: WriteFields, item: SField, place: str) -> Handled:
    raise RefusalError("S116", f"the upload `{item.name}` has no rule", place)


def literal(value: Value) -> str:
    """A literal value as source text."""
    return repr(value.value)


_KINDS: dict[str, Callable[[WriteFields, SField, str], Handled]] = {
    "CharField": _text("Char"),
    "EmailField": _text("Email"),
    "SlugField": _text("Slug"),
    "URLField": _text("Url"),
    "IntegerField": _number("Integer", "int"),
    "BigIntegerField": _number("BigInteger", "int"),
    "FloatField": _number("Float", "float"),
    "BooleanField": _plain("Boolean", "bool"),
    "NullBooleanField": _plain("Boolean", "bool"),
    "DecimalField": _decimal,
    "DateTimeField": _plain("DateTime", "datetime", "datetime"),
    "DateField": _plain("Date", "date", "datetime"),
    "TimeField": _plain("Time", "time", "datetime"),
    "DurationField": _plain("Duration", "timedelta", "datetime"),
    "UUIDField": _plain("Uuid", "UUID", "uuid"),
    "JSONField": _plain("Json", "Any", "typing"),
    "ChoiceField": _choice,
    "PrimaryKeyRelatedField": _relation,
    "SlugRelatedField": _slug_relation,
    "ManyRelatedField": _many,
    "FileField": _no_files,
    "ImageField": _no_files,
}
