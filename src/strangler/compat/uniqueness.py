"""Uniqueness, asked of the database before a row is written, with DRF's texts."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar, NamedTuple

from pydantic import GetCoreSchemaHandler, ValidationInfo
from pydantic_core import CoreSchema, core_schema
from sqlalchemy import ColumnElement, DateTime, Select, extract, func, literal, select
from sqlalchemy.exc import DataError, StatementError
from sqlalchemy.orm import InstrumentedAttribute, Session

from . import settings
from .attributes import mapper_of, pk_name, pk_of
from .context import Context
from .date_parts import part
from .errors import ErrorDetail, ValidationError
from .fields import add_validator
from .fields_relations import may_exist

Among = Callable[[], Select[Any]]
Lookup = Callable[[Any, Any], ColumnElement[bool]]


def taken(
    context: Context[Any],
    entity: Any,
    conditions: Sequence[ColumnElement[bool]],
    among: Among | None,
) -> bool:
    """Tell whether another row than the context's instance meets the conditions."""
    rows = select(entity) if among is None else among()
    rows = rows.where(*conditions)
    if context.instance is not None:
        rows = rows.where(getattr(entity, pk_name(entity)) != pk_of(context.instance))
    rows = rows.with_only_columns(literal(1), maintain_column_froms=True).order_by(None).limit(1)
    try:
        return context.session.execute(rows).first() is not None
    except (TypeError, ValueError, OverflowError, DataError, StatementError):
        # The database cannot hold such a value, so no row has it.
        return False


def equals(session: Session, column: Any, value: Any) -> ColumnElement[bool] | None:
    """Return `column = value`, an object by its key; None when no row can have the value."""
    if mapper_of(type(value)) is not None and not hasattr(column.property, "mapper"):
        value = pk_of(value)
    if not hasattr(column.property, "mapper") and not may_exist(session, column, value):
        return None
    same: ColumnElement[bool] = column == value
    return same


def same_text(session: Session, column: Any, value: str) -> ColumnElement[bool]:
    """Return the comparison that ignores case, as Django's `iexact` of this database."""
    name = session.get_bind().dialect.name
    if name == "postgresql":
        found: ColumnElement[bool] = func.upper(column) == func.upper(value)
        return found
    escaped = value.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    # a backslash escapes in MariaDB without being asked to
    found = column.like(escaped, escape="\\" if name == "sqlite" else None)
    return found


class Unique:
    """No other row has this value: Annotated[str, Email(), Unique(User.email)].

    It runs after the field's `validators`, before its limits. lookup: "exact", "iexact" or a
    function of (column, value). among: a statement of the rows that count.
    """

    requires_context = True

    def __init__(
        self,
        column: InstrumentedAttribute[Any],
        message: str = "This field must be unique.",
        *,
        lookup: str | Lookup = "exact",
        among: Among | None = None,
    ) -> None:
        self.column = column
        self.message = message
        self.lookup = lookup
        self.among = among

    def __call__(self, value: Any, context: Context[Any]) -> None:
        condition = self.condition(value, context.session)
        if condition is None:
            return
        if taken(context, self.column.parent.entity, [condition], self.among):
            raise ValidationError([ErrorDetail(self.message, "unique")])

    def condition(self, value: Any, session: Session) -> ColumnElement[bool] | None:
        """Return the comparison with the value."""
        if callable(self.lookup):
            return self.lookup(self.column, value)
        if self.lookup == "exact":
            return equals(session, self.column, value)
        if self.lookup == "iexact":
            return same_text(session, self.column, str(value))
        raise ValueError(f"unknown lookup {self.lookup!r}")

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        inner = handler(source)
        return add_validator(inner, self) or core_schema.with_info_after_validator_function(
            self._after, inner
        )

    def _after(self, value: Any, info: ValidationInfo) -> Any:
        if value is not None:
            self(value, Context.from_info(info))
        return value


class Condition(NamedTuple):
    """Rows that a unique constraint is about: told from the values of `fields`, and in SQL."""

    fields: tuple[str, ...]
    holds: Callable[[Mapping[str, Any]], bool]
    where: ColumnElement[bool]


