"""The primary key of a model: one column, or several together (`CompositePrimaryKey`)."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Join, inspect, tuple_
from sqlalchemy.sql.elements import ColumnElement

from .caching import per_class
from .values import prepared


@per_class
def key_names(model: type[Any]) -> tuple[str, ...]:
    """The attributes that hold the primary key, in the order of the key."""
    mapper = inspect(model)
    table: Any = mapper.local_table
    while isinstance(table, Join):  # with those of further parents
        table = table.left
    columns = table.primary_key.columns
    return tuple(str(mapper.get_property_by_column(column).key) for column in columns)


@per_class
def key_name(model: type[Any]) -> str:
    """The attribute that holds the primary key: `pk` where it has several columns."""
    names = key_names(model)
    return names[0] if len(names) == 1 else "pk"


def key_attributes(model: type[Any]) -> tuple[Any, ...]:
    """The columns of the primary key, for what selects or sorts by it."""
    return tuple(getattr(model, name) for name in key_names(model))


def has_key(obj: Any) -> bool:
    """Whether every column of the primary key has a value."""
    return all(getattr(obj, name) is not None for name in key_names(type(obj)))


class PrimaryKey:
    """`row.pk`: the value of the key, a tuple where it has several columns; `Model.pk` in queries."""

    def __get__(self, obj: Any, model: type[Any]) -> Any:
        names = key_names(model)
        if obj is None:
            found = key_attributes(model)
            return found[0] if len(found) == 1 else tuple_(*found)
        if len(names) == 1:
            return getattr(obj, names[0])
        return tuple(getattr(obj, name) for name in names)

    def __set__(self, obj: Any, value: Any) -> None:
        names = key_names(type(obj))
        if len(names) == 1:
            setattr(obj, names[0], value)
            return
        if value is None:
            value = (None,) * len(names)
        if not isinstance(value, (list, tuple)):
            raise ValueError("'pk' must be a list or a tuple.")
        if len(value) != len(names):
            raise ValueError(f"'pk' must have {len(names)} elements.")
        for name, part in zip(names, value, strict=True):
            setattr(obj, name, part)


def key_among(model: type[Any], keys: Iterable[Any]) -> ColumnElement[bool]:
    """The rows of `model` whose primary key is one of `keys`."""
    target: Any = model.pk
    return target.in_([key_value(model, key) for key in keys])  # type: ignore[no-any-return]


def key_is(model: type[Any], key: Any) -> ColumnElement[bool]:
    """The row of `model` with this primary key."""
    target: Any = model.pk
    return target == key_value(model, key)  # type: ignore[no-any-return]


def key_value(model: type[Any], key: Any) -> Any:
    """A primary key as its columns compare it. Raises ValueError for one of another shape."""
    found = key_attributes(model)
    if len(found) == 1:
        return prepared(found[0], key, found[0].key)
    if not isinstance(key, (list, tuple)) or len(key) != len(found):
        raise ValueError(f"a key of {model.__name__} must have {len(found)} elements")
    pairs = zip(found, key, strict=True)
    return tuple(prepared(column, part, column.key) for column, part in pairs)
