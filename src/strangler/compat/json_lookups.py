"""Conditions on keys of JSON columns. Keys are names, or numbers for places in lists.

JSON's null is a value: `json_is_null` asks whether a key is there at all.
"""

import json
from typing import Any

from sqlalchemy import Boolean, Integer, String, Text, and_, case, cast, func, literal, or_
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.sql.elements import ColumnElement
from sqlalchemy.sql.expression import type_coerce

from .dialects import JsonText, by_dialect

Key = str | int
# What SQLite's JSON_EXTRACT does not tell apart from 0, 1 and NULL.
_WORDS = ("false", "true", "null")


def _number(key: Key) -> int | None:
    try:
        return int(key)
    except ValueError:
        return None


def _sqlite_path(keys: tuple[Key, ...], *, last_is_name: bool = False) -> str:
    path = "$"
    for place, key in enumerate(keys):
        number = None if last_is_name and place == len(keys) - 1 else _number(key)
        path += f".{json.dumps(str(key))}" if number is None else f"[{number}]"
    return path


def _postgresql_key(column: Any, keys: tuple[Key, ...], *, text: bool = False) -> Any:
    """`->` and its kin by hand: a subscript reads numbers in another way."""
    base = type_coerce(column, JSONB())
    kind = Text() if text else JSONB()
    suffix = ">" if text else ""
    if not keys:
        return base
    if len(keys) > 1:
        path = literal([str(key) for key in keys], ARRAY(Text()))
        return base.op("#>" + suffix, return_type=kind)(path)
    number = _number(keys[0])
    key = literal(str(keys[0]), Text()) if number is None else literal(number, Integer())
    return base.op("->" + suffix, return_type=kind)(key)


def _sqlite_key(column: Any, keys: tuple[Key, ...]) -> ColumnElement[Any]:
    base, path = type_coerce(column, Text()), _sqlite_path(keys)
    kind = func.json_type(base, path)
    return case((kind.in_(_WORDS), kind), else_=func.json_extract(base, path))


def _sqlite_value(value: Any) -> ColumnElement[Any]:
    text = json.dumps(value)
    return literal(text, Text()) if text in _WORDS else func.json_extract(text, "$")


def _mariadb_key(column: Any, keys: tuple[Key, ...]) -> ColumnElement[Any]:
    """A value of MariaDB's without the quotes of JSON, as Django compares it there."""
    base = type_coerce(column, Text())
    found = func.json_extract(base, _sqlite_path(keys)) if keys else base
    return func.json_unquote(found, type_=Text())


def _mariadb_value(value: Any) -> ColumnElement[Any]:
    return func.json_extract(literal(json.dumps(value), Text()), "$", type_=Text())


def _mariadb_has(column: Any, path: tuple[Key, ...]) -> ColumnElement[Any]:
    text = type_coerce(column, Text())
    return func.json_contains_path(
        text, "one", _sqlite_path(path, last_is_name=True), type_=Boolean()
    )


def json_exact(column: Any, keys: tuple[Key, ...], value: Any) -> ColumnElement[bool]:
    """`data__a__b=value`; None is JSON's null. Without keys: the whole document."""
    document = cast(literal(json.dumps(value), Text()), JSONB())
    if keys:
        sqlite = _sqlite_key(column, keys) == _sqlite_value(value)
    elif value is None:
        sqlite = func.json_type(type_coerce(column, Text()), "$") == "null"
    else:
        sqlite = type_coerce(column, Text()) == json.dumps(value)
    return by_dialect(
        postgresql=_postgresql_key(column, keys) == document,
        sqlite=sqlite,
        mariadb=_mariadb_key(column, keys) == _mariadb_value(value),
        type_=Boolean(),
    )


def json_compare(
    column: Any, keys: tuple[Key, ...], operator: str, value: Any
) -> ColumnElement[bool]:
    """`data__a__gt=value` and so on; `operator` is `>`, `>=`, `<` or `<=`."""
    document = cast(literal(json.dumps(value), Text()), JSONB())
    return by_dialect(
        postgresql=_postgresql_key(column, keys).op(operator, is_comparison=True)(document),
        sqlite=_sqlite_key(column, keys).op(operator, is_comparison=True)(literal(value)),
        mariadb=_mariadb_key(column, keys).op(operator, is_comparison=True)(literal(value)),
        type_=Boolean(),
    )


def json_in(column: Any, keys: tuple[Key, ...], values: list[Any]) -> ColumnElement[bool]:
    """`data__a__in=values`; None matches nothing."""
    values = [one for one in values if one is not None]
    documents = [cast(literal(json.dumps(one), Text()), JSONB()) for one in values]
    return by_dialect(
        postgresql=_postgresql_key(column, keys).in_(documents),
        sqlite=_sqlite_key(column, keys).in_([_sqlite_value(one) for one in values]),
        mariadb=_mariadb_key(column, keys).in_(
            [func.json_unquote(_mariadb_value(one)) for one in values]
        ),
        type_=Boolean(),
    )


def json_has_key(column: Any, key: Key, *path: Key) -> ColumnElement[bool]:
    """`data__<path>__has_key=key`."""
    text = type_coerce(column, Text())
    return by_dialect(
        postgresql=_postgresql_key(column, path).op("?", is_comparison=True)(str(key)),
        sqlite=func.json_type(text, _sqlite_path((*path, key), last_is_name=True)).is_not(None),
        mariadb=_mariadb_has(column, (*path, key)),
        type_=Boolean(),
    )


def json_has_keys(column: Any, keys: list[str], *path: Key) -> ColumnElement[bool]:
    """`data__<path>__has_keys=keys`: all of them."""
    return _json_has(column, keys, path, "?&")


def json_has_any_keys(column: Any, keys: list[str], *path: Key) -> ColumnElement[bool]:
    """`data__<path>__has_any_keys=keys`: one of them at least."""
    return _json_has(column, keys, path, "?|")


def _json_has(
    column: Any, keys: list[str], path: tuple[Key, ...], operator: str
) -> ColumnElement[bool]:
    text = type_coerce(column, Text())
    found = [
        func.json_type(text, _sqlite_path((*path, key), last_is_name=True)).is_not(None)
        for key in keys
    ]
    wanted = literal([str(key) for key in keys], ARRAY(String()))
    join = and_ if operator == "?&" else or_
    return by_dialect(
        postgresql=_postgresql_key(column, path).op(operator, is_comparison=True)(wanted),
        sqlite=join(*found),
        mariadb=join(*(_mariadb_has(column, (*path, key)) for key in keys)),
        type_=Boolean(),
    )


def json_is_null(column: Any, keys: tuple[Key, ...], null: bool) -> ColumnElement[bool]:
    """`data__a__isnull=null`: whether the key is missing; JSON's null counts as present."""
    kind = func.json_type(type_coerce(column, Text()), _sqlite_path(keys))
    found, value = _postgresql_key(column, keys), _mariadb_key(column, keys)
    return by_dialect(
        postgresql=found.is_(None) if null else found.is_not(None),
        sqlite=kind.is_(None) if null else kind.is_not(None),
        mariadb=value.is_(None) if null else value.is_not(None),
        type_=Boolean(),
    )


def json_text(column: Any, *keys: Key) -> ColumnElement[str]:
    """The value of a key as text, for `lookups.icontains` and the like."""
    return by_dialect(
        postgresql=_postgresql_key(column, keys, text=True),
        sqlite=_sqlite_key(column, keys),
        mariadb=_mariadb_key(column, keys),
        type_=JsonText(),
    )
