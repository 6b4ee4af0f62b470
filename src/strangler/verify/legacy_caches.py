"""What a request leaves in caches: Django's, and servers that speak as Redis does.

Loaded by path into both executors: Python 3.6 grammar, nothing but the standard library, Django
reached by name. Counters of throttles are no effects: each side keeps its own, and `verify` counts
requests instead.
"""
# ruff: noqa: UP006, UP032, UP035, UP045

import datetime
import decimal
import hashlib
import importlib
import io
import pickle
import re
import uuid
from typing import Any, Dict, List, Optional, Tuple
from urllib.parse import urlsplit

Message = Dict[str, Any]
_TEXTS = (decimal.Decimal, datetime.date, datetime.time, datetime.timedelta, uuid.UUID)
#: Modules whose objects a cached value may be made of to be read; the rest stays closed.
_KNOWN = frozenset(["builtins", "datetime", "decimal", "uuid", "collections", "copyreg"])
_CALLABLE = frozenset(["eval", "exec", "compile", "open", "__import__", "getattr", "setattr"])
#: DRF's throttles, behind prefix and version: `cart_throttle_1` is the project's own.
_THROTTLE = re.compile("(^|:)throttle_")
_DEFAULT = "default"


def servers(caches: Any) -> List[str]:
    """`host:port` of each Redis that the setting CACHES names."""
    found = []
    for each in caches.values():
        location = each.get("LOCATION") or ""
        texts = [location] if isinstance(location, str) else list(location)
        for text in ",".join(texts).split(","):
            place = urlsplit(text.strip())
            if place.scheme.startswith("redis") and place.hostname:
                found.append("{}:{}".format(place.hostname, place.port or 6379))
    return found


def stores(caches: Any) -> Dict[str, str]:
    """Where each of CACHES keeps its values: the first alias that lies at the same place."""
    first: Dict[str, str] = {}
    return {alias: first.setdefault(_lies(each), alias) for alias, each in caches.items()}


def _lies(cache: Any) -> str:
    options = cache.get("OPTIONS") or {}
    database = [options.get(name) for name in ("db", "DB")]
    return repr((cache.get("BACKEND"), cache.get("LOCATION"), database))


def plain(value: Any) -> Any:
    """A cached value as JSON; of what no JSON holds only that it is an object."""
    if value is None or isinstance(value, (bool, int, float)):
        return value
    if isinstance(value, str):
        return str(value)
    if isinstance(value, dict):
        return {str(key): plain(each) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(each) for each in value]
    if isinstance(value, (set, frozenset)):
        return sorted((plain(each) for each in value), key=str)
    if isinstance(value, bytes):
        return "sha256:{} ({} bytes)".format(hashlib.sha256(value).hexdigest(), len(value))
    return str(value) if isinstance(value, _TEXTS) else {"object": True}


