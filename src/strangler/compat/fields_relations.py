"""Relations: what a request names by key, slug or address becomes the object itself."""

from collections.abc import Callable, Sequence
from inspect import signature
from typing import Any, ClassVar, Final

from sqlalchemy import ColumnElement, Integer, Select, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from . import settings
from .attributes import pk_name
from .context import Context
from .errors import InvalidValueError, MultipleObjectsReturned, ValidationError
from .fields import ABSENT, FieldType, Form, FormRules, type_name
from .values import prepared

# The rows that may be named: a model, or a statement, which may depend on the context.
Target = type[Any] | Callable[..., Select[Any]]

_INTEGER_BITS: Final = {"smallint": 15, "integer": 31, "bigint": 63}


def may_exist(session: Session, column: InstrumentedAttribute[Any], value: Any) -> bool:
    """Tell whether the database can compare the column with the value at all."""
    dialect = session.get_bind().dialect
    if isinstance(value, str):
        return not (dialect.name == "postgresql" and "\x00" in value)
    if not isinstance(value, int) or not isinstance(column.type, Integer):
        return True
    words = column.type.compile(dialect).lower() if dialect.name == "postgresql" else "bigint"
    limit = 2 ** _INTEGER_BITS.get(words, 63)
    fits: bool = -limit <= value < limit
    return fits


class Related(FieldType):
    """Base of relations to one object of `target`."""

    converts_with_context = True

    def __init__(self, target: Target, **common: Any) -> None:
        super().__init__(**common)
        self.target = target
        self.by_context = not isinstance(target, type) and bool(signature(target).parameters)

    def shortcut(self, null: bool) -> Callable[[Any], Any]:
        def settle(data: Any) -> Any:
            if data != "" or not isinstance(data, str):
                return ABSENT
            if null:
                return None
            raise self.error("null")

        return settle

    def statement(self, context: Context[Any]) -> Select[Any]:
        """Return the rows that may be named."""
        if isinstance(self.target, type):
            return select(self.target)
        return self.target(context) if self.by_context else self.target()

    def converter(self) -> Callable[[Any, Context[Any]], Any]:
        return self.resolve

    def resolve(self, item: Any, context: Context[Any]) -> Any:
        """Return the object that `item` names, or refuse it."""
        raise NotImplementedError

    def resolve_all(self, items: Sequence[Any], context: Context[Any]) -> list[Any]:
        """Return the objects that `items` name; the first wrong item is refused."""
        return [self.resolve(item, context) for item in items]


def only(session: Session, statement: Select[Any]) -> Any:
    """Return the one object of a statement, or None."""
    rows = session.scalars(statement).unique().all()
    if len(rows) > 1:
        raise MultipleObjectsReturned(f"get() returned {len(rows)} objects")
    return rows[0] if rows else None


def entity_of(statement: Select[Any]) -> Any:
    """Return the model whose objects a statement selects."""
    return statement.column_descriptions[0]["entity"]


class Existing(Related):
    """An object named by its primary key (or the column `pk`).

    pk_field: a type that converts the key first, as `PrimaryKeyRelatedField(pk_field=…)`.
    """

    default_messages: ClassVar = {
        "does_not_exist": 'Invalid pk "{pk_value}" - object does not exist.',
        "incorrect_type": "Incorrect type. Expected pk value, received {data_type}.",
    }

    def __init__(
        self,
        target: Target,
        pk: str | None = None,
        *,
        pk_field: FieldType | None = None,
        **common: Any,
    ) -> None:
        super().__init__(target, **common)
        self.pk = pk
        self.first = None if pk_field is None else pk_field.converter()

    def column(self, statement: Select[Any]) -> InstrumentedAttribute[Any]:
        """Return the column of the statement's model that holds the keys."""
        entity = entity_of(statement)
        column: InstrumentedAttribute[Any] = getattr(entity, self.pk or pk_name(entity))
        return column

    def key(self, column: InstrumentedAttribute[Any], item: Any) -> Any:
        """Convert an item for the column, or refuse its type."""
        try:
            if isinstance(item, bool) and settings.DRF >= (3, 13):
                raise TypeError("a truth value is no key")
            return encodable(prepared(column, item, column.key))
        except InvalidValueError as error:
            raise ValidationError(str(error), "invalid") from error
        except (TypeError, ValueError, OverflowError) as error:
            raise self.error("incorrect_type", data_type=type_name(item)) from error

    def resolve(self, item: Any, context: Context[Any]) -> Any:
        statement = self.statement(context)
        column = self.column(statement)
        named = item if self.first is None else self.first(item)
        key = self.key(column, named)
        found = None
        if key is not None and may_exist(context.session, column, key):
            found = only(context.session, statement.where(column == key))
        if found is None:
            raise self.error("does_not_exist", pk_value=named)
        return found

    def resolve_all(self, items: Sequence[Any], context: Context[Any]) -> list[Any]:
        """Find all objects in one query; what it does not find is looked at one by one."""
        statement = self.statement(context)
        column = self.column(statement)
        keys: list[Any] = []
        for item in items:
            try:
                keys.append(self.key(column, item if self.first is None else self.first(item)))
            except ValidationError:
                return super().resolve_all(items, context)
        wanted = {k for k in keys if k is not None and may_exist(context.session, column, k)}
        rows = context.session.scalars(statement.where(column.in_(wanted))).unique().all()
        found = {getattr(row, column.key): row for row in rows}
        if len(found) < len(rows) or any(key not in found for key in keys):
            return super().resolve_all(items, context)
        return [found[key] for key in keys]

    def json_schema(self) -> dict[str, Any]:
        return {"anyOf": [{"type": "integer"}, {"type": "string"}]}


