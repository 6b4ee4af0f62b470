"""Filters by related objects; their values are looked up, so they need the request's session."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session
from starlette.datastructures import QueryParams
from starlette.requests import Request

from . import settings
from .errors import ErrorDetail, InvalidValueError
from .fetching import entity
from .filters import ChoiceFilter, Filter, MultipleChoiceFilter
from .formchoices import ChoiceField, MultipleChoiceField, no_choice
from .formfields import FieldError, FormField, refuse
from .lookups import one_of
from .paths import Paths
from .values import prepared

Source = type[Any] | Select[Any] | Callable[[Request], Select[Any]]
#: The Django that has one text for all that is no key.
_COMMON_TEXT = (6, 0)
_NOT_AVAILABLE = "Select a valid choice. That choice is not one of the available choices."


class _Related(Filter):
    """What both filters share: the rows that may be chosen, and the column that names them."""

    def __init__(
        self,
        field: Any = None,
        lookup: str = "exact",
        *,
        queryset: Source,
        to_field: str = "pk",
        **options: Any,
    ) -> None:
        self.queryset = queryset
        self.to_field = to_field
        super().__init__(field, lookup, **options)

    def source(self, session: Session) -> Select[Any]:
        """Return the statement of the rows that may be chosen."""
        source = self.queryset
        if isinstance(source, type):
            return select(source)
        return source if isinstance(source, Select) else source(session.info["request"])

    def rows(self, session: Session | None, values: list[str]) -> dict[str, Any]:
        """Return the chosen rows by the text of their key.

        Raises what the conversion of a value raises.
        """
        if session is None:
            raise RuntimeError("filters by related objects need a session: use `filtered_by`")
        statement = self.source(session)
        column = Paths(entity(statement)).column(self.to_field)
        for value in values:
            prepared(column, value, self.to_field)
        found = session.scalars(statement.order_by(None).where(one_of(column, values))).unique()
        return {str(getattr(row, self.to_field)): row for row in found}

    def comparable(self, row: Any) -> Any:
        """Return what the field is compared with: the key of a row."""
        return getattr(row, self.to_field, row)


def _tell(error: Exception) -> None:
    """Raise what a column says of a value that is none of its own, as Django did before 6.0."""
    if isinstance(error, InvalidValueError) and settings.DJANGO < _COMMON_TEXT:
        raise FieldError(*error.refused) from None


class ModelChoiceFilter(_Related, ChoiceFilter):
    """One related object, by its key."""

    def make_form(self, options: dict[str, Any]) -> FormField:
        options.pop("choices", None)
        options.pop("null", None)
        return FormField(**options)

    def clean(self, data: QueryParams, name: str, session: Session | None) -> Any:
        raw = self.form.clean(self.form.read(data, name))
        if raw in ("", None) or (self.null is not None and raw == self.null):
            return raw
        if "\x00" in raw:
            raise refuse("Null characters are not allowed.", "null_characters_not_allowed")
        try:
            found = list(self.rows(session, [raw]).values())
        except (TypeError, ValueError) as error:
            _tell(error)
            found = []
        if len(found) != 1:
            raise refuse(_NOT_AVAILABLE, "invalid_choice")
        return self.comparable(found[0])


class ModelMultipleChoiceFilter(_Related, MultipleChoiceFilter):
    """Any of several related objects, or all of them when `conjoined`."""

    def make_form(self, options: dict[str, Any]) -> FormField:
        options.pop("null", None)
        return MultipleChoiceField(options.pop("choices", ()), **options)

    def clean(self, data: QueryParams, name: str, session: Session | None) -> Any:
        values = list(dict.fromkeys(self.form.read(data, name)))
        if not values:
            return self.form.clean(values)
        # a set, as Django has: of several wrong ones the first in it is told
        wanted = frozenset(value for value in values if self.null is None or value != self.null)
        found: dict[str, Any] = {}
        for value in wanted:
            found |= self._one(session, value)
        for value in wanted:
            if value not in found:
                raise no_choice(value)
        chosen = [self.comparable(found[value]) for value in values if value in wanted]
        return chosen if len(wanted) == len(values) else [*chosen, self.null]

    def _one(self, session: Session | None, value: str) -> dict[str, Any]:
        try:
            return self.rows(session, [value])
        except (TypeError, ValueError) as error:
            _tell(error)
            text = "“%(pk)s” is not a valid value."
            raise FieldError(ErrorDetail(text % {"pk": value}, "invalid_pk_value")) from None


class AllValuesFilter(ChoiceFilter):
    """One of the values that the field has in the table."""

    def clean(self, data: QueryParams, name: str, session: Session | None) -> Any:
        form = ChoiceField(self._values(session), null=self.null, required=self.form.required)
        return form.clean(form.read(data, name))

    def __init__(self, field: Any = None, *, model: type[Any], **options: Any) -> None:
        self.model = model
        super().__init__(field, **options)

    def _values(self, session: Session | None) -> list[Any]:
        if session is None:
            raise RuntimeError("filters by stored values need a session: use `filtered_by`")
        paths = Paths(self.model)
        column = paths.column(self.field)
        return list(
            session.scalars(paths.joined(select(column).select_from(self.model)).distinct())
        )
