"""What Django checks of a row when it is told to: `row.full_clean()`.

PRODUCT_RULES = RowRules(Product, "product", [FieldRules("name", label="name")], [("name",)])
full_clean(session, product, PRODUCT_RULES)
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Boolean, Column, Double, Float, Integer, exists, inspect, select
from sqlalchemy.orm import InstrumentedAttribute, Session
from starlette.datastructures import UploadFile

from . import settings
from .errors import ErrorDetail, InvalidRowError, InvalidValueError, ValidationError
from .keys import key_is, key_names
from .translations import gettext
from .users import normalize_email, normalize_username
from .values import prepared

NON_FIELD_ERRORS = "__all__"
_EMPTY: tuple[Any, ...] = (None, "", [], (), {})

Errors = dict[str, list[ErrorDetail]]


@dataclass(frozen=True)
class Target:
    """The row that a foreign key points to: its class and column, and what both are called."""

    column: InstrumentedAttribute[Any]
    label: str
    field: str


@dataclass(frozen=True)
class FieldRules:
    """What one field takes. attribute: of the mapped class, where it is not the name.

    messages: texts that differ from Django's, by code. checked: whether it may be empty, and what
    may be chosen, is asked; of fields that nobody edits it is not.
    """

    name: str
    attribute: str = ""
    label: str = ""
    null: bool = False
    blank: bool = False
    checked: bool = True
    validators: Sequence[Callable[[Any], None]] = ()
    choices: Collection[Any] | None = None
    target: Target | None = None
    messages: Mapping[str, str] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """The attribute that holds the value."""
        return self.attribute or self.name


@dataclass(frozen=True)
class CheckRule:
    """A check constraint over `fields`: whether a row in which none of them is None keeps it."""

    name: str
    fields: tuple[str, ...]
    holds: Callable[[Any], bool]


@dataclass(frozen=True)
class RowRules:
    """What `full_clean` asks of the rows of a model, whose name is `label`.

    uniques: names of fields that no two rows have alike, asked first; constraints: such names and
    checks that `Meta.constraints` has, asked last. clean, validate_unique: the model's own.
    """

    model: type[Any]
    label: str
    fields: Sequence[FieldRules]
    uniques: Sequence[tuple[str, ...]] = ()
    constraints: Sequence[tuple[str, ...] | CheckRule] = ()
    clean: Callable[[Session, Any], Any] | None = None
    validate_unique: Callable[[Session, Any, set[str]], Any] | None = None


def full_clean(
    session: Session, row: Any, rules: RowRules, exclude: Iterable[str] | None = None
) -> None:
    """Convert what the row holds and check it; InvalidRowError with all that is wrong."""
    left_out = set(exclude or ())
    errors: Errors = {}
    for one in rules.fields:
        if one.name not in left_out:
            _note(errors, one.name, _clean_field, session, row, one)
    if rules.clean is not None:
        _note(errors, NON_FIELD_ERRORS, rules.clean, session, row)
    left_out |= errors.keys() - {NON_FIELD_ERRORS}
    if rules.validate_unique is None:
        _merge(errors, _not_unique(session, row, rules, rules.uniques, left_out))
    else:
        _note(errors, NON_FIELD_ERRORS, rules.validate_unique, session, row, left_out)
    left_out |= errors.keys() - {NON_FIELD_ERRORS}
    for constraint in rules.constraints:
        if isinstance(constraint, CheckRule):
            _merge(errors, _broken(row, rules, constraint, left_out))
        else:
            _merge(errors, _not_unique(session, row, rules, [constraint], left_out))
    if errors:
        raise InvalidRowError(errors)


def check_unique(
    session: Session, row: Any, rules: RowRules, exclude: Iterable[str] | None = None
) -> None:
    """Django's `validate_unique`: InvalidRowError where another row has the same."""
    errors = _not_unique(session, row, rules, rules.uniques, set(exclude or ()))
    if errors:
        raise InvalidRowError(errors)


def _broken(row: Any, rules: RowRules, check: CheckRule, left_out: Collection[str]) -> Errors:
    """What a check says of the row; what is None is no matter of its."""
    keys = {one.name: one.key for one in rules.fields}
    values = [getattr(row, keys[name]) for name in check.fields]
    asked = set(left_out).isdisjoint(check.fields) and None not in values
    if not asked or check.holds(row):
        return {}
    text = "Constraint “%(name)s” is violated."
    return {NON_FIELD_ERRORS: [ErrorDetail(text % {"name": check.name}, "invalid")]}


def clean_user(row: Any, username: str, email: str | None = None) -> None:
    """Write the name of a user, and the address where Django has one, in their usual form."""
    setattr(row, username, normalize_username(getattr(row, username)))
    if email is not None:
        setattr(row, email, normalize_email(getattr(row, email)))


def _note(errors: Errors, name: str, check: Callable[..., Any], *given: Any) -> None:
    try:
        check(*given)
    except InvalidRowError as error:
        _merge(errors, error.errors)
    except InvalidValueError as error:
        errors.setdefault(name, []).extend(error.refused)
    except ValidationError as error:
        errors.setdefault(name, []).extend(error.detail)


