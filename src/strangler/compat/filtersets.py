"""Filters by query parameters, declared in classes, with the meaning and refusals of django-filter.

class ProductFilter(FilterSet):
    min_price = NumberFilter("price", "gte")
    tag = ModelMultipleChoiceFilter("tags", queryset=Tag)
    mine = BooleanFilter(method="only_mine")

    def only_mine(self, statement, name, value): ...
"""

from collections.abc import Mapping
from typing import Any, ClassVar

from sqlalchemy import Select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session
from starlette.datastructures import QueryParams
from starlette.requests import Request

from .errors import ErrorDetail, ValidationError
from .filters import (
    BaseInFilter,
    BaseRangeFilter,
    BooleanFilter,
    CharFilter,
    ChoiceFilter,
    DateFilter,
    DateFromToRangeFilter,
    DateTimeFilter,
    DateTimeFromToRangeFilter,
    DurationFilter,
    Filter,
    IsoDateTimeFilter,
    IsoDateTimeFromToRangeFilter,
    MultipleChoiceFilter,
    NumberFilter,
    OrderingFilter,
    RangeFilter,
    SelectBooleanFilter,
    TimeFilter,
    TimeRangeFilter,
    TypedChoiceFilter,
    UUIDFilter,
)
from .formfields import EMPTY, FieldError


class FilterSet:
    """The filters of one list. It is a backend: `filtered(statement, request, (ProductFilter,))`.

    Every parameter is checked before the first one filters; ValidationError has all refusals.
    """

    filters: ClassVar[dict[str, Filter]] = {}

    request: Request
    session: Session | None

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        inherited: dict[str, Filter] = {}
        for base in reversed(cls.__mro__[1:]):
            inherited |= getattr(base, "filters", {})
        own = {name: one for name, one in vars(cls).items() if isinstance(one, Filter)}
        hidden = {name for name, value in vars(cls).items() if value is None}
        kept = {name: one for name, one in inherited.items() if name not in hidden}
        cls.filters = kept | own

    @classmethod
    def parameters(cls) -> dict[str, str]:
        """Return the query parameters with their descriptions."""
        return {part: "" for name, one in cls.filters.items() for part in one.form.names(name)}

    def filter(
        self, statement: Select[Any], request: Request, session: Session | None = None
    ) -> Select[Any]:
        """Check all parameters, then narrow the statement by each."""
        self.request, self.session = request, session
        return self.narrow(statement, self.clean(request.query_params))

    def clean(self, data: QueryParams) -> dict[str, Any]:
        """Return the value of every filter, or raise ValidationError."""
        values, refused = self.checked(data)
        if refused:
            raise ValidationError(refused)
        return values

    def checked(self, data: QueryParams) -> tuple[dict[str, Any], dict[str, list[ErrorDetail]]]:
        """Return the value of every filter that takes what it was given, and what others refuse."""
        values: dict[str, Any] = {}
        refused: dict[str, list[ErrorDetail]] = {}
        for name, one in self.filters.items():
            try:
                values[name] = one.clean(data, name, self.session)
            except FieldError as error:
                refused[name] = error.messages
        return values, refused

    def narrow(self, statement: Select[Any], values: dict[str, Any]) -> Select[Any]:
        """Apply the checked values in the order of the filters; may be overridden."""
        for name, value in values.items():
            one = self.filters[name]
            if one.method is None:
                statement = one.apply(statement, value)
            elif value not in EMPTY:
                method = getattr(self, one.method) if isinstance(one.method, str) else one.method
                statement = method(statement, one.field, value)
        return statement


async def narrowed_by(
    session: AsyncSession,
    statement: Select[Any],
    request: Request,
    chosen: type[FilterSet],
    data: Mapping[str, Any] | None = None,
) -> Select[Any]:
    """Narrow as a filter set that nobody asks whether it is valid: what is refused narrows nothing.

    data: texts, numbers and truths by the filters' names, in place of the request's parameters.
    """
    given = request.query_params
    if data is not None:
        given = QueryParams(
            [(name, str(value)) for name, value in data.items() if value is not None]
        )

    def narrow(sync: Session) -> Select[Any]:
        made = chosen()
        made.request, made.session = request, sync
        return made.narrow(statement, made.checked(given)[0])

    return await session.run_sync(narrow)


__all__ = [
    "BaseInFilter",
    "BaseRangeFilter",
    "BooleanFilter",
    "CharFilter",
    "ChoiceFilter",
    "DateFilter",
    "DateFromToRangeFilter",
    "DateTimeFilter",
    "DateTimeFromToRangeFilter",
    "DurationFilter",
    "Filter",
    "FilterSet",
    "IsoDateTimeFilter",
    "IsoDateTimeFromToRangeFilter",
    "MultipleChoiceFilter",
    "NumberFilter",
    "OrderingFilter",
    "RangeFilter",
    "SelectBooleanFilter",
    "TimeFilter",
    "TimeRangeFilter",
    "TypedChoiceFilter",
    "UUIDFilter",
    "narrowed_by",
]
