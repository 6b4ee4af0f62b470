"""The Python types of what Django's columns hold."""

from __future__ import annotations

_PYTHON_TYPES = {
    "AutoField": "int", "BigAutoField": "int", "SmallAutoField": "int", "IntegerField": "int",
    "BigIntegerField": "int", "SmallIntegerField": "int", "PositiveIntegerField": "int",
    "PositiveBigIntegerField": "int", "PositiveSmallIntegerField": "int", "CharField": "str",
    "TextField": "str", "SlugField": "str", "FileField": "str", "ImageField": "str",
    "FilePathField": "str", "EmailField": "str", "URLField": "str", "BooleanField": "bool",
    "NullBooleanField": "bool", "DecimalField": "Decimal", "FloatField": "float", "DateField": "date",
    "DateTimeField": "datetime", "TimeField": "time", "DurationField": "timedelta", "UUIDField": "UUID",
    "JSONField": "Any", "BinaryField": "bytes", "GenericIPAddressField": "str", "IPAddressField": "str",
    "CommaSeparatedIntegerField": "str", "HStoreField": "Any", "SearchVectorField": "str",
    "IntegerRangeField": "Any", "BigIntegerRangeField": "Any", "DecimalRangeField": "Any",
    "DateRangeField": "Any", "DateTimeRangeField": "Any",
}  # fmt: skip
RANGES = frozenset(kind for kind in _PYTHON_TYPES if kind.endswith("RangeField"))
#: Kinds that mean something else by `contains`, `exact` and the like.
COMPARED_OTHERWISE = RANGES | {"ArrayField", "HStoreField", "SearchVectorField"}
#: The type of PostgreSQL's texts in which case does not count.
CASELESS = "citext"


def python_type(internal_type: str) -> str | None:
    """The Python type of a Django field's values, None for a field class without a rule."""
    return _PYTHON_TYPES.get(internal_type)
