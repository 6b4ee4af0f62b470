"""What is written in the `Annotated[...]` of a read schema: how a value goes onto the wire.

    price: Annotated[str, Decimals(2)]
    created_at: Annotated[str, Timestamp()]
    category: Annotated[int | None, PrimaryKey()]

Each gives one function of (value, context). None never reaches it: null stays null.
"""

import datetime
from collections.abc import Callable
from decimal import Decimal, getcontext
from enum import Enum
from typing import Any, ClassVar, Final, Literal
from urllib.parse import quote, urljoin

from pydantic import GetJsonSchemaHandler
from pydantic_core import CoreSchema

from . import settings
from .attributes import foreign_key_name, getter, pk_of
from .context import Context
from .dates import ISO_8601, current_zone, duration_iso_text, duration_text, in_zone, zone
from .fields_choices import Choices, choice_text, choice_texts
from .fields_numbers import quantizer
from .reversing import address
from .urls import absolute_url

Writer = Callable[[Any, Context[Any]], Any]
# Stands for the project's setting.
_BY_SETTING: Final = "by setting"


class Output:
    """Base of the markers."""

    json_format: ClassVar[str | None] = None
    # True when a list is one value; else each of its items is.
    takes_lists: ClassVar[bool] = False

    def writer(self) -> Writer:
        """Return the function that turns a value into what JSON holds."""
        raise NotImplementedError

    def getter(self, cls: type, path: tuple[str, ...]) -> Callable[[Any], Any]:
        """Return the function that reads the value from objects of `cls`."""
        return getter(cls, path)

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        described = handler(schema)
        if self.json_format and described.get("type") == "string":
            described["format"] = self.json_format
        return described


class _Formatted(Output):
    """A date or time: ISO 8601, a strftime format, or None for the value as it is."""

    setting: ClassVar[str]

    def __init__(self, format: str | None = _BY_SETTING) -> None:
        self.format = format

    def in_force(self) -> str | None:
        """Return the format, looked up in the settings if need be."""
        form: str | None = self.format
        return getattr(settings, self.setting) if form == _BY_SETTING else form

    def writer(self) -> Writer:
        def write(value: Any, context: Context[Any]) -> Any:
            if not value and value != datetime.time():
                return None
            form = self.in_force()
            if form is None or isinstance(value, str):
                return value
            return self.text(value, form)

        return write

    def text(self, value: Any, form: str) -> str:
        """Write the value in a format."""
        return str(value.isoformat() if form.lower() == ISO_8601 else value.strftime(form))


class Timestamp(_Formatted):
    """A datetime in the project's zone, or in `timezone`; UTC is written Z."""

    setting = "DATETIME_FORMAT"
    json_format = "date-time"

    def __init__(self, format: str | None = _BY_SETTING, *, timezone: str | None = None) -> None:
        super().__init__(format)
        self.timezone = timezone

    def writer(self) -> Writer:
        careful = super().writer()

        def write(value: Any, context: Context[Any]) -> Any:
            plain = type(value) is datetime.datetime and value.tzinfo is datetime.UTC
            zone_name = self.timezone or (settings.TIME_ZONE if settings.USE_TZ else None)
            if plain and zone_name == "UTC" and self.in_force() == ISO_8601:
                return f"{value.isoformat()[:-6]}Z"
            return careful(value, context)

        return write

    def text(self, value: datetime.datetime, form: str) -> str:
        target = zone(self.timezone) if self.timezone else current_zone()
        text = super().text(in_zone(value, target), form)
        if form.lower() == ISO_8601 and text.endswith("+00:00"):
            return f"{text[:-6]}Z"
        return text


class CalendarDate(_Formatted):
    """A day."""

    setting = "DATE_FORMAT"
    json_format = "date"

    def text(self, value: Any, form: str) -> str:
        if isinstance(value, datetime.datetime):
            raise TypeError("expected a date, not a datetime: its zone would be lost")
        return super().text(value, form)


class ClockTime(_Formatted):
    """A time of day."""

    setting = "TIME_FORMAT"
    json_format = "time"


