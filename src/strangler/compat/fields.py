"""What all field types of write schemas share: null, messages, and the order of checks.

A field type is put into `Annotated[...]`: `name: Annotated[str, Char(max_length=20)] = UNSET`.
It converts one JSON value and refuses it with DRF's words. The work is compiled once per use into
one plain function, which Pydantic calls.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, ClassVar, Final, NamedTuple, Self, get_args

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler, ValidationInfo
from pydantic_core import CoreSchema, core_schema
from starlette.datastructures import ImmutableMultiDict

from .context import Context
from .errors import ErrorDetail, InvalidValueError, ValidationError

# Says what is wrong with a converted value: a list of messages, or None when nothing is.
Check = Callable[..., list[Any] | None]
# Called as (value), or as (value, context) when it has a true attribute `requires_context`.
Validator = Callable[..., Any]
Form = ImmutableMultiDict[str, Any]

_RECIPE: Final = "compat_recipe"
_RUNNER: Final = "compat_runner"


class Absent:
    """A form has no value for this field."""


ABSENT: Final = Absent()


class Runner(NamedTuple):
    """Called as run(value), or as run(value, context) when `uses_context`.

    hasty: gives a function of the value that may fail in any way where `run` would do anything else
    than convert it; None where there is none. Asked late, since schemas can hold themselves.
    """

    run: Callable[..., Any]
    uses_context: bool
    hasty: Callable[[], Callable[[Any], Any] | None] = lambda: None


class FieldType:
    """Base of all types. Subclasses give `converter` and, where they have limits, `limits`.

    allow_null: None is taken from the annotation (`str | None`).
    validators: callables that raise ValidationError; they run before the type's own limits.
    messages: replaces texts by key ("required", "null", "invalid", …).
    """

    default_messages: ClassVar[Mapping[str, str]] = {
        "required": "This field is required.",
        "null": "This field may not be null.",
    }
    allow_blank: bool = False
    # True when `converter` returns a function of (value, context).
    converts_with_context: bool = False
    # True when write schemas are in the value.
    nests: bool = False
    # True when a value may be converted twice: no queries, nothing read to its end. Said by each
    # class for itself, since what derives from it may do more.
    repeatable: ClassVar[bool] = False

    def __init__(
        self,
        *,
        allow_null: bool | None = None,
        validators: Iterable[Validator] = (),
        messages: Mapping[str, str] | None = None,
    ) -> None:
        self.allow_null = allow_null
        self.validators = tuple(validators)
        self.messages: dict[str, str] = {}
        for cls in reversed(type(self).__mro__):
            self.messages.update(vars(cls).get("default_messages", {}))
        self.messages.update(messages or {})

    def converter(self) -> Callable[..., Any]:
        """Return the function that turns a JSON value into ours or raises ValidationError."""
        raise NotImplementedError

    def shortcut(self, null: bool) -> Callable[[Any], Any] | None:
        """Return a function that settles empty input before null is looked at.

        It gives the final value, or ABSENT for input that goes the normal way.
        """
        return None

    def limits(self) -> list[Check]:
        """Return the type's own checks, in DRF's order."""
        return []

    def json_schema(self) -> dict[str, Any]:
        """Return the type's JSON schema, without null."""
        return {}

    def error(self, key: str, **values: object) -> ValidationError:
        """Build the refusal with the message `key`."""
        return ValidationError(self.messages[key].format(**values), code=key)

    def check(self, key: str, wrong: Callable[[Any], bool], **values: object) -> Check:
        """Return a check that gives the message `key` when `wrong(value)`."""
        text = self.messages[key]

        def run(value: Any) -> list[Any] | None:
            return [ErrorDetail(text.format(**values), key)] if wrong(value) else None

        return run

    def form_value(self, name: str, form: Form, rules: "FormRules") -> Any:
        """Return what `form` holds for this field, or ABSENT."""
        if name not in form:
            return ABSENT if rules.partial else self.form_absent(rules)
        value = form[name]
        if value == "" and (rules.null or not rules.required) and not self.allow_blank:
            return None if rules.null else ABSENT
        return value

    def bound(self, annotation: Any, null: bool) -> Self:
        """Return the type as it is used under an annotation."""
        return self

    def patched(self) -> Self:
        """Return the type as PATCH needs it: schemas inside it ask for no field."""
        return self

    def form_absent(self, rules: "FormRules") -> Any:
        """Return what a complete form without this field means."""
        return ABSENT

    def compiled(self, null: bool | None = None, extra: tuple[Validator, ...] = ()) -> Runner:
        """Return the whole work on one value. `extra` validators run after `validators`."""
        validators = (*self.validators, *extra)
        null = bool(self.allow_null) if null is None else null
        aware = [requires_context(validator) for validator in validators]
        limits = self.limits()
        if self.converts_with_context or any(aware):
            pairs = [(as_check(v), a) for v, a in zip(validators, aware, strict=True)]
            return Runner(self._contextual(null, (*pairs, *((c, False) for c in limits))), True)
        run = self._plain(null, (*map(as_check, validators), *limits))
        if validators:
            return Runner(run, False)
        quick = self.quick(run)
        return Runner(quick, False, lambda: quick if self.is_repeatable() else None)

    def is_repeatable(self) -> bool:
        """Whether values may be converted twice, by this very class."""
        return bool(vars(type(self)).get("repeatable"))

    def quick(self, careful: Callable[[Any], Any]) -> Callable[[Any], Any]:
        """Return `careful`, or a function that settles common good input faster and then asks it.

        Only for fields without `validators`.
        """
        return careful

    def _plain(self, null: bool, checks: tuple[Check, ...]) -> Callable[[Any], Any]:
        convert, shortcut = self.converter(), self.shortcut(null)

        def run(data: Any) -> Any:
            if shortcut is not None and (settled := shortcut(data)) is not ABSENT:
                return settled
            if data is None:
                if null:
                    return None
                raise self.error("null")
            value = convert(data)
            problems: list[Any] | None = None
            for check in checks:
                if messages := check(value):
                    problems = [*(problems or ()), *messages]
            if problems:
                raise ValidationError(problems)
            return value

        return run

    def _contextual(
        self, null: bool, checks: tuple[tuple[Check, bool], ...]
    ) -> Callable[[Any, Any], Any]:
        convert, shortcut = self.converter(), self.shortcut(null)
        convert_alone = None if self.converts_with_context else convert

        def run(data: Any, context: Any) -> Any:
            if shortcut is not None and (settled := shortcut(data)) is not ABSENT:
                return settled
            if data is None:
                if null:
                    return None
                raise self.error("null")
            value = convert_alone(data) if convert_alone else convert(data, context)
            problems: list[Any] = []
            for check, aware in checks:
                problems += (check(value, context) if aware else check(value)) or ()
            if problems:
                raise ValidationError(problems)
            return value

        return run

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        null = accepts_none(source) if self.allow_null is None else self.allow_null
        return field_schema(self, null)

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        own = self.json_schema()
        inner: Any = schema
        while _RECIPE not in inner.get("metadata", {}):  # below the `@field_validator`s
            inner = inner["schema"]
        _, null, _ = inner["metadata"][_RECIPE]
        return {"anyOf": [own, {"type": "null"}]} if null and own else own


