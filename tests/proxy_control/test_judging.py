"""Verdicts on pairs: never equal by default, bounded, and fair to what is fresh."""

import gzip
import json
import time
import uuid
from datetime import UTC, date, datetime

import pytest

from strangler.config import Ignore
from strangler_proxy.judging import WRITE, Finding, Judge
from tests.proxy_control.pairs import ENDPOINT, answer, pair


def judged(legacy: object, new: object, judge: Judge | None = None, **more: object) -> Finding:
    sides = [answer(json.dumps(each).encode()) for each in (legacy, new)]
    return (judge or Judge()).judge(pair(*sides, **more), time.time())


def test_equal_answers_are_equal() -> None:
    """Whatever belongs to the connection does not count."""
    legacy = answer(b'{"a": 1}', 200, (b"Server", b"one"), (b"Date", b"Thu"))
    new = answer(b'{"a": 1}', 200, (b"Server", b"two"))
    assert Judge().judge(pair(legacy, new), time.time()).verdict == "equal"


def test_a_difference_has_category_and_pointer() -> None:
    """As `verify` names it, since the same code does."""
    finding = judged({"rows": [{"price": "9.50"}]}, {"rows": [{"price": 9.5}]})
    assert finding.verdict == "different"
    (found,) = finding.differences
    assert (found.category, found.pointer) == ("decimal-as-number", "/rows/0/price")
    assert (found.legacy, found.new) == ('"9.50"', "9.5")


@pytest.mark.parametrize(
    "problem", ["timeout", "refused", "reset", "too-big", "truncated", "stream", "error"]
)
@pytest.mark.parametrize("side", ["legacy", "new"])
def test_a_missing_answer_is_never_equal(side: str, problem: str) -> None:
    """`uncompared`, with the side and what became of it."""
    lost = answer(None, 0 if problem == "refused" else 200, problem=problem)
    sides = (lost, answer()) if side == "legacy" else (answer(), lost)
    finding = Judge().judge(pair(*sides), time.time())
    assert (finding.verdict, finding.reason) == ("uncompared", f"{side}: {problem}")


_DEEP = b"[" * 10_000 + b"]" * 10_000
_BOMB = gzip.compress(b"0" * 50_000_000)


@pytest.mark.parametrize(
    "body",
    [
        b'{"a": NaN}',
        b'{"a": 1, "a": 2}',
        b"\xff\xfe",
        _DEEP,
        b"[%s]" % (b"9" * 6000),
        b"[" + b"0," * 1_000_000 + b"0]",
    ],
    ids=["nan", "twice", "no utf-8", "deep", "huge integer", "a million elements"],
)
def test_what_cannot_be_read_is_never_equal(body: bytes) -> None:
    """Whatever stands there, and however much of it."""
    finding = Judge().judge(pair(answer(body), answer(body + b" ")), time.time())
    assert finding.verdict != "equal"


@pytest.mark.parametrize("encoding", [b"br", b"gzip, gzip", b"nonsense"])
def test_unknown_encodings_are_uncompared(encoding: bytes) -> None:
    """We relay bodies unopened, and do not guess what is in them."""
    sides = [answer(b"x" * size, 200, (b"Content-Encoding", encoding)) for size in (5, 6)]
    assert Judge().judge(pair(*sides), time.time()).verdict == "uncompared"


def test_a_compression_bomb_is_uncompared() -> None:
    """It is not unpacked."""
    header = (b"Content-Encoding", b"gzip")
    bomb = answer(_BOMB, 200, header)
    finding = Judge().judge(pair(bomb, answer(gzip.compress(b"1"), 200, header)), time.time())
    assert finding.verdict == "uncompared"


def test_request_ids_are_fresh_and_stored_ids_are_not() -> None:
    """A random value that a side shows a second time was not made for the request."""
    judge = Judge()

    def told(legacy: str, new: str) -> str:
        sides = [answer(b"{}", 200, (b"X-Request-ID", each.encode())) for each in (legacy, new)]
        return judge.judge(pair(*sides), time.time()).verdict

    for _ in range(3):
        assert told(uuid.uuid4().hex, uuid.uuid4().hex) == "equal"
    stored = [uuid.uuid4().hex for _ in range(2)]
    assert told(*stored) == "equal"
    assert told(*stored) == "different"


def test_words_are_never_taken_for_fresh() -> None:
    """Two words of one length are two words."""
    assert judged({"name": "Keyboard"}, {"name": "Notebook"}).verdict == "different"


def test_a_value_of_the_request_is_not_fresh() -> None:
    """An answer that shows another id than was asked for is wrong at once."""
    asked, other = uuid.uuid4().hex, uuid.uuid4().hex
    finding = judged({"id": asked}, {"id": other}, target=f"/items/{asked}/".encode())
    assert finding.verdict == "different"


def test_clocks_are_paired_in_either_direction() -> None:
    """The second answer is later, whichever side the client got."""
    for served in ("legacy", "new"):
        first, second = time.time() - 5, time.time()
        times = [datetime.fromtimestamp(t, UTC).isoformat() for t in (first, second)]
        bodies = [json.dumps({"now": t}).encode() for t in times]
        legacy, new = bodies if served == "legacy" else bodies[::-1]
        given = pair(answer(legacy), answer(new), served=served, started=first - 0.005)
        assert Judge().judge(given, second).verdict == "equal", served
        wrong = pair(answer(new), answer(legacy), served=served, started=first - 0.005)
        assert Judge().judge(wrong, second).verdict == "different", served


def test_a_write_in_between_makes_a_difference_moving() -> None:
    """Legacy itself may have changed; that is said, and is no pass."""
    sides = answer(b'{"stock": 1}'), answer(b'{"stock": 2}')
    finding = Judge().judge(pair(*sides), time.time(), written=True)
    assert finding.verdict == "moving"


def test_throttles_count_for_themselves() -> None:
    """A 429 of one side says nothing about the other."""
    finding = Judge().judge(pair(answer(b"{}", 429), answer()), time.time())
    assert finding.verdict == "uncompared"


def test_an_attempted_write_is_a_finding() -> None:
    """The new application says it by a media type of its own."""
    told = answer(b'{"detail": "UPDATE t"}', 500, (b"Content-Type", WRITE.encode()))
    finding = Judge().judge(pair(answer(), told), time.time())
    assert finding.writes
    assert finding.differences[0].category == "shadow-write"


def test_accepted_differences_count_until_their_day() -> None:
    """From then on they count again."""
    until = date(2030, 1, 31)
    judge = Judge([Ignore(endpoint=ENDPOINT, pointer="/rows/*/age", reason="r", until=until)])
    sides = answer(b'{"rows": [{"age": 1}]}'), answer(b'{"rows": [{"age": 2}]}')
    before = datetime(2030, 1, 31, 12, tzinfo=UTC).timestamp()
    after = datetime(2030, 2, 1, 12, tzinfo=UTC).timestamp()
    assert judge.judge(pair(*sides, started=before - 1), before).verdict == "equal"
    assert judge.judge(pair(*sides, started=after - 1), after).verdict == "different"
