"""Signed values: either side reads the other's."""

import datetime
import time

import pytest
from django.core import signing as theirs
from django.utils import crypto as their_crypto
from hypothesis import given
from hypothesis import strategies as st

from strangler.compat import crypto
from strangler.compat import signing as ours

KEY = "only for tests"
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(JSON, st.booleans())
def test_what_one_side_dumps_the_other_loads(value: object, compress: bool) -> None:
    ours_text = ours.dumps(value, KEY, salt="s", compress=compress)
    theirs_text = theirs.dumps(value, KEY, salt="s", compress=compress)
    assert theirs.loads(ours_text, KEY, salt="s") == value
    assert ours.loads(theirs_text, KEY, salt="s") == value
    assert ours_text.split(":")[0] == theirs_text.split(":")[0]


@given(st.text(), st.text(min_size=1), st.sampled_from(["sha1", "sha256", "sha512"]))
def test_keyed_hashes_are_equal(value: str, salt: str, algorithm: str) -> None:
    expected = their_crypto.salted_hmac(salt, value, KEY, algorithm=algorithm)
    assert crypto.salted_hmac(salt, value, KEY, algorithm).hexdigest() == expected.hexdigest()
    signer = theirs.Signer(key=KEY, salt=salt, algorithm=algorithm)
    assert ours.Signer(KEY, salt=salt, algorithm=algorithm).sign(value) == signer.sign(value)


@given(st.integers())
def test_numbers_are_written_alike(number: int) -> None:
    assert ours.b62_encode(number) == theirs.b62_encode(number)
    assert ours.b62_decode(ours.b62_encode(number)) == number


def test_default_salts_are_djangos() -> None:
    assert ours.Signer(KEY).sign("x") == theirs.Signer(key=KEY).sign("x")
    assert ours.TimestampSigner(KEY).unsign(theirs.TimestampSigner(key=KEY).sign("x")) == "x"


def test_older_keys_are_accepted_for_reading() -> None:
    old = theirs.dumps([1], "older")
    assert ours.loads(old, KEY, fallback_keys=["oldest", "older"]) == [1]
    with pytest.raises(ours.BadSignature, match="does not match"):
        ours.loads(old, KEY, fallback_keys=["oldest"])


@pytest.mark.parametrize("text", ["", "x", "a:b", "a:b:c"])
def test_what_nobody_signed_is_refused(text: str) -> None:
    with pytest.raises(ours.BadSignature):
        ours.loads(text, KEY)


def test_old_values_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    signed = theirs.dumps("x", KEY)
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + 100)
    assert ours.loads(signed, KEY, max_age=200) == "x"
    for age in (50, datetime.timedelta(seconds=50)):
        with pytest.raises(ours.SignatureExpired):
            ours.loads(signed, KEY, max_age=age)
