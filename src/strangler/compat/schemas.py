"""Schemas of requests and answers.

class ProductWrite(WriteSchema):
    name: Annotated[str, Char(max_length=255)]
    stock: Annotated[int, Integer(0)] = UNSET

async def create_product(session: Session, data: Valid[ProductWrite]) -> ProductRead: ...
"""

from collections.abc import Mapping
from inspect import Parameter, Signature
from typing import (
    TYPE_CHECKING,
    Annotated,
    Any,
    Final,
    Self,
    TypeVar,
    cast,
    get_args,
    get_origin,
)

from fastapi import Depends
from pydantic_core import MISSING
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session
from starlette.requests import Request
from typing_extensions import TypeAliasType

from . import settings
from .bodies import request_data
from .context import Context
from .errors import ErrorDetail, ValidationError
from .nested import fitting, partial_of
from .plans import Validated, keep_given, keep_left
from .reading import Shown, instance_of
from .writing import validate_many, validate_one

W = TypeVar("W")
Found = TypeVar("Found")

# The value of an optional field that the request did not name.
UNSET: Final[Any] = MISSING


class WriteSchema(Validated):
    """What a request may hold. Fields carry DRF's limits and texts in `Annotated[...]`.

    Hooks, in order: `@field_validator` on single fields; `rules`; then, when it is defined,
    `validate_object(cls, attrs, context) -> attrs`. They refuse by raising ValidationError.
    """


class ReadSchema(Shown):
    """What an answer shows of an object. It never refuses what the database can hold.

    `= UNSET` leaves a missing attribute out, `= value` shows the value instead; without either a
    missing attribute is an error. Override `represent` to change the whole.
    """

    @classmethod
    def of(cls, obj: Any, context: Context[Any]) -> Self:
        """Render an object, below `run_sync` because attributes may load."""
        shown: Self = instance_of(cls, cls.represent(obj, context))
        return shown

    def data(self) -> dict[str, Any]:
        """Return what JSON shows, keys in order."""
        return self.wire_


def validate(
    schema: type[W],
    data: Any,
    context: Context[Any],
    *,
    instance: Any = None,
    partial: bool = False,
) -> W:
    """Validate a request's data, below `run_sync` because validators may query.

    schema: a write schema, or `list[schema]`. instance: the object that is changed.
    Raises ValidationError with DRF's body; ValueError for no data before DRF 3.5.
    """
    many = get_origin(schema) is list
    one: Any = get_args(schema)[0] if many else schema
    if partial:
        one = partial_of(one)
    if data is None and settings.DRF < (3, 5) and not many:  # it fails to show what is wrong
        raise ValueError("too many values to unpack (expected 2)")
    if data is None:
        detail = [ErrorDetail("No data provided", "null")]
        raise ValidationError({settings.NON_FIELD_ERRORS_KEY: detail})
    context.request.state.partial = getattr(one, "patches_", None) is not None
    check: Any = validate_many if many else validate_one
    whole = context.on(instance)
    whole.initial = None if many else data
    result: W = check(fitting(one, whole), data, whole)
    if vars(whole.kept) and not many:
        keep_left(cast("Validated", result), whole.kept)
    return result


async def checked(
    session: AsyncSession,
    schema: type[W],
    *,
    data: Any = UNSET,
    instance: Any = None,
    context: Mapping[str, Any] | None = None,
) -> W:
    """Validate data now: the request's body, which `Valid` reads before the endpoint begins.

    data: something else than the body. instance: the object that is changed. context: what the
    serializer was given, where that is not what DRF gives it.
    Raises ValidationError with DRF's body.
    """
    request: Request = session.info["request"]
    given = await request_data(request) if data is UNSET else data

    def check(sync: Session) -> W:
        return validate(schema, given, Context.of(sync, given=context), instance=instance)

    result = await session.run_sync(check)
    for item in cast("list[Validated]", result if isinstance(result, list) else [result]):
        keep_given(item, context)
    return result


async def attempt(
    session: AsyncSession,
    schema: type[W],
    *,
    data: Any = UNSET,
    instance: Any = None,
    context: Mapping[str, Any] | None = None,
) -> W | ValidationError:
    """Validate data now, as `checked`; what is wrong with it is returned, not raised."""
    try:
        return await checked(session, schema, data=data, instance=instance, context=context)
    except ValidationError as wrong:
        return wrong


class RequestBody:
    """The dependency behind `Valid`: parses the body of the request, then validates it.

    schema: what the OpenAPI document shows as the body.
    """

    def __init__(self, schema: Any, found: Any = None) -> None:
        self.schema = schema
        self.found = found
        # FastAPI resolves the parameters in order: the object is found before the body is read.
        parameters = [Parameter("request", Parameter.KEYWORD_ONLY, annotation=Request)]
        if found is not None:
            parameters.append(Parameter("found", Parameter.KEYWORD_ONLY, annotation=found))
        self.__signature__ = Signature(parameters)

    async def __call__(self, request: Request, found: Any = None) -> Any:
        data = await request_data(request)

        def check(session: Session) -> Any:
            return validate(self.schema, data, Context.of(session), instance=found)

        return await request.state.session.run_sync(check)


if TYPE_CHECKING:
    Partial = Annotated[W, "every field optional"]
    Valid = Annotated[W, "the body of the request"]
    ValidFor = TypeAliasType("ValidFor", W, type_params=(W, Found))
else:

    class Partial:
        """Partial[W]: the PATCH variant of a write schema, in which every field is optional."""

        def __class_getitem__(cls, schema):
            return partial_of(schema)

    class Valid:
        """Valid[W]: the request's body, validated. To type checkers it is just W."""

        def __class_getitem__(cls, schema):
            return Annotated[schema, Depends(RequestBody(schema))]

    class ValidFor:
        """ValidFor[W, Found]: as Valid, for the object that the dependency `Found` gives."""

        def __class_getitem__(cls, parameters):
            schema, found = parameters
            return Annotated[schema, Depends(RequestBody(schema, found))]
