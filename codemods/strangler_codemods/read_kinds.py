"""What each of DRF's field classes becomes in a read schema."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from strangler.facts import SerializerField

from .field_kinds import drf_kind
from .field_text import FieldText
from .model_members import read_member
from .own_fields import is_own
from .refusal import RefusalError
from .stored_values import stored_value
from .types import Instance, Plain
from .value_types import python_type

if TYPE_CHECKING:
    from .schema_read import ReadFields

_OUT = "app.compat.outputs"
_ZONE = re.compile(r"[A-Z][A-Za-z0-9_+-]*(/[A-Z][A-Za-z0-9_+-]*)*")
_SIMPLE = {
    "CharField": "str", "EmailField": "str", "SlugField": "str", "URLField": "str", "RegexField": "str",
    "IPAddressField": "str", "IntegerField": "int", "FloatField": "float", "BooleanField": "bool",
    "NullBooleanField": "bool", "ReadOnlyField": "Any", "_UnvalidatedField": "Any",
}  # fmt: skip


def _simple(name: str) -> Callable[..., FieldText]:
    """A value as it is, or by Python's own type."""

    def make(fields: ReadFields, item: SerializerField, label: str | None, place: str) -> FieldText:
        return FieldText(name, imports={("typing", "Any")} if name == "Any" else set())

    return make


def _formatted(name: str) -> Callable[..., FieldText]:
    """A date, a time or a duration, perhaps in a format of its own."""

    def make(fields: ReadFields, item: SerializerField, label: str | None, place: str) -> FieldText:
        options = [repr(item.options.get("format"))] if "format" in item.arguments else []
        if "default_timezone" in item.arguments:
            options.append(f"timezone={zone_name(item, place)!r}")
        text = FieldText("Any" if options else "str", imports={(_OUT, name)})
        if options:
            text.imports.add(("typing", "Any"))
        return text.with_metadata(f"{name}({', '.join(options)})")

    return make


def zone_name(item: SerializerField, place: str) -> str:
    """The name of a field's own time zone.

    Raises:
        RefusalError: it is a fixed offset or an object of another kind.
    """
    name = str(item.options.get("timezone"))
    if not _ZONE.fullmatch(name):
        raise RefusalError("S106", f"the time zone of `{item.name}` has no name", place)
    return name


def _uuid(fields: ReadFields, item: SerializerField, label: str | None, place: str) -> FieldText:
    form = item.options.get("uuid_format")
    option = "" if form in (None, "hex_verbose") else repr(form)
    text = FieldText("int" if form == "int" else "str", imports={(_OUT, "UuidText")})
    return text.with_metadata(f"UuidText({option})")


def _file(fields: ReadFields, item: SerializerField, label: str | None, place: str) -> FieldText:
    option = f"use_url={item.use_url}" if "use_url" in item.arguments else ""
    text = FieldText("str | None", imports={(_OUT, "FileUrl")})
    return text.with_metadata(f"FileUrl({option})")


def _decimal(fields: ReadFields, item: SerializerField, label: str | None, place: str) -> FieldText:
    if item.options.get("localize"):
        raise RefusalError("S106", f"`{item.name}` is localised", place)
    options = [repr(item.options.get("decimal_places"))]
    for name, option in (
        ("max_digits", "max_digits"),
        ("coerce_to_string", "as_text"), ("normalize_output", "normalize"), ("rounding", "rounding"),
    ):  # fmt: skip
        if name in item.arguments and item.options.get(name) is not None:
            options.append(f"{option}={item.options[name]!r}")
    text = FieldText("str", imports={(_OUT, "Decimals")})
    if item.options.get("coerce_to_string") is False:
        text = FieldText("Any", imports={(_OUT, "Decimals"), ("typing", "Any")})
    return text.with_metadata(f"Decimals({', '.join(options)})")


def _big_integer(
    fields: ReadFields, item: SerializerField, label: str | None, place: str
) -> FieldText:
    if not item.options.get("coerce_to_string"):
        return FieldText("int")
    text = FieldText("str", imports={(_OUT, "BigNumber")})
    return text.with_metadata("BigNumber(as_text=True)")


