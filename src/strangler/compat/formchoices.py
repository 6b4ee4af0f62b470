"""Form fields of choices, ranges and lists, as django-filter uses them."""

from collections.abc import Callable, Iterable
from datetime import date, datetime, time
from typing import Any, NamedTuple

from starlette.datastructures import QueryParams

from .errors import ErrorDetail
from .formfields import EMPTY, DateField, FieldError, FormField, NumberField, local_moment, refuse


class Interval(NamedTuple):
    """Both ends of a range; either may be None."""

    start: Any
    stop: Any


def no_choice(value: Any) -> FieldError:
    """Return the error for a value that is not offered."""
    text = "Select a valid choice. %(value)s is not one of the available choices."
    return refuse(text % {"value": value}, "invalid_choice")


class ChoiceField(FormField):
    """The text of one of `choices`: values, or pairs of value and label, possibly in groups."""

    def __init__(
        self,
        choices: Iterable[Any],
        *,
        required: bool = False,
        null: str | None = None,
        coerce: Callable[[str], Any] = str,
    ) -> None:
        super().__init__(required=required)
        self.values = {str(value) for value in flat_choices(choices)} | ({null} if null else set())
        self.coerce = coerce

    def convert(self, raw: Any) -> Any:
        return "" if raw in EMPTY else str(raw)

    def check(self, value: str) -> None:
        if value not in self.values:
            raise no_choice(value)

    def clean(self, raw: Any) -> Any:
        value = super().clean(raw)
        try:
            return value if value in EMPTY else self.coerce(value)
        except (TypeError, ValueError):
            raise no_choice(value) from None


def flat_choices(choices: Iterable[Any]) -> Iterable[Any]:
    """Yield the values of choices, groups opened."""
    for choice in choices:
        if not isinstance(choice, (tuple, list)):
            yield getattr(choice, "value", choice)
        elif isinstance(choice[1], (tuple, list)):
            yield from flat_choices(choice[1])
        else:
            yield getattr(choice[0], "value", choice[0])


class MultipleChoiceField(ChoiceField):
    """All values of a parameter, each one of `choices`."""

    def read(self, data: QueryParams, name: str) -> Any:
        return data.getlist(name)

    def convert(self, raw: Any) -> Any:
        return [str(value) for value in raw]

    def check(self, value: Any) -> None:
        for item in value:
            super().check(item)

    def clean(self, raw: Any) -> Any:
        values = FormField.clean(self, raw)
        try:
            return [self.coerce(value) for value in values]
        except (TypeError, ValueError):
            raise no_choice(values[0]) from None


class RangeField(FormField):
    """Two parameters, `<name>_min` and `<name>_max`, both optional."""

    def __init__(
        self,
        field: FormField | None = None,
        *,
        suffixes: tuple[str, str] = ("min", "max"),
        required: bool = False,
    ) -> None:
        super().__init__(required=required)
        self.field = NumberField(largest=None) if field is None else field
        self.suffixes = suffixes

    def names(self, name: str) -> list[str]:
        return [f"{name}_{suffix}" for suffix in self.suffixes]

    def read(self, data: QueryParams, name: str) -> Any:
        return [data.get(part) for part in self.names(name)]

    def convert(self, raw: Any) -> Any:
        if all(value in EMPTY for value in raw):
            return None
        ends: list[Any] = []
        messages: list[ErrorDetail] = []
        for text in raw:
            try:
                ends.append(self.field.clean(text))
            except FieldError as error:
                messages += [one for one in error.messages if one not in messages]
        if messages:
            raise FieldError(*messages)
        return self.compress(*ends)

    def compress(self, start: Any, stop: Any) -> Any:
        """Join both ends."""
        return Interval(start, stop)


class DateRangeField(RangeField):
    """Whole days, `<name>_after` and `<name>_before`, as their first and last moments."""

    def __init__(self, *, required: bool = False) -> None:
        super().__init__(DateField(), suffixes=("after", "before"), required=required)

    def compress(self, start: date | None, stop: date | None) -> Any:
        return Interval(
            None if start is None else local_moment(datetime.combine(start, time.min)),
            None if stop is None else local_moment(datetime.combine(stop, time.max)),
        )


class ListField(FormField):
    """Values separated by commas, each read by `field`."""

    def __init__(self, field: FormField, *, required: bool = False, pair: bool = False) -> None:
        super().__init__(required=required)
        self.field = field
        self.pair = pair

    def read(self, data: QueryParams, name: str) -> Any:
        text = data.get(name)
        if not text:
            return None if text is None else []
        return text.split(",")

    def clean(self, raw: Any) -> Any:
        if self.required and raw in EMPTY:
            raise refuse("This field is required.", "required")
        values = None if raw is None else [self.field.clean(text) for text in raw]
        if self.pair and values and len(values) != 2:
            raise refuse("Range query expects two values.", "invalid_values")
        return values
