"""A cache is shared with Django: each reads what the other wrote, and it lies there alike."""

import datetime
import shutil
import socket
import subprocess
import uuid
from collections import OrderedDict
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import redis
from django.contrib.auth.models import User
from django.core.cache.backends.locmem import LocMemCache
from django.core.cache.backends.redis import RedisCache

from strangler.compat import shadow
from strangler.compat.cache import Cache
from strangler.compat.pickles import dumps, loads

SERVER = shutil.which("redis-server")
VALUES: list[Any] = [
    *(0, 7, -3, 10**30, True, False, None, 1.5, "", "ü", "7", b"\x00", b"12"),
    *([1, [2]], (1, 2), {"a": {"b": None}}, {1, 2}, OrderedDict(a=1), Decimal("1.50")),
    datetime.datetime(2024, 5, 1, 10, tzinfo=datetime.UTC),
    *(datetime.date(2024, 5, 1), datetime.timedelta(days=1), uuid.UUID(int=7)),
]
TIMES: list[Any] = [None, 0, -1, 1, 60, 59.9]


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    if SERVER is None:
        pytest.skip("redis-server is not installed")
    place = tmp_path_factory.mktemp("redis") / "socket"
    with subprocess.Popen(
        [SERVER, "--port", "0", "--unixsocket", str(place), "--save", "", "--dir", place.parent],
        stdout=subprocess.DEVNULL,
    ) as server:
        _wait_for(place)
        yield f"unix://{place}?db=1"
        server.terminate()


def _wait_for(place: Path) -> None:
    for _ in range(10_000):
        with socket.socket(socket.AF_UNIX) as probe:
            if probe.connect_ex(str(place)) == 0:
                return
    raise AssertionError("redis-server does not start")


@pytest.fixture
def both(url: str) -> tuple[Any, Cache, Any]:
    """Django's cache, ours, and a client of the server, which is empty."""
    client = redis.Redis.from_url(url)
    client.flushall()
    params = {"KEY_PREFIX": "shop", "TIMEOUT": 90, "VERSION": 2}
    return RedisCache(url, params), Cache(url, key_prefix="shop", timeout=90, version=2), client


def state(client: Any) -> dict[bytes, tuple[bytes, int]]:
    """All that the server holds: value and seconds by key; -1 for ever."""
    return {key: (client.get(key), client.ttl(key)) for key in client.scan_iter()}


@pytest.mark.parametrize("value", VALUES, ids=repr)
def test_a_value_lies_there_as_django_writes_it(value: Any, both: Any) -> None:
    theirs, mine, client = both
    theirs.set("a", value)
    written = state(client)
    client.flushall()
    mine.set("a", value)
    assert state(client) == written
    assert (mine.get("a"), theirs.get("a")) == (value, value)
    assert type(mine.get("a")) is type(theirs.get("a"))


@pytest.mark.parametrize("timeout", TIMES)
@pytest.mark.parametrize("known", [False, True])
@pytest.mark.parametrize("method", ["set", "add", "touch", "get_or_set"])
def test_times_are_kept_as_django_keeps_them(
    method: str, known: bool, timeout: Any, both: Any
) -> None:
    told = []
    for cache in both[:2]:
        both[2].flushall()
        if known:
            cache.set("a", 1, 1000)
        args = ("a",) if method == "touch" else ("a", 2)
        given = getattr(cache, method)(*args, timeout=timeout)
        told.append((given, state(both[2])))
    assert told[1] == told[0]


STEPS: list[tuple[str, tuple[Any, ...]]] = [
    ("get", ("a",)),
    ("get", ("a", 5)),
    ("set", ("a", 1)),
    ("set", ("a", 1, 60, 7)),
    ("add", ("a", 1)),
    ("delete", ("a",)),
    ("delete", ("a", 7)),
    ("incr", ("a",)),
    ("incr", ("a", 5)),
    ("decr", ("a", 2)),
    ("get_many", (["a", "b", "c"],)),
    ("get_many", ([],)),
    ("set_many", ({"b": "x", "c": 3}, 60)),
    ("set_many", ({"b": "x"},)),
    ("set_many", ({},)),
    ("delete_many", (["a", "b"],)),
    ("delete_many", ([],)),
    ("has_key", ("b",)),
    ("touch", ("b", 30)),
    ("get_or_set", ("d", list)),
    ("get_or_set", ("a", None)),
    ("clear", ()),
]


@pytest.mark.parametrize("before", [None, *STEPS], ids=lambda s: str(s)[:30])
def test_steps_give_and_leave_what_djangos_do(before: Any, both: Any) -> None:
    for name, args in STEPS:
        told = []
        for cache in both[:2]:
            both[2].flushall()
            if before is not None:
                _outcome(cache, *before)
            told.append((_outcome(cache, name, args), state(both[2])))
        assert told[1] == told[0], name


def _outcome(cache: Any, name: str, args: tuple[Any, ...]) -> Any:
    try:
        return getattr(cache, name)(*args)
    except (TypeError, ValueError, redis.ResponseError) as error:
        missing = "not found" in str(error)
        return str(error).rstrip(".") if missing else "this is no number"


@pytest.mark.parametrize(
    "step", [s for s in STEPS if s[0] not in ("clear", "delete_many")], ids=str
)
def test_the_local_store_behaves_as_djangos_local_cache(step: Any) -> None:
    for before in (None, *STEPS):
        theirs = LocMemCache(f"x{id(before)}", {"TIMEOUT": 90})
        theirs.clear()
        mine = Cache(f"local://{id(before)}", timeout=90)
        mine.clear()
        if before is not None:
            _outcome(theirs, *before)
            _outcome(mine, *before)
        assert _outcome(mine, *step) == _outcome(theirs, *step)


def test_nothing_of_django_or_of_the_database_is_written_or_read() -> None:
    import pickle

    with pytest.raises(TypeError, match="User"):
        dumps({"a": [User(username="x")]}, 5)
    with pytest.raises(pickle.UnpicklingError, match=r"User|model_unpickle"):
        loads(pickle.dumps(User(username="x")))
    with pytest.raises(pickle.UnpicklingError, match="system"):
        loads(b"cos\nsystem\n(S'true'\ntR.")


def test_a_request_that_must_leave_no_trace_reads_only(both: Any) -> None:
    theirs, mine, client = both
    theirs.set("a", 1)
    before = state(client)
    token = shadow._trace.set(shadow.Trace())
    try:
        mine.set("b", 2)
        assert (mine.get("a"), mine.get("b"), mine.add("b", 1), mine.touch("a")) == (
            1,
            None,
            True,
            True,
        )
        assert mine.incr("a") == 2
        mine.delete("a")
        mine.delete_many(["a"])
        mine.clear()
        assert mine.get_or_set("c", lambda: 3) == 3
    finally:
        shadow._trace.reset(token)
    assert state(client) == before


def test_a_cache_whose_place_is_not_known_says_so() -> None:
    with pytest.raises(RuntimeError, match="CACHE_URL"):
        Cache("").get("a")
    with pytest.raises(ValueError, match="memcached"):
        Cache("memcached://x")


def test_a_cache_that_keeps_nothing_keeps_nothing() -> None:
    cache = Cache("dummy://")
    cache.set("a", 1)
    assert (cache.add("a", 2), cache.get("a")) == (True, None)
