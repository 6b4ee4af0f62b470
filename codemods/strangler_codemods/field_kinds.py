"""What is known of DRF's field classes: their arguments, what they can show, what they give."""

from __future__ import annotations

from typing import NoReturn

from strangler.facts import ModelField, SerializerField

from .refusal import RefusalError
from .types import Plain, Type
from .value_types import RANGES

_COMMON = frozenset(
    [
        "read_only",
        "write_only",
        "required",
        "default",
        "initial",
        "source",
        "label",
        "help_text",
        "style",
        "error_messages",
        "validators",
        "allow_null",
    ]
)
_TEXT = "max_length min_length allow_blank trim_whitespace"
_LIMITS = "min_value max_value"
_CHOICES = "choices html_cutoff html_cutoff_text allow_blank"
_RELATION = "queryset many allow_empty html_cutoff html_cutoff_text"
_LINK = f"{_RELATION} view_name lookup_field lookup_url_kwarg format"
_ARGUMENTS = {
    "CharField": _TEXT, "EmailField": _TEXT, "URLField": _TEXT, "SlugField": f"{_TEXT} allow_unicode",
    "RegexField": f"{_TEXT} regex", "IPAddressField": f"{_TEXT} protocol", "UUIDField": "format",
    "IntegerField": _LIMITS, "BigIntegerField": f"{_LIMITS} coerce_to_string", "FloatField": _LIMITS,
    "DecimalField": f"{_LIMITS} max_digits decimal_places coerce_to_string localize rounding normalize_output",
    "BooleanField": "", "NullBooleanField": "", "DurationField": f"{_LIMITS} format",
    "DateTimeField": "format input_formats default_timezone", "DateField": "format input_formats",
    "TimeField": "format input_formats", "ChoiceField": _CHOICES,
    "FileField": "max_length allow_empty_file use_url", "ImageField": "max_length allow_empty_file use_url",
    "ListField": "child allow_empty min_length max_length", "DictField": "child allow_empty",
    "HStoreField": "allow_empty", "MultipleChoiceField": f"{_CHOICES} allow_empty",
    "JSONField": "binary encoder decoder", "ModelField": "model_field max_length", "ReadOnlyField": "", "HiddenField": "",
    "SerializerMethodField": "method_name", "PrimaryKeyRelatedField": f"{_RELATION} pk_field",
    "SlugRelatedField": f"{_RELATION} slug_field", "StringRelatedField": "many",
    "HyperlinkedRelatedField": _LINK, "HyperlinkedIdentityField": _LINK,
    "ManyRelatedField": "child_relation allow_empty html_cutoff html_cutoff_text",
}  # fmt: skip

_NUMBERS = frozenset({"int", "bool", "float", "Decimal", "str"})
_ANY_TEXT = _NUMBERS | {"UUID", "datetime", "date", "time", "timedelta", "JSON"}
_SHOWN: dict[str, frozenset[str]] = {
    **dict.fromkeys(("CharField", "EmailField", "URLField", "SlugField", "RegexField"), _ANY_TEXT),
    "IPAddressField": frozenset({"str"}),
    **dict.fromkeys(("IntegerField", "BigIntegerField", "FloatField"), _NUMBERS),
    "DecimalField": _NUMBERS - {"bool"},
    **dict.fromkeys(("BooleanField", "NullBooleanField"), _NUMBERS - {"Decimal"}),
    "DateTimeField": frozenset({"datetime"}),
    "DateField": frozenset({"date"}),
    "TimeField": frozenset({"time"}),
    "DurationField": frozenset({"timedelta"}),
    "UUIDField": frozenset({"UUID"}),
    "ChoiceField": frozenset({"str", "int", "bool"}),
    **dict.fromkeys(("FileField", "ImageField"), frozenset({"file"})),
    **dict.fromkeys(("JSONField", "ListField", "DictField"), frozenset({"JSON"})),
    "ReadOnlyField": _ANY_TEXT,
    "ModelField": _ANY_TEXT - {"JSON"} | {"bytes", "range"},
    "HStoreField": frozenset({"texts"}),
}

_GIVEN = {
    "CharField": "str", "EmailField": "str", "URLField": "str", "SlugField": "str", "RegexField": "str",
    "IPAddressField": "str", "IntegerField": "int", "BigIntegerField": "int", "FloatField": "float",
    "DecimalField": "Decimal", "BooleanField": "bool", "NullBooleanField": "bool",
    "DateTimeField": "datetime", "DateField": "date", "TimeField": "time", "DurationField": "timedelta",
    "UUIDField": "UUID", "FileField": "file", "ImageField": "file", "JSONField": "JSON",
    "ListField": "JSON", "DictField": "JSON", "HStoreField": "texts",
}  # fmt: skip
FILE_KINDS = frozenset({"FileField", "ImageField"})