class _Reader(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        if module in _KNOWN and name not in _CALLABLE:
            return super().find_class(module, name)
        raise pickle.UnpicklingError(module)


def stored(content: bytes) -> Any:
    """What Django's backends meant by bytes they sent to a server: a number, a pickle, a text."""
    try:
        return int(content)
    except ValueError:
        pass
    if content[:1] == b"\x80":
        try:
            return plain(_Reader(io.BytesIO(content)).load())
        except Exception:  # a pickle can fail in any way; it is one of the project's classes
            return {"object": True}
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        return plain(content)


class Writes:
    """The last write to each key since it was asked, in the order of keys.

    Keys lie in stores: "default" is the one whose name is not told before the key.
    """

    def __init__(self) -> None:
        self._last: Dict[Tuple[str, str], Message] = {}
        #: While it is true nothing is noted.
        self.silent = False

    def put(self, key: str, value: Any, timeout: Optional[float], store: str = _DEFAULT) -> None:
        """A value for so many seconds; None: for good."""
        if timeout is not None and timeout <= 0:
            self.drop(key, store)
        else:
            seconds = None if timeout is None else int(timeout)
            self._note(store, key, {"value": value, "timeout": seconds})

    def drop(self, key: str, store: str = _DEFAULT) -> None:
        """No value any more, whether there was one or not."""
        self._note(store, key, {"deleted": True})

    def change(self, key: str, store: str = _DEFAULT, **what: Any) -> None:
        """Another value or time for a key that has one."""
        last = self._last.get((store, key), {})
        self._note(store, key, dict({} if "deleted" in last else last, **what))

    def clear(self, store: str = _DEFAULT) -> None:
        """Everything in a store is gone."""
        self._last = {place: what for place, what in self._last.items() if place[0] != store}
        self._last[store, "*"] = {"deleted": True}

    def take(self) -> Dict[str, Message]:
        """By key, with the name of its store before it, and forget."""
        taken, self._last = self._last, {}
        return {
            key if store == _DEFAULT else "{} {}".format(store, key): taken[store, key]
            for store, key in sorted(taken)
        }

    def _note(self, store: str, key: str, what: Message) -> None:
        if not _THROTTLE.search(key) and not self.silent:
            self._last[store, key] = what


def in_memory(caches: Any) -> Message:
    """CACHES with Django's cache in memory in every other one's place."""
    names, found = stores(caches), {}
    for alias, settings in caches.items():
        local = {name: value for name, value in settings.items() if name != "OPTIONS"}
        if not str(settings.get("BACKEND", "")).endswith(("DummyCache", "LocMemCache")):
            local["BACKEND"] = "django.core.cache.backends.locmem.LocMemCache"
        local["LOCATION"] = names[alias]
        found[alias] = local
    return found


def watch_django(writes: Writes) -> None:
    """Follow the caches of `in_memory`."""
    module: Any = importlib.import_module("django.core.cache.backends.locmem")
    backend = module.LocMemCache
    default: Any = importlib.import_module("django.core.cache.backends.base").DEFAULT_TIMEOUT

    def store(cache: Any) -> str:
        kept = cache._cache
        return next(str(name) for name, each in module._caches.items() if each is kept)

    def seconds(cache: Any, timeout: Any) -> Any:
        return cache.default_timeout if timeout is default else timeout

    def put(cache: Any, key: Any, value: Any, timeout: Any = default, *_: Any) -> None:
        writes.put(key, plain(value), seconds(cache, timeout), store(cache))

    def touch(cache: Any, key: Any, timeout: Any = default, *_: Any) -> None:
        writes.change(key, store(cache), timeout=seconds(cache, timeout))

    def delete(cache: Any, key: Any, *_: Any) -> None:
        writes.drop(key, store(cache))

    for name, tell in (("set", put), ("add", put), ("touch", touch), ("delete", delete)):
        if hasattr(backend, name):
            setattr(backend, name, _followed(getattr(backend, name), name, tell))
    original, clear = backend.incr, backend.clear

    def incr(cache: Any, key: Any, delta: int = 1, version: Any = None) -> Any:
        value = original(cache, key, delta, version=version)
        writes.change(cache.make_key(key, version=version), store(cache), value=plain(value))
        return value

    def cleared(cache: Any) -> None:
        clear(cache)
        writes.clear(store(cache))

    backend.incr, backend.clear = incr, cleared


def _followed(method: Any, name: str, tell: Any) -> Any:
    """The method, told of with the key as it is stored; what added or touched nothing is not."""

    def followed(cache: Any, key: Any, *rest: Any, **more: Any) -> Any:
        result = method(cache, key, *rest, **more)
        if name in ("set", "delete") or result:
            version = more.pop("version", None)
            place = {"set": 2, "add": 2, "touch": 1, "delete": 0}[name]
            version = rest[place] if len(rest) > place else version
            tell(cache, cache.make_key(key, version=version), *rest[:place], **more)
        return result

    return followed


def watch_local(module: Any, writes: Writes) -> None:
    """Follow what generated applications have for Django's caches: `module` is their `stores`."""
    store = module.LocalStore
    for name, tell in _TELLS.items():
        setattr(store, name, _told(module, getattr(store, name), tell, writes))


def _told(module: Any, method: Any, tell: Any, writes: Writes) -> Any:
    def told(self: Any, *args: Any, **more: Any) -> Any:
        noted, writes.silent = writes.silent, True  # one method may call another
        try:
            result = method(self, *args, **more)
        finally:
            writes.silent = noted
        if type(self) is module.LocalStore:  # what is built on it keeps nothing
            urls = [url for url, each in module._LOCAL.items() if each is self]
            tell(writes, urls[0].partition("://")[2] if urls else _DEFAULT, result, *args)
        return result

    return told


def _put(writes: Writes, store: str, kept: Any, name: str, value: Any, seconds: Any) -> None:
    if kept:
        content = value if isinstance(value, bytes) else str(value).encode()
        writes.put(name, stored(content), seconds, store)


def _touched(writes: Writes, store: str, kept: Any, name: str, seconds: Any) -> None:
    if kept:
        writes.change(name, store, timeout=seconds)


def _deleted(writes: Writes, store: str, _: Any, names: Any) -> None:
    for name in names:
        writes.drop(name, store)


def _counted(writes: Writes, store: str, value: Any, name: str, _: Any) -> None:
    if value is not None:
        writes.change(name, store, value=value)


def _cleared(writes: Writes, store: str, _: Any) -> None:
    if not writes.silent:
        writes.clear(store)


_TELLS = {"set": _put, "touch": _touched, "delete": _deleted, "incr": _counted, "clear": _cleared}
