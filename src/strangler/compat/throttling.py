"""How often somebody may ask: DRF's throttles with their sliding window.

The times of past requests are kept in this process. They are not shared: not with the legacy
application, not among several workers; each of them counts for itself and starts at nothing.
Put a `Cache` of your own (Redis, say) into `SimpleRateThrottle.cache` to share them.
"""

import time
from collections.abc import Mapping
from threading import Lock
from typing import Any, ClassVar, Protocol

from starlette.requests import Request

from . import settings, shadow
from .context import Context
from .urls import remote_address

_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


class Cache(Protocol):
    """Where the times of past requests are kept; `timeout` is in seconds."""

    def get(self, key: str) -> list[float] | None: ...

    def set(self, key: str, value: list[float], timeout: float) -> None: ...


class MemoryCache:
    """Entries of this process, forgotten when their time is over."""

    # With so many entries, those whose time is over are looked for.
    SWEEP_AT: ClassVar[int] = 10_000

    def __init__(self) -> None:
        self._entries: dict[str, tuple[float, list[float]]] = {}
        self._lock = Lock()

    def get(self, key: str) -> list[float] | None:
        """Return a copy of the entry, None when there is none."""
        with self._lock:
            ends, value = self._entries.get(key, (0.0, []))
            return list(value) if ends > time.monotonic() else None

    def set(self, key: str, value: list[float], timeout: float) -> None:
        """Keep the entry for `timeout` seconds."""
        now = time.monotonic()
        with self._lock:
            if len(self._entries) >= self.SWEEP_AT:
                alive = {name: entry for name, entry in self._entries.items() if entry[0] > now}
                self._entries = alive
            self._entries[key] = (now + timeout, list(value))

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._entries.clear()


def get_ident(request: Request) -> str:
    """Return who asks, by address: X-Forwarded-For as far as NUM_PROXIES trusts it."""
    forwarded = request.headers.get("x-forwarded-for")
    address = remote_address(request)
    proxies = settings.NUM_PROXIES
    if proxies is None:
        return "".join(forwarded.split()) if forwarded else address
    if proxies == 0 or forwarded is None:
        return address
    addresses = forwarded.split(",")
    return addresses[-min(proxies, len(addresses))].strip()


class BaseThrottle:
    """Decides for one request; made anew for each."""

    def allow_request(self, context: Context[Any]) -> bool:
        """Whether the request may go on."""
        raise NotImplementedError

    def wait(self) -> float | None:
        """Return in how many seconds to ask again, None when that is not known."""
        return None


class SimpleRateThrottle(BaseThrottle):
    """Counts requests by a key. Subclasses say which key, and set `scope` or `rate`.

    rate: "60/min": a number of requests for a second, minute, hour or day.
    THROTTLE_RATES: the rate of each scope, by default DEFAULT_THROTTLE_RATES of the settings.
    """

    cache: ClassVar[Cache] = MemoryCache()
    cache_format: ClassVar[str] = "throttle_%(scope)s_%(ident)s"
    scope: str | None = None
    rate: str | None = None
    THROTTLE_RATES: ClassVar[Mapping[str, str | None] | None] = None

    def __init__(self) -> None:
        self.rate = self.rate or self.get_rate()
        self.num_requests, self.duration = self.parse_rate(self.rate)
        self.history: list[float] = []
        self.now = 0.0

    def timer(self) -> float:
        """Return the present time in seconds."""
        return time.time()

    def get_rate(self) -> str | None:
        """Return the rate of the scope; LookupError when it has none."""
        if not self.scope:
            text = f"You must set either `.scope` or `.rate` for '{type(self).__name__}' throttle"
            raise LookupError(text)
        rates = self.THROTTLE_RATES
        if rates is None:
            rates = getattr(settings, "DEFAULT_THROTTLE_RATES", {"user": None, "anon": None})
        if self.scope not in rates:
            raise LookupError(f"No default throttle rate set for '{self.scope}' scope")
        return rates[self.scope]

    def parse_rate(self, rate: str | None) -> tuple[int, int]:
        """Return a number of requests and of seconds."""
        if rate is None:
            return 0, 0
        number, _, period = rate.partition("/")
        return int(number), _SECONDS[period[0]]

    def get_cache_key(self, context: Context[Any]) -> str | None:
        """Return under which key to count; None lets the request go on."""
        raise NotImplementedError

    def key_of(self, ident: Any) -> str:
        """Return the key of somebody in this scope."""
        return self.cache_format % {"scope": self.scope, "ident": ident}

    def allow_request(self, context: Context[Any]) -> bool:
        """Count the request unless the window is full."""
        key = None if self.rate is None else self.get_cache_key(context)
        if key is None:
            return True
        self.history = self.cache.get(key) or []
        self.now = self.timer()
        while self.history and self.history[-1] <= self.now - self.duration:
            self.history.pop()
        if len(self.history) >= self.num_requests:
            return False
        if not shadow.active():
            self.history.insert(0, self.now)
            self.cache.set(key, self.history, self.duration)
        return True

    def wait(self) -> float | None:
        """Return in how many seconds a request is likely to pass."""
        left = float(self.duration)
        if self.history:
            left -= self.now - self.history[-1]
        available = self.num_requests - len(self.history) + 1
        return None if available <= 0 else left / available


def _caller(context: Context[Any]) -> Any:
    return get_ident(context.request) if context.user is None else context.user.pk


class AnonRateThrottle(SimpleRateThrottle):
    """Counts those who are not known, by address."""

    scope = "anon"

    def get_cache_key(self, context: Context[Any]) -> str | None:
        return None if context.user is not None else self.key_of(get_ident(context.request))


class UserRateThrottle(SimpleRateThrottle):
    """Counts users, and others by address."""

    scope = "user"

    def get_cache_key(self, context: Context[Any]) -> str | None:
        return self.key_of(_caller(context))


class ScopedRateThrottle(SimpleRateThrottle):
    """Counts by the `throttle_scope` of the route; routes without one are free."""

    def __init__(self) -> None:
        # The scope, and with it the rate, is known when a request comes.
        self.history = []
        self.now = 0.0

    def allow_request(self, context: Context[Any]) -> bool:
        """Count the request in the scope of its route."""
        self.scope = context.request.state.view.throttle_scope
        if not self.scope:
            return True
        self.rate = self.get_rate()
        self.num_requests, self.duration = self.parse_rate(self.rate)
        return super().allow_request(context)

    def get_cache_key(self, context: Context[Any]) -> str | None:
        return self.key_of(_caller(context))
