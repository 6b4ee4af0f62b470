"""A further operation of the legacy executor: users of every role that the application tells apart.

Sent after `legacy_rows.py`, whose functions it uses, and run as that is: Python 3.6 grammar.
"""
# ruff: noqa: UP006, UP032, UP035

import importlib
from typing import Any, Callable, Dict, Iterator, List, Tuple

Message = Dict[str, Any]
made: Any = importlib.import_module("strangler_legacy_rows")
#: Users made for values of their columns, and values of one column that are told apart.
_MOST, _VALUES = 12, 8
_FLAGS = ("is_staff", "is_superuser", "is_active")
#: Why users could not be made.
_REFUSED: List[str] = []
_NAMES = ("username", "email", "password", "first_name", "last_name")


def load(name: str) -> Any:
    """A module by its dotted name."""
    return importlib.import_module(name)


def operations(legacy: Any) -> Dict[str, Callable[[Message], Message]]:
    """What this file adds."""
    return {"users": users}


def users(message: Message) -> Message:
    """Make sure of users of each kind; list them by key, those that were made included.

    `groups` are names that code asks for, `texts` those that it knows of columns, by their names,
    `plain` is how many users without rights there should be.
    A user's `traits` are the groups and the values of columns that tell users apart.
    """
    model = made.user_model()
    if model is None:
        return {"users": [], "made": 0}
    del _REFUSED[:]
    count = 0
    plain = message.get("plain", 3)
    for wanted, staff, superuser in ((plain, False, False), (1, True, False), (1, True, True)):
        flags = _flags(model, staff=staff, superuser=superuser)
        missing = wanted - model._base_manager.filter(**flags).count() if flags else 0
        for _ in range(max(0, missing)):
            count += _made_user(model, flags, count)
    count += _idle(model, count)
    told_apart = _told_apart(model, message.get("texts") or {})
    count += _of_each_value(model, told_apart, count)
    count += _of_each_group(model, message.get("groups") or [], count)
    listed = model._base_manager.order_by("pk")[: message.get("limit", 200)]
    shown = [
        {
            "pk": str(user.pk),
            "staff": bool(getattr(user, "is_staff", False)),
            "superuser": bool(getattr(user, "is_superuser", False)),
            "active": bool(getattr(user, "is_active", True)),
            "traits": _traits(user, told_apart),
        }
        for user in listed
    ]
    return {"users": shown, "made": count, "refusal": _REFUSED[-1] if _REFUSED else ""}


def _idle(model: Any, number: int) -> int:
    """Somebody who may not log in, where nobody is: links in letters make active who is not."""
    flags = dict(_flags(model), is_active=False)
    known = _has(model, "is_active") and not model._base_manager.filter(**flags).exists()
    return int(known and _made_user(model, flags, number))


def _has(model: Any, name: str) -> bool:
    return any(field.name == name for field in model._meta.concrete_fields)


def _flags(model: Any, staff: bool = False, superuser: bool = False) -> Message:
    wanted = {"is_staff": staff, "is_superuser": superuser, "is_active": True}
    return {name: value for name, value in wanted.items() if _has(model, name)}


def _told_apart(model: Any, texts: Dict[str, List[str]]) -> List[Tuple[Any, List[Any]]]:
    """Columns that tell users apart, with their values: choices, booleans, texts that code knows."""
    found: List[Tuple[Any, List[Any]]] = []
    for field in model._meta.concrete_fields:
        if field.is_relation or field.primary_key or field.name in _FLAGS + _NAMES:
            continue
        values = [key for key, _ in field.flatchoices if key not in ("", None)]
        if not values and field.get_internal_type() == "BooleanField":
            values = [False, True]
        if not values and not field.unique:
            values = _fitting(field, texts.get(field.name, []))
        if 1 < len(values) <= _VALUES or (values and not field.flatchoices):
            found.append((field, values))
    return found


def _fitting(field: Any, texts: List[str]) -> List[str]:
    """Texts that a column of texts has room for; none for other columns."""
    if made.kind_of(field) not in ("CharField", "TextField", "SlugField"):
        return []
    return [text for text in texts if len(text) <= (field.max_length or len(text))]


def _of_each_value(model: Any, told_apart: List[Tuple[Any, List[Any]]], number: int) -> int:
    """Plain users with each value that nobody has; how many were made."""
    plain, count = _flags(model), 0
    for field, values in told_apart:
        for value in values:
            present = model._base_manager.filter(**dict(plain, **{field.name: value}))
            if count < _MOST and not present.exists():
                given = dict(plain, **{field.attname: value})
                count += _made_user(model, given, number + count)
    return count


def _of_each_group(model: Any, names: List[str], number: int) -> int:
    """A plain user in each group that there is or that code asks for; how many were made."""
    if not any(field.name == "groups" for field in model._meta.many_to_many):
        return 0
    groups, plain, count = load("django.apps").apps.get_model("auth", "Group"), _flags(model), 0
    for name in names:
        groups._base_manager.get_or_create(name=name)
    for group in groups._base_manager.order_by("pk")[:_VALUES]:
        if not model._base_manager.filter(**dict(plain, groups=group)).exists():
            count += _made_user(model, plain, number + count, group=group)
    return count


def _traits(user: Any, told_apart: List[Tuple[Any, List[Any]]]) -> List[str]:
    found = ["{}={}".format(field.name, getattr(user, field.attname)) for field, _ in told_apart]
    groups: Iterator[Any] = user.groups.all() if hasattr(user, "groups") else iter(())
    return found + ["group={}".format(getattr(group, "name", group)) for group in groups]


def _made_user(model: Any, given: Message, number: int, group: Any = None) -> bool:
    """Make a user; False where a model of the project's own does not let us."""
    try:
        with load("django.db").transaction.atomic():
            _make_user(model, given, number, group)
    except Exception as error:  # user code may refuse in any way: there are fewer roles to compare
        _REFUSED.append("{}: {}".format(type(error).__name__, error))
        return False
    return True


def _required(model: Any) -> List[Any]:
    """The columns that a user is made with. Only `createsuperuser` reads the names, so they may be wrong."""
    names = [model.USERNAME_FIELD, *getattr(model, "REQUIRED_FIELDS", [])]
    fields = {field.name: field for field in model._meta.concrete_fields}
    return [fields[name] for name in map(str, names) if name in fields]


def _make_user(model: Any, given: Message, number: int, group: Any) -> None:
    values: Message = {}
    for index, field in enumerate(_required(model)):
        values[field.attname] = made.value(field, 9000 + 10 * number + index)
    user = model(**dict(values, **given))
    made.give_password(user)
    made.complete(user, 9000 + number)
    user.save()
    if group is not None:
        user.groups.add(group)
