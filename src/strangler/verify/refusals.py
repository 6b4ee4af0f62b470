"""Values for one serializer field such that it should refuse them."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from strangler.facts import SerializerField
from strangler.verify.addresses import broken_links
from strangler.verify.uploads import Upload
from strangler.verify.values import Material, kind_of, pattern_of


def beyond(field: SerializerField, material: Material) -> list[Any]:
    """One value for each limit that the field declares, of the right type and past the limit."""
    return [*_past(field), *_taken(field, material)]


def _past(field: SerializerField) -> list[Any]:
    kind = kind_of(field)
    if kind in {"CharField", "RegexField", "SlugField"}:
        return _bad_text(field)
    if kind in {"IntegerField", "BigIntegerField", "FloatField", "DecimalField"}:
        return _out_of_range(field)
    if kind == "ChoiceField":
        return ["no-such-choice"]
    return []


def _taken(field: SerializerField, material: Material) -> list[Any]:
    """A value that another row has, where values must not repeat."""
    if not any(each.cls.endswith("UniqueValidator") for each in field.validators):
        return []
    path = field.source.replace(".", "__")
    return [value for value in material.world.column(material.label, path) if value][-1:]


def takes_all(field: SerializerField) -> bool:
    """Whether a field refuses nothing that JSON can say: null neither."""
    return kind_of(field) == "JSONField" and field.allow_null and not field.validators


def refused(field: SerializerField, material: Material) -> list[Any]:
    """Values that should not pass, those past a limit first; then null, blank, other types."""
    found: list[Any] = beyond(field, material) + ([] if field.allow_null else [None])
    kind = kind_of(field)
    if field.serializer:
        found += ["no object", []] if not field.many else ["no list", [{}]]
        return found
    maker = _REFUSED.get(kind)
    if maker is not None:
        found += maker(field, material)
    if field.allow_null is False and kind == "CharField" and not field.options.get("allow_blank"):
        found.append("")
    return found


def _bad_text(field: SerializerField) -> list[Any]:
    found: list[Any] = []
    if any(pattern_of(each) for each in field.validators):
        found.append("?? no match ??")
    if field.options.get("max_length"):
        found.append("w" * (field.options["max_length"] + 1))
    if (field.options.get("min_length") or 0) > 1:
        found.append("w")
    return found


def _out_of_range(field: SerializerField) -> list[Any]:
    found: list[Any] = []
    least, most = field.options.get("min_value"), field.options.get("max_value")
    if least is not None:
        found.append(int(Decimal(str(least))) - 1)
    if most is not None:
        found.append(int(Decimal(str(most))) + 1)
    if kind_of(field) == "DecimalField":
        digits, places = field.options.get("max_digits"), field.options.get("decimal_places")
        found += ["1." + "1" * (places + 1)] if places is not None else []
        found += ["9" * (digits + 1)] if digits else []
    if least is None:  # what code asks of numbers for the most part; behind one that is none
        found += [*([] if found else ["abc"]), 0, -1]
    return found


def _bad_number(field: SerializerField, _: Material) -> list[Any]:
    found: list[Any] = ["abc", [], True]
    if "Integer" in kind_of(field):
        found += [1.5, ""]
    return found


def _bad_key(field: SerializerField, material: Material) -> list[Any]:
    keys = material.world.keys(field.queryset.model if field.queryset else None)
    textual = bool(keys) and not isinstance(keys[0], int)
    return ["00000000-0000-4000-8000-000000000000" if textual else 99999999, "abc", True, []]


def _bad_members(field: SerializerField, material: Material) -> list[Any]:
    inner = refused(field.child, material) if field.child else []
    found: list[Any] = ["no list", *([each] for each in inner if each is not None)]
    return found if field.options.get("allow_empty", True) else [*found, []]


_REFUSED: dict[str, Callable[[SerializerField, Material], list[Any]]] = {
    "CharField": lambda f, m: [True, ["list"]],
    "RegexField": lambda f, m: ["?? no match ??", True],
    "EmailField": lambda f, m: ["not-an-email", "a@b", True, ""],
    "SlugField": lambda f, m: ["no slug!", "", True],
    "URLField": lambda f, m: ["nowhere", "", True],
    "UUIDField": lambda f, m: ["abc", [], ""],
    "IPAddressField": lambda f, m: ["1.2.3", ""],
    "IntegerField": _bad_number,
    "BigIntegerField": _bad_number,
    "FloatField": _bad_number,
    "DecimalField": _bad_number,
    "BooleanField": lambda f, m: ["maybe", [], 2],
    "ChoiceField": lambda f, m: [[], 987],
    "MultipleChoiceField": lambda f, m: ["no list", ["no-such-choice"]],
    "DateTimeField": lambda f, m: ["yesterday", "2024-13-01T00:00:00Z", 5],
    "DateField": lambda f, m: ["yesterday", "2024-02-30", 5],
    "TimeField": lambda f, m: ["noon", "25:00"],
    "DurationField": lambda f, m: ["soon", []],
    "DictField": lambda f, m: ["no object", []],
    "HStoreField": lambda f, m: ["no object", [], {"a": ["list"]}, {"a": True}],
    "ListField": _bad_members,
    "ManyRelatedField": _bad_members,
    "PrimaryKeyRelatedField": _bad_key,
    "SlugRelatedField": lambda f, m: ["no-such-thing", [], True],
    "HyperlinkedRelatedField": broken_links,
    "ImageField": lambda f, m: ["no file", Upload("no.png", b"no picture", "image/png")],
    "FileField": lambda f, m: ["no file", Upload("empty.txt", b"", "text/plain")],
}
