"""Mails, tasks, files and statements: caught on both sides, and told apart."""

import pickle
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from strangler.diff import Difference, Effect, Exchange, Gap, Pairing, compare_effects
from strangler.verify.executor import Executor
from strangler.verify.legacy_caches import Writes, stored, stores, watch_local
from strangler.verify.legacy_redis import Store
from strangler.verify.media import Media
from strangler.verify.project import Project
from strangler.verify.requests import Request
from strangler.verify.twins import Twins

HOST = (("Host", "localhost"), ("Accept", "application/json"))
Legacy = Callable[[], Executor]


def odd(what: str) -> Request:
    return Request("GET", f"/api/odd/?what={what}", HOST)


@pytest.fixture
def new(
    project: Project,
    twins: Twins,
    hello: dict[str, object],
    monkeypatch: pytest.MonkeyPatch,
    request: pytest.FixtureRequest,
) -> Iterator[Executor]:
    """The new application, with the fault that a test asks for."""
    if twins.vendor != "sqlite3":
        pytest.skip("the hand-written application knows SQLite only")
    monkeypatch.setenv("FAULT", getattr(request, "param", ""))
    with project.new(twins.place("new"), "namespace", hello, "") as running:
        yield running


def differences(legacy: Exchange, new: Exchange) -> list[Difference]:
    pairing = Pairing(Gap.between(legacy, new))
    return list(compare_effects(legacy.effects, new.effects, pairing))


@pytest.mark.parametrize(
    ("new", "what"),
    [("", "mail"), ("async", "mail"), ("", "task"), ("", "caching"), ("async", "caching")],
    indirect=["new"],
)
def test_what_both_send_is_caught_and_alike(legacy: Legacy, new: Executor, what: str) -> None:
    left, right = legacy().send(odd(what)), new.send(odd(what))
    assert (left.status, right.status) == (200, 200), left.error + right.error
    assert left.refused == right.refused == ()
    assert len(left.effects) == len(right.effects) == (3 if what == "caching" else 1)
    assert differences(left, right) == []


def test_a_letter_is_read_as_people_read_it(legacy: Legacy) -> None:
    (letter,) = legacy().send(odd("mail")).effects
    assert letter.name == "Größe"
    assert letter.value["recipients"] == ["b@example.com", "c@example.com"]
    kinds = {part["type"]: part["content"] for part in letter.value["parts"]}
    assert (kinds["text/plain"], kinds["text/html"]) == ("text", "<p>text</p>")
    assert kinds["application/octet-stream"].endswith("(2 bytes)")


def test_a_task_is_its_name_arguments_and_time(legacy: Legacy) -> None:
    (task,) = legacy().send(odd("task")).effects
    assert (task.name, task.value["arguments"]) == ("notes.count", [[1], {"deep": True}])
    assert task.value["eta"]


@pytest.mark.parametrize("queue", ["rq", "dramatiq", "huey", "django-q"])
def test_every_queue_keeps_its_messages(legacy: Legacy, queue: str) -> None:
    exchange = legacy().send(odd(queue))
    assert (exchange.status, exchange.refused) == (200, ()), exchange.error
    (task,) = exchange.effects
    assert (task.kind, task.value["arguments"][0]) == ("task", [1])
    assert "send" in task.name


def test_a_cached_value_is_its_last_one_with_its_time(legacy: Legacy) -> None:
    found = {each.name: each.value for each in legacy().send(odd("caching")).effects}
    assert found == {
        ":1:page": {"value": {"at": "1.50", "of": [1]}, "timeout": 60},
        ":1:count": {"value": 5, "timeout": None},
        ":1:old": {"deleted": True},
    }  # what was there already is not added, throttles count for themselves


def test_a_store_in_memory_is_followed_like_django_s() -> None:
    """What is built on it and keeps nothing is not; one write is told once."""

    class Local:
        def __init__(self) -> None:
            self.kept: dict[str, object] = {}

        def set(
            self, name: str, value: object, seconds: int | None, *, only_new: bool = False
        ) -> bool:
            if only_new and name in self.kept:
                return False
            self.kept[name] = value
            return True

        def touch(self, name: str, seconds: int | None) -> bool:
            return name in self.kept and self.set(name, self.kept[name], seconds)

        def delete(self, names: list[str]) -> int:
            return sum(self.kept.pop(name, None) is not None for name in names)

        def incr(self, name: str, delta: int) -> int:
            return 5

        def clear(self) -> None:
            self.kept.clear()

    class Nothing(Local):
        pass

    writes = Writes()
    store, other = Local(), Local()
    module = SimpleNamespace(
        LocalStore=Local, _LOCAL={"local://default": store, "local://b": other}
    )
    watch_local(module, writes)
    other.set(":1:page", 7, None)
    other.clear()
    other.set(":1:count", 7, None)
    store.set(":1:page", pickle.dumps({"a": 1}), 60)
    store.set(":1:page", b"2", 5, only_new=True)
    store.touch(":1:page", 9)
    store.set(":1:count", 1, None)
    store.incr(":1:count", 4)
    store.delete([":1:old"])
    Nothing().delete([":1:other"])
    assert writes.take() == {
        ":1:count": {"value": 5, "timeout": None},
        ":1:old": {"deleted": True},
        ":1:page": {"value": {"a": 1}, "timeout": 9},
        "b *": {"deleted": True},
        "b :1:count": {"value": 7, "timeout": None},
    }


