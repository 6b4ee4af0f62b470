"""The project's settings that are numbers or texts of the environment: the new app reads them there, too.

FILE_MAX_SIZE = env.int("FILE_MAX_SIZE", default=1024)        # django-environ
FILE_MAX_SIZE = int(os.environ.get("FILE_MAX_SIZE", 1024))
ADMIN_ROLE = config("ADMIN_ROLE", default="admin")            # python-decouple
ADMIN_ROLE = os.environ.get("ADMIN_ROLE", "admin")
LINK_LIFETIME = timedelta(minutes=env.int("LINK_MINUTES"))
"""

from __future__ import annotations

import ast
import hashlib

from .own_settings import is_secret, set_once
from .sources import Module
from .world import World

_UNITS = {"seconds": 1, "minutes": 60, "hours": 3600, "days": 86400, "weeks": 604800}
_READERS = ("os.environ.get", "os.getenv")
_NUMBERS = {"int": int, "float": float}
#: What makes readers of the environment, and their methods for texts.
_ENVS, _TEXTS = ("environ.Env", "environs.Env"), ("str",)


def read_value(world: World, name: str) -> tuple[str, str] | None:
    """How a setting is read, as text that needs `os`, and its type; None where it is none of these.

    Its default is the number that the project runs with, which a file of the project may give.
    """
    found = set_once(world, name)
    default = (world.facts.settings.get("NUMBERS") or {}).get(name)
    if found is None or is_secret(name):
        return None
    module, value = found
    if not isinstance(value, ast.Call):
        return None
    span = (world.facts.settings.get("SPANS") or {}).get(name)
    if span is not None:
        return _span(world, module, value, span)
    if default is None:
        return _text(world, name, module, value)
    read = _of_environ(world, module, value) or _of_python(world, module, value)
    if read is None:
        return None
    kind, variable = read
    if is_secret(variable):
        return None
    return f'{kind}(os.environ.get("{variable}", {default!r}))', kind


def _span(world: World, module: Module, call: ast.Call, span: float) -> tuple[str, str] | None:
    """`timedelta(minutes=...)` of a number, or of one of the environment; `span`: as it is now, in seconds."""
    if world.sources.resolve(module, ast.unparse(call.func)) != "datetime.timedelta":
        return None
    unit = call.keywords[0].arg if len(call.keywords) == 1 and not call.args else None
    if unit not in _UNITS:
        return None
    value = call.keywords[0].value
    if isinstance(value, ast.Constant) and isinstance(value.value, int | float):
        return f"timedelta({unit}={value.value!r})", "timedelta"
    if not isinstance(value, ast.Call):
        return None
    number = span / _UNITS[unit]
    default = int(number) if number.is_integer() else number
    read = _of_environ(world, module, value) or _of_python(world, module, value)
    if read is None or is_secret(read[1]):
        return None
    kind, variable = read
    return f'timedelta({unit}={kind}(os.environ.get("{variable}", {default!r})))', "timedelta"


def _text(world: World, name: str, module: Module, call: ast.Call) -> tuple[str, str] | None:
    """`os.environ.get("NAME", "text")` and its like, where that text is what the project runs with."""
    path = _reader(world, module, call.func)
    given = {keyword.arg: keyword.value for keyword in call.keywords}
    parts = [*call.args, *([given["default"]] if set(given) == {"default"} else [])]
    if path is None or len(parts) != 2 or (given and len(call.args) != 1):  # name, default
        return None
    if path == "environ.Env" and not given and not isinstance(call.func, ast.Attribute):
        return None  # a cast
    try:
        variable, default = (ast.literal_eval(part) for part in parts)
    except ValueError:
        return None
    if not isinstance(variable, str) or not isinstance(default, str) or is_secret(variable):
        return None
    if path == "environ.Env" and default.startswith("$"):  # the name of another variable
        return None
    mark = hashlib.sha256(default.encode("utf-8", "replace")).hexdigest()
    if (world.facts.settings.get("TEXTS") or {}).get(name) != mark:
        return None  # a file of the project says another, or no text
    return f'os.environ.get("{variable}", {default!r})', "str"


def _reader(world: World, module: Module, func: ast.expr) -> str | None:
    """The path of a function that reads texts of the environment; None where it is none."""
    path = world.sources.resolve(module, ast.unparse(func))
    if path in (*_READERS, "decouple.config"):
        return path
    owner = func.value if isinstance(func, ast.Attribute) and func.attr in _TEXTS else func
    path = world.sources.resolve(module, ast.unparse(owner)) or ""
    found = world.sources.split(path)
    made = found[0].constant(found[1]) if found is not None and "." not in found[1] else None
    if found is None or not isinstance(made, ast.Call) or made.args or made.keywords:
        return None
    kind = world.sources.resolve(found[0], ast.unparse(made.func))
    return kind if kind in _ENVS else None


def _of_python(world: World, module: Module, call: ast.Call) -> tuple[str, str] | None:
    """`int(os.environ.get("NAME", "5"))`."""
    kind = call.func.id if isinstance(call.func, ast.Name) else ""
    inner = call.args[0] if len(call.args) == 1 and not call.keywords else None
    if kind not in _NUMBERS or world.sources.resolve(module, kind) is not None:
        return None
    if not isinstance(inner, ast.Call) or inner.keywords or len(inner.args) != 2:  # name, default
        return None
    path = world.sources.resolve(module, ast.unparse(inner.func))
    return _fitting(kind, *inner.args) if path in _READERS else None


def _of_environ(world: World, module: Module, call: ast.Call) -> tuple[str, str] | None:
    """`env.int("NAME", default=5)` of an `environ.Env()` that was told nothing of the variable."""
    func = call.func
    if not isinstance(func, ast.Attribute) or func.attr not in _NUMBERS:
        return None
    path = world.sources.resolve(module, ast.unparse(func.value)) or ""
    found = world.sources.split(path)
    made = found[0].constant(found[1]) if found is not None else None
    if found is None or not isinstance(made, ast.Call) or made.args:
        return None
    if world.sources.resolve(found[0], ast.unparse(made.func)) != "environ.Env":
        return None
    given = {keyword.arg: keyword.value for keyword in call.keywords}
    if len(call.args) != 1 or not given.keys() <= {"default"}:
        return None
    # without a default the project does not start where the variable is not set
    read = _fitting(func.attr, call.args[0], given.get("default", ast.Constant(0)))
    told = {keyword.arg for keyword in made.keywords}
    return None if read is None or told & {read[1], None} else read


def _fitting(kind: str, name: ast.expr, default: ast.expr) -> tuple[str, str] | None:
    """The kind and the variable, where what stands for it is a number as it is read."""
    try:
        variable, value = ast.literal_eval(name), ast.literal_eval(default)
        _NUMBERS[kind](value)
    except (TypeError, ValueError):
        return None
    return (kind, variable) if isinstance(variable, str) else None
