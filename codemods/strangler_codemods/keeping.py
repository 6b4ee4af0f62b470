"""Django's caches: which can be shared, and what the new app reaches them by."""

from __future__ import annotations

from typing import Any

from strangler.facts import release

from .effect_types import Cached
from .operation import Operation, Typed, parse

MODULE = "app.caches"
_DOCSTRING = "Django's caches, shared with the Django project."
_REDIS = ("django.core.cache.backends.redis.RedisCache", "django_redis.cache.RedisCache")
_DUMMY = "django.core.cache.backends.dummy.DummyCache"
_LOCAL = "django.core.cache.backends.locmem.LocMemCache"
#: Options that lead to the server, or that mean nothing to it.
_HARMLESS = frozenset(
    [
        *("db", "DB", "username", "password", "PASSWORD", "MAX_ENTRIES", "CULL_FREQUENCY"),
        *("CONNECTION_POOL_KWARGS", "SOCKET_TIMEOUT", "SOCKET_CONNECT_TIMEOUT", "parser_class"),
        *("pool_class", "PARSER_CLASS", "CONNECTION_POOL_CLASS", "REDIS_CLIENT_CLASS"),
    ]
)
_CLIENT = "django_redis.client.DefaultClient"
_CLIENTS = (_CLIENT, "django_redis.client.default.DefaultClient")
#: From this Python on, Django pickles by protocol 5.
_FIVE = (3, 8)


def cache(operation: Operation, alias: str) -> Typed:
    """What stands for one of CACHES, written and imported.

    Raises:
        RefusalError: it cannot be shared.
    """
    body = operation.body
    facts = body.world.facts
    told: dict[str, Any] = (facts.settings.get("CACHES") or {}).get(alias) or {}
    problem = _obstacle(told)
    if problem is not None:
        operation.refuse("X104", f"the cache `{alias}` has no rule: {problem}")
    name = "cache" if alias == "default" else f"{alias}_cache"
    title = "" if alias == "default" else alias.title().replace("_", "")
    setting = "cache_url" if alias == "default" else f"cache_url_{alias}"
    if not name.isidentifier():
        operation.refuse("X104", f"the cache `{alias}` has a name without a rule")
    settings = (
        f"class {title}CacheSettings(BaseSettings):\n"
        '    """Read from the environment."""\n\n'
        f'    {setting}: SecretStr = SecretStr("")\n'
    )
    lines = [f"{title}CacheSettings().{setting}.get_secret_value()"]
    if told.get("KEY_PREFIX"):
        lines.append(f"key_prefix={told['KEY_PREFIX']!r}")
    if told.get("VERSION", 1) != 1:
        lines.append(f"version={told['VERSION']!r}")
    if "TIMEOUT" in told:
        seconds = None if told["TIMEOUT"] is None else int(told["TIMEOUT"])
        lines.append(f"timeout={seconds}")
    python = release(facts.legacy.python)
    lines += [] if python >= _FIVE else ["protocol=4"]
    define = body.world.define
    assert define is not None
    imports = {("pydantic", "SecretStr"), ("pydantic_settings", "BaseSettings")}
    define(MODULE, _DOCSTRING, f"{title}CacheSettings", settings, imports, (1, "", 0))
    text = f"{name} = Cache({', '.join(lines)})"
    define(MODULE, _DOCSTRING, name, text, {("app.compat.cache", "Cache")}, (2, "", 0))
    return Typed(parse(body.use(MODULE, name)), Cached(alias))


def _obstacle(told: dict[str, Any]) -> str | None:
    if not told:
        return "there is none of that name"
    backend = told.get("BACKEND")
    if backend == _LOCAL:
        return "it lies in the memory of each process of Django"
    if backend not in (*_REDIS, _DUMMY):
        return f"its backend is `{backend}`"
    if told.get("KEY_FUNCTION") not in (None, "django.core.cache.backends.base.default_key_func"):
        return "it has a KEY_FUNCTION of its own"
    if "***" in str(told):
        return "its settings hold a secret beside its address"
    options = told.get("OPTIONS") or {}
    for name, value in options.items():
        known = name in _HARMLESS or (name == "CLIENT_CLASS" and value in _CLIENTS)
        if not known and value is not False:
            return f"its option `{name}` has no rule"
    return None
