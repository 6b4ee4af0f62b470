"""The SQLAlchemy type of a column, and the Python type of what it holds."""

from __future__ import annotations

import re
from collections.abc import Callable

from strangler.facts import ModelField

from .names import quoted
from .value_types import CASELESS, python_type

Use = Callable[[str, str], str]

_COLUMNS = "app.compat.columns"
_POSTGRES = "sqlalchemy.dialects.postgresql"
MODULES = {
    "date": "datetime", "datetime": "datetime", "time": "datetime", "timedelta": "datetime",
    "UUID": "uuid", "Decimal": "decimal", "Any": "typing", "Range": _POSTGRES,
    "int": "builtins", "str": "builtins", "bool": "builtins", "float": "builtins",
    "bytes": "builtins", "list": "builtins", "dict": "builtins",
}  # fmt: skip
_PLAIN = {
    "IntegerField": "Integer", "SmallIntegerField": "SmallInteger", "BigIntegerField": "BigInteger",
    "BooleanField": "Boolean", "NullBooleanField": "Boolean", "FloatField": "Double",
    "DateField": "Date", "BinaryField": "LargeBinary", "AutoField": "Integer",
    "BigAutoField": "BigInteger", "SmallAutoField": "SmallInteger", "UUIDField": "Uuid",
    "OrderWrt": "Integer",
}  # fmt: skip
_OWN = {
    "DateTimeField": "DjangoDateTime", "TimeField": "DjangoTime", "DurationField": "DjangoInterval",
    "JSONField": "DjangoJSON", "GenericIPAddressField": "DjangoInet", "IPAddressField": "DjangoInet",
    "PositiveIntegerField": "PositiveInteger", "PositiveSmallIntegerField": "PositiveSmallInteger",
    "PositiveBigIntegerField": "PositiveBigInteger",
}  # fmt: skip
#: What a foreign key to such a column has: it refers to numbers, it does not limit them.
_REFERRING = {
    "PositiveIntegerField": "Integer", "PositiveSmallIntegerField": "SmallInteger",
    "PositiveBigIntegerField": "BigInteger",
}  # fmt: skip
_STRINGS = frozenset(
    {
        "CharField", "SlugField", "EmailField", "URLField", "FileField", "ImageField",
        "FilePathField", "CommaSeparatedIntegerField",
    }
)  # fmt: skip
_RANGES = {
    "IntegerRangeField": ("INT4RANGE", "int"), "BigIntegerRangeField": ("INT8RANGE", "int"),
    "DecimalRangeField": ("NUMRANGE", "Decimal"), "DateRangeField": ("DATERANGE", "date"),
    "DateTimeRangeField": ("TSTZRANGE", "datetime"),
}  # fmt: skip
_SPECIAL = {"HStoreField": "HSTORE", "SearchVectorField": "TSVECTOR"}
#: Words of `db_type` of field classes that are none of Django's.
_WORDS = {
    "integer": "Integer", "bigint": "BigInteger", "smallint": "SmallInteger", "text": "Text",
    "bool": "Boolean", "boolean": "Boolean", "date": "Date", "real": "Double", "bytea": "LargeBinary",
    "double precision": "Double", "BLOB": "LargeBinary", "uuid": "Uuid", "char(32)": "Uuid",
}  # fmt: skip
_WORD_TYPES = {
    "Integer": "int", "BigInteger": "int", "SmallInteger": "int", "Text": "str", "Boolean": "bool",
    "Date": "date", "Double": "float", "LargeBinary": "bytes", "Uuid": "UUID", "String": "str",
}  # fmt: skip
AUTO = frozenset({"AutoField", "BigAutoField", "SmallAutoField"})


def annotation(column: ModelField, use: Use) -> str:
    """The Python type of a column's values as an annotation, its names imported."""
    kind = column.internal_type
    if kind == "ArrayField" and column.base_field is not None:
        base = column.base_field
        optional = " | None" if base.null else ""
        return f"{_named('list', use)}[{annotation(base, use)}{optional}]"
    if kind in _RANGES:
        return f"{_named('Range', use)}[{_named(_RANGES[kind][1], use)}]"
    if kind == "HStoreField":
        text = _named("str", use)
        return f"{_named('dict', use)}[{text}, {text} | None]"
    name = python_type(kind) or {"OrderWrt": "int"}.get(kind)
    return _named(name or _WORD_TYPES.get(_word(column), "Any"), use)