def _choice(fields: ReadFields, item: SerializerField, label: str | None, place: str) -> FieldText:
    """A stored value goes out as the declared choice with the same text."""
    keys = [pair[0] for pair in item.options.get("choices") or ()]
    column = fields.world.field_named(label, item.source) if label else None
    held = python_type(column[1].internal_type) if column else None
    if held is not None and {type(key).__name__ for key in keys if key is not None} == {held}:
        return FieldText(held)
    text = FieldText("Any", imports={("typing", "Any"), (_OUT, "ChoiceOut")})
    return text.with_metadata(f"ChoiceOut({[key for key in keys if key is not None]!r})")


def _json(fields: ReadFields, item: SerializerField, label: str | None, place: str) -> FieldText:
    for name in ("binary", "encoder", "decoder"):
        if item.options.get(name):
            raise RefusalError("S106", f"the `{name}` of `{item.name}` has no rule", place)
    return FieldText("Any", imports={("typing", "Any")})


def _primary_key(
    fields: ReadFields, item: SerializerField, label: str | None, place: str
) -> FieldText:
    if item.pk_field is not None:
        raise RefusalError("S106", f"`{item.name}` has a `pk_field`", place)
    text = _typed(fields, fields.target(label, item.source, place), "pk")
    text.imports.add((_OUT, "PrimaryKey"))
    return text.with_metadata("PrimaryKey()")


def _typed(fields: ReadFields, label: str | None, name: str) -> FieldText:
    """The JSON type of a column, as far as it is plain."""
    held = fields.world.attribute_type(label, name) if label else None
    base = held.name if isinstance(held, Plain) else "Any"
    base = {"UUID": "str"}.get(base, base)
    if base in ("str", "int"):
        return FieldText(base)
    return FieldText("Any", imports={("typing", "Any")})


def _many(fields: ReadFields, item: SerializerField, label: str | None, place: str) -> FieldText:
    child = item.child
    kind = (child.drf_cls or "").rpartition(".")[2] if child else ""
    if child is not None and is_own(child):
        target = fields.target(label, item.source, place)
        if target is None:
            raise RefusalError("S102", f"`{item.source}` is no relation", place)
        return _listed(fields.own_text(child, Instance(target), place))
    if child is not None:
        drf_kind(child, place)
    if child is not None and kind == "PrimaryKeyRelatedField":
        if child.pk_field is not None:
            raise RefusalError("S106", f"`{item.name}` has a `pk_field`", place)
        text = _typed(fields, fields.target(label, item.source, place), "pk")
        text.imports.add((_OUT, "PrimaryKey"))
        return _listed(text).with_metadata("PrimaryKey()")
    if child is not None and kind == "SlugRelatedField":
        return _listed(_slug_of(fields, item, label, child.slug_field, place))
    if child is not None and kind == "HyperlinkedRelatedField":
        drf_kind(child, place)
        one = child.model_copy(update={"name": item.name, "source": item.source})
        return _listed(_link(fields, one, label, place))
    if child is not None and kind == "StringRelatedField":
        return _listed(_string(fields, item, label, place))
    raise RefusalError("S103", f"lists of `{kind}` have no rule", place)


def _listed(text: FieldText) -> FieldText:
    return FieldText(f"list[{text.base}]", None, text.imports, text.metadata)


def _slug(fields: ReadFields, item: SerializerField, label: str | None, place: str) -> FieldText:
    return _slug_of(fields, item, label, item.slug_field, place)


def _slug_of(
    fields: ReadFields, item: SerializerField, label: str | None, slug: str | None, place: str
) -> FieldText:
    target = fields.target(label, item.source, place)
    held = fields.world.attribute_type(target, slug or "") if target else None
    if not isinstance(held, Plain) or held.name == "Any":
        raise RefusalError("S107", f"`{item.name}` shows `{slug}`, which is no column", place)
    text = _typed(fields, target, slug or "")
    text.imports.add((_OUT, "SlugOf"))
    return text.with_metadata(f'SlugOf("{slug}")')


