"""Where cached values lie: on Redis servers, in this process, or nowhere."""

import random
import time
from collections.abc import Sequence
from importlib import import_module
from threading import Lock
from typing import Any, Protocol

Value = bytes | int


class Store(Protocol):
    """Values by name. seconds: None for ever."""

    def get(self, name: str) -> Value | None:
        """The value, None where there is none."""

    def get_many(self, names: Sequence[str]) -> dict[str, Value]:
        """The values that there are."""

    def set(self, name: str, value: Value, seconds: int | None, *, only_new: bool = False) -> bool:
        """Keep a value, with `only_new` where there is none yet; whether it is kept."""

    def touch(self, name: str, seconds: int | None) -> bool:
        """Keep it for so long from now on; whether there is one."""

    def delete(self, names: Sequence[str]) -> int:
        """Forget values; how many there were."""

    def incr(self, name: str, delta: int) -> int | None:
        """Count up; None where there is no number."""

    def clear(self) -> bool | None:
        """Forget everything."""


class RedisStore:
    """Redis; the first server takes what is written, the others are read as well."""

    def __init__(self, urls: Sequence[str]) -> None:
        redis: Any = import_module("redis")
        self._clients: list[Any] = [redis.Redis.from_url(url) for url in urls]

    def _reader(self) -> Any:
        return self._clients[0] if len(self._clients) == 1 else random.choice(self._clients[1:])

    def get(self, name: str) -> Value | None:
        value: bytes | None = self._reader().get(name)
        return value

    def get_many(self, names: Sequence[str]) -> dict[str, Value]:
        if not names:
            return {}
        values = self._reader().mget(names)
        return {n: v for n, v in zip(names, values, strict=True) if v is not None}

    def set(self, name: str, value: Value, seconds: int | None, *, only_new: bool = False) -> bool:
        return bool(self._clients[0].set(name, value, ex=seconds, nx=only_new))

    def touch(self, name: str, seconds: int | None) -> bool:
        client = self._clients[0]
        return bool(client.persist(name) if seconds is None else client.expire(name, seconds))

    def delete(self, names: Sequence[str]) -> int:
        return int(self._clients[0].delete(*names))

    def incr(self, name: str, delta: int) -> int | None:
        client = self._clients[0]
        return int(client.incr(name, delta)) if client.exists(name) else None

    def clear(self) -> bool | None:
        return bool(self._clients[0].flushdb())


class LocalStore:
    """The memory of this process, for tests: no other process sees what is kept."""

    def __init__(self) -> None:
        self._values: dict[str, tuple[Value, float | None]] = {}
        self._lock = Lock()

    def get(self, name: str) -> Value | None:
        value, end = self._values.get(name, (None, None))
        return None if end is not None and end <= time.time() else value

    def get_many(self, names: Sequence[str]) -> dict[str, Value]:
        found = {name: self.get(name) for name in names}
        return {name: value for name, value in found.items() if value is not None}

    def set(self, name: str, value: Value, seconds: int | None, *, only_new: bool = False) -> bool:
        with self._lock:
            if only_new and self.get(name) is not None:
                return False
            end = None if seconds is None else time.time() + seconds
            self._values[name] = (value, end)
            return True

    def touch(self, name: str, seconds: int | None) -> bool:
        value = self.get(name)
        return value is not None and self.set(name, value, seconds)

    def delete(self, names: Sequence[str]) -> int:
        return sum(self._values.pop(name, None) is not None for name in names)

    def incr(self, name: str, delta: int) -> int | None:
        value = self.get(name)
        if value is None:
            return None
        counted = int(value) + delta
        self._values[name] = (counted, self._values[name][1])
        return counted

    def clear(self) -> bool | None:
        self._values.clear()
        return None


class NoStore(LocalStore):
    """Keeps nothing."""

    def set(self, name: str, value: Value, seconds: int | None, *, only_new: bool = False) -> bool:
        return True


class _Unknown(LocalStore):
    """Stands where nobody said what keeps values."""

    def __getattribute__(self, name: str) -> Any:
        raise RuntimeError("the cache's address, CACHE_URL or one like it, is not set")


#: Stores of this process by address, so that each is one for all who name it.
_LOCAL: dict[str, LocalStore] = {}


def store_of(url: str) -> Store:
    """The store at `url`: `redis://` (several, with commas), `local://name`, `dummy://`."""
    scheme = url.partition("://")[0]
    if scheme in ("redis", "rediss", "unix"):
        return RedisStore([each.strip() for each in url.split(",")])
    if not url:
        return _Unknown()
    if scheme == "dummy":
        return NoStore()
    if scheme != "local":
        raise ValueError(f"a cache at {scheme}:// is not known")
    return _LOCAL.setdefault(url, LocalStore())
