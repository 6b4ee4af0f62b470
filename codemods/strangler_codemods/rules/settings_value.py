"""Settings are what they were when the project was converted.

Before: response.delete_cookie(settings.SESSION_COOKIE_NAME)
        if value > settings.MAX_ITEMS:
After:  delete_response_cookie(response, "sessionid")
        if value > MAX_ITEMS:
"""

import libcst as cst

from strangler_codemods.operation import Operation, Typed, parse, string_value
from strangler_codemods.own_settings import MODULE, fixed_value
from strangler_codemods.rule import item, rewrites, symbol
from strangler_codemods.types import Plain, Symbol

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
    """One that a settings file assigns once, by a literal: no environment changes it."""
    name, body = operation.name.rpartition(".")[2], operation.body
    value = fixed_value(body.world, name)
    if value is None:
        operation.refuse("B103", f"the setting `{name}` is no literal of the settings files")
    body.world.constants[name] = value
    return Typed(parse(body.use(MODULE, name)), _type(value))


def _type(value: object) -> Plain:
    if not isinstance(value, list | tuple):
        return Plain(type(value).__name__)
    kinds = {type(member).__name__ for member in value}
    return Plain(f"list[{kinds.pop()}]") if isinstance(value, list) and len(kinds) == 1 else Plain()
