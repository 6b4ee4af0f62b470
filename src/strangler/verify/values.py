"""Values for one serializer field such that it should accept them."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from strangler.facts import SerializerField, Validator
from strangler.verify.addresses import links
from strangler.verify.regex_text import matching
from strangler.verify.uploads import Upload, picture
from strangler.verify.world import World

_INT = 2**31 - 1
#: Related rows that are tried, and nested objects.
_KEYS, _NESTED = 30, 10
#: Django cuts longer names of uploads.
_LONGEST_NAME = 255
#: How far numbers are apart of which one is looked for that is free.
_APART = 100


@dataclass(frozen=True, slots=True)
class Material:
    """What values are made from; `number` tells one request's fresh values from another's."""

    world: World
    number: int = 0
    #: Which row a relation inside a nested object takes.
    turn: int = 0
    #: The model that the serializer writes.
    label: str | None = None
    #: Key of the user who sends: related rows of theirs come first.
    user: str | None = None

    def keys(self, label: str | None, start: int = 0) -> list[Any]:
        """Keys of a model's rows, in an order of their own from `start` on, the user's first."""
        keys = self.world.keys(label)
        turned = keys[start % len(keys) :] + keys[: start % len(keys)] if keys else []
        owned = self.world.owned(label, self.user) if self.user else set()
        return sorted(turned, key=lambda key: key not in owned)

    def stored(self, field: SerializerField) -> list[Any]:
        """What rows hold where the field writes; nothing where values must not repeat."""
        column = self.world.field(self.label, field.model_field)
        if column is None or column.unique or column.relation or "password" in field.name:
            return []
        values = self.world.column(self.label, column.name)
        return list({repr(value): value for value in values if value not in (None, "")}.values())[
            :3
        ]


def kind_of(field: SerializerField) -> str:
    """The name of the REST framework class behind a field: `CharField`."""
    return (field.drf_cls or field.cls).rpartition(".")[2]


def is_written(field: SerializerField) -> bool:
    """Whether a client may send the field."""
    return not field.read_only and kind_of(field) not in {"HiddenField", "ReadOnlyField"}


def accepted(field: SerializerField, material: Material) -> list[Any]:
    """Values that should pass, the plainest first; at least one."""
    choices = field.options.get("choices")
    if choices and kind_of(field) in {"ChoiceField", "MultipleChoiceField"}:
        keys = [key for key, _ in choices]
        turned = keys[material.number % len(keys) :] + keys[: material.number % len(keys)]
        return turned if kind_of(field) == "ChoiceField" else [turned[:1], turned[:2], turned]
    if field.serializer:
        return list(_nested(field, material))
    maker = _ACCEPTED.get(kind_of(field), _unknown)
    material = replace(material, number=_free(field, material, maker))
    found = [*_meant(field, material), *maker(field, material)]
    found += [value for value in material.stored(field) if value not in found]
    return found or [f"verify {material.number}"]


def _free(field: SerializerField, material: Material, maker: "Maker") -> int:
    """The first number from the material's on whose value no row has, where none may repeat.

    A serializer does not always say so: a field that a class declares has no such validator.
    """
    column = material.world.field(material.label, field.model_field)
    if column is None or not column.unique or column.relation:
        return material.number
    taken = {str(value) for value in material.world.column(material.label, column.name)}
    for number in range(material.number, material.number + 1000 * _APART, _APART):
        values = maker(field, replace(material, number=number))
        if str(next(values, None)) not in taken:
            return number
    return material.number


def _meant(field: SerializerField, material: Material) -> Iterator[Any]:
    """Keys of the model that a plain field is named after, such as `file_id`."""
    kind, stem = kind_of(field), field.name.lower().removesuffix("_id")
    if kind not in {"CharField", "IntegerField", "UUIDField"} or stem == field.name.lower():
        return
    models = getattr(material.world, "models", {})
    named = (each for each in models if each.lower().endswith(f".{stem.replace('_', '')}"))
    for key in material.keys(next(named, None))[:3]:
        yield str(key) if kind == "CharField" else key


def _fitted(text: str, field: SerializerField) -> str:
    longest, shortest = field.options.get("max_length"), field.options.get("min_length") or 0
    text = text.ljust(shortest, "x")
    return text[-longest:].strip() or "x" if longest else text


def pattern_of(validator: Validator) -> str | None:
    """The expression that a validator searches for; None for one that forbids, or has none."""
    regex = validator.params.get("regex")
    text = regex.get("pattern") if isinstance(regex, dict) else regex
    return str(text) if text and not validator.params.get("inverse_match") else None


def _texts(field: SerializerField, material: Material) -> Iterator[Any]:
    for validator in field.validators:
        pattern = pattern_of(validator)
        if pattern:
            for number in range(material.number, material.number + 4):
                text = matching(pattern, number)
                if text is not None:
                    yield text
            return
    if "password" in field.name:
        yield f"Verify-{material.number}-pass!"
        return
    codes = {2: ["DE", "FR", "US"], 3: ["EUR", "USD", "GBP"]}
    yield from codes.get(field.options.get("max_length") or 0, [])
    yield _fitted(f"Verify {field.name} {material.number}", field)
    yield _fitted(f"Grüße ‘{material.number}’ 漢字 <b>&amp;</b>", field)
    yield _fitted(f"  padded {material.number}  ", field)
    yield from _longest(field, str(material.number))
    yield 12345 + material.number
    if field.options.get("allow_blank"):
        yield ""


def _longest(field: SerializerField, text: str) -> Iterator[str]:
    if field.options.get("max_length"):
        yield text.rjust(min(field.options["max_length"], 5000), "w")


def _pattern(field: SerializerField, material: Material) -> Iterator[Any]:
    for validator in field.validators:
        pattern = pattern_of(validator)
        for number in range(material.number, material.number + 3):
            text = matching(pattern, number) if pattern else None
            if text is not None:
                yield text


def _whole(field: SerializerField, _: Material) -> Iterator[Any]:
    least, most = field.options.get("min_value"), field.options.get("max_value")
    low = int(least) if least is not None else -3
    high = min(int(most), _INT) if most is not None else max(low, 0) + 1000
    yield from dict.fromkeys((min(max(low, 3), high), min(low + 1, high), high, low))
    yield str(min(max(low, 4), high))


def _decimal(field: SerializerField, _: Material) -> Iterator[Any]:
    digits, places = field.options.get("max_digits"), field.options.get("decimal_places") or 0
    whole = min((digits or 12) - places, 12)
    least, most = field.options.get("min_value"), field.options.get("max_value")
    largest = Decimal("9" * whole or "0") + (1 - Decimal(1).scaleb(-places) if places else 0)
    texts = ["7", "3.5", "12", "0.10", "9", str(largest), "-2"]
    for text in texts:
        number = Decimal(text)
        scaled = max(0, -int(number.as_tuple().exponent))
        if scaled > places or abs(number) > largest:
            continue
        if least is not None and number < Decimal(str(least)):
            continue
        if most is not None and number > Decimal(str(most)):
            continue
        yield text
        if text == "3.5":
            yield 3.5
    if least is not None:
        yield str(least)
    if most is not None:
        yield str(most)


def _floats(field: SerializerField, _: Material) -> Iterator[Any]:
    least, most = field.options.get("min_value"), field.options.get("max_value")
    for number in (2.5, 1, "3.25", 1e-7, -4.0, least, most):
        low = number is not None and (least is None or float(number) >= float(least))
        if number is not None and low and (most is None or float(number) <= float(most)):
            yield number


def _own_formats(field: SerializerField, moment: datetime) -> Iterator[str]:
    """The moment in each of the field's own input formats; nothing where those are ISO 8601."""
    formats = field.options.get("input_formats") or ["iso-8601"]
    for form in formats if "iso-8601" not in map(str.lower, formats) else ():
        yield moment.strftime(form)