def test_caches_at_one_place_are_one_store() -> None:
    redis = "django.core.cache.backends.redis.RedisCache"
    caches = {
        "default": {"BACKEND": redis, "LOCATION": "redis://a/1"},
        "same": {"BACKEND": redis, "LOCATION": "redis://a/1", "KEY_PREFIX": "s"},
        "other": {"BACKEND": redis, "LOCATION": "redis://a/2"},
        "chosen": {"BACKEND": redis, "LOCATION": "redis://a/1", "OPTIONS": {"db": 3}},
    }
    assert stores(caches) == {
        "default": "default", "same": "default", "other": "other", "chosen": "chosen",
    }  # fmt: skip


def test_databases_of_the_stand_in_are_apart() -> None:
    writes = Writes()
    store = Store(writes, stored, print)
    store.answer([b"SET", b"a", b"1"])
    store.answer([b"SET", b"a", b"2"], 3)
    assert (store.answer([b"GET", b"a"]), store.answer([b"GET", b"a"], 3)) == (
        b"$1\r\n1\r\n", b"$1\r\n2\r\n",
    )  # fmt: skip
    assert writes.take() == {
        "a": {"value": 1, "timeout": None}, "database 3 a": {"value": 2, "timeout": None},
    }  # fmt: skip
    store.answer([b"FLUSHDB"], 3)
    assert store.answer([b"DBSIZE"]) == b":1\r\n"
    store.answer([b"FLUSHALL"], 3)
    assert store.answer([b"DBSIZE"]) == b":0\r\n"


def test_what_the_stand_in_for_redis_cannot_do_is_named(legacy: Legacy) -> None:
    exchange = legacy().send(odd("list"))
    assert b"unknown command 'LPUSH'" in exchange.body
    assert exchange.refused == ("Redis, for LPUSH",)


@pytest.mark.parametrize(
    ("new", "what", "place"),
    [
        ("cached", "caching", "effect:cache/2/value/of"),
        ("stale", "caching", "effect:cache/1"),
        ("letter", "mail", "effect:mail/0/parts/1/content"),
        ("argument", "task", "effect:task/0/arguments/0/0"),
    ],
    indirect=["new"],
)
def test_what_differs_is_named(legacy: Legacy, new: Executor, what: str, place: str) -> None:
    found = differences(legacy().send(odd(what)), new.send(odd(what)))
    category = "effect-missing" if place.endswith("/1") else "effect-value"
    assert [(each.category, each.pointer) for each in found] == [(category, place)]


def test_what_is_lost_or_added_is_named() -> None:
    pairing = Pairing(Gap(0, 1))
    mail, task = Effect("mail", "welcome", {}), Effect("task", "count", {})
    found = list(compare_effects([mail, task], [mail, mail], pairing))
    assert [(each.category, each.pointer) for each in found] == [
        ("effect-extra", "effect:mail/1"),
        ("effect-missing", "effect:task/0"),
    ]


def test_statements_are_counted_transactions_are_not(legacy: Legacy) -> None:
    legacy().send(odd("many"))  # connects, which costs a statement on MariaDB
    exchange = legacy().send(odd("many"))
    assert exchange.queries == len(exchange.statements) == 6
    assert len(set(exchange.statements)) == 2  # the notes, and one owner after the other


def test_files_are_effects_and_are_put_back(tmp_path: Path) -> None:
    (tmp_path / "old.txt").write_text("old")
    (tmp_path / "kept.txt").write_text("kept")
    media = Media(str(tmp_path))
    try:
        folder = Path(media.root("new"))
        (folder / "old.txt").unlink()
        (folder / "kept.txt").write_text("written over")
        (folder / "added.txt").write_text("added")
        found = {each.name: each.value for each in media.changes("new")}
        assert found["old.txt"] == "deleted"
        assert (found["added.txt"]["bytes"], found["kept.txt"]["bytes"]) == (5, 12)
        assert list(media.changes("legacy")) == []
        media.restore()
        assert list(media.changes("new")) == []
        assert (folder / "kept.txt").read_text() == "kept"
    finally:
        media.close()


def test_times_in_effects_are_as_far_apart_as_the_requests() -> None:
    mine = Effect("task", "count", {"eta": "2026-01-01T00:00:05+00:00"})
    theirs = replace(mine, value={"eta": "2026-01-01T00:00:06+00:00"})
    assert list(compare_effects([mine], [theirs], Pairing(Gap(0, 2)))) == []
    assert list(compare_effects([mine], [theirs], Pairing(Gap(3, 4)))) != []


@pytest.mark.parametrize(
    ("key", "noted"),
    [
        ("shop:1:throttle_user_5", False), (":1:throttle_anon_127.0.0.1", False),
        (":1:login_throttle_5", True), ("cart:throttled", True),
    ],
)  # fmt: skip
def test_counts_of_throttles_are_no_writes_of_the_project(key: str, noted: bool) -> None:
    writes = Writes()
    writes.put(key, 1, None)
    assert bool(writes.take()) is noted