def drf_kind(item: SerializerField, place: str) -> str:
    """The DRF class of a field, whose arguments all have a rule.

    Raises:
        RefusalError: the class is the project's own, or an argument has no rule.
    """
    if item.drf_cls is None or (item.cls != item.drf_cls and item.rows is None):
        raise RefusalError("S101", f"the field class `{item.cls}` has no rule", place)
    kind = item.drf_cls.rpartition(".")[2]
    known = known_arguments(kind)
    unknown = [name for name in item.arguments if name not in known]
    if kind in _ARGUMENTS and unknown:
        text = f"the argument `{unknown[0]}` of `{item.name}` has no rule"
        raise RefusalError("S106", text, place)
    return kind


def known_arguments(kind: str) -> frozenset[str]:
    """The arguments of one of DRF's field classes that have a rule."""
    return _COMMON | frozenset(_ARGUMENTS.get(kind, "").split())


# What JSON has a form for: other values in a list would be refused by a JSON column.
_JSON_MEMBERS = frozenset(
    {kind for kind, given in _GIVEN.items() if given in {"str", "int", "float", "bool", "JSON"}}
) | {"ChoiceField", "HStoreField", "_UnvalidatedField"}


def _check_members(item: SerializerField, place: str) -> None:
    """Refuse lists and dictionaries in a JSON column whose members are no JSON."""
    child = item.child
    if child is None:
        return
    kind = (child.drf_cls or "").rpartition(".")[2]
    if kind not in _JSON_MEMBERS:
        raise RefusalError("S109", f"`{item.name}` keeps values of a {kind} in JSON", place)
    _check_members(child, place)


def kind_of_column(column: ModelField, kind: Type) -> str:
    """What a column holds, as the tables of this module name it."""
    if column.internal_type in FILE_KINDS:
        return "file"
    if column.internal_type == "JSONField":
        return "JSON"
    if column.internal_type == "HStoreField":
        return "texts"
    if column.internal_type in RANGES:
        return "range"
    if kind == Plain() and "from_db_value" in column.overrides:
        return "JSON"  # of any shape
    return kind.name if isinstance(kind, Plain) else "row"


def check_shown(kind: str, item: SerializerField, held: str, place: str) -> None:
    """Refuse a field that shows values of another kind than those it is known to write."""
    held = held.removesuffix(" | None")
    child = _child(kind, item, held, place)
    if child is not None:
        return check_shown(drf_kind(child, place), child, _member(held), place)
    if held == "JSON":
        _check_members(item, place)
    if held != "Any" and held not in _SHOWN.get(kind, ()):
        raise RefusalError("S109", f"`{item.name}` shows a {held} by a {kind}", place)


def _child(kind: str, item: SerializerField, held: str, place: str) -> SerializerField | None:
    """The field of the members where a list stands for an array column."""
    if not held.startswith("list[") or kind != "ListField":
        return None
    if item.child is None or item.child.serializer is not None or held.endswith(" | None]"):
        raise RefusalError("S109", f"`{item.name}` shows a {held} by a {kind}", place)
    return item.child


def _member(held: str) -> str:
    """`int`, of `list[int]`."""
    return held.removeprefix("list[").removesuffix("]")


def check_given(
    kind: str, item: SerializerField, column: ModelField, held: str, place: str
) -> None:
    """Refuse a field that gives its column values of another type than the column's own."""
    child = _child(kind, item, held, place)
    if child is not None and column.base_field is not None:
        return check_given(drf_kind(child, place), child, column.base_field, _member(held), place)
    if held == "JSON":
        _check_members(item, place)
    if kind == "ChoiceField":
        keys = {type(pair[0]).__name__ for pair in item.options.get("choices") or ()}
        if column.null:
            keys.discard("NoneType")
        given = keys.pop() if len(keys) == 1 else "mixture"
    else:
        given = _GIVEN.get(kind, "")
    if given != held:
        raise RefusalError("S109", f"`{item.name}` gives a {held} column a {given or kind}", place)


def check_storage(name: str, column: ModelField, media_url: str, place: str) -> None:
    """Refuse files whose address is not MEDIA_URL and their name."""
    storage = column.storage
    base = str(storage.value).strip("/") if storage is not None else ""
    if not column.storage_shows or base != media_url.strip("/"):
        refuse_storage(name, column, place)


def refuse_storage(name: str, column: ModelField, place: str) -> NoReturn:
    """Say which storage has no rule."""
    kept = column.storage.path if column.storage is not None else "unknown"
    raise RefusalError("S118", f"the storage of `{name}` has no rule: {kept}", place)