def _moments(field: SerializerField, material: Material) -> Iterator[Any]:
    day = material.number % 28 + 1
    own = list(_own_formats(field, datetime(2031, 5, day, 7, 8, 9)))
    yield from own or (
        f"2031-05-{day:02}T07:08:09Z",
        f"2024-05-{day:02}T07:08:09.123456+02:00",
        f"2024-02-{day:02}T23:59",
        f"2024-05-{day:02}T07:08:09.120Z",
    )


def _days(field: SerializerField, material: Material) -> Iterator[Any]:
    moment = datetime(2031, 5, material.number % 28 + 1)
    yield from list(_own_formats(field, moment)) or (f"{moment:%Y-%m-%d}", "2024-02-29")


def _clocks(field: SerializerField, material: Material) -> Iterator[Any]:
    moment = datetime(2031, 5, 1, material.number % 24, 30, 15)
    yield from list(_own_formats(field, moment)) or (f"{moment:%H:%M:%S}", "23:59")


def _spans(_: SerializerField, material: Material) -> Iterator[Any]:
    yield f"{material.number % 9 + 1} 02:03:04"
    yield "00:00:00.5"
    yield "P3DT2H"
    yield 90


def _keys(field: SerializerField, material: Material) -> Iterator[Any]:
    label = field.queryset.model if field.queryset else None
    keys = material.keys(label, material.turn)
    yield from keys[:_KEYS]
    if keys and isinstance(keys[0], int):
        yield str(keys[0])


