"""What each of DRF's field classes becomes in a write schema."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from strangler.facts import SerializerField

from .annotations import annotation_of
from .body import Import
from .field_kinds import drf_kind
from .field_validators import raw
from .model_defaults import span
from .own_fields import is_own
from .read_kinds import zone_name
from .refusal import RefusalError
from .shown_rows import shown_rows
from .types import Instance, Plain

if TYPE_CHECKING:
    from .schema_write import WriteFields

MODULES = {
    name: f"app.compat.fields_{module}"
    for module, names in {
        "text": "Char Email Pattern Slug Url Uuid IpAddress",
        "numbers": "Integer BigInteger Float Number Boolean",
        "time": "DateTime Date Time Duration",
        "choices": "Choice MultipleChoice",
        "collections": "ListOf DictOf HStore Json",
        "files": "File Image",
        "links": "ExistingLink",
        "relations": "Existing ExistingSlug Many Taken TakenRow",
    }.items()
    for name in names.split()
}

Base = tuple[str, set[Import]]
Handled = tuple[Base, str, list[str]]


def _named(item: SerializerField, *names: str) -> list[str]:
    """Options that count as soon as they were given."""
    return [f"{name}={item.options.get(name)!r}" for name in names]


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
        return (base, {(module, base)} if module else set()), name, []

    return make


def _moment(name: str, base: str) -> Callable[[WriteFields, SerializerField, str], Handled]:
    """A date or time, perhaps in formats or a zone of its own."""

    def make(fields: WriteFields, item: SerializerField, place: str) -> Handled:
        options = []
        formats = item.options.get("input_formats")
        if "input_formats" in item.arguments and formats is not None:
            options.append(f"input_formats={tuple(formats)!r}")
        if "default_timezone" in item.arguments:
            options.append(f"timezone={zone_name(item, place)!r}")
        return (base, {("datetime", base)}), name, options

    return make


def _duration(fields: WriteFields, item: SerializerField, place: str) -> Handled:
    limits = [
        f"{name}={span(str(item.options[name]))}"
        for name in ("min_value", "max_value")
        if item.options.get(name) is not None
    ]
    return ("timedelta", {("datetime", "timedelta")}), "Duration", limits


def _json(fields: WriteFields, item: SerializerField, place: str) -> Handled:
    for name in ("encoder", "decoder"):
        if item.options.get(name):
            raise RefusalError("S106", f"the `{name}` of `{item.name}` has no rule", place)
    binary = ["binary=True"] if item.options.get("binary") else []
    return ("Any", {("typing", "Any")}), "Json", binary


def _pattern(fields: WriteFields, item: SerializerField, place: str) -> Handled:
    """The expression is that of the validator which DRF adds at the end."""
    own = [v for v in item.validators if v.cls == "django.core.validators.RegexValidator"]
    regex = own[-1].params.get("regex") if own else None
    flags = regex.get("flags") if isinstance(regex, dict) else 0
    pattern = regex.get("pattern") if isinstance(regex, dict) else regex
    if len(own) != 1 or not isinstance(pattern, str) or flags not in (None, 0, 32):
        raise RefusalError("S112", f"the expression of `{item.name}` has no rule", place)
    options = _options(item, "max_length", "min_length", "allow_blank", "trim_whitespace")
    return ("str", set()), "Pattern", [raw(pattern), *options]


def _address(fields: WriteFields, item: SerializerField, place: str) -> Handled:
    options = _options(item, "max_length", "min_length", "allow_blank", "trim_whitespace")
    protocol = item.options.get("protocol")
    own = [f"protocol={protocol!r}"] if protocol not in (None, "both") else []
    return ("str", set()), "IpAddress", [*own, *options]


def _decimal(fields: WriteFields, item: SerializerField, place: str) -> Handled:
    if item.options.get("localize"):
        raise RefusalError("S106", f"`{item.name}` is localised", place)
    options = [*_named(item, "max_digits", "decimal_places"), *_options(item, "rounding")]
    for name in ("min_value", "max_value"):
        value = item.options.get(name)
        if value is not None:
            options.append(f"{name}={number(value, item, place)}")
    return ("Decimal", {("decimal", "Decimal")}), "Number", options


def number(value: object, item: SerializerField, place: str) -> str:
    """A limit as an expression: a number, or a Decimal by its text."""
    if isinstance(value, int | float):
        return repr(value)
    if isinstance(value, str):
        return f'Decimal("{value}")'
    raise RefusalError("S106", f"a limit of `{item.name}` has no rule", place)


def _composite(name: str) -> Callable[[WriteFields, SerializerField, str], Handled]:
    """A list or a dictionary whose members have a type of their own."""

    def make(fields: WriteFields, item: SerializerField, place: str) -> Handled:
        options = _options(item, "min_length", "max_length")
        options += ["allow_empty=False"] if item.options.get("allow_empty") is False else []
        inner = item.child if name != "HStore" else None  # that of an HStore is always the same
        imports: set[Import] = {("typing", "Any")}
        if inner is not None and (inner.drf_cls or "").rpartition(".")[2] != "_UnvalidatedField":
            options.insert(0, fields.member(inner, place, imports))
        shape = "list[Any]" if name == "ListOf" else "dict[str, Any]"
        return (shape, imports), name, options

    return make


def _choice(fields: WriteFields, item: SerializerField, place: str) -> Handled:
    choices = item.options.get("choices")
    if not isinstance(choices, list | tuple):
        raise RefusalError("S114", f"the choices of `{item.name}` are not known", place)
    keys = tuple(pair[0] for pair in choices)
    types = {type(key).__name__ for key in keys if key is not None}
    kind = types.pop() if len(types) == 1 else "Any"
    imports: set[Import] = {("typing", "Any")} if kind == "Any" else set()
    return (kind, imports), "Choice", [repr(keys), *_options(item, "allow_blank")]


def _choices(fields: WriteFields, item: SerializerField, place: str) -> Handled:
    """Several choices: a list, a set before DRF 3.17."""
    (kind, imports), _, arguments = _choice(fields, item, place)
    options = ["allow_empty=False"] if item.options.get("allow_empty") is False else []
    shape = "list" if fields.world.drf_version >= (3, 17) else "set"
    return (f"{shape}[{kind}]", imports), "MultipleChoice", [*arguments, *options]


def _relation(fields: WriteFields, item: SerializerField, place: str) -> Handled:
    if item.queryset is None:
        raise RefusalError("S115", f"the queryset of `{item.name}` has no rule", place)
    label = item.queryset.model
    if item.pk_field is not None:
        raise RefusalError("S106", f"`{item.name}` has a `pk_field`", place)
    module, name = fields.world.model_symbol(label)
    if not item.queryset.plain or fields.is_limited():
        function = fields.own_rows(item, place)
        return (name, {(module, name), function}), "Existing", [function[1]]
    shown = shown_rows(fields.world, label)
    if shown is not None:
        return (name, {(module, name), shown}), "Existing", [shown[1]]
    return (name, {(module, name)}), "Existing", [name]


def _slug_relation(fields: WriteFields, item: SerializerField, place: str) -> Handled:
    (base, imports), _, arguments = _relation(fields, item, place)
    label = item.queryset.model if item.queryset else ""
    held = fields.world.attribute_type(label, item.slug_field or "")
    if not isinstance(held, Plain) or held.name == "Any":
        text = f"`{item.name}` is found by `{item.slug_field}`, which is no column"
        raise RefusalError("S107", text, place)
    return (base, imports), "ExistingSlug", [*arguments, f'"{item.slug_field}"']


def _link_relation(fields: WriteFields, item: SerializerField, place: str) -> Handled:
    """A row by its address, which any pattern of the project may match."""
    (base, imports), _, arguments = _relation(fields, item, place)
    view, lookup = item.view_name or "", item.lookup_field or "pk"
    kwarg = item.lookup_url_kwarg or lookup
    urls = fields.world.facts.urls
    hidden = any(kwarg in url.arguments for url in urls if url.name == view)
    if hidden or view not in {url.name for url in urls} or not all(url.certain for url in urls):
        text = f"what the addresses of `{item.name}` lead to is not known"
        raise RefusalError("S108", text, place)
    label = item.queryset.model if item.queryset else ""
    if not isinstance(fields.world.attribute_type(label, lookup), Plain):
        text = f"`{item.name}` is found by `{lookup}`, which is no column"
        raise RefusalError("S108", text, place)
    fields.world.resolves = True
    column = fields.world.field_named(label, lookup)
    options = [] if lookup == "pk" or column is None else [f'"{fields.world.attribute(lookup)}"']
    options += [] if kwarg == "pk" else [f'kwarg="{kwarg}"']
    return (base, imports), "ExistingLink", [*arguments, f'"{view}"', *options]


def _many(fields: WriteFields, item: SerializerField, place: str) -> Handled:
    if item.child is None:
        raise RefusalError("S103", f"`{item.name}` has no rule", place)
    kind = (item.child.drf_cls or "").rpartition(".")[2]
    handler = _ROWS.get(kind)
    handler = own_value if is_own(item.child) else handler
    if handler is None:
        raise RefusalError("S103", f"lists of `{kind}` have no rule", place)
    if handler is not own_value:
        drf_kind(item.child, place)
    (base, imports), name, arguments = handler(fields, item.child, place)
    if item.child.error_messages:
        arguments.append(f"messages={item.child.error_messages!r}")
    options = ["allow_empty=False"] if item.options.get("allow_empty") is False else []
    inner = f"{name}({', '.join(arguments)})"
    return (f"list[{base}]", imports | {(MODULES[name], name)}), "Many", [inner, *options]


def own_value(fields: WriteFields, item: SerializerField, place: str) -> Handled:
    """A value or a related row that a field class of the project reads."""
    function, kind = fields.own.taken(item, place)
    imports: set[Import] = {function}
    base = annotation_of(fields.world, kind, imports)
    related = (item.drf_cls or "").endswith(".RelatedField")
    if related != isinstance(kind, Instance):
        raise RefusalError("S101", f"`{item.cls}` gives something else than a row", place)
    return (base, imports), "TakenRow" if related else "Taken", [function[1]]


def _file(name: str) -> Callable[[WriteFields, SerializerField, str], Handled]:
    def make(fields: WriteFields, item: SerializerField, place: str) -> Handled:
        fields.require_upload(item, place)
        options = _options(item, "max_length")
        options += ["allow_empty_file=True"] if item.options.get("allow_empty_file") else []
        return ("UploadFile", {("fastapi", "UploadFile")}), name, options

    return make


_ROWS = {
    "PrimaryKeyRelatedField": _relation,
    "SlugRelatedField": _slug_relation,
    "HyperlinkedRelatedField": _link_relation,
}
MEMBERS = frozenset(
    [
        "CharField",
        "EmailField",
        "SlugField",
        "URLField",
        "RegexField",
        "IntegerField",
        "FloatField",
        "BooleanField",
        "JSONField",
        "ChoiceField",
        "ListField",
        "DictField",
        "BigIntegerField",
        "DateField",
        "DateTimeField",
        "DecimalField",
        "DurationField",
        "HStoreField",
        "IPAddressField",
        "MultipleChoiceField",
        "TimeField",
        "UUIDField",
    ]
)
KINDS: dict[str, Callable[[WriteFields, SerializerField, str], Handled]] = {
    "CharField": _text("Char"),
    "EmailField": _text("Email"),
    "SlugField": _text("Slug"),
    "URLField": _text("Url"),
    "RegexField": _pattern,
    "IPAddressField": _address,
    "IntegerField": _number("Integer", "int"),
    "BigIntegerField": _number("BigInteger", "int"),
    "FloatField": _number("Float", "float"),
    "BooleanField": _plain("Boolean", "bool"),
    "NullBooleanField": _plain("Boolean", "bool"),
    "DecimalField": _decimal,
    "DateTimeField": _moment("DateTime", "datetime"),
    "DateField": _moment("Date", "date"),
    "TimeField": _moment("Time", "time"),
    "DurationField": _duration,
    "UUIDField": _plain("Uuid", "UUID", "uuid"),
    "JSONField": _json,
    "ListField": _composite("ListOf"),
    "DictField": _composite("DictOf"),
    "HStoreField": _composite("HStore"),
    "ChoiceField": _choice,
    "MultipleChoiceField": _choices,
    **_ROWS,
    "ManyRelatedField": _many,
    "FileField": _file("File"),
    "ImageField": _file("Image"),
}
