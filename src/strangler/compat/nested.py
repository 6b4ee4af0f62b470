"""Write schemas inside write schemas, and their PATCH variants."""

from collections.abc import Callable
from copy import copy
from functools import cache
from typing import Any, ClassVar, Final, Self, get_args, get_origin

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler, create_model
from pydantic_core import MISSING, CoreSchema

from .context import Context
from .fields import (
    FieldType,
    Form,
    FormRules,
    Runner,
    Validator,
    accepts_none,
    field_schema,
)
from .fields_collections import form_dict, form_list
from .plans import From, Hidden, Validated
from .writing import INVALID, LIST_MESSAGES, Sizes, hasty_one, validate_many, validate_one

_PREFIX: Final = "Patched"


class Nested(FieldType):
    """An object with a schema of its own, or a list of such.

    Annotated[ItemWrite, Nested()], Annotated[list[ItemWrite], Nested(allow_empty=False)]. The
    schema comes from the annotation; as the child of a `ListOf` it is Nested(ItemWrite).
    """

    default_messages: ClassVar = {"invalid": INVALID, **LIST_MESSAGES}
    converts_with_context = True
    nests = True

    def __init__(
        self,
        schema: type[Validated] | None = None,
        *,
        many: bool = False,
        allow_empty: bool = True,
        min_length: int | None = None,
        max_length: int | None = None,
        **common: Any,
    ) -> None:
        super().__init__(**common)
        self.schema = schema
        self.many = many
        self.sizes = Sizes(allow_empty, min_length, max_length)

    def bound(self, annotation: Any, null: bool) -> Self:
        """Return a copy that knows its schema from the annotation."""
        inner = _member(annotation)
        again = copy(self)
        again.allow_null = null
        again.many = get_origin(inner) is list
        again.schema = get_args(inner)[0] if again.many else inner
        return again

    def patched(self) -> Self:
        if self.schema is None:
            return self
        again = copy(self)
        again.schema = partial_of(self.schema)
        return again

    def converter(self) -> Callable[[Any, Context[Any]], Any]:
        schema, messages = self.schema, self.messages
        if schema is None:
            raise TypeError("`Nested()` needs its schema in the annotation")
        if not self.many:
            return lambda data, context: validate_one(
                schema, data, context.on(None), messages["invalid"]
            )
        null, sizes = bool(self.allow_null), self.sizes
        return lambda data, context: validate_many(
            schema, data, context.on(None), messages, sizes, allow_null=null
        )

    def compiled(self, null: bool | None = None, extra: tuple[Validator, ...] = ()) -> Runner:
        """Return the work; for one object without validators it is the schema's alone."""
        schema, invalid = self.schema, self.messages["invalid"]
        if self.many or self.validators or extra or schema is None:
            return super().compiled(null, extra)
        allowed = bool(self.allow_null) if null is None else null

        def run(data: Any, context: Context[Any]) -> Any:
            if data is not None:
                return validate_one(schema, data, context.on(None), invalid)
            if allowed:
                return None
            raise self.error("null")

        return Runner(run, True, lambda: hasty_one(schema))

    def form_value(self, name: str, form: Form, rules: FormRules) -> Any:
        return form_list(form, name) if self.many else form_dict(form, name)

    def json_schema(self) -> dict[str, Any]:
        return {}

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        null = accepts_none(source) if self.allow_null is None else self.allow_null
        # Pydantic builds the inner schema for the documentation only.
        return field_schema(self.bound(source, null), null, documented=handler(source))

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        return handler(schema)


def _member(annotation: Any) -> Any:
    members = [item for item in get_args(annotation) if item is not type(None)]
    return members[0] if accepts_none(annotation) else annotation


@cache
def partial_of(schema: type[Validated]) -> type[Validated]:
    """Return the PATCH variant: no field is required and no default is filled in, at any depth."""
    fields: dict[str, Any] = {}
    for attr, info in schema.model_fields.items():
        copied = info._copy()
        copied.default, copied.default_factory = MISSING, None
        copied.metadata = [
            marker.patched() if isinstance(marker, FieldType) else marker
            for marker in info.metadata
        ]
        copied.annotation = _partial_annotation(info.annotation)
        fields[attr] = (copied.annotation, copied)
    patched = create_model(
        f"{_PREFIX}{schema.__name__}", __base__=schema, __module__=schema.__module__, **fields
    )
    patched.__doc__ = schema.__doc__
    patched.patches_ = schema
    return patched


def fitting(schema: type[Validated], context: Context[Any]) -> type[Validated]:
    """Return the variant that takes the fields which are left for who asks."""
    if schema.fields_for is None:
        return schema
    left = schema.fields_for(context)
    named = ((attr, info.alias or attr) for attr, info in schema.model_fields.items())
    gone = frozenset(attr for attr, name in named if name not in left)
    return without(schema, gone) if gone else schema


@cache
def without(schema: type[Validated], gone: frozenset[str]) -> type[Validated]:
    """Return the variant that takes no notice of some fields, nor fills in their defaults."""
    fields: dict[str, Any] = {}
    for attr, info in schema.model_fields.items():
        if attr in gone:
            copied = info._copy()
            copied.default, copied.default_factory, copied.annotation = MISSING, None, Any
            path = [marker for marker in info.metadata if isinstance(marker, From)]
            copied.metadata = [*path, Hidden(lambda _: MISSING)]
            fields[attr] = (Any, copied)
    narrowed = create_model(
        schema.__name__, __base__=schema, __module__=schema.__module__, **fields
    )
    narrowed.__doc__ = schema.__doc__
    return narrowed


def _partial_annotation(annotation: Any) -> Any:
    if isinstance(annotation, type) and issubclass(annotation, Validated):
        return partial_of(annotation)
    if get_origin(annotation) is list:
        return list[_partial_annotation(get_args(annotation)[0])]  # type: ignore[misc]
    if accepts_none(annotation):
        return _partial_annotation(_member(annotation)) | None
    return annotation
