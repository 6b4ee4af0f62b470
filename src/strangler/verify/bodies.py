"""Request bodies: JSON, forms and multipart, and how legacy's refusals repair a first guess."""

import json
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from strangler.facts import Endpoint, Queryset, SerializerField
from strangler.verify.reading import Reading
from strangler.verify.refusals import beyond, refused
from strangler.verify.uploads import Upload
from strangler.verify.values import Material, accepted, is_written, kind_of
from strangler.verify.world import Row, World

_BOUNDARY = "strangler-verify-boundary"
Body = dict[str, Any]
#: Values of an optional field that are tried before a body goes without it; values per field.
_TURNS, _VALUES = 3, 8
#: How names of lists of keys end.
_SEVERAL = ("ids", "pks", "uuids")
#: Under which legacy says what is wrong with no field alone.
_NO_FIELDS = frozenset({"non_field_errors", "__all__", "detail", "code"})


#: What takes the values of a column, by the column's kind.
_KINDS = {
    **dict.fromkeys(
        ("IntegerField", "BigIntegerField", "SmallIntegerField", "PositiveIntegerField",
         "PositiveSmallIntegerField", "PositiveBigIntegerField"), "IntegerField"),
    **{
        name: name
        for name in ("BooleanField", "DecimalField", "FloatField", "DateField", "DateTimeField",
                     "TimeField", "DurationField", "EmailField", "UUIDField", "JSONField")
    },
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Payload:
    """A body with its Content-Type."""

    content: bytes
    media: str


def encoded(body: Any) -> Payload:
    """JSON, unless there are files in it."""
    if isinstance(body, Mapping) and any(isinstance(each, Upload) for each in body.values()):
        return multipart(body)
    return Payload(json.dumps(body).encode(), "application/json")


def form(body: Body) -> Payload | None:
    """The body as an HTML form would send it; None for nested ones."""
    pairs = list(_flat(body))
    if any(isinstance(value, dict | list | Upload) for _, value in pairs):
        return None
    return Payload(
        urlencode([(name, _text(value)) for name, value in pairs]).encode(),
        "application/x-www-form-urlencoded",
    )


def in_query(body: Body) -> str:
    """The values as the query of an address, without what none can hold."""
    pairs = [(name, value) for name, value in _flat(body) if value is not None]
    plain = [(n, v) for n, v in pairs if not isinstance(v, dict | list | Upload)]
    return urlencode([(name, _text(value)) for name, value in plain])


def multipart(body: Mapping[str, Any]) -> Payload:
    """The body as a form with files."""
    parts: list[bytes] = []
    for name, value in _flat(body):
        upload = value if isinstance(value, Upload) else None
        file = f'; filename="{upload.name}"' if upload else ""
        kind = f"Content-Type: {upload.media}\r\n" if upload else ""
        head = f'--{_BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"{file}\r\n{kind}\r\n'
        content = upload.content if upload else _text(value).encode()
        parts.append(head.encode() + content + b"\r\n")
    content = b"".join(parts) + f"--{_BOUNDARY}--\r\n".encode()
    return Payload(content, f"multipart/form-data; boundary={_BOUNDARY}")


def _flat(body: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for name, value in body.items():
        if isinstance(value, list):
            yield from ((name, each) for each in value)
        elif value is not None:
            yield name, value


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return json.dumps(value) if isinstance(value, dict | list) else str(value)


def _another(body: Mapping[str, Any]) -> dict[str, Any]:
    """An object beside another one, where texts may have to differ."""
    return {
        name: f"{value[:-1]}{'b' if value.endswith('a') else 'a'}"
        if isinstance(value, str) and value.isalnum() and not value.isdigit()
        else value
        for name, value in body.items()
    }


class Writer:
    """Makes bodies for one endpoint from its serializer, or from the names its code reads."""

    def __init__(
        self,
        world: World,
        endpoint: Endpoint,
        reading: Reading,
    ) -> None:
        self.world = world
        facts = world.serializers.get(endpoint.serializer or "")
        self.label = facts.model if facts else None
        # what deletes a row reads no serializer of rows; one without may ask for a password
        declared = facts is not None and (endpoint.method != "DELETE" or facts.model is None)
        self.fields = [f for f in facts.fields if is_written(f)] if facts and declared else []
        known = {field.name for field in self.fields}
        others = [name for name in reading.data if name not in known]
        #: The key under which the code looks for what the serializer takes.
        outer = [name for name in others if name in reading.envelopes]
        enveloped = len(outer) == 1 and bool(self.fields or reading.inner)
        self.envelope = outer[0] if enveloped else None
        self.listed = reading.listed
        others += [name for name in reading.inner if enveloped and name not in {*known, *others}]
        named = endpoint.queryset.model if endpoint.queryset else self.label
        loose = [_loose(name, named, world) for name in others if name != self.envelope]
        loose += [_file(name) for name in reading.files if name not in {*known, *others}]
        #: Known by name only, so that any refusal may be meant for them.
        self.loose = [field.name for field in loose]
        self.fields += loose
        #: Which of its values each field takes; refusals move it on.
        self.turn: dict[str, int] = {}
        #: Optional fields that kept being refused.
        self.dropped: set[str] = set()
        #: Values that are sent as they are: a login, a token.
        self.fixed: Mapping[str, Any] = {}

    def base(self, number: int, user: str | None = None, row: Row | None = None) -> Body:
        """A body that should pass when `user` sends it, its fresh values from `number`.

        row: The one that is written; where a field refused another value, it keeps its own.
        """
        material = Material(self.world, number, label=self.label, user=user)
        body = {}
        for field in self.fields:
            if field.name in self.dropped:
                continue
            values = self._kept(field, accepted(field, material), row)
            body[field.name] = values[self.turn.get(field.name, 0) % len(values)]
        return body | {name: self.fixed[name] for name in body if name in self.fixed}

    def without_nested(self) -> bool:
        """Leave out optional objects from now on; False when there are none."""
        found = {f.name for f in self.fields if f.serializer and not f.required} - self.dropped
        self.dropped |= found
        return bool(found)

    def wrapped(self, body: Any) -> Any:
        """The body as clients send it: in a list, or in its envelope, where the code reads it so."""
        if self.listed and isinstance(body, dict):
            # often one, else a second one that has other texts
            text = json.dumps(body, sort_keys=True, default=str)
            body = [body, _another(body)] if zlib.crc32(text.encode()) % 3 == 0 else [body]
        return body if self.envelope is None else {self.envelope: body}

    def _kept(self, field: SerializerField, values: list[Any], row: Row | None) -> list[Any]:
        """The values with the row's own in the second place."""
        path = field.source.replace(".", "__")
        if kind_of(field) == "SlugRelatedField":
            path += f"__{field.slug_field or 'slug'}"
        held = next(self.world.along(self.label, path, row), None) if row else None
        plain = not field.serializer and isinstance(held, str | int | float)
        return [values[0], held, *values[1:]] if plain and values[0] != held else values

    def repair(self, errors: Any) -> bool:
        """Learn from legacy's 400; False when it names nothing that could be changed."""
        if self.listed:  # told of each item, in a list or by its number
            each = errors.values() if isinstance(errors, dict) else errors
            wrong = [one for one in each or () if isinstance(one, dict) and one]
            errors = wrong[0] if wrong else errors
        if not isinstance(errors, dict):
            return self._shuffle()
        names = [name for name in errors if any(name == field.name for field in self.fields)]
        for name in errors:
            if name not in names and name not in _NO_FIELDS:
                inner = errors[name]
                if isinstance(inner, dict):
                    return self.repair(inner)
                if isinstance(inner, list) and name.isidentifier():
                    self.fields.append(_loose(name, None, self.world))
                    self.loose.append(name)
                    return True
        for name in names:
            self.turn[name] = self.turn.get(name, 0) + 1
            if self.turn[name] > _TURNS and not self._required(name):
                self.dropped.add(name)
        return bool(names) or self._shuffle()

    def _required(self, name: str) -> bool:
        return any(field.name == name and field.required for field in self.fields)

    def _shuffle(self) -> bool:
        related = [
            each.name
            for each in self.fields
            if each.queryset or each.options.get("choices") or each.name in self.loose
        ]
        for name in related:
            self.turn[name] = self.turn.get(name, 0) + 1
        return bool(related)

    def variants(
        self, number: int, user: str | None = None, row: Row | None = None
    ) -> Iterator[tuple[str, Body]]:
        """Bodies that should pass, each with one field's other value, named after the field."""
        material = Material(self.world, number, label=self.label, user=user)
        rounds = [
            (field, self._kept(field, accepted(field, material), row)[:_VALUES])
            for field in self.fields
        ]
        for turn in range(max((len(values) for _, values in rounds), default=0)):
            for field, values in rounds:
                if turn < len(values):
                    yield field.name, {field.name: values[turn]}
        for field in self.fields:
            if field.allow_null:
                yield field.name, {field.name: None}

    def omissions(self) -> Iterator[tuple[str, bool]]:
        """Each field with whether a body may go without it."""
        for field in self.fields:
            yield field.name, not field.required

    def refusals(self, number: int) -> Iterator[tuple[str, str, Any]]:
        """Field by field one value that should not pass, then the next of each.

        Each comes with a name for what it shows: the field, and which of its limits.
        """
        material = Material(self.world, number, label=self.label)
        rounds = [
            (field.name, refused(field, material), len(beyond(field, material)))
            for field in self.fields
        ]
        for turn in range(max((len(values) for _, values, _ in rounds), default=0)):
            for name, values, limits in rounds:
                if turn < len(values):
                    shown = f"{name} limit {turn}" if 0 < turn < limits else name
                    yield shown, name, values[turn]


def _file(name: str) -> SerializerField:
    """An upload known by name only."""
    path = "rest_framework.fields.FileField"
    return SerializerField(name=name, cls=path, drf_cls=path, source=name, required=True)


def _loose(name: str, label: str | None, world: World) -> SerializerField:
    """A field known by name only; `ids` are keys of rows of the model `label`.

    Else it takes what a column of that name takes: the model's own, else any of the project's.
    """
    if name.lower().endswith(_SEVERAL):
        path = "rest_framework.relations.PrimaryKeyRelatedField"
        rows = Queryset(model=label) if label else None
        key = SerializerField(name=name, cls=path, drf_cls=path, source=name, queryset=rows)
        path = "rest_framework.relations.ManyRelatedField"
        return SerializerField(name=name, cls=path, drf_cls=path, source=name, child=key)
    models = [m for m in world.models.values() if m.package is None]
    models.sort(key=lambda model: model.name != label)
    columns = (field for model in models for field in model.fields if field.name == name)
    column = next(columns, None)
    if column is not None and column.relation is None:
        path = f"rest_framework.fields.{_KINDS.get(column.internal_type, 'CharField')}"
        return SerializerField(name=name, cls=path, drf_cls=path, source=name)
    kinds = {
        ("_id", "_pk", "quantity", "amount", "count", "stock", "rating", "number"): "IntegerField",
        ("email",): "EmailField",
        ("is_", "has_"): "BooleanField",
    }
    lowered = name.lower()
    kind = next((kind for words, kind in kinds.items() if any(w in lowered for w in words)), None)
    path = f"rest_framework.fields.{kind or 'CharField'}"
    return SerializerField(name=name, cls=path, drf_cls=path, source=name)