def _named(name: str, use: Use) -> str:
    return use(MODULES[name], name)


def sql_type(column: ModelField, use: Use, *, key: bool = False, vendor: str = "") -> str:
    """The SQLAlchemy type of a column; `key`: of a foreign key that points to it.

    vendor: Django's word for the kind of database.
    """
    if column.db_type == CASELESS or column.usual_type not in {None, column.db_type}:
        return _raw(column, use)
    kind = column.internal_type
    if vendor == "mysql" and kind == "UUIDField" and column.db_type == "char(32)":
        return f"{use('sqlalchemy', 'Uuid')}(native_uuid=False)"
    if kind in _STRINGS or (kind == "TextField" and column.collation):
        return _string(column, use)
    if kind == "TextField":
        return use("sqlalchemy", "Text")
    if kind == "DecimalField":
        digits, places = column.max_digits, column.decimal_places
        sizes = "" if digits is None else f"{digits}, {places}"
        return f"{use(_COLUMNS, 'DjangoDecimal')}({sizes})"
    if key and kind in _REFERRING and vendor != "mysql":  # there a key has the sign of its target
        return use("sqlalchemy", _REFERRING[kind])
    if kind in _OWN:
        return use(_COLUMNS, _OWN[kind])
    if kind in {"BigAutoField", "SmallAutoField"} and not key:
        return use(_COLUMNS, "BigAutoInteger" if kind == "BigAutoField" else "SmallAutoInteger")
    if kind in _PLAIN:
        return use("sqlalchemy", _PLAIN[kind])
    return _of_package(column, use)


def _string(column: ModelField, use: Use) -> str:
    """`String(30)`, `Text(collation="C")`."""
    is_text = column.internal_type == "TextField"
    options = [] if is_text or not _length(column) else [_length(column)]
    if column.collation:
        options.append(f"collation={quoted(column.collation)}")
    return f"{use('sqlalchemy', 'Text' if is_text else 'String')}({', '.join(options)})"


def _length(column: ModelField) -> str:
    """The length of a text column; a generated one has it from the field that it gives."""
    found = re.fullmatch(r"varchar\((\d+)\)", column.db_type or "")
    return str(column.max_length or "") or (found.group(1) if found else "")


def _of_package(column: ModelField, use: Use) -> str:
    """A type of PostgreSQL's, or the one that a field class of somebody's own names."""
    kind = column.internal_type
    if column.db_type is not None and kind == "ArrayField" and column.base_field is not None:
        depth, base = 1, column.base_field
        while base.internal_type == "ArrayField" and base.base_field is not None:
            depth, base = depth + 1, base.base_field
        # without the number, lists inside (of JSON, say) would be taken for more dimensions
        return f"{use(_POSTGRES, 'ARRAY')}({sql_type(base, use)}, dimensions={depth})"
    if kind in _RANGES:
        return use(_POSTGRES, _RANGES[kind][0])
    if kind in _SPECIAL:
        return use(_POSTGRES, _SPECIAL[kind])
    word = _word(column)
    if word == "String":
        return f"{use('sqlalchemy', 'String')}({_length(column)})"
    return use("sqlalchemy", word) if word else _raw(column, use)


def _word(column: ModelField) -> str:
    text = column.db_type or ""
    return "String" if text.startswith("varchar") else _WORDS.get(text, "")


def _raw(column: ModelField, use: Use) -> str:
    """A type that is known by its name only; what comes is what the driver gives."""
    if column.db_type == CASELESS:
        return use(_COLUMNS, "Caseless") if column.caseless else use(_POSTGRES, "CITEXT")
    return f"{use(_COLUMNS, 'NamedType')}({quoted(column.db_type or 'text')})"