class Span(Output):
    """A duration: "django" (`1 02:03:04.500000`), "iso-8601", or None for the value as it is."""

    def __init__(self, format: str | None = _BY_SETTING) -> None:
        self.format = format

    def writer(self) -> Writer:
        def write(value: Any, context: Context[Any]) -> Any:
            form = settings.DURATION_FORMAT if self.format == _BY_SETTING else self.format
            if form is None:
                return value
            return duration_iso_text(value) if form.lower() == ISO_8601 else duration_text(value)

        return write


class Decimals(Output):
    """A decimal with `places` after the point, as text or (COERCE_DECIMAL_TO_STRING) a number."""

    def __init__(
        self,
        places: int | None = None,
        *,
        max_digits: int | None = None,
        as_text: bool | None = None,
        normalize: bool = False,
        rounding: str | None = None,
    ) -> None:
        self.as_text = as_text
        self.normalize = normalize
        self.places = places
        self.quantize = quantizer(max_digits, places, rounding)
        self.digits = getcontext().prec if max_digits is None else max_digits

    def writer(self) -> Writer:
        quantize, normalize, places = self.quantize, self.normalize, self.places or 0
        digits = self.digits

        def write(value: Any, context: Context[Any]) -> Any:
            as_text = settings.COERCE_DECIMAL_TO_STRING if self.as_text is None else self.as_text
            if as_text and not normalize and isinstance(value, Decimal):
                # What a database column gives has its places already, and no digit too many.
                text = str(value)
                fits = len(text) - 1 <= digits  # the point is none of them
                if fits and text[-places - 1 : -places] == "." and "E" not in text:
                    return text
            number = value if isinstance(value, Decimal) else Decimal(str(value).strip())
            number = quantize(number)
            if normalize:
                number = number.normalize()
            return f"{number:f}" if as_text else number

        return write


class BigNumber(Output):
    """A 64-bit integer, as text where COERCE_BIGINT_TO_STRING says so."""

    def __init__(self, *, as_text: bool | None = None) -> None:
        self.as_text = as_text

    def writer(self) -> Writer:
        def write(value: Any, context: Context[Any]) -> Any:
            as_text = settings.COERCE_BIGINT_TO_STRING if self.as_text is None else self.as_text
            return str(value) if as_text else int(value)

        return write


class UuidText(Output):
    """A UUID with dashes, or in another of Python's notations."""

    json_format = "uuid"

    def __init__(self, format: Literal["hex_verbose", "hex", "int", "urn"] = "hex_verbose") -> None:
        self.format = format

    def writer(self) -> Writer:
        if self.format == "hex_verbose":
            return lambda value, context: str(value)
        return lambda value, context: getattr(value, self.format)


class ChoiceOut(Output):
    """A choice: stored values that differ from the declared ones in type are brought to them."""

    def __init__(self, choices: Choices) -> None:
        self.texts = choice_texts(choices)

    def writer(self) -> Writer:
        return lambda value, context: value if value == "" else self.declared(value)

    def declared(self, value: Any) -> Any:
        """Return the declared value; an unknown one as it is."""
        found = self.texts.get(choice_text(value), value)
        return found.value if isinstance(found, Enum) else found


class MultipleChoiceOut(ChoiceOut):
    """A list of choices without repetitions."""

    takes_lists = True

    def writer(self) -> Writer:
        return lambda value, context: list(dict.fromkeys(self.declared(item) for item in value))


class Text(Output):
    """The object's own text, `str(obj)`."""

    def writer(self) -> Writer:
        return lambda value, context: str(value)


class SlugOf(Output):
    """An attribute of a related object: SlugOf("name"), SlugOf("owner__email")."""

    def __init__(self, field: str) -> None:
        self.path = tuple(field.split("__"))

    def writer(self) -> Writer:
        path = self.path

        def write(value: Any, context: Context[Any]) -> Any:
            for step in path:
                value = getattr(value, step)
            return value

        return write


class Shows(Output):
    """What a function of the project makes of a value: Shows(show_label)."""

    def __init__(self, function: Callable[[Any, Context[Any]], Any]) -> None:
        self.function = function

    def writer(self) -> Writer:
        return self.function


