"""The filters of a filter set: one query parameter each, as django-filter reads it."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, ClassVar

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session, aliased
from starlette.datastructures import QueryParams

from .conditions import condition
from .fetching import entity
from .formchoices import (
    ChoiceField,
    DateRangeField,
    Interval,
    ListField,
    MultipleChoiceField,
    RangeField,
)
from .formfields import (
    EMPTY,
    BooleanField,
    CharField,
    DateField,
    DateTimeField,
    DurationField,
    FormField,
    NumberField,
    SelectBooleanField,
    TimeField,
    UuidField,
)
from .lookups import Condition, not_
from .paths import SEPARATOR, Paths, ordered

Method = Callable[[Select[Any], Any, Any], Select[Any]]


class Filter:
    """One parameter, or a family of them, that narrows a statement.

    field: a path such as "category__name", or an attribute; the filter's name when left out.
    lookup: what is compared and how, "gte" or "date__lte".
    method: a function of (statement, field, value), or the name of one on the filter set.
    exclude: keep the rows that do not match. distinct: do not repeat rows for related ones.
    `options` are those of the form field.
    """

    form_field: ClassVar[Callable[..., FormField]] = FormField
    distinct_by_default: ClassVar[bool] = False

    def __init__(
        self,
        field: Any = None,
        lookup: str = "exact",
        *,
        method: str | Method | None = None,
        exclude: bool = False,
        distinct: bool | None = None,
        **options: Any,
    ) -> None:
        self.field = field
        self.lookup = lookup
        self.method = method
        self.exclude = exclude
        self.distinct = self.distinct_by_default if distinct is None else distinct
        self.form = self.make_form(options)

    def __set_name__(self, owner: type, name: str) -> None:
        if self.field is None:
            self.field = name

    def make_form(self, options: dict[str, Any]) -> FormField:
        """Return what reads the parameter."""
        return type(self).form_field(**options)

    def clean(self, data: QueryParams, name: str, session: Session | None) -> Any:
        """Return the value of the parameter; raises FieldError."""
        return self.form.clean(self.form.read(data, name))

    def apply(self, statement: Select[Any], value: Any) -> Select[Any]:
        """Narrow the statement by a value; an empty one changes nothing."""
        return statement if value in EMPTY else self.keep(statement, self.lookup, value)

    def keep(self, statement: Select[Any], lookup: str, value: Any) -> Select[Any]:
        """Keep the rows whose field stands in `lookup` to `value`."""
        return self.matching(statement, lambda paths: self.test(paths, lookup, value))

    def test(self, paths: Paths, lookup: str, value: Any) -> Condition:
        """Build the condition for one value."""
        column, given = paths.find(self.field)
        names = lookup.split(SEPARATOR)
        # An exact lookup behind another one is implied.
        return condition(column, [*given, *(names if names != ["exact"] else [])], value)

    def matching(self, statement: Select[Any], build: Callable[[Paths], Condition]) -> Select[Any]:
        """Keep the rows that match, or those that do not, with the joins that this takes."""
        model = entity(statement)
        paths = Paths(model)
        wanted = build(paths)
        if paths.to_many and (self.exclude or self.distinct):
            inner = aliased(model)
            paths = Paths(inner)
            wanted = build(paths)
            key, own = paths.column("pk"), Paths(model).column("pk")
            found = paths.joined(select(key)).where(key == own, wanted)
            related = found.correlate(model).exists()
            return statement.where(~related if self.exclude else related)
        return paths.joined(statement).where(not_(wanted) if self.exclude else wanted)


class CharFilter(Filter):
    """Text, trimmed."""

    form_field = CharField


class NumberFilter(Filter):
    """A decimal number."""

    form_field = NumberField


class BooleanFilter(Filter):
    """`true` or `false`; anything else is no filter."""

    form_field = BooleanField


class SelectBooleanFilter(Filter):
    """The BooleanFilter of django_filters itself, not of its rest_framework module."""

    form_field = SelectBooleanField


class UUIDFilter(Filter):
    """A UUID."""

    form_field = UuidField


class DateFilter(Filter):
    """A date."""

    form_field = DateField


class DateTimeFilter(Filter):
    """A moment, ISO 8601 or in one of Django's English formats."""

    form_field = DateTimeField


class IsoDateTimeFilter(Filter):
    """A moment, ISO 8601."""

    def make_form(self, options: dict[str, Any]) -> FormField:
        return DateTimeField(input_formats=(), **options)


class TimeFilter(Filter):
    """A time of day."""

    form_field = TimeField


class DurationFilter(Filter):
    """A length of time."""

    form_field = DurationField


