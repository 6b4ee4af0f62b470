"""The rows of the frozen template as clients see their values: material for requests."""

import json
import uuid
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any

from strangler.facts import Facts, Model, ModelField
from strangler.verify.twins import Twins
from strangler_proxy.leaves import leaf
from strangler_proxy.trie import Trie

Row = Mapping[str, Any]
_SAMPLE = 60
_HOPS = 2


def _stored(keys: Sequence[str]) -> list[str]:
    """Keys as databases hold them: those without a type for UUIDs leave the dashes out."""
    return [form for key in keys for form in dict.fromkeys((key, key.replace("-", "")))]


class World:
    """Models by label and their first rows; values are JSON values, rows keyed by attname."""

    def __init__(
        self,
        facts: Facts,
        twins: Twins,
        named: Mapping[str, Sequence[str]] | None = None,
        asking: Sequence[str] = (),
        added: Mapping[str, Sequence[str]] | None = None,
    ) -> None:
        self.facts = facts
        #: Keys of the users who send requests; rows of theirs are read beside the first ones.
        self.asking = sorted(asking)
        #: Keys of rows that were made to be asked for.
        self.added = added or {}
        #: Models that the code of endpoints without a queryset names, by endpoint.
        self.named = named or {}
        self.models = {model.name: model for model in facts.models}
        self._twins = twins
        self._cache: dict[str, list[dict[str, Any]]] = {}
        self._referred: dict[str, set[Any]] = {}
        self._owned: dict[tuple[str | None, str], set[Any]] = {}

    @property
    def user_label(self) -> str:
        """The user model's label."""
        return str(self.facts.settings.get("AUTH_USER_MODEL", "auth.User"))

    def rows(self, label: str | None) -> Sequence[Row]:
        """Rows in the order of the key; those of a multi-table child with their parent's values."""
        model = self.models.get(label or "")
        if model is None:
            return []
        if model.proxy:
            return self.rows(model.proxy_for)
        if model.name not in self._cache:
            self._cache[model.name] = list(self._read(model))
        return self._cache[model.name]

    def _read(self, model: Model) -> Iterator[dict[str, Any]]:
        parents = {
            link: {row[key]: row for row in self.rows(parent) if (key := self.key(parent)) in row}
            for parent, link in model.parents.items()
            if link
        }
        columns = {field.column: field for field in model.fields if field.column}
        for raw in self._sample(model):
            row = {
                columns[name].attname: self._value(columns[name], value)
                for name, value in raw.items()
                if name in columns
            }
            for link, found in parents.items():
                parent_key = row.get(link, row.get(f"{link}_id"))
                row = {**found.get(parent_key, {}), **row}
            yield row

    def _sample(self, model: Model) -> list[Mapping[str, Any]]:
        key = next((each.column for each in model.fields if each.primary_key), None)
        found = list(self._twins.rows(model.db_table, _SAMPLE))
        if len(found) < _SAMPLE or key is None:
            return found
        if added := self.added.get(model.name):
            found += self._twins.rows(model.db_table, _SAMPLE, key, _stored(added))
        for each in model.fields if self.asking else ():
            if each.column and each.relation and each.relation.model == self.user_label:
                found += self._twins.rows(
                    model.db_table, _SAMPLE, each.column, _stored(self.asking)
                )
        return list({row[key]: row for row in found}.values())

    def key(self, label: str) -> str:
        """The attname of a model's primary key."""
        model = self.models.get(label)
        return model.pk if model is not None else "id"

    def keys(self, label: str | None) -> list[Any]:
        """Primary keys."""
        name = self.key(label or "")
        return [row[name] for row in self.rows(label) if row.get(name) is not None]

    def _value(self, field: ModelField, raw: Any) -> Any:
        kind = self._kind(field)
        if raw is None:
            return None
        if kind == "UUIDField":
            return str(uuid.UUID(str(raw)))
        if kind == "BooleanField":
            return bool(raw)
        if kind == "DecimalField":
            return str(raw)
        if kind == "JSONField" and isinstance(raw, str):
            try:
                return json.loads(raw)
            except ValueError:
                return raw
        return raw

    def _kind(self, field: ModelField) -> str:
        """The internal type, through foreign keys to the column they hold."""
        if field.relation is None:
            return field.internal_type
        target = self.models.get(field.relation.model)
        if target is None:
            return field.internal_type
        wanted = field.relation.to_field or target.pk
        found = next((f for f in target.fields if wanted in (f.attname, f.name)), None)
        return self._kind(found) if found is not None else field.internal_type

    def field(self, label: str | None, name: str | None) -> ModelField | None:
        """A field by name or attname, its parents' included."""
        model = self.models.get(label or "")
        if model is None or name is None:
            return None
        wanted = model.pk if name == "pk" else name
        for field in (*model.fields, *model.many_to_many):
            if wanted in (field.name, field.attname):
                return field
        return next((f for parent in model.parents if (f := self.field(parent, wanted))), None)

    def along(self, label: str | None, path: str, row: Row) -> Iterator[Any]:
        """The values that a lookup path (`category__slug`) has for one row; forward paths only."""
        head, _, rest = path.partition("__")
        field = self.field(label, head)
        if field is None:
            return
        value = row.get(field.attname)
        if not rest or field.relation is None:
            if value is not None:
                yield value
            return
        target = field.relation.model
        key = self.key(target)
        for other in self.rows(target):
            if other.get(key) == value:
                yield from self.along(target, rest, other)

    def column(self, label: str | None, path: str) -> list[Any]:
        """All values along a path, in row order; those of a many-to-many are the target's keys."""
        head, _, rest = path.partition("__")
        field = self.field(label, head)
        if field is not None and field.relation and field.relation.kind == "many_to_many":
            target = field.relation.model
            return self.column(target, rest) if rest else self.keys(target)
        reverse = self._reverse(label, head)
        if field is None and reverse is not None:
            return self.column(reverse, rest) if rest else self.keys(reverse)
        return [value for row in self.rows(label) for value in self.along(label, path, row)]

    def _reverse(self, label: str | None, name: str) -> str | None:
        model = self.models.get(label or "")
        found = (each for each in model.reverse if each.query_name == name) if model else ()
        return next((each.model for each in found), None)

    def related(self, label: str | None, row: Row) -> Iterator[str]:
        """The reverse relations by which some row refers to this one."""
        model = self.models.get(label or "")
        for reverse in model.reverse if model is not None else ():
            if reverse.many_to_many or reverse.model not in self.models:
                continue
            name = f"{reverse.model}.{reverse.field}"
            if name not in self._referred:
                column = self.field(reverse.model, reverse.field)
                attname = column.attname if column is not None else reverse.field
                self._referred[name] = {each.get(attname) for each in self.rows(reverse.model)}
            if row.get(self.key(label or "")) in self._referred[name]:
                yield name

    def owners(self, label: str | None, row: Row) -> list[str]:
        """Keys of users that a row belongs to: by a foreign key, or by one of its parents'."""
        if label == self.user_label:
            return [str(row.get(self.key(label)))]
        return [str(owner) for owner in self._owners(label, row, _HOPS)]

    def owned(self, label: str | None, user: str) -> set[Any]:
        """Keys of the rows that belong to a user."""
        if (label, user) not in self._owned:
            name = self.key(label or "")
            rows = [row for row in self.rows(label) if user in self.owners(label, row)]
            self._owned[label, user] = {row.get(name) for row in rows}
        return self._owned[label, user]

    def _owners(self, label: str | None, row: Row, hops: int) -> Iterator[Any]:
        model = self.models.get(label or "")
        if model is None or hops == 0:
            return
        relations = [field for field in model.fields if field.relation]
        for field in relations:
            value = row.get(field.attname)
            if field.relation and field.relation.model == self.user_label and value is not None:
                yield value
        for field in relations:
            if field.relation and field.relation.model not in (self.user_label, label):
                target, value = field.relation.model, row.get(field.attname)
                for other in self.rows(target):
                    if other.get(self.key(target)) == value:
                        yield from self._owners(target, other, hops - 1)

    @cached_property
    def leaves(self) -> Trie:
        """What the legacy project's URL resolver makes of a path."""
        return Trie(leaf(u.path, *u.expressions, certain=u.certain) for u in self.facts.urls)

    @cached_property
    def serializers(self) -> Mapping[str, Any]:
        """Serializer facts by qualified name."""
        return {each.name: each for each in self.facts.serializers}