def encodable(key: Any) -> Any:
    """Return the key; ValueError for a lone surrogate, which no database takes."""
    if isinstance(key, str):
        key.encode()
    return key


class ExistingSlug(Related):
    """An object named by another column: ExistingSlug(Tag, "name"), or "owner__email"."""

    default_messages: ClassVar = {
        "does_not_exist": "Object with {slug_name}={value} does not exist.",
        "invalid": "Invalid value.",
    }

    def __init__(self, target: Target, slug: str, **common: Any) -> None:
        super().__init__(target, **common)
        self.slug = slug

    def resolve(self, item: Any, context: Context[Any]) -> Any:
        statement = self.statement(context)
        try:
            condition = self.condition(entity_of(statement), self.slug.split("__"), item, context)
        except InvalidValueError as error:
            raise ValidationError(str(error), "invalid") from error
        except (TypeError, ValueError, OverflowError) as error:
            raise self.error("invalid") from error
        found = None if condition is None else only(context.session, statement.where(condition))
        if found is None:
            raise self.error("does_not_exist", slug_name=self.slug, value=item)
        return found

    def condition(
        self, entity: Any, path: list[str], item: Any, context: Context[Any]
    ) -> ColumnElement[bool] | None:
        """Return the condition that `path` of the entity is `item`; None when nothing can be."""
        attribute: Any = getattr(entity, path[0])
        if len(path) > 1:
            relation = attribute.property
            inner = self.condition(relation.mapper.class_, path[1:], item, context)
            if inner is None:
                return None
            related: ColumnElement[bool] = (
                attribute.any(inner) if relation.uselist else attribute.has(inner)
            )
            return related
        key = encodable(prepared(attribute, item, path[0]))
        if key is None or not may_exist(context.session, attribute, key):
            return None
        equal: ColumnElement[bool] = attribute == key
        return equal

    def json_schema(self) -> dict[str, Any]:
        return {"type": "string"}


class Taken(FieldType):
    """What a function of the project reads: Taken(take_label)."""

    converts_with_context = True

    def __init__(self, function: Callable[[Any, Context[Any]], Any], **common: Any) -> None:
        super().__init__(**common)
        self.function = function

    def converter(self) -> Callable[[Any, Context[Any]], Any]:
        return self.function


class TakenRow(Related):
    """A related object that a function of the project finds: TakenRow(take_tag)."""

    def __init__(self, function: Callable[[Any, Context[Any]], Any], **common: Any) -> None:
        super().__init__(type(None), **common)
        self.function = function

    def resolve(self, item: Any, context: Context[Any]) -> Any:
        return self.function(item, context)


class Many(FieldType):
    """A list of related objects: Many(Existing(Tag)). The first wrong item alone is told."""

    default_messages: ClassVar = {
        "not_a_list": 'Expected a list of items but got type "{input_type}".',
        "empty": "This list may not be empty.",
    }
    converts_with_context = True

    def __init__(self, child: Related, *, allow_empty: bool = True, **common: Any) -> None:
        super().__init__(**common)
        self.child = child
        self.allow_empty = allow_empty

    def converter(self) -> Callable[[Any, Context[Any]], list[Any]]:
        def convert(data: Any, context: Context[Any]) -> list[Any]:
            if isinstance(data, str) or not hasattr(data, "__iter__"):
                raise self.error("not_a_list", input_type=type_name(data))
            if not self.allow_empty and len(data) == 0:
                raise self.error("empty")
            return self.child.resolve_all(list(data), context) if data else []

        return convert

    def form_value(self, name: str, form: Form, rules: FormRules) -> Any:
        return ABSENT if rules.partial and name not in form else form.getlist(name)

    def json_schema(self) -> dict[str, Any]:
        return {"type": "array", "items": self.child.json_schema()}