class ChoiceFilter(Filter):
    """One of `choices`; `null` is the text that asks for NULL, when it is offered."""

    form_field = ChoiceField

    def __init__(
        self,
        field: Any = None,
        lookup: str = "exact",
        *,
        choices: Iterable[Any] = (),
        null: str | None = None,
        **options: Any,
    ) -> None:
        self.null = null
        super().__init__(field, lookup, choices=choices, null=null, **options)

    def apply(self, statement: Select[Any], value: Any) -> Select[Any]:
        if self.null is not None and value == self.null:
            return self.keep(statement, self.lookup, None)
        return super().apply(statement, value)


class TypedChoiceFilter(ChoiceFilter):
    """One of `choices`, converted by `coerce`."""


class MultipleChoiceFilter(ChoiceFilter):
    """Any of several `choices`, or all of them when `conjoined`."""

    form_field = MultipleChoiceField
    distinct_by_default = True

    def __init__(
        self, field: Any = None, lookup: str = "exact", *, conjoined: bool = False, **options: Any
    ) -> None:
        self.conjoined = conjoined
        super().__init__(field, lookup, **options)

    def apply(self, statement: Select[Any], value: Any) -> Select[Any]:
        if not value:
            return statement
        wanted = [None if self.null is not None and one == self.null else one for one in value]
        if self.conjoined:
            for one in wanted:
                statement = self.keep(statement, self.lookup, one)
            return statement
        return self.matching(
            statement, lambda paths: or_(*(self.test(paths, self.lookup, one) for one in wanted))
        )


class RangeFilter(Filter):
    """`<name>_min` and `<name>_max`, both included."""

    form_field: ClassVar[Callable[..., FormField]] = RangeField

    def apply(self, statement: Select[Any], value: Interval | None) -> Select[Any]:
        if value is None or value == (None, None):
            return statement
        if value.start is None:
            return self.keep(statement, "lte", value.stop)
        if value.stop is None:
            return self.keep(statement, "gte", value.start)
        return self.keep(statement, "range", value)


class DateFromToRangeFilter(RangeFilter):
    """Whole days: `<name>_after` and `<name>_before`."""

    form_field: ClassVar[Callable[..., FormField]] = DateRangeField


class DateTimeFromToRangeFilter(RangeFilter):
    """Moments: `<name>_after` and `<name>_before`."""

    def make_form(self, options: dict[str, Any]) -> FormField:
        return RangeField(DateTimeField(), suffixes=("after", "before"), **options)


class IsoDateTimeFromToRangeFilter(RangeFilter):
    """Moments in ISO 8601: `<name>_after` and `<name>_before`."""

    def make_form(self, options: dict[str, Any]) -> FormField:
        return RangeField(DateTimeField(input_formats=()), suffixes=("after", "before"), **options)


class TimeRangeFilter(RangeFilter):
    """Times of day: `<name>_after` and `<name>_before`."""

    def make_form(self, options: dict[str, Any]) -> FormField:
        return RangeField(TimeField(), suffixes=("after", "before"), **options)


class _ListFilter(Filter):
    """Values separated by commas; combine it with the filter of the values."""

    pair: ClassVar[bool] = False

    def make_form(self, options: dict[str, Any]) -> FormField:
        required = bool(options.pop("required", False))
        return ListField(super().make_form(options), required=required, pair=self.pair)


class BaseInFilter(_ListFilter):
    """`class NumberInFilter(BaseInFilter, NumberFilter)`: `?id=1,2,3`."""

    def __init__(self, field: Any = None, lookup: str = "in", **options: Any) -> None:
        super().__init__(field, lookup, **options)


class BaseRangeFilter(_ListFilter):
    """`class NumberRangeFilter(BaseRangeFilter, NumberFilter)`: `?price=5,10`."""

    pair = True

    def __init__(self, field: Any = None, lookup: str = "range", **options: Any) -> None:
        super().__init__(field, lookup, **options)


class OrderingFilter(_ListFilter, ChoiceFilter):
    """`?o=price,-name`; `fields` map paths to the names that clients use, or are both."""

    def __init__(self, *, fields: Mapping[str, str] | Iterable[Any] = (), **options: Any) -> None:
        pairs = fields.items() if isinstance(fields, Mapping) else fields
        self.names = {
            name: path
            for path, name in ((one, one) if isinstance(one, str) else one for one in pairs)
        }
        options.setdefault("choices", [*self.names, *(f"-{name}" for name in self.names)])
        super().__init__(None, **options)

    def apply(self, statement: Select[Any], value: Sequence[str] | None) -> Select[Any]:
        if value in EMPTY or value is None:
            return statement
        paths = Paths(entity(statement))
        terms = [self._term(name) for name in value if name not in EMPTY]
        return paths.joined(statement).order_by(None).order_by(*ordered(paths, terms))

    def _term(self, name: str) -> str:
        path = self.names.get(name.removeprefix("-"), name.removeprefix("-"))
        return f"-{path}" if name.startswith("-") else path
