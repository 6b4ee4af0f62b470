"""A further operation of the legacy executor: more rows like those that are there.

Sent after `legacy_states.py`, whose functions it uses, and run as that is: Python 3.6 grammar.
"""
# ruff: noqa: UP006, UP032, UP035, UP045

import decimal
import importlib
from typing import Any, Callable, Dict, List, Optional

Message = Dict[str, Any]
made: Any = importlib.import_module("strangler_legacy_rows")
states: Any = importlib.import_module("strangler_legacy_states")
#: Rows that copies are made of, rows that a copy may refer to instead, times that it is tried.
_SOURCES, _OTHERS, _TRIES = 60, 200, 16
#: What whole numbers are beside decimals of the greatest size: products of both stay storable.
_MANY = 99
_WHOLE = frozenset(
    ["IntegerField", "PositiveIntegerField", "SmallIntegerField", "PositiveSmallIntegerField",
     "BigIntegerField", "PositiveBigIntegerField"]
)  # fmt: skip


def load(name: str) -> Any:
    """A module by its dotted name."""
    return importlib.import_module(name)


def operations(legacy: Any) -> Dict[str, Callable[[Message], Message]]:
    """What this file adds."""
    return {"copies": copies, "limits": limits, "forget": forget}


def copies(message: Message) -> Message:
    """Copy rows of `model` until `count` were made, those of the user `owner` where there are any.

    Which rows a list shows is the code's to say: copies of all kinds of rows are of those, too.
    """
    model = load("django.apps").apps.get_model(message["model"])
    sources = list(_owned(model, message.get("owner"))[:_SOURCES])
    number = model._base_manager.count()
    done = 0
    for turn in range(message["count"] if sources else 0):
        done += _copied(sources[turn % len(sources)], 10000 + number + turn, turn) is not None
    return {"made": done}


def _owned(model: Any, owner: Any) -> Any:
    """Rows of a user, by key, through a foreign key or that of a row they refer to; else all."""
    user = made.user_model()
    rows = model._default_manager.order_by("pk")
    for path in _paths(model, user) if owner else ():
        found = rows.filter(**{path: owner})
        if found.exists():
            return found
    return rows


def _paths(model: Any, user: Any) -> List[str]:
    """Lookups that lead from the model to its users, the shorter first."""
    relations = [f for f in model._meta.concrete_fields if f.is_relation and f.remote_field]
    near = [field.name for field in relations if field.remote_field.model is user]
    far = [
        "{}__{}".format(field.name, inner.name)
        for field in relations
        if hasattr(field.remote_field.model, "_meta")
        for inner in field.remote_field.model._meta.concrete_fields
        if inner.is_relation and inner.remote_field and inner.remote_field.model is user
    ]
    return near + far


def _copied(row: Any, number: int, turn: int, values: Optional[Dict[str, Any]] = None) -> Any:
    """The row once more, with these values, saved; where it must not repeat it refers to others.

    None where it fails.
    """
    for attempt in range(_TRIES):
        try:
            with load("django.db").transaction.atomic():
                copied = states._copy(row, number)
                if attempt:
                    _refer(copied, turn, attempt)
                for name, value in (values or {}).items():
                    setattr(copied, name, value)
                copied.save()
            return copied
        except Exception:  # user code and constraints may refuse in any way
            continue
    return None


def _refer(row: Any, turn: int, attempt: int) -> None:
    """Let a row refer to other rows than its original, in other pairs each time; to no other user."""
    user = made.user_model()
    for place, field in enumerate(row._meta.concrete_fields):
        target = field.remote_field.model if field.is_relation and field.remote_field else user
        if target is user or field.unique or getattr(field.remote_field, "parent_link", False):
            continue
        others = list(target._default_manager.order_by("pk")[:_OTHERS])
        if others:
            setattr(row, field.name, others[(turn + place * attempt) % len(others)])


def limits(message: Message) -> Message:
    """For each model with decimals a row that has the greatest, and numbers of several digits.

    The answer has keys by label: `made`, and `asked` with the rows that those refer to.
    """
    apps = load("django.apps").apps
    done: Dict[str, List[str]] = {}
    asked: Dict[str, List[str]] = {}
    for label in message["models"]:
        model = apps.get_model(label)
        values = _greatest(model)
        owner = (message.get("owners") or [None])[0]
        source = _owned(model, owner).first() if values else None
        values.update(_belonging(model, owner))
        turn = model._base_manager.count()
        row = _copied(source, 9800, turn, values) if source is not None else None
        if row is None:
            continue
        done.setdefault(label, []).append(str(row.pk))
        asked.setdefault(label, []).append(str(row.pk))
        for field in model._meta.concrete_fields:
            if field.is_relation and field.remote_field and getattr(row, field.attname) is not None:
                other = field.remote_field.model._meta.label
                asked.setdefault(other, []).append(str(getattr(row, field.attname)))
    return {"made": done, "asked": asked}


def _belonging(model: Any, owner: Any) -> Message:
    """Which rows a row of the model refers to that is the owner's: it is shown to somebody then."""
    user = made.user_model()
    values: Message = {}
    for path in _paths(model, user) if owner else ():
        name, _, inner = path.partition("__")
        field = model._meta.get_field(name)
        target = field.remote_field.model
        rows = target._default_manager.filter(**{inner or "pk": owner}).order_by("pk")
        if not field.unique and rows.exists():
            values[name] = rows.first()
    return values


def _greatest(model: Any) -> Message:
    """The numbers of such a row; nothing for a model without decimals."""
    values: Message = {}
    decimals = False
    for field in model._meta.concrete_fields:
        if field.primary_key or field.is_relation or field.unique or field.choices:
            continue
        if getattr(field, "generated", False):
            continue
        if field.get_internal_type() == "DecimalField":
            unit = decimal.Decimal(1).scaleb(-field.decimal_places)
            most = decimal.Decimal(10) ** (field.max_digits - field.decimal_places) - unit
            values[field.attname] = min([most] + [decimal.Decimal(n) for n in _most(field)])
            decimals = True
        elif field.get_internal_type() in _WHOLE:
            values[field.attname] = min([_MANY] + [int(n) for n in _most(field)])
    return values if decimals else {}


def _most(field: Any) -> List[Any]:
    """What the field's validators allow at most."""
    limits = [
        getattr(each, "limit_value", None)
        for each in field.validators
        if getattr(each, "code", "") == "max_value"
    ]
    return [each for each in limits if isinstance(each, (int, float, decimal.Decimal))]


def forget(message: Message) -> Message:
    """Take rows back that were made: keys by label."""
    for label, keys in message["rows"].items():
        load("django.apps").apps.get_model(label)._base_manager.filter(pk__in=keys).delete()
    return {"ok": True}
