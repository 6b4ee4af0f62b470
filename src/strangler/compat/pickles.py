"""Pickled values that two applications share: plain ones, which neither needs the other's code for."""

import pickle
from io import BytesIO
from typing import Any

#: Classes of the standard library that values may have, by module.
_KNOWN = {
    "builtins": frozenset(
        [
            *("bool", "bytearray", "bytes", "complex", "dict", "float", "frozenset", "int"),
            *("list", "object", "range", "set", "slice", "str", "tuple"),
        ]
    ),
    "collections": frozenset(["Counter", "OrderedDict", "defaultdict", "deque"]),
    "datetime": frozenset(["date", "datetime", "time", "timedelta", "timezone"]),
    "decimal": frozenset(["Decimal"]),
    "uuid": frozenset(["SafeUUID", "UUID"]),
    "zoneinfo": frozenset(["ZoneInfo", "ZoneInfo._unpickle"]),
    "_codecs": frozenset(["encode"]),
    "copyreg": frozenset(["_reconstructor"]),
}


def _is_known(module: str, name: str) -> bool:
    return name in _KNOWN.get(module, ())


class _Writer(pickle.Pickler):
    def reducer_override(self, given: Any) -> Any:
        """Called for everything that is not built in."""
        kind = given if isinstance(given, type) else type(given)
        callable_ = kind.__name__ in ("builtin_function_or_method", "function", "method")
        if not callable_ and not _is_known(kind.__module__, kind.__qualname__):
            raise TypeError(f"{kind.__qualname__} objects are not kept where Django reads them")
        return NotImplemented


class _Reader(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        if not _is_known(module, name):
            raise pickle.UnpicklingError(f"the value holds a {module}.{name}")
        return super().find_class(module, name)


def dumps(value: object, protocol: int) -> bytes:
    """A value as Django would write it.

    Raises:
        TypeError: it holds something that is more than plain.
    """
    written = BytesIO()
    _Writer(written, protocol).dump(value)
    return written.getvalue()


def loads(data: bytes) -> Any:
    """The value that Django wrote.

    Raises:
        pickle.UnpicklingError: it holds something that only Django knows.
    """
    return _Reader(BytesIO(data)).load()
