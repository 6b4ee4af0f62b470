"""Validation of a whole object in DRF's three phases: fields, rules, the object."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, Protocol, TypeVar

import pydantic
from pydantic_core import MISSING
from starlette.datastructures import ImmutableMultiDict

from . import settings
from .context import Context
from .errors import ErrorDetail, InvalidValueError, ValidationError
from .fields import ABSENT, Form, as_check, requires_context, type_name
from .fields_collections import form_list
from .plans import Plan, Planned, Validated, attrs_of, plan_of
from .steps import Hasty, walk

M = TypeVar("M", bound=Validated)

LIST_MESSAGES: Mapping[str, str] = {
    "not_a_list": 'Expected a list of items but got type "{input_type}".',
    "empty": "This list may not be empty.",
    "min_length": "Ensure this field has at least {min_length} elements.",
    "max_length": "Ensure this field has no more than {max_length} elements.",
}


class Sizes(NamedTuple):
    """How many items a list of objects may have."""

    allow_empty: bool = True
    min_length: int | None = None
    max_length: int | None = None


INVALID = "Invalid data. Expected a dictionary, but got {datatype}."


class Rule(Protocol):
    """A check of the whole object that knows which attribute each field stands for."""

    def check(
        self, attrs: dict[str, Any], context: Context[Any], sources: Mapping[str, str]
    ) -> None:
        """Raise ValidationError when the attributes do not go together."""


def non_field(message: str, code: str) -> ValidationError:
    """Build a refusal of the object as a whole."""
    return ValidationError({settings.NON_FIELD_ERRORS_KEY: [ErrorDetail(message, code)]})


def validate_one(schema: type[M], data: Any, context: Context[Any], invalid: str = INVALID) -> M:
    """Validate one object; ValidationError carries a dict by field name."""
    plan = plan_of(schema)
    if type(data) is not dict:
        data = _as_dict(schema, data, invalid)
    if plan.course is not None:
        result, errors = walk(schema, plan.course, data, context)
    else:
        result, errors = _fields(schema, plan, data, context)
    if plan.late:
        errors = _late_fields(result, plan, data, context, errors)
    if errors or result is None:
        order = list(plan.by_wire)
        raise ValidationError(dict(sorted(errors.items(), key=lambda item: order.index(item[0]))))
    if schema.rules or plan.validate_object:
        _object(schema, result, plan, context)
    return result


def hasty_one(schema: type[Validated]) -> Hasty | None:
    """Return what makes an instance of good data, where that is all that validating it means."""
    plan = plan_of(schema)
    if plan.late or schema.rules or plan.validate_object or plan.course is None:
        return None
    return plan.course.hasty


def _as_dict(schema: type[M], data: Any, invalid: str) -> dict[str, Any]:
    if isinstance(data, ImmutableMultiDict):
        return form_input(schema, data)
    if not isinstance(data, Mapping):
        raise non_field(invalid.format(datatype=type_name(data)), "invalid")
    return dict(data)


def _fields(
    schema: type[M], plan: Plan, data: dict[str, Any], context: Context[Any]
) -> tuple[M | None, dict[str, Any]]:
    if plan.hidden and not plan.hidden.isdisjoint(data):
        data = {key: value for key, value in data.items() if key not in plan.hidden}
    try:
        validator = schema.__pydantic_validator__
        result: M = validator.validate_python(data, context={"context": context})
    except pydantic.ValidationError as error:
        return None, _body(error, plan)
    return result, {}


def _body(error: pydantic.ValidationError, plan: Plan) -> dict[str, Any]:
    body: dict[str, Any] = {}
    for found in error.errors(include_url=False, include_input=False):
        place, key = body, str(found["loc"][0])
        for step in found["loc"][1:]:
            inner = place.setdefault(key, {})
            place, key = (inner if isinstance(inner, dict) else {}), str(step)
        if isinstance(detail := _detail(found, plan), list) and isinstance(place.get(key), list):
            place[key] += detail
        else:
            place[key] = detail
    return body


def _detail(found: Any, plan: Plan) -> Any:
    error = found.get("ctx", {}).get("error")
    if isinstance(error, ValidationError):
        return error.detail
    if isinstance(error, InvalidValueError):
        return error.refused
    if error is not None:
        raise error  # a hook failed, it did not refuse
    if found["type"] == "missing":
        planned = plan.by_wire.get(str(found["loc"][-1]))
        text = planned.required if planned else "This field is required."
        return [ErrorDetail(text, "required")]
    return [ErrorDetail(found["msg"], found["type"])]


def _late_fields(
    result: Validated | None,
    plan: Plan,
    data: Mapping[str, Any],
    context: Context[Any],
    errors: dict[str, Any],
) -> dict[str, Any]:
    """Settle absent fields whose default depends on the request or goes through a hook."""
    for field in plan.late:
        if field.form_rules.partial or (field.wire in data and field.wire not in plan.hidden):
            continue
        try:
            value = _late_value(field, context)
        except ValidationError as error:
            errors[field.wire] = error.detail
        except InvalidValueError as error:
            errors[field.wire] = error.refused
        else:
            if result is not None:
                result.__dict__[field.attr] = value
    return errors


def _late_value(field: Planned, context: Context[Any]) -> Any:
    if field.default is not None:
        value = field.default.value(context)
    else:
        value = field.info.get_default(call_default_factory=True, validated_data={})
    if value is not MISSING:
        for hook in field.hooks:
            value = hook(value, context)
    return value


def _object(schema: type[Validated], result: Validated, plan: Plan, context: Context[Any]) -> None:
    attrs = attrs_of(result, plan)
    try:
        _check_rules(schema, attrs, plan, context)
        if plan.validate_object is not None:
            changed = plan.validate_object(attrs, context)
            if changed is None:
                raise TypeError("`validate_object` has to return the attributes")
            result.adopt_(changed)
    except (ValidationError, InvalidValueError) as error:
        raise ValidationError(as_object_error(error)) from error


def _check_rules(
    schema: type[Validated], attrs: dict[str, Any], plan: Plan, context: Context[Any]
) -> None:
    if not schema.rules:
        return
    known: dict[str, Any] = {}
    if schema.patches_ is None:
        for source, given in schema.read_only_defaults.items():
            known[source] = given(context) if callable(given) else given
    known |= attrs
    problems: list[Any] = []
    for rule in schema.rules:
        problems += as_check(_applied(rule, context, plan.sources))(known) or ()
    if problems:
        raise ValidationError(problems)


def _applied(
    rule: Any, context: Context[Any], sources: Mapping[str, str]
) -> Callable[[dict[str, Any]], Any]:
    if hasattr(rule, "check"):
        return lambda attrs: rule.check(attrs, context, sources)
    if requires_context(rule):
        return lambda attrs: rule(attrs, context)
    checked: Callable[[dict[str, Any]], Any] = rule
    return checked


def as_object_error(error: ValidationError | InvalidValueError) -> dict[str, Any]:
    """Give the errors of an object as a whole the shape {name: [messages]}."""
    detail = error.refused if isinstance(error, InvalidValueError) else error.detail
    if isinstance(detail, dict):
        return {
            key: value if isinstance(value, (list, dict)) else [value]
            for key, value in detail.items()
        }
    return {settings.NON_FIELD_ERRORS_KEY: detail}


def validate_many(
    schema: type[M],
    data: Any,
    context: Context[Any],
    messages: Mapping[str, str] = LIST_MESSAGES,
    sizes: Sizes = Sizes(),  # noqa: B008 - immutable
    *,
    allow_null: bool = False,
) -> list[Any]:
    """Validate a list of objects, null items too with `allow_null`.

    Errors are told by index; before DRF 3.18 as a list with {} for what is right.
    """
    if isinstance(data, ImmutableMultiDict):
        listed = form_list(data, "")
        data = [] if listed is ABSENT else listed
    if not isinstance(data, list):
        text = messages["not_a_list"].format(input_type=type_name(data))
        raise non_field(text, "not_a_list")
    if not sizes.allow_empty and not data:
        raise non_field(messages["empty"], "empty")
    most, least = sizes.max_length, sizes.min_length
    if most is not None and len(data) > most:
        raise non_field(messages["max_length"].format(max_length=most), "max_length")
    if least is not None and len(data) < least:
        raise non_field(messages["min_length"].format(min_length=least), "min_length")
    return _items(schema, data, context, allow_null)


def _items(
    schema: type[M], data: list[Any], context: Context[Any], allow_null: bool
) -> list[M | None]:
    if (make := hasty_one(schema)) is not None:
        try:
            return [make(item) for item in data]
        except (LookupError, ValidationError):
            pass  # the items are told apart below
    results: list[M | None] = []
    errors: dict[Any, Any] = {}
    for index, item in enumerate(data):
        try:
            if item is None and not allow_null:
                raise ValidationError("This field may not be null.", "null")
            results.append(None if item is None else validate_one(schema, item, context))
        except ValidationError as error:
            errors[index] = error.detail
    if not errors:
        return results
    if settings.DRF >= (3, 18) and settings.LIST_SERIALIZER_ERRORS_AS_DICT:
        raise ValidationError(errors)
    raise ValidationError([errors.get(index, {}) for index in range(len(data))])


def form_input(schema: type[Validated], form: Form) -> dict[str, Any]:
    """Read a form as the JSON object that it stands for."""
    data: dict[str, Any] = {}
    for field in plan_of(schema).fields:
        if field.type is not None:
            value = field.type.form_value(field.wire, form, field.form_rules)
        else:
            value = form.get(field.wire, ABSENT)
        if value is not ABSENT:
            data[field.wire] = value
    return data