def _link(fields: ReadFields, item: SerializerField, label: str | None, place: str) -> FieldText:
    view = item.view_name or ""
    lookup = item.lookup_field or "pk"
    kwarg = item.lookup_url_kwarg or lookup
    names = {e.full_name for e in fields.world.facts.endpoints}
    if view not in names:
        raise RefusalError("S108", f"the hyperlink `{item.name}` has no rule", place)
    target = label if item.source in ("*", "") else fields.target(label, item.source, place)
    held = fields.world.attribute_type(target, lookup) if target else Plain("str")
    if lookup != "pk" and not isinstance(held, Plain):
        raise RefusalError("S108", f"the hyperlink `{item.name}` has no rule", place)
    fields.world.links.add(view)
    extra = "" if lookup == "pk" == kwarg else f', "{lookup}"'
    extra += "" if kwarg == lookup else f', "{kwarg}"'
    if item.options.get("format") is not None:
        extra += f", format={item.options['format']!r}"
    text = FieldText("str", imports={(_OUT, "Link")})
    return text.with_metadata(f'Link("{view}"{extra})')


def _string(fields: ReadFields, item: SerializerField, label: str | None, place: str) -> FieldText:
    target = fields.target(label, item.source, place)
    if target is None or read_member(fields.world, target, "__str__") is None:
        raise RefusalError(
            "S107", f"`{item.name}` shows the text of a row, which has no rule", place
        )
    return FieldText("str", imports={(_OUT, "Text")}).with_metadata("Text()")


def _list(fields: ReadFields, item: SerializerField, label: str | None, place: str) -> FieldText:
    inner = _member(fields, item, place)
    return FieldText(f"list[{inner.annotation}]", imports=inner.imports)


def _dictionary(
    fields: ReadFields, item: SerializerField, label: str | None, place: str
) -> FieldText:
    inner = _member(fields, item, place)
    return FieldText(f"dict[str, {inner.annotation}]", imports=inner.imports)


def _member(fields: ReadFields, item: SerializerField, place: str) -> FieldText:
    """The annotation of what a list or a dictionary holds."""
    child = item.child
    if child is None:
        return FieldText("Any", imports={("typing", "Any")})
    if child.serializer is not None:
        raise RefusalError("S103", f"`{item.name}` holds serializers", place)
    kind = drf_kind(child, place)
    if kind not in _MEMBERS:
        raise RefusalError("S103", f"`{item.name}` holds fields of the kind `{kind}`", place)
    return KINDS[kind](fields, child, None, place)


def _choices(fields: ReadFields, item: SerializerField, label: str | None, place: str) -> FieldText:
    """Several choices: before DRF 3.17 a set, whose order nobody knows."""
    if fields.world.drf_version < (3, 17):
        raise RefusalError("S106", f"`{item.name}` shows its choices in no order", place)
    keys = [pair[0] for pair in item.options.get("choices") or ()]
    text = FieldText("list[Any]", imports={("typing", "Any"), (_OUT, "MultipleChoiceOut")})
    return text.with_metadata(f"MultipleChoiceOut({keys!r})")


_MEMBERS = frozenset(
    {
        *_SIMPLE, "ChoiceField", "ListField", "DictField", "DateField", "DateTimeField", "DecimalField",
        "DurationField", "TimeField", "UUIDField",
    }
)  # fmt: skip
KINDS: dict[str, Callable[[ReadFields, SerializerField, str | None, str], FieldText]] = {
    **{kind: _simple(name) for kind, name in _SIMPLE.items()},
    "DecimalField": _decimal,
    "BigIntegerField": _big_integer,
    "ChoiceField": _choice,
    "JSONField": _json,
    "DateTimeField": _formatted("Timestamp"),
    "DateField": _formatted("CalendarDate"),
    "TimeField": _formatted("ClockTime"),
    "DurationField": _formatted("Span"),
    "UUIDField": _uuid,
    "FileField": _file,
    "ImageField": _file,
    "PrimaryKeyRelatedField": _primary_key,
    "ManyRelatedField": _many,
    "SlugRelatedField": _slug,
    "StringRelatedField": _string,
    "HyperlinkedRelatedField": _link,
    "HyperlinkedIdentityField": _link,
    "ListField": _list,
    "DictField": _dictionary,
    "HStoreField": _dictionary,
    "MultipleChoiceField": _choices,
    "ModelField": stored_value,
}
