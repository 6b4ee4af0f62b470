"""Serializer fields on the way in: what each becomes in a write schema."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from strangler.facts import Serializer, SerializerField, Validator

from .body import Import
from .refusal import RefusalError
from .schema_read import FieldText, Nested, drf_kind
from .world import World

_MODULES = {
    name: f"app.compat.fields_{module}"
    for module, names in {
        "text": "Char Email Pattern Slug Url Uuid IpAddress",
        "numbers": "Integer BigInteger Float Number Boolean",
        "time": "DateTime Date Time Duration",
        "choices": "Choice MultipleChoice",
        "collections": "ListOf DictOf Json",
        "files": "File Image",
        "relations": "Existing ExistingSlug Many",
    }.items()
    for name in names.split()
}
_VALIDATORS = "app.compat.validators"
_LIMITS = {
    "MaxLengthValidator": "max_length", "MinLengthValidator": "min_length",
    "MaxValueValidator": "max_value", "MinValueValidator": "min_value",
}  # fmt: skip
_ALWAYS = frozenset({"ProhibitNullCharactersValidator", "ProhibitSurrogateCharactersValidator"})
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

    def field(self, serializer: Serializer, item: SerializerField) -> FieldText:
        """The annotation of one writable field.

        Raises:
            RefusalError: the field or one of its validators has no rule.
        """
        place = item.line or serializer.source or ""
        if item.serializer is not None:
            raise RefusalError("S110", f"the writable nested `{item.name}` has no rule", place)
        kind = drf_kind(item, place)
        if kind == "HiddenField":
            return self._hidden(item, place)
        handler = _KINDS.get(kind)
        if handler is None:
            raise RefusalError("S103", f"fields of the kind `{kind}` have no rule", place)
        base, name, arguments = handler(self, item, place)
        text = FieldText(base[0], imports={(_MODULES[name], name), *base[1]})
        options = [*arguments, *self._common(item, kind, place, text.imports)]
        text = text.with_metadata(f"{name}({', '.join(options)})", *self._extra(item, place, text))
        if item.allow_null:
            text = _nullable(text)
        text.default = self._default(item, place, text)
        return text

    def _hidden(self, item: SerializerField, place: str) -> FieldText:
        """A field that clients do not send: the current user."""
        default = item.default
        if default is None or default.path != "rest_framework.fields.CurrentUserDefault":
            raise RefusalError("S111", f"the hidden field `{item.name}` has no rule", place)
        module, name = self.world.model_symbol(self.world.user_label)
        imports: set[Import] = {
            (module, name), ("app.compat.plans", "Hidden"), ("app.compat.schemas", "UNSET"),
        }  # fmt: skip
        text = FieldText(name, "UNSET", imports)
        found = text.with_metadata("Hidden(lambda context: context.user)")
        return FieldText(found.annotation, "UNSET", found.imports)

    def _common(
        self, item: SerializerField, kind: str, place: str, imports: set[Import]
    ) -> list[str]:
        options = []
        if item.allow_null:
            options.append("allow_null=True")
        functions = []
        for validator in item.validators:
            known = self._validator(validator, item, kind, place)
            if known is not None:
                imports.add(known[0])
                functions.append(known[1])
        if functions:
            options.append(f"validators=({', '.join(functions)},)")
        messages = dict(item.error_messages)
        if messages:
            options.append(f"messages={messages!r}")
        return options

    def _validator(
        self, validator: Validator, item: SerializerField, kind: str, place: str
    ) -> tuple[Import, str] | None:
        """The import and the expression of a validator; None for one that the type itself is."""
        name = validator.cls.rpartition(".")[2]
        if name in _ALWAYS or name == _TYPE_OWN.get(kind) or name == "UniqueValidator":
            return None
        params = validator.params
        if name in _LIMITS and validator.package is not None:
            if _same(item.options.get(_LIMITS[name]), params.get("limit_value")):
                return None
            message = f", message={params['message']!r}" if params.get("message") else ""
            return (_VALIDATORS, name), f"{name}({params.get('limit_value')!r}{message})"
        if validator.package is None:
            found = self.validator_function(validator.cls, place)
            return found, found[1]
        if params.get("regex") and validator.package == "django" and kind != "RegexField":
            return (_VALIDATORS, "RegexValidator"), _regex(params)
        raise RefusalError("S112", f"the validator `{validator.cls}` has no rule", place)

    def _extra(self, item: SerializerField, place: str, text: FieldText) -> list[str]:
        """`Unique(...)` and `From(...)` metadata."""
        extra = []
        for validator in item.validators:
            if not validator.cls.endswith(".UniqueValidator"):
                continue
            model = validator.params.get("queryset")
            column = self.world.field_named(str(model), item.source)
            if column is None or validator.params.get("lookup", "exact") not in (
                "exact",
                "iexact",
                None,
            ):
                raise RefusalError("S112", f"uniqueness of `{item.name}` has no rule", place)
            module, name = self.world.model_symbol(str(model))
            text.imports |= {(module, name), ("app.compat.uniqueness", "Unique")}
            attribute = self.world.attribute(column[1].attname)
            message = validator.params.get("message")
            lookup = validator.params.get("lookup") or "exact"
            extra.append(
                f"Unique({name}.{attribute}, message={message!r}"
                + ("" if lookup == "exact" else f", lookup={lookup!r}")
                + f"{self._among(str(model), text.imports)})"
            )
        if item.source != item.name:
            text.imports.add(("app.compat.plans", "From"))
            extra.append(f'From("{item.source}")')
        return extra

    def _among(self, label: str, imports: set[Import]) -> str:
        """Where the default manager hides rows, they do not count."""
        place = self.shown(label)
        if place is None:
            return ""
        imports.add(place)
        return f", among={place[1]}()"

    def shown(self, label: str) -> Import | None:
        """The function that gives the rows of a filtering default manager; None for a plain one."""
        manager = next((m for m in self.world.models[label].managers if m.default), None)
        if manager is None or not manager.filtering:
            return None
        assert self.world.manager_function is not None
        return self.world.manager_function(label, manager.name)

    def _default(self, item: SerializerField, place: str, text: FieldText) -> str | None:
        if item.default is not None and item.default.kind in ("literal", "none"):
            return repr(item.default.value)
        if item.default is not None:
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


def _options(item: SerializerField, *names: str) -> list[str]:
    found = []
    for name in names:
        value = item.options.get(name)
        if value not in (None, "") and (name, value) not in _DEFAULTS:
            found.append(f"{name}={value!r}")
    return found


_DEFAULTS = (("allow_blank", False), ("allow_unicode", False), ("trim_whitespace", True))


def _text(name: str) -> Callable[[WriteFields, SerializerField, str], Handled]:
    def make(fields: WriteFields, item: SerializerField, place: str) -> Handled:
        options = _options(item, "max_length", "min_length", "allow_blank", "trim_whitespace")
        return ("str", set()), name, options + _options(item, "allow_unicode")

    return make


def _number(name: str, base: str) -> Callable[[WriteFields, SerializerField, str], Handled]:
    def make(fields: WriteFields, item: SerializerField, place: str) -> Handled:
        return (base, set()), name, _options(item, "min_value", "max_value")

    return make


def _plain(
    name: str, base: str, module: str = ""
) -> Callable[[WriteFields, SerializerField, str], Handled]:
    def make(fields: WriteFields, item: SerializerField, place: str) -> Handled:
        if item.options.get("input_formats"):
            raise RefusalError("S106", f"`{item.name}` has input formats of its own", place)
        return (base, {(module, base)} if module else set()), name, []

    return make


def _decimal(fields: WriteFields, item: SerializerField, place: str) -> Handled:
    if item.options.get("localize") or item.options.get("rounding"):
        raise RefusalError("S106", f"`{item.name}` is localised or rounded", place)
    options = _options(item, "max_digits", "decimal_places")
    for name in ("min_value", "max_value"):
        value = item.options.get(name)
        if value is not None:
            options.append(
                f'{name}=Decimal("{value}")' if isinstance(value, str) else f"{name}={value!r}"
            )
    return ("Decimal", {("decimal", "Decimal")}), "Number", options


def _choice(fields: WriteFields, item: SerializerField, place: str) -> Handled:
    choices = item.options.get("choices")
    if not isinstance(choices, list | tuple):
        raise RefusalError("S114", f"the choices of `{item.name}` are not known", place)
    keys = tuple(pair[0] for pair in choices)
    imports: set[Import] = set()
    kind = "str" if all(isinstance(k, str) for k in keys) else "int"
    return (kind, imports), "Choice", [repr(keys), *_options(item, "allow_blank")]


def _relation(fields: WriteFields, item: SerializerField, place: str) -> Handled:
    if item.queryset is None or not item.queryset.plain:
        raise RefusalError("S115", f"the queryset of `{item.name}` has no rule", place)
    label = item.queryset.model
    if item.pk_field is not None:
        raise RefusalError("S106", f"`{item.name}` has a `pk_field`", place)
    module, name = fields.world.model_symbol(label)
    shown = fields.shown(label)
    if shown is not None:
        return (name, {(module, name), shown}), "Existing", [shown[1]]
    return (name, {(module, name)}), "Existing", [name]


def _slug_relation(fields: WriteFields, item: SerializerField, place: str) -> Handled:
    (base, imports), _, arguments = _relation(fields, item, place)
    return (base, imports), "ExistingSlug", [*arguments, f'"{item.slug_field}"']


def _many(fields: WriteFields, item: SerializerField, place: str) -> Handled:
    if item.child is None:
        raise RefusalError("S103", f"`{item.name}` has no rule", place)
    kind = (item.child.drf_cls or "").rpartition(".")[2]
    handler = {"PrimaryKeyRelatedField": _relation, "SlugRelatedField": _slug_relation}.get(kind)
    if handler is None:
        raise RefusalError("S103", f"lists of `{kind}` have no rule", place)
    (base, imports), name, arguments = handler(fields, item.child, place)
    options = ["allow_empty=False"] if item.options.get("allow_empty") is False else []
    inner = f"{name}({', '.join(arguments)})"
    return (f"list[{base}]", imports | {(_MODULES[name], name)}), "Many", [inner, *options]


def _no_files(fields: WriteFields, item: SerializerField, place: str) -> Handled:
    raise RefusalError("S116", f"the upload `{item.name}` has no rule", place)


def _same(option: object, limit: object) -> bool:
    return option is not None and str(option) == str(limit)


def _regex(params: dict[str, object]) -> str:
    """`RegexValidator(...)` with what differs from its defaults."""
    regex = params["regex"]
    pattern = regex.get("pattern") if isinstance(regex, dict) else regex
    options = [repr(pattern)]
    for name in ("message", "code", "inverse_match", "flags"):
        value = params.get(name)
        standard = {"message": "Enter a valid value.", "code": "invalid"}.get(name)
        if value not in (None, False, 0, "", standard):
            options.append(f"{name}={value!r}")
    return f"RegexValidator({', '.join(options)})"


_KINDS: dict[str, Callable[[WriteFields, SerializerField, str], Handled]] = {
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