def _merge(errors: Errors, more: Errors) -> None:
    for name, found in more.items():
        errors.setdefault(name, []).extend(found)


def _clean_field(session: Session, row: Any, rules: FieldRules) -> None:
    raw = getattr(row, rules.key)
    if rules.blank and raw in _EMPTY:
        return
    column = inspect(type(row)).column_attrs[rules.key].columns[0]
    value = raw if isinstance(raw, UploadFile) else _python(column, raw, rules)
    if rules.checked:
        _validate(value, rules)
    if value is not None and rules.target is not None:
        _find(session, value, rules, rules.target)
    if value not in _EMPTY:
        _run_validators(value, rules)
    if value is not raw:
        setattr(row, rules.key, value)


def _python(column: Any, raw: Any, rules: FieldRules) -> Any:
    """The value in the type of its column."""
    if isinstance(column.type, Boolean):
        if rules.null and raw in _EMPTY:
            return None
        if raw is None:
            text = "“%(value)s” value must be either True or False."
            raise InvalidValueError(text % {"value": None})
    try:
        return prepared(column, raw, rules.name)
    except InvalidValueError:
        raise
    except (TypeError, ValueError):
        number = _number(column)
        if number is None:
            raise
        raise ValidationError([_told(rules, "invalid", number, value=raw)]) from None


def _number(column: Column[Any]) -> str | None:
    if isinstance(column.type, Integer):
        return "“%(value)s” value must be an integer."
    is_float = isinstance(column.type, Float | Double)
    return "“%(value)s” value must be a float." if is_float else None


def _validate(value: Any, rules: FieldRules) -> None:
    if rules.choices is not None and value not in _EMPTY and value not in rules.choices:
        text = "Value %(value)r is not a valid choice."
        raise ValidationError([_told(rules, "invalid_choice", text, value=value)])
    if value is None and not rules.null:
        raise ValidationError([_told(rules, "null", "This field cannot be null.")])
    if value in _EMPTY and not rules.blank:
        raise ValidationError([_told(rules, "blank", "This field cannot be blank.")])


def _find(session: Session, value: Any, rules: FieldRules, target: Target) -> None:
    if session.scalar(select(exists().where(target.column == value))):
        return
    text = "%(model)s instance with %(field)s %(value)r does not exist."
    if settings.DJANGO >= (5, 2):
        text = "%(model)s instance with %(field)s %(value)r is not a valid choice."
    params = {"model": target.label, "field": target.field, "value": value, "pk": value}
    raise ValidationError([_told(rules, "invalid", text, **params)])


def _run_validators(value: Any, rules: FieldRules) -> None:
    errors: list[ErrorDetail] = []
    for validator in rules.validators:
        try:
            validator(value)
        except ValidationError as error:
            errors += error.detail
        except InvalidValueError as error:
            errors += error.refused
    if errors:
        raise ValidationError(errors)


def _told(rules: FieldRules, code: str, text: str, **params: Any) -> ErrorDetail:
    message = rules.messages.get(code, text)
    return ErrorDetail(message % params if params else message, code)


def _not_unique(
    session: Session,
    row: Any,
    rules: RowRules,
    checks: Iterable[tuple[str, ...]],
    left_out: Collection[str],
) -> Errors:
    """What other rows have already."""
    fields = {one.name: one for one in rules.fields}
    errors: Errors = {}
    for names in checks:
        if left_out and not set(left_out).isdisjoint(names):
            continue
        if not _is_taken(session, row, rules, [fields[name].key for name in names]):
            continue
        key = names[0] if len(names) == 1 else NON_FIELD_ERRORS
        errors.setdefault(key, []).append(_taken(rules, [fields[name] for name in names]))
    return errors


def _is_taken(session: Session, row: Any, rules: RowRules, keys: list[str]) -> bool:
    adding = inspect(row).key is None
    if not adding and set(key_names(rules.model)) <= set(keys):
        return False
    values = [getattr(row, key) for key in keys]
    if any(value is None for value in values):
        return False
    columns = [getattr(rules.model, key) for key in keys]
    where = [
        column == prepared(column, value, key)
        for column, value, key in zip(columns, values, keys, strict=True)
    ]
    if not adding:
        where.append(~key_is(rules.model, row.pk))
    return bool(session.scalar(select(exists().where(*where))))


def _taken(rules: RowRules, fields: list[FieldRules]) -> ErrorDetail:
    labels = [one.label[:1].upper() + one.label[1:] for one in fields]
    name = rules.label[:1].upper() + rules.label[1:]
    if len(fields) == 1:
        text = "%(model_name)s with this %(field_label)s already exists."
        return _told(fields[0], "unique", text, model_name=name, field_label=labels[0])
    listed = f"{gettext(', ').join(labels[:-1])} {gettext('and')} {labels[-1]}"
    text = "%(model_name)s with this %(field_labels)s already exists."
    found = text % {"model_name": name, "field_labels": listed}
    return ErrorDetail(found, "unique_together")