def _slugs(field: SerializerField, material: Material) -> Iterator[Any]:
    label = field.queryset.model if field.queryset else None
    found = material.world.column(label, field.slug_field or "slug")
    start = material.number % len(found) if found else 0
    yield from (found[start:] + found[:start])[:_KEYS]


def _members(field: SerializerField, material: Material) -> Iterator[Any]:
    if field.child is None:
        yield [1]
        return
    inner = accepted(field.child, material)
    for size in (1, 2, 3):
        if size <= len(inner) and size <= (field.options.get("max_length") or size):
            yield inner[:size]
    if len(inner) > 3 and field.options.get("max_length") is None:  # those rows that matter too
        yield inner
    if field.options.get("allow_empty", True) and not field.options.get("min_length"):
        yield []


def _dictionaries(field: SerializerField, material: Material) -> Iterator[Any]:
    inner = accepted(field.child, material) if field.child is not None else [f"{material.number}"]
    yield {"a": inner[0]}
    if field.options.get("allow_empty", True):
        yield {}


def _nested(field: SerializerField, material: Material) -> Iterator[Any]:
    facts = material.world.serializers.get(field.serializer or "")
    known = field.nested_fields or (facts.fields if facts else ())
    fields = [each for each in known if is_written(each)]
    for turn in range(_NESTED):
        one, two = (
            {each.name: accepted(each, replace(material, turn=number))[0] for each in fields}
            for number in (turn, turn + 1)
        )
        yield from ([one], [one, two]) if field.many else (one,)


def _images(field: SerializerField, material: Material) -> Iterator[Any]:
    yield Upload(f"verify{material.number}.png", picture(material.number), "image/png")
    yield Upload("ünïcode name.png", picture(material.number + 1), "image/png")
    for name in _longest_names(field, ".png"):
        yield Upload(name, picture(material.number + 2), "image/png")


def _files(field: SerializerField, material: Material) -> Iterator[Any]:
    yield Upload(f"verify{material.number}.txt", b"verify %d\n" % material.number, "text/plain")
    for name in _longest_names(field, ".txt"):
        yield Upload(name, b"long %d\n" % material.number, "text/plain")


def _longest_names(field: SerializerField, ending: str) -> Iterator[str]:
    """A name as long as the field allows, if it says so."""
    length = field.options.get("max_length")
    if isinstance(length, int) and len(ending) < length <= _LONGEST_NAME:
        yield "w" * (length - len(ending)) + ending


def _unknown(field: SerializerField, material: Material) -> Iterator[Any]:
    """A field class of the project's own: try what the usual ones take."""
    if field.queryset is not None and field.queryset.model:
        yield from _keys(field, material)
    yield f"verify {material.number}"
    yield 3
    yield True


Maker = Callable[[SerializerField, Material], Iterator[Any]]
_ACCEPTED: dict[str, Maker] = {
    "CharField": _texts,
    "RegexField": _pattern,
    "EmailField": lambda f, m: iter(
        [f"verify{m.number}@example.com", f"Upper.Case+{m.number}@Example.COM"]
    ),
    "SlugField": lambda f, m: iter(
        [f"verify-{m.number}", f"Verify_{m.number}", *_longest(f, str(m.number))]
    ),
    "URLField": lambda f, m: iter(
        [f"https://example.com/{m.number}", f"http://localhost:8080/a?b={m.number}"]
    ),
    "UUIDField": lambda f, m: iter(
        [f"12345678-1234-4234-8234-{m.number:012}", f"1234567812344234A234{m.number:012}"]
    ),
    "IPAddressField": lambda f, m: iter([f"192.0.2.{m.number % 250 + 1}"]),
    "IntegerField": _whole,
    "BigIntegerField": _whole,
    "FloatField": _floats,
    "DecimalField": _decimal,
    "BooleanField": lambda f, m: iter([True, False, "true", 0, "no"]),
    "NullBooleanField": lambda f, m: iter([True, False, None]),
    "DateTimeField": _moments,
    "DateField": _days,
    "TimeField": _clocks,
    "DurationField": _spans,
    "JSONField": lambda f, m: iter([{"a": m.number}, [1, "two", None], "text", 7]),
    "DictField": _dictionaries,
    "HStoreField": _dictionaries,
    "ListField": _members,
    "ManyRelatedField": _members,
    "PrimaryKeyRelatedField": _keys,
    "SlugRelatedField": _slugs,
    "HyperlinkedRelatedField": links,
    "ImageField": _images,
    "FileField": _files,
}
