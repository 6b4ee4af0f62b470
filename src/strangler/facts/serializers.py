"""Facts about serializers, read from instances."""

from typing import Literal

from pydantic import Field

from strangler.facts.shapes import ClassFacts, Fact, Json, Queryset, Validator, Value


class SerializerField(Fact):
    """A field of a serializer instance; `options` holds its limits: `max_length`, `choices`, …"""

    name: str
    cls: str
    drf_cls: str | None = None
    package: str | None = None
    source: str = ""
    declared: bool = False
    line: str | None = None
    read_only: bool = False
    write_only: bool = False
    required: bool = False
    allow_null: bool = False
    default: Value | None = None  # None: no default at all
    initial: Value = Value()
    label: str | None = None
    help_text: str | None = None
    style: dict[str, Json] = Field(default_factory=dict)
    validators: tuple[Validator, ...] = ()
    error_messages: dict[str, str] = Field(default_factory=dict)
    options: dict[str, Json] = Field(default_factory=dict)
    arguments: tuple[str, ...] = ()  # that it was made with
    child: "SerializerField | None" = None
    serializer: str | None = None
    many: bool = False
    given: tuple[str, ...] = ()  # arguments of the nested serializer that are the project's own
    nested_fields: "tuple[SerializerField, ...]" = ()
    queryset: Queryset | None = None
    rows: str | None = None  # the method that gives the rows, where it is all that its class adds
    slug_field: str | None = None
    view_name: str | None = None
    lookup_field: str | None = None
    lookup_url_kwarg: str | None = None
    method_name: str | None = None
    pk_field: str | None = None
    use_url: bool | None = None
    model_field: str | None = None
    on_model: bool = True  # whether the model's class has an attribute where the source begins


class Serializer(ClassFacts):
    """A serializer class with the fields of an instance made without arguments."""

    kind: Literal["model", "plain", "hyperlinked", "list", "base"] = "plain"
    model: str | None = None
    meta: dict[str, Json] = Field(default_factory=dict)
    fields: tuple[SerializerField, ...] = ()
    whole: tuple[SerializerField, ...] = ()  # before its own code took some away, where it did
    validators: tuple[Validator, ...] = ()
    problem: str | None = None
    given: tuple[str, ...] = ()  # arguments of its own that this instance was made with
    refused: str | None = None  # what a rule said of one of its fields
    #: Texts by key, where they are not DRF's own.
    error_messages: dict[str, str] = Field(default_factory=dict)
