"""Settings are what they were when the project was converted.

Before: response.delete_cookie(settings.SESSION_COOKIE_NAME)
        if value > settings.MAX_ITEMS:
After:  delete_response_cookie(response, "sessionid")
        if value > MAX_ITEMS:
"""

import ast

import libcst as cst

from strangler_codemods.environment_settings import read_value
from strangler_codemods.operation import Operation, Typed, parse, string_value
from strangler_codemods.own_settings import MODULE, fixed_table, fixed_value, is_secret
from strangler_codemods.rule import item, method, rewrites, symbol
from strangler_codemods.surrounding_types import SettingsTable
from strangler_codemods.types import Plain, Symbol
from strangler_codemods.world import World

_SETTINGS = "django.conf.settings"
#: Those that have one value wherever the project runs, as far as the new app can be told it.
_DJANGO = (
    *("APPEND_SLASH", "AUTH_USER_MODEL", "CSRF_COOKIE_NAME", "DEFAULT_AUTO_FIELD"),
    *("LANGUAGE_CODE", "MEDIA_URL", "SESSION_COOKIE_AGE", "SESSION_COOKIE_NAME"),
    *("SESSION_ENGINE", "STATIC_URL", "TIME_ZONE", "USE_I18N", "USE_TZ"),
)
_JWT = f"{_SETTINGS}.JWT_AUTH"
#: Entries of JWT_AUTH with the package's own values, which stand where the project says nothing.
_JWT_VALUES = {
    "JWT_AUTH_COOKIE": None,
    "JWT_AUTH_HEADER_PREFIX": "Bearer",
    "JWT_IMPERSONATION_COOKIE": None,
}


@rewrites(*(symbol(f"{_SETTINGS}.{name}") for name in _DJANGO))
def of_django(operation: Operation) -> Typed:
    name = operation.name.rpartition(".")[2]
    settings = operation.body.world.facts.settings
    value = settings.get(name)
    if name not in settings or not isinstance(value, str | int):
        operation.refuse("B103", f"the setting `{name}` has no rule")
    return operation.body.constant(value)


@rewrites(symbol(_JWT))
def of_package(operation: Operation) -> Typed:
    """Entries of it are known, it itself is not."""
    return Typed(operation.node, Symbol(_JWT))


@rewrites(item(Symbol))
def entry(operation: Operation) -> Typed:
    """An entry that differs from the package's own is one that the project has written."""
    node, kind = operation.node, operation.on.type
    assert isinstance(node, cst.Subscript)
    assert isinstance(kind, Symbol)
    index = node.slice[0].slice
    key = string_value(index.value) if isinstance(index, cst.Index) else None
    given = operation.body.world.facts.settings.get("DRF_JWT") or {}
    if kind.path != _JWT or key not in _JWT_VALUES or given.get(key) in (None, _JWT_VALUES[key]):
        operation.refuse("B109", f"subscribing `{kind.path}` has no rule")
    return operation.body.constant(given[key])


@rewrites(symbol(f"{_SETTINGS}.*"))
def of_project(operation: Operation) -> Typed:
    """One that a settings file assigns once: by a literal, or by what the environment gives."""
    name, body = operation.name.rpartition(".")[2], operation.body
    value = fixed_value(body.world, name)
    if value is None and fixed_table(body.world, name) is not None:
        return Typed(operation.node, SettingsTable(name))
    read = read_value(body.world, name) if value is None else None
    if read is not None:
        body.world.read_constants[name] = read[0]
        return Typed(parse(body.use(MODULE, name)), Plain(read[1]))
    if value is None and name.startswith("CORS_"):
        value = _as_converted(body.world, name)
    if value is None:
        operation.refuse("B103", f"the setting `{name}` is no literal of the settings files")
    body.world.constants[name] = value
    return Typed(parse(body.use(MODULE, name)), _type(value))


def _as_converted(world: World, name: str) -> object:
    """A list of texts that the project ran with when it was converted, as its middleware has it."""
    value = world.facts.settings.get(name)
    return value if isinstance(value, list) and all(isinstance(v, str) for v in value) else None


@rewrites(item(SettingsTable))
def of_table(operation: Operation) -> Typed:
    node = operation.node
    index = node.slice[0].slice if isinstance(node, cst.Subscript) else None
    key = string_value(index.value) if isinstance(index, cst.Index) else None
    return _entry_of(operation, key, None)


@rewrites(method(SettingsTable, "get"))
def get_of_table(operation: Operation) -> Typed:
    given = operation.take("key", "default")
    default = operation.body.expr(given["default"]) if "default" in given else None
    key = string_value(given["key"]) if "key" in given else None
    return _entry_of(operation, key, default or operation.body.constant(None))


def _entry_of(operation: Operation, key: str | None, default: Typed | None) -> Typed:
    """A literal of a dictionary among the settings, or what stands for one that it lacks."""
    kind, body = operation.on.type, operation.body
    assert isinstance(kind, SettingsTable)
    table = fixed_table(body.world, kind.name) or {}
    if key is not None and key not in table and default is not None:
        return default
    secret = key is None or (is_secret(key) and "COOKIE" not in key)
    node = None if secret else table.get(key or "")
    try:
        value = ast.literal_eval(node) if node is not None else operation
    except ValueError:
        value = operation
    if not isinstance(value, str | int | float | None):
        operation.refuse("B103", f"this entry of the setting `{kind.name}` is no literal")
    return body.constant(value)


def _type(value: object) -> Plain:
    if not isinstance(value, list | tuple):
        return Plain(type(value).__name__)
    kinds = {type(member).__name__ for member in value}
    return Plain(f"list[{kinds.pop()}]") if isinstance(value, list) and len(kinds) == 1 else Plain()
