"""The part of the standard library that only computes."""

from __future__ import annotations

import logging
import math
import string
import sys

from .types import Plain

_IMPURE = frozenset(
    [
        "asyncio",
        "ctypes",
        "ftplib",
        "glob",
        "http",
        "importlib",
        "io",
        "multiprocessing",
        "os",
        "pathlib",
        "shutil",
        "signal",
        "smtplib",
        "socket",
        "sqlite3",
        "ssl",
        "subprocess",
        "sys",
        "tempfile",
        "threading",
        "urllib.request",
        "webbrowser",
    ]
)
# Modules whose texts and numbers are read as they are.
_PURE_CONSTANTS = {"string": string, "math": math, "logging": logging}
# What else is read as it is.
_PURE_VALUES = frozenset(
    [
        *(
            "datetime.UTC",
            "datetime.timezone.utc",
            "datetime.datetime.max",
            "datetime.datetime.min",
        ),
        *("datetime.date.max", "datetime.date.min", "datetime.time.max", "datetime.time.min"),
    ]
)
# What of those modules only computes.
_PURE = frozenset(
    f"os.path.{name}" for name in ("basename", "dirname", "join", "split", "splitext")
)


def is_pure(path: str) -> bool:
    """Whether a path lies in the part of the standard library that has no effects."""
    root = path.partition(".")[0]
    if root == "builtins" or path in _PURE:
        return True
    return root in sys.stdlib_module_names and root not in _IMPURE and path not in _IMPURE


def pure_value(path: str) -> Plain | None:
    """The type of a text, a number or a moment of the standard library; None for all else."""
    owner, _, name = path.rpartition(".")
    kind = _PURE_CONSTANTS.get(owner)
    value = getattr(kind, name, None) if kind is not None else None
    if isinstance(value, str | int | float):
        return Plain(type(value).__name__)
    return Plain() if path in _PURE_VALUES else None
