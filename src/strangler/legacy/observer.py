"""Notes the types of arguments, results and attributes while the legacy project's tests run.

It is run by `sitecustomize` at the start of each interpreter of the command, in the legacy project's own
Python: one file, no imports but the standard library, syntax of Python 3.6. It looks at functions whose source
lies in the project, and writes what it saw when the interpreter ends.
"""

import atexit
import json
import os
import sys
import threading
from types import CodeType, FrameType
from typing import Any, Dict, Optional, Set

ROOT = os.path.join(os.path.realpath(os.environ["STRANGLER_OBSERVE_ROOT"]), "")
OUT = os.environ["STRANGLER_OBSERVE_OUT"]
SKIPPED = tuple(p for p in os.environ.get("STRANGLER_OBSERVE_SKIP", "").split(os.pathsep) if p)
ENOUGH = 300  # calls of one function; the rest are not looked at
MOST = 6  # different types of one value
PLAIN = {
    "str",
    "int",
    "float",
    "bool",
    "bytes",
    "Decimal",
    "datetime",
    "date",
    "time",
    "timedelta",
    "UUID",
}

# By code object; None where it is not the project's. By "module.Class", attributes to kinds.
seen = {}  # type: Dict[CodeType, Optional["Record"]]
attributes = {}  # type: Dict[str, Dict[str, Set[str]]]


def kind_of(value: Any, deep: bool = True) -> Optional[str]:
    """A short name of what a value is; None where looking at it might do something."""
    if value is None:
        return "None"
    cls = type(value)
    if cls.__name__ == "SimpleLazyObject":
        inside = value.__dict__.get("_wrapped")
        known = inside is not None and type(inside) is not object
        return kind_of(inside, deep) if known else None
    if cls.__name__ in PLAIN:
        return cls.__name__
    return of_database(cls, value) or of_list(cls, value, deep) or name_of(cls)


def of_database(cls: type, value: Any) -> Optional[str]:
    """`row:shop.Item` and `query:shop.Item`."""
    label = getattr(getattr(cls, "_meta", None), "label", None)
    if label is not None and hasattr(value, "_state"):
        concrete = getattr(cls, "_meta").concrete_model  # noqa: B009  # a type has no `_meta` for mypy
        return "row:" + str(concrete._meta.label)
    inside = getattr(value, "__dict__", {})
    if "_result_cache" in inside and "model" in inside:
        return "query:" + str(inside["model"]._meta.label)
    return None


def of_list(cls: type, value: Any, deep: bool) -> Optional[str]:
    """`list[row:shop.Item]`, where the first values are alike."""
    if cls not in (list, tuple) or not deep or not value:
        return None
    inner = {kind_of(each, False) for each in value[:3]}
    only = inner.pop() if len(inner) == 1 else None
    return "%s[%s]" % (cls.__name__, only) if only else None


def name_of(cls: type) -> str:
    name = getattr(cls, "__qualname__", cls.__name__)
    return str(name) if cls.__module__ == "builtins" else "%s.%s" % (cls.__module__, name)


def note(known: Dict[str, Set[str]], name: str, value: Any) -> None:
    kinds = known.setdefault(name, set())
    if len(kinds) < MOST:
        kind = kind_of(value)
        if kind is not None:
            kinds.add(kind)


def is_own(path: str) -> bool:
    path = os.path.realpath(path)
    inside = path.startswith(ROOT) and "site-packages" not in path
    return inside and not any(path.startswith(skipped) for skipped in SKIPPED)


class Record:
    """What was seen of one function of the project."""

    def __init__(self) -> None:
        self.calls = 0
        self.parameters = {}  # type: Dict[str, Set[str]]
        self.returns = {}  # type: Dict[str, Set[str]]


def record(code: CodeType) -> Optional[Record]:
    """The record of a function of the project; None for any other."""
    if code.co_name.startswith("<") or not is_own(code.co_filename):
        return None
    return Record()


def profile(frame: FrameType, event: str, arg: Any) -> None:
    if event not in {"call", "return"}:
        return
    code = frame.f_code
    if code not in seen:
        seen[code] = record(code)
    known = seen[code]
    if known is None or known.calls > ENOUGH:
        return
    try:
        look(known, frame, event, arg)
    except Exception:  # whatever a project's classes do when they are looked at, its tests go on
        return


def look(known: Record, frame: FrameType, event: str, arg: Any) -> None:
    given = frame.f_locals
    if event == "return":
        note(known.returns, "return", arg)
        note_attributes(given.get("self"))
        return
    known.calls += 1
    code = frame.f_code
    for name in code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]:
        if name in given:
            note(known.parameters, name, given[name])


def note_attributes(owner: Any) -> None:
    cls = type(owner)
    module = sys.modules.get(cls.__module__)
    if owner is None or not is_own(getattr(module, "__file__", None) or ""):
        return
    known = attributes.setdefault("%s.%s" % (cls.__module__, cls.__qualname__), {})
    for name, value in list(getattr(owner, "__dict__", {}).items()):
        if not name.startswith("_"):
            note(known, name, value)


def write() -> None:
    sys.setprofile(None)
    functions = [
        {
            "file": os.path.relpath(os.path.realpath(code.co_filename), ROOT).replace(os.sep, "/"),
            "line": code.co_firstlineno,
            "name": code.co_name,
            "parameters": {name: sorted(kinds) for name, kinds in known.parameters.items()},
            "returns": sorted(known.returns.get("return", ())),
        }
        for code, known in list(seen.items())
        if known is not None and known.calls
    ]
    found = {name: {k: sorted(v) for k, v in known.items()} for name, known in attributes.items()}
    if functions:
        place = os.path.join(OUT, "%d-%d.json" % (os.getpid(), id(seen)))
        with open(place, "w") as file:
            json.dump({"functions": functions, "attributes": found}, file)


def start() -> None:
    atexit.register(write)
    threading.setprofile(profile)
    sys.setprofile(profile)


start()
