"""What is kept of findings, on a real file: redacted, bounded, and never in anybody's way."""

import json
import os
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from strangler_proxy import store
from strangler_proxy.comparing import Comparer
from strangler_proxy.counters import Counters
from strangler_proxy.judging import WRITE
from strangler_proxy.redaction import MASK, Redactor, secrets_of
from strangler_proxy.store import Observation, Seen, Store
from tests.proxy_control.pairs import ENDPOINT, answer, pair

KEY = b"k" * 43


def wait(ready: Callable[[], object], what: str = "it did not happen") -> None:
    """Until something is so."""
    end = time.monotonic() + 10
    while not ready():
        assert time.monotonic() < end, what
        time.sleep(0.02)


class Kept:
    """A comparer with its store."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.counters = Counters()
        self.store = Store(path, self.counters)
        self.unsafe: list[str] = []
        self.comparer = Comparer(self.store, KEY, self.counters, unsafe=self.unsafe.append)

    def offer(self, legacy: object, new: object, **more: Any) -> None:
        sides = [answer(json.dumps(each).encode()) for each in (legacy, new)]
        self.comparer.offer(pair(*sides, **more))

    def settle(self, count: int) -> None:
        """Until so many pairs are judged and on the disk."""
        wait(lambda: sum(self.counters.compared.values()) >= count)
        wait(lambda: sum(sum(v.values()) for v in store.verdicts(self.path).values()) >= count)

    def close(self) -> None:
        self.comparer.close()
        self.store.close()


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[Kept]:
    made = Kept(tmp_path / "state" / "diffs.db")
    yield made
    made.close()


def test_verdicts_are_counted_and_differences_gathered(kept: Kept) -> None:
    """One difference at many places of a list is one difference, with its count."""
    kept.offer({"a": 1}, {"a": 1})
    for number in range(5):
        rows = [{"price": "1.00"}] * (number + 1)
        kept.offer({"rows": rows}, {"rows": [*rows[:-1], {"price": 1.0}]})
    kept.settle(6)
    assert store.verdicts(kept.path) == {ENDPOINT: {"different": 5, "equal": 1}}
    (found,) = store.differences(kept.path)
    assert (found.category, found.pointer, found.count) == (
        "decimal-as-number",
        "/rows/*/price",
        5,
    )
    assert found.example == "/rows/4/price"


def test_by_default_no_value_is_kept(kept: Kept) -> None:
    """Pointer, types and keyed hashes: equal values have equal hashes, and nobody can guess."""
    kept.offer({"name": "Ann"}, {"name": "Eve"})
    kept.settle(1)
    (found,) = store.differences(kept.path)
    assert (found.legacy_value, found.new_value, found.target) == (None, None, None)
    assert (found.legacy_type, found.new_type) == ("string", "string")
    assert found.legacy_hash == Redactor(KEY).hashed('"Ann"') != Redactor(b"other").hashed('"Ann"')
    assert b"Ann" not in on_disk(kept.path)


def test_values_are_kept_where_the_route_asks_for_them(kept: Kept) -> None:
    """Both of them, and what was asked for."""
    kept.comparer.values = lambda endpoint: endpoint == ENDPOINT
    kept.offer({"price": "9.50"}, {"price": 9.5}, target=b"/items/1/?page=2&api_key=hidden")
    kept.settle(1)
    (found,) = store.differences(kept.path)
    assert (found.legacy_value, found.new_value) == ('"9.50"', "9.5")
    assert found.target == "/items/1/?page=2&api_key=***"


def on_disk(path: Path) -> bytes:
    """Everything that the store wrote: the file, its log, its index."""
    return b"".join(each.read_bytes() for each in path.parent.glob(f"{path.name}*"))


#: Secrets that must be found nowhere, by where they stand.
CANARIES = {
    "authorization": "Bearer canary-Auth0rization-0001",
    "cookie": "sessionid=canaryCookie0002; csrftoken=canaryCsrf0003",
    "x-api-key": "canary-Api-Key-0004",
    "target": "canaryTargetToken0005",
    "password": "canary-Passw0rd-0006",
    "token": "canary-Token-0007",
    "jwt": "eyJhbGciOiJIUzI1NiJ9.canaryJwt0008.c2lnbmF0dXJl",
    "email": "canary0009@mail.example",
    "card": "4111 1111 1111 0010",
    "hash": "pbkdf2_sha256$600000$canarysalt0011$aGFzaA==",
    "echoed": "canaryCookie0002",
    "long": "0012canaryLongRandom9f8e7d6c5b4a",
    "key": "canary0013@keys.example",
    "nested": '{"refresh_token": "canaryNested0014"}',
    "set-cookie": "sessionid=canarySetCookie0015; Path=/",
    "secret_answer": "canary rover 0016",
    "iban": "canary DE0017",
    "pin": "canary0018",
    "otp": "canary0019",
    "signature": "canary-signature-0020",
}


def _with_canaries(kept: Kept) -> None:
    names = ("password", "token", "secret_answer", "iban", "pin", "otp", "signature")
    body = {name: CANARIES[name] for name in names}
    body |= {f"note{n}": CANARIES[n] for n in ("jwt", "email", "card", "hash", "echoed", "long")}
    body |= {"text": CANARIES["nested"], CANARIES["key"]: 1}
    headers = [
        (name.encode(), CANARIES[name].encode())
        for name in ("authorization", "cookie", "x-api-key")
    ]
    other = {name: f"{value}!" if isinstance(value, str) else 2 for name, value in body.items()}
    target = f"/items/1/?reset_token={CANARIES['target']}".encode()
    kept.offer(body, other, headers=headers, target=target)
    cookie = (b"Set-Cookie", CANARIES["set-cookie"].encode())
    kept.comparer.offer(pair(answer(b"{}", 200, cookie), answer(b"{}"), headers=headers))
    text = json.dumps(body).encode()
    kept.comparer.offer(pair(answer(text), answer(text, 500), headers=headers, target=target))
    kept.settle(3)


@pytest.mark.parametrize("values", [False, True])
def test_secrets_are_never_written(kept: Kept, values: bool) -> None:
    """Twenty of them, in headers, cookies, bodies and the query; with values and without."""
    kept.comparer.values = lambda endpoint: values
    _with_canaries(kept)
    kept.store.close()
    found = on_disk(kept.path).decode("latin-1").lower()
    assert "status" in found  # the differences themselves are there
    assert "canary" not in found
    assert "4111" not in found


def test_an_attempted_write_makes_the_endpoint_unsafe(kept: Kept) -> None:
    """From then on the data plane does not send it twice; verb and table are shown."""
    told = answer(b'{"detail": "UPDATE t"}', 500, (b"Content-Type", WRITE.encode()))
    kept.comparer.offer(pair(answer(), told))
    kept.settle(1)
    assert kept.unsafe == [ENDPOINT]
    (found,) = store.differences(kept.path)
    assert found.category == "shadow-write"
    assert "UPDATE t" in str(found.new_value)


def test_samples_of_a_difference_are_bounded(kept: Kept) -> None:
    """However often it is seen, twenty of them are kept."""
    for number in range(60):
        kept.offer({"n": "1.0"}, {"n": number})
    kept.settle(60)
    with sqlite3.connect(kept.path) as database:
        assert database.execute("select count(*) from sample").fetchone() == (20,)
    database.close()
    assert store.differences(kept.path)[0].count <= 60


def test_raw_values_go_after_fourteen_days(tmp_path: Path) -> None:
    """Types and hashes stay."""
    path = tmp_path / "diffs.db"
    old = time.time() - 15 * 86_400
    seen = Seen("value", "/a", "/a", ("string", "string"), ("h1", "h2"), ('"x"', '"y"'))
    keeping = Store(path, Counters())
    keeping.add(Observation(ENDPOINT, "different", "", old, "shadow", "legacy", (seen,), "/a"))
    wait(lambda: store.differences(path))
    keeping.close()
    (found,) = store.differences(path)
    assert (found.legacy_value, found.target, found.legacy_hash) == (None, None, "h1")


def observation(number: int = 0) -> Observation:
    return Observation(f"GET /{number}/", "equal", "", time.time(), "shadow", "legacy")


def _lock(path: Path) -> Callable[[], None]:
    other = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    other.execute("begin exclusive")
    return other.close


def _corrupt(path: Path) -> Callable[[], None]:
    for each in path.parent.glob(f"{path.name}-*"):
        each.unlink()
    whole = path.read_bytes()
    os.unlink(path)
    path.write_bytes(b"nonsense" * 1000)

    def mend() -> None:
        path.unlink()
        path.write_bytes(whole)

    return mend


def _delete(path: Path) -> Callable[[], None]:
    for each in path.parent.glob(f"{path.name}*"):
        each.unlink()
    path.mkdir()  # so that it cannot come back by itself
    return path.rmdir


def _newer(path: Path) -> Callable[[], None]:
    with sqlite3.connect(path) as database:
        database.execute(f"pragma user_version = {store.VERSION + 1}")
    database.close()
    os.utime(path)
    os.replace(path, path.with_name("kept.db"))
    os.replace(path.with_name("kept.db"), path)
    # another inode, as after a deployment
    path.with_name("copy.db").write_bytes(path.read_bytes())
    os.replace(path.with_name("copy.db"), path)

    def mend() -> None:
        with sqlite3.connect(path) as again:
            again.execute(f"pragma user_version = {store.VERSION}")
        again.close()

    return mend


def _full(path: Path) -> Callable[[], None]:
    limited = threading.Event()
    original = store._keep  # the disk of a test cannot be filled: its error can be raised

    def full(*_: object) -> None:
        limited.set()
        raise sqlite3.OperationalError("database or disk is full")

    store._keep = full

    def mend() -> None:
        store._keep = original

    return mend


@pytest.mark.parametrize("harm", [_lock, _corrupt, _delete, _newer, _full])
def test_a_failing_store_drops_counts_and_recovers(
    tmp_path: Path, harm: Callable[[Path], Callable[[], None]]
) -> None:
    """Whoever adds is never kept waiting and never sees an error; mended, it writes again."""
    path = tmp_path / "state" / "diffs.db"
    counters = Counters()
    keeping = Store(path, counters)
    keeping.add(observation(0))
    wait(lambda: store.verdicts(path))
    mend = harm(path)
    try:
        end = time.monotonic() + 10
        while keeping.problem is None:
            keeping.add(observation(1))
            assert time.monotonic() < end, "no problem was seen"
            time.sleep(0.05)
        assert counters.shadow["store-error"] > 0
    finally:
        mend()
    wait(lambda: keeping.problem is None, "it did not recover")
    keeping.add(observation(2))
    wait(lambda: "GET /2/" in store.verdicts(path))
    keeping.close()


def test_a_deleted_store_is_made_again(tmp_path: Path) -> None:
    """Writing on into a file that nobody can see would keep nothing."""
    path = tmp_path / "diffs.db"
    keeping = Store(path, Counters())
    keeping.add(observation(0))
    wait(lambda: store.verdicts(path))
    for each in tmp_path.glob("diffs.db*"):
        each.unlink()
    keeping.add(observation(1))
    wait(lambda: store.verdicts(path).keys() == {"GET /1/"})
    keeping.close()


def test_the_store_is_for_its_owner(tmp_path: Path) -> None:
    """Nobody else may read what was found."""
    path = tmp_path / "state" / "diffs.db"
    keeping = Store(path, Counters())
    keeping.add(observation())
    wait(lambda: store.verdicts(path))
    keeping.close()
    assert {each.stat().st_mode & 0o077 for each in path.parent.glob("diffs.db*")} == {0}


def test_a_comparer_drops_what_it_cannot_take(tmp_path: Path) -> None:
    """Pairs wait in a bounded queue; what is over is counted."""
    counters = Counters()
    keeping = Store(tmp_path / "diffs.db", counters)
    comparer = Comparer(keeping, KEY, counters)
    gate = threading.Event()
    comparer.values = lambda endpoint: gate.wait(5)
    for _ in range(1200):
        comparer.offer(pair(answer(b'{"a": 1}'), answer(b'{"a": 2}')))
    assert counters.shadow["queue-full"] >= 1200 - 1024 - 1
    gate.set()
    comparer.close()
    keeping.close()


def test_secrets_of_a_request_are_masked_wherever_an_answer_repeats_them() -> None:
    """A value is a secret because the client sent it as one."""
    secrets = secrets_of([(b"Cookie", b"a=first-value"), (b"Accept", b"text/html")])
    assert Redactor(KEY).value("seen first-value here", "/x", secrets) == f"seen {MASK} here"
    assert Redactor(KEY).value("text/html", "/x", secrets) == "text/html"


def test_pointers_hide_keys_that_may_be_data() -> None:
    """Names of fields stay, addresses and free text go."""
    pointer = Redactor(KEY).pointer("/rows/3/unit_price/ann@mail.example/x y")
    assert pointer.startswith("/rows/3/unit_price/~")
    assert "ann" not in pointer
    assert "x y" not in pointer
