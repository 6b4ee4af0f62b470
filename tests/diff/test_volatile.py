"""Clocks and chance: paired where the two requests explain them, never ignored."""

import base64
import json
import uuid
from datetime import UTC, datetime

import pytest

from tests.diff.exchanges import compared, found, pairing


def moment(seconds: float) -> str:
    return datetime.fromtimestamp(1_700_000_000 + seconds, UTC).isoformat().replace("+00:00", "Z")


@pytest.mark.parametrize("ahead", [0.0, 3600.0, -86400.0])
def test_times_as_far_apart_as_the_requests_are_equal_also_ahead_of_now(ahead: float) -> None:
    pair = {"at": moment(ahead + 0.05123)}, {"at": moment(ahead + 0.25456)}
    assert compared(*pair).equal


@pytest.mark.parametrize("seconds", [0.0, -0.2, 0.9, 60.0])
def test_times_that_the_gap_does_not_explain_differ(seconds: float) -> None:
    pair = {"at": moment(0.050001)}, {"at": moment(0.050002 + seconds)}
    assert [category for category, _ in found(compared(*pair))] in (["timestamp"], ["microseconds"])


def test_a_time_that_lost_its_fraction_differs() -> None:
    assert not compared({"at": moment(0.05123)}, {"at": "2023-11-14T22:13:20Z"}).equal


def test_whole_seconds_are_paired_however_many_zeros_are_written() -> None:
    """The end of a token is counted in seconds; PostgreSQL shows it with microseconds."""
    for seconds, equal in ((1, True), (9, False)):
        pair = {"at": "2023-11-15T22:13:20.000000Z"}, {"at": f"2023-11-15T22:13:2{seconds}.000000Z"}
        assert compared(*pair).equal is equal


def test_another_way_to_write_the_same_now_differs() -> None:
    left, right = moment(0.05123), moment(0.25456).replace("Z", "+00:00")
    assert not compared({"at": left}, {"at": right}).equal


def test_seconds_since_the_epoch_are_paired() -> None:
    assert compared({"iat": 1_700_000_000}, {"iat": 1_700_000_001}).equal
    assert not compared({"iat": 1_700_000_000}, {"iat": 1_700_000_100}).equal


def test_fresh_identifiers_are_paired_one_to_one() -> None:
    a, b, c, d = (str(uuid.uuid4()) for _ in range(4))
    assert compared({"id": a, "parent": b, "again": a}, {"id": c, "parent": d, "again": c}).equal
    assert found(compared({"id": a, "again": a}, {"id": c, "again": d})) == [("value", "/again")]
    assert found(compared({"id": a, "other": b}, {"id": c, "other": c})) == [("value", "/other")]


def test_every_paired_value_is_claimed_so_that_it_can_be_asked_again() -> None:
    pairs = pairing()
    assert pairs.texts("/orders/aaaaaaa1/", "/orders/bbbbbbb2/", "/url")
    assert [(claim.pointer, claim.legacy, claim.new) for claim in pairs.claims] == [
        ("/url", "aaaaaaa1", "bbbbbbb2")
    ]


def test_without_freshness_only_clocks_are_paired() -> None:
    pairs = pairing(fresh=False)
    assert not pairs.texts("aaaaaaa1", "bbbbbbb2", "/token")
    assert pairs.texts(moment(0.05123), moment(0.25456), "/at")


def test_values_of_another_shape_are_no_pair() -> None:
    pairs = pairing()
    assert not pairs.texts("a" * 8, "b" * 9, "")
    assert not pairs.texts("0123456789abcdef01234567", "0123456789ABCDEFGHIJKLMN", "")
    assert not pairs.texts("pbkdf2_sha256$1000$salt$hash", "pbkdf2_sha256$2000$salt$hash", "")


def test_chance_makes_hex_of_digits_only() -> None:
    """An identifier may have no letter in it."""
    assert compared(
        {"id": "d40a00358f5a4edea94c3825ee52b511"}, {"id": "6517421057924186" * 2}
    ).equal


def token(**claims: object) -> str:
    parts = ({"alg": "HS256", "typ": "JWT"}, claims)
    encoded = [base64.urlsafe_b64encode(json.dumps(part).encode()).decode() for part in parts]
    return ".".join(part.rstrip("=") for part in [*encoded, "c2lnbmF0dXJlLWJ5dGVz"])


def test_short_keys_may_be_of_digits_only_too() -> None:
    """The first fifteen digits of a random hexadecimal number, as knox keeps them."""
    assert pairing().texts("865674571786437", "bc7cd916d795a0a", "")
    assert not pairing().texts("865674571786437", "bc7cd916d795a0z", "")


def test_web_tokens_are_compared_by_their_claims() -> None:
    legacy = token(user_id=1, exp=1_700_000_300, jti="a" * 32)
    assert compared({"t": legacy}, {"t": token(user_id=1, exp=1_700_000_300, jti="b" * 32)}).equal
    for wrong in (
        token(user_id=2, exp=1_700_000_300, jti="b" * 32),
        token(user_id=1, exp=1_700_009_300, jti="b" * 32),
        token(user_id=1, jti="b" * 32),
    ):
        assert found(compared({"t": legacy}, {"t": wrong})) == [("value", "/t")]