class FormRules(NamedTuple):
    """What a form's reading of one field depends on besides its type."""

    required: bool
    null: bool
    partial: bool
    defaulted: bool


def accepts_none(annotation: Any) -> bool:
    """Tell whether the annotation is a union with None."""
    return type(None) in get_args(annotation)


def field_schema(
    field: FieldType,
    null: bool,
    extra: tuple[Validator, ...] = (),
    documented: CoreSchema | None = None,
) -> CoreSchema:
    """Return Pydantic's schema that runs `field`; it remembers how it was made.

    documented: the schema that the OpenAPI document shows in its place.
    """
    runner = field.compiled(null, extra)
    metadata: dict[str, Any] = {_RECIPE: (field, null, extra), _RUNNER: runner}
    run = runner.run
    if not runner.uses_context:
        return core_schema.no_info_plain_validator_function(
            run, metadata=metadata, json_schema_input_schema=documented
        )

    def with_info(data: Any, info: ValidationInfo) -> Any:
        return run(data, Context.from_info(info))

    return core_schema.with_info_plain_validator_function(
        with_info, metadata=metadata, json_schema_input_schema=documented
    )


def add_validator(schema: CoreSchema, validator: Validator) -> CoreSchema | None:
    """Return `schema` with one more validator among the field's own; None for other types."""
    recipe = schema.get("metadata", {}).get(_RECIPE)
    if recipe is None:
        return None
    field, null, extra = recipe
    return field_schema(field, null, (*extra, validator))


def runner_of(schema: CoreSchema) -> Runner | None:
    """Return what a schema that `field_schema` made runs; None for other schemas."""
    found: Runner | None = schema.get("metadata", {}).get(_RUNNER)
    return found


def requires_context(validator: Validator) -> bool:
    """Tell whether the validator is called as (value, context)."""
    return bool(getattr(validator, "requires_context", False))


def as_check(validator: Validator) -> Check:
    """Turn a callable that raises ValidationError into a check.

    A detail that is a dict ends the field's validation at once, as in DRF.
    """

    def check(value: Any, *context: Any) -> list[Any] | None:
        try:
            validator(value, *context)
        except ValidationError as error:
            if isinstance(error.detail, dict):
                raise
            found: list[Any] = error.detail
            return found
        except InvalidValueError as error:
            return list(error.refused)
        return None

    return check


def type_name(value: object) -> str:
    """Name a value's type as messages do: "str", "NoneType"."""
    return type(value).__name__
