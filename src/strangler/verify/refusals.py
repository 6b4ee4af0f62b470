"""Values for one serializer field such that it should refuse them."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from strangler.facts import SerializerField
from strangler.verify.uploads import Upload
from strangler.verify.values import Material, kind_of, pattern_of


def refused(field: SerializerField, material: Material) -> list[Any]:
    """Values that should not pass; null and blank where they are not allowed among them."""
    found: list[Any] = [] if field.allow_null else [None]
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


def _bad_text(field: SerializerField, _: Material) -> list[Any]:
    found: list[Any] = [True, ["list"]]
    if field.options.get("max_length"):
        found.append("w" * (field.options["max_length"] + 1))
    if (field.options.get("min_length") or 0) > 1:
        found.append("w")
    if any(pattern_of(each) for each in field.validators):
        found.append("?? no match ??")
    return found


def _bad_number(field: SerializerField, _: Material) -> list[Any]:
    found: list[Any] = ["abc", [], True]
    least, most = field.options.get("min_value"), field.options.get("max_value")
    if least is not None:
        found.append(int(Decimal(str(least))) - 1)
    if most is not None:
        found.append(int(Decimal(str(most))) + 1)
    if kind_of(field) == "DecimalField":
        digits, places = field.options.get("max_digits"), field.options.get("decimal_places")
        found += ["1." + "1" * (places + 1)] if places is not None else []
        found += ["9" * (digits + 1)] if digits else []
        found += ["-1", "0"]
    elif "Integer" in kind_of(field):
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
    "CharField": _bad_text,
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
    "ChoiceField": lambda f, m: ["no-such-choice", [], 987],
    "MultipleChoiceField": lambda f, m: ["no list", ["no-such-choice"]],
    "DateTimeField": lambda f, m: ["yesterday", "2024-13-01T00:00:00Z", 5],
    "DateField": lambda f, m: ["yesterday", "2024-02-30", 5],
    "TimeField": lambda f, m: ["noon", "25:00"],
    "DurationField": lambda f, m: ["soon", []],
    "DictField": lambda f, m: ["no object", []],
    "ListField": _bad_members,
    "ManyRelatedField": _bad_members,
    "PrimaryKeyRelatedField": _bad_key,
    "SlugRelatedField": lambda f, m: ["no-such-thing", [], True],
    "HyperlinkedRelatedField": lambda f, m: ["/nowhere/", 5],
    "ImageField": lambda f, m: ["no file", Upload("no.png", b"no picture", "image/png")],
    "FileField": lambda f, m: ["no file", Upload("empty.txt", b"", "text/plain")],
}
