"""Django's cache, under the keys and in the form that Django uses, so that both share it.

    cache = Cache("redis://localhost/1", key_prefix="shop", timeout=600)
    cache.set("count", 7, 60)

Asking waits for the server: below `session.run_sync` it runs in a thread while other requests go
on; async code calls it by `asyncio.to_thread`.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from . import shadow
from .crypto import in_thread
from .pickles import dumps, loads
from .stores import Store, store_of

_DEFAULT: Any = object()
_MISSING: Any = object()


class Cache:
    """One of CACHES. timeout: seconds, None for ever; protocol: of pickles, which legacy has to read."""

    def __init__(
        self,
        url: str,
        *,
        key_prefix: str = "",
        version: int = 1,
        timeout: int | None = 300,
        protocol: int = 5,
    ) -> None:
        self._store: Store = store_of(url)
        self._prefix, self._version = key_prefix, version
        self._timeout, self._protocol = timeout, protocol

    def _key(self, key: object, version: int | None) -> str:
        return f"{self._prefix}:{self._version if version is None else version}:{key}"

    def _seconds(self, timeout: Any) -> int | None:
        """How long a value is kept: 0 not at all, None for ever."""
        given = self._timeout if timeout is _DEFAULT else timeout
        return None if given is None else max(0, int(given))

    def _written(self, value: object) -> bytes | int:
        """Whole numbers stay numbers, so that the server can count."""
        return value if type(value) is int else dumps(value, self._protocol)

    def get(self, key: object, default: Any = None, version: int | None = None) -> Any:
        """The value under `key`, else `default`."""
        found = in_thread(self._store.get, self._key(key, version))
        return default if found is None else _read(found)

    def set(
        self, key: object, value: object, timeout: Any = _DEFAULT, version: int | None = None
    ) -> None:
        """Keep a value under `key`."""
        if shadow.active():
            return
        name, seconds = self._key(key, version), self._seconds(timeout)
        if seconds == 0:
            in_thread(self._store.delete, [name])
        else:
            in_thread(self._store.set, name, self._written(value), seconds)

    def add(
        self, key: object, value: object, timeout: Any = _DEFAULT, version: int | None = None
    ) -> bool:
        """Keep a value where there is none yet; whether that was so."""
        name, seconds = self._key(key, version), self._seconds(timeout)
        if shadow.active():
            return in_thread(self._store.get, name) is None
        written = self._written(value)
        if seconds == 0:
            return in_thread(self._store.get, name) is None
        return in_thread(self._store.set, name, written, seconds, only_new=True)

    def get_or_set(
        self, key: object, default: Any, timeout: Any = _DEFAULT, version: int | None = None
    ) -> Any:
        """The value under `key`; where there is none, `default` or what it gives is kept."""
        value = self.get(key, _MISSING, version)
        if value is not _MISSING:
            return value
        if callable(default):
            default = default()
        self.add(key, default, timeout, version)
        return self.get(key, default, version)  # somebody else may have been faster

    def touch(self, key: object, timeout: Any = _DEFAULT, version: int | None = None) -> bool:
        """Keep a value for so long from now on; whether there is one."""
        name, seconds = self._key(key, version), self._seconds(timeout)
        if shadow.active():
            return in_thread(self._store.get, name) is not None
        return in_thread(self._store.touch, name, seconds)

    def delete(self, key: object, version: int | None = None) -> bool:
        """Forget a value; whether there was one."""
        if shadow.skips("cache delete"):
            return False
        return in_thread(self._store.delete, [self._key(key, version)]) > 0

    def get_many(self, keys: Iterable[Any], version: int | None = None) -> dict[Any, Any]:
        """The values that there are, by key."""
        names = {self._key(key, version): key for key in keys}
        found = in_thread(self._store.get_many, list(names))
        return {names[name]: _read(value) for name, value in found.items()}

    def set_many(
        self, data: Mapping[Any, Any], timeout: Any = _DEFAULT, version: int | None = None
    ) -> list[Any]:
        """Keep several values; the keys of those that could not be kept: none."""
        for key, value in data.items():
            self.set(key, value, timeout, version)
        return []

    def delete_many(self, keys: Iterable[Any], version: int | None = None) -> None:
        """Forget several values."""
        names = [self._key(key, version) for key in keys]
        if names and not shadow.skips("cache delete"):
            in_thread(self._store.delete, names)

    def has_key(self, key: object, version: int | None = None) -> bool:
        """Whether there is a value under `key`."""
        return in_thread(self._store.get, self._key(key, version)) is not None

    def incr(self, key: object, delta: int = 1, version: int | None = None) -> int:
        """Count a number up, and return it.

        Raises:
            ValueError: there is none under `key`.
        """
        name = self._key(key, version)
        if shadow.skips("cache incr"):
            found = in_thread(self._store.get, name)
            counted = None if found is None else int(found) + delta
        else:
            counted = in_thread(self._store.incr, name, delta)
        if counted is None:
            raise ValueError(f"Key '{name}' not found.")
        return counted

    def decr(self, key: object, delta: int = 1, version: int | None = None) -> int:
        """Count a number down, and return it."""
        return self.incr(key, -delta, version)

    def clear(self) -> bool | None:
        """Forget everything that is kept there, by whomever; True where a server did."""
        return None if shadow.skips("cache clear") else in_thread(self._store.clear)


def _read(data: bytes | int) -> Any:
    try:
        return int(data)
    except ValueError:
        return loads(data) if isinstance(data, bytes) else data