class PrimaryKey(Output):
    """The key of a related object, read from the column beside it; `field` writes it."""

    def __init__(self, field: Output | None = None) -> None:
        self.field = field

    def getter(self, cls: type, path: tuple[str, ...]) -> Callable[[Any], Any]:
        return key_getter(cls, path)

    def writer(self) -> Writer:
        if self.field is None:
            return lambda value, context: pk_of(value)
        write = self.field.writer()
        return lambda value, context: write(pk_of(value), context)


def key_getter(cls: type, path: tuple[str, ...]) -> Callable[[Any], Any]:
    """Return the function that reads a foreign key without loading its object."""
    if not path:
        return getter(cls, path)
    if len(path) == 1:
        return getter(cls, (foreign_key_name(cls, path[0]) or path[0],))
    owner, name = getter(cls, path[:-1]), path[-1]
    return lambda instance: key_getter(type(found := owner(instance)), (name,))(found)


class FileUrl(Output):
    """The address of a stored file: absolute, below MEDIA_URL. `use_url=False` gives its name."""

    json_format = "uri"

    def __init__(self, *, use_url: bool | None = None) -> None:
        self.use_url = use_url

    def writer(self) -> Writer:
        def write(value: Any, context: Context[Any]) -> Any:
            name = str(file_name(value) or "")
            if not name:
                return None
            use_url = settings.UPLOADED_FILES_USE_URL if self.use_url is None else self.use_url
            if not use_url:
                return name
            url = getattr(value, "url", None) or media_url(name)
            return absolute_url(context.request, url) if context.has_request else str(url)

        return write


def file_name(value: Any) -> str | None:
    """The name of what a file column holds."""
    name: str | None = getattr(value, "name", value)
    return name


def file_url(value: Any, attribute: str) -> str:
    """The address of what a file column holds; ValueError where there is no file."""
    name = str(file_name(value) or "")
    if not name:
        raise ValueError(f"The '{attribute}' attribute has no file associated with it.")
    return str(getattr(value, "url", None) or media_url(name))


def media_url(name: str) -> str:
    """Return the address of a stored file on this host."""
    path = quote(name.replace("\\", "/"), safe="/~!*()'").lstrip("/")
    return urljoin(settings.MEDIA_URL, path)


class FileAddress(Output):
    """The address of a stored file as its storage gives it; ValueError where there is none."""

    json_format = "uri"

    def getter(self, cls: type, path: tuple[str, ...]) -> Callable[[Any], Any]:
        read = getter(cls, path)
        return lambda instance: file_url(read(instance), path[-1])

    def writer(self) -> Writer:
        return lambda value, context: value


class Link(Output):
    """The absolute address of a related object: Link("product-detail").

    lookup_field: its attribute, "pk" for its key. kwarg: the name in the path. With `From("*")`
    it is the address of the object itself. The app's `state.reverse(name, **kwargs)` knows paths.
    format: the suffix of the address, where the request's own path has one.
    """

    json_format = "uri"

    def __init__(
        self,
        view: str,
        lookup_field: str = "pk",
        kwarg: str | None = None,
        *,
        format: str | None = None,
    ) -> None:
        self.view = view
        self.lookup_field = lookup_field
        self.kwarg = kwarg or lookup_field
        self.format = format

    def getter(self, cls: type, path: tuple[str, ...]) -> Callable[[Any], Any]:
        return key_getter(cls, path) if self.lookup_field == "pk" else getter(cls, path)

    def writer(self) -> Writer:
        def write(value: Any, context: Context[Any]) -> str | None:
            by_key = self.lookup_field == "pk"
            if pk_of(value) in (None, ""):
                return None
            key = pk_of(value) if by_key else getattr(value, self.lookup_field)
            kwargs = {self.kwarg: key}
            if suffix := context.suffix:
                kwargs["format"] = self.format or suffix
            return address(context.request, self.view, kwargs)

        return write


class Method:
    """A method of the schema gives the value: Method("get_rating"), of (obj) or (obj, context)."""

    def __init__(self, name: str) -> None:
        self.name = name
