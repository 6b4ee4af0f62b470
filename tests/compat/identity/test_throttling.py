"""Throttles: the same requests refused, with the same waiting times, as by DRF."""

import time
from types import SimpleNamespace
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import RequestFactory
from rest_framework import throttling as theirs
from rest_framework.authtoken.models import Token
from starlette.requests import Request

from strangler.compat import throttling
from strangler.compat.context import Context
from tests.compat.identity.twins import Twins, set_both


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """A clock that stands still until it is told."""
    now = SimpleNamespace(time=1_000_000.0)
    monkeypatch.setattr(theirs.SimpleRateThrottle, "timer", lambda self: now.time)
    monkeypatch.setattr(throttling.SimpleRateThrottle, "timer", lambda self: now.time)
    return now


@pytest.mark.parametrize("throttle", ["user", "anon", "scoped", "both", "free"])
@pytest.mark.parametrize("name", [None, "ann"])
def test_a_sliding_window_of_requests(
    both: Twins, clock: SimpleNamespace, throttle: str, name: str | None
) -> None:
    headers = {}
    if name is not None:
        user = User.objects.get(username=name)
        headers = {"authorization": f"Token {Token.objects.create(user=user).key}"}
    url = f"/slow/{throttle}/"
    statuses = set()
    for step in (0, 1, 0.4, 3, 30, 26, 0.6, 1, 3600, 1, 1, 90_000, 5, 5, 5, 5):
        clock.time += step
        statuses.add(both.agree("GET", url, **headers).status)
    assert (429 in statuses) == (throttle != "free" and (throttle != "anon" or name is None))


def test_a_throttle_is_asked_before_the_method(both: Twins, clock: SimpleNamespace) -> None:
    for method in ("GET", "PURGE", "POST", "PURGE", "GET"):
        both.agree(method, "/slow/user/")


@pytest.mark.parametrize("proxies", [None, 0, 1, 2, 5])
@pytest.mark.parametrize("forwarded", [None, "1.1.1.1", "1.1.1.1, 2.2.2.2,3.3.3.3 ", ""])
def test_callers_are_told_apart_by_address(
    monkeypatch: pytest.MonkeyPatch, proxies: int | None, forwarded: str | None
) -> None:
    set_both(monkeypatch, SimpleNamespace(options={}), NUM_PROXIES=proxies)  # type: ignore[arg-type]
    monkeypatch.setattr(theirs.api_settings, "NUM_PROXIES", proxies, raising=False)
    headers = {} if forwarded is None else {"x-forwarded-for": forwarded}
    legacy = RequestFactory().get("/", headers=headers, REMOTE_ADDR="9.9.9.9")
    raw = [(name.encode(), value.encode()) for name, value in headers.items()]
    scope = {"type": "http", "headers": raw, "client": ("9.9.9.9", 1)}
    expected = theirs.AnonRateThrottle().get_ident(legacy)
    assert throttling.get_ident(Request(scope)) == expected


def test_keys_are_those_of_drf() -> None:
    scope = {"type": "http", "headers": [], "client": ("9.9.9.9", 1)}
    context: Context[Any] = Context(Request(scope), None, None)  # type: ignore[arg-type]
    request: Any = RequestFactory().get("/", REMOTE_ADDR="9.9.9.9")
    request.user = None

    class Ours(throttling.AnonRateThrottle):
        rate = "1/s"

    class Theirs(theirs.AnonRateThrottle):
        rate = "1/s"

    assert Ours().get_cache_key(context) == Theirs().get_cache_key(request, None)


@pytest.mark.parametrize("rate", ["3/s", "4/sec", "5/m", "60/min", "7/hour", "8/day", "9/d"])
def test_rates_are_read_alike(rate: str) -> None:
    ours = throttling.UserRateThrottle.parse_rate(
        throttling.UserRateThrottle.__new__(throttling.UserRateThrottle), rate
    )
    assert ours == theirs.UserRateThrottle().parse_rate(rate)


def test_a_scope_without_a_rate_is_an_error() -> None:
    class Unknown(throttling.UserRateThrottle):
        scope = "unknown"

    with pytest.raises(LookupError, match="No default throttle rate set for 'unknown' scope"):
        Unknown()


def test_the_cache_forgets_what_is_over(monkeypatch: pytest.MonkeyPatch) -> None:
    cache = throttling.MemoryCache()
    monkeypatch.setattr(cache, "SWEEP_AT", 2, raising=False)
    cache.set("short", [1.0], 0.01)
    cache.set("long", [2.0], 100)
    time.sleep(0.02)
    assert cache.get("short") is None
    cache.set("other", [3.0], 100)
    assert list(cache._entries) == ["long", "other"]