class UniqueTogether:
    """No other row has the same values of several fields; None is distinct from None.

    fields: names on the wire. condition: what a conditional constraint says.
    """

    def __init__(
        self,
        model: type[Any],
        fields: Sequence[str],
        message: str = "The fields {field_names} must make a unique set.",
        *,
        code: str = "unique",
        among: Among | None = None,
        nulls_distinct: bool = True,
        condition: Condition | None = None,
    ) -> None:
        self.model = model
        self.fields = tuple(fields)
        self.message = message
        self.code = code
        self.among = among
        self.nulls_distinct = nulls_distinct
        self.condition = condition

    def check(
        self, attrs: dict[str, Any], context: Context[Any], sources: Mapping[str, str]
    ) -> None:
        """Raise ValidationError for a missing field, or when the values are taken."""
        more = self.condition.fields if self.condition else ()
        names = {field: sources.get(field, field) for field in (*self.fields, *more)}
        if context.instance is None:
            require(attrs, names)
        own = [names[field] for field in self.fields]
        values = {
            name: attrs[name] if name in attrs else getattr(context.instance, name, None)
            for name in names.values()
        }
        if context.instance is not None and not changed(attrs, names.values(), context.instance):
            return
        if self.nulls_distinct and any(values[name] is None for name in own):
            return
        if self.condition is not None and not self.condition.holds(values):
            return
        if self._taken({name: values[name] for name in own}, context):
            text = self.message.format(field_names=", ".join(self.fields))
            raise ValidationError(text, self.code)

    def _taken(self, values: Mapping[str, Any], context: Context[Any]) -> bool:
        found = [
            equals(context.session, getattr(self.model, name), value)
            for name, value in values.items()
        ]
        conditions = [condition for condition in found if condition is not None]
        if len(conditions) < len(found):
            return False
        if self.condition is not None:
            conditions.append(self.condition.where)
        return taken(context, self.model, conditions, self.among)


def require(attrs: Mapping[str, Any], names: Mapping[str, str]) -> None:
    """Refuse attributes without one of the named fields."""
    missing = {
        field: "This field is required." for field, name in names.items() if name not in attrs
    }
    if missing:
        raise ValidationError(missing, "required")


def changed(attrs: Mapping[str, Any], names: Any, instance: Any) -> bool:
    """Tell whether the attributes would change the instance."""
    return any(name in attrs and attrs[name] != getattr(instance, name, None) for name in names)


class UniqueForDate:
    """No other row has this value on the same date: UniqueForDate(Post, "slug", "published")."""

    message: ClassVar[str] = 'This field must be unique for the "{date_field}" date.'
    parts: ClassVar[tuple[str, ...]] = ("day", "month", "year")

    def __init__(
        self,
        model: type[Any],
        field: str,
        date_field: str,
        message: str | None = None,
        *,
        among: Among | None = None,
    ) -> None:
        self.model = model
        self.field = field
        self.date_field = date_field
        self.text = message or self.message
        self.among = among

    def check(
        self, attrs: dict[str, Any], context: Context[Any], sources: Mapping[str, str]
    ) -> None:
        """Raise ValidationError for a missing field, or when the value is taken."""
        require(attrs, {name: name for name in (self.field, self.date_field)})
        moment = attrs[self.date_field]
        if moment is None or attrs[self.field] is None:
            return
        same = equals(context.session, self._column(self.field, sources), attrs[self.field])
        if same is None:
            return
        column = self._column(self.date_field, sources)
        if context.session.get_bind().dialect.name == "mariadb":
            parts = [part(each, column) == getattr(moment, each) for each in self.parts]
        else:
            zoned = self._in_zone(column, context.session)
            parts = [extract(each, zoned) == getattr(moment, each) for each in self.parts]
        if taken(context, self.model, [same, *parts], self.among):
            text = self.text.format(date_field=self.date_field)
            raise ValidationError({self.field: text}, "unique")

    def _column(self, field: str, sources: Mapping[str, str]) -> Any:
        return getattr(self.model, sources.get(field, field).split(".")[-1])

    def _in_zone(self, column: Any, session: Session) -> Any:
        aware = isinstance(column.type, DateTime) and settings.USE_TZ
        if aware and session.get_bind().dialect.name == "postgresql":
            return func.timezone(settings.TIME_ZONE, column)
        return column


class UniqueForMonth(UniqueForDate):
    """No other row has this value in the same month of any year."""

    message = 'This field must be unique for the "{date_field}" month.'
    parts = ("month",)


class UniqueForYear(UniqueForDate):
    """No other row has this value in the same year."""

    message = 'This field must be unique for the "{date_field}" year.'
    parts = ("year",)
