"""Password hashes are computed once a process, and stay what they are."""

import hashlib

import pytest

from strangler.verify.legacy_hashing import remember_hashes


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("pbkdf2_hmac", lambda password: (("sha256", password, b"salt", 3), {})),
        ("scrypt", lambda password: ((password,), {"salt": b"salt", "n": 2, "r": 8, "p": 1})),
    ],
)
def test_a_hash_is_computed_once(monkeypatch, name, arguments) -> None:
    real, computed = getattr(hashlib, name), []

    def counted(*args, **kwargs):
        computed.append(args)
        return real(*args, **kwargs)

    for each in ("pbkdf2_hmac", "scrypt"):
        monkeypatch.setattr(hashlib, each, getattr(hashlib, each))
    monkeypatch.setattr(hashlib, name, counted)
    remember_hashes()
    for password in (b"one", b"other", b"one", b"one"):
        args, kwargs = arguments(password)
        assert getattr(hashlib, name)(*args, **kwargs) == real(*args, **kwargs)
    assert len(computed) == 2


def test_what_cannot_be_kept_is_computed_each_time(monkeypatch) -> None:
    for each in ("pbkdf2_hmac", "scrypt"):
        monkeypatch.setattr(hashlib, each, getattr(hashlib, each))
    expected = hashlib.pbkdf2_hmac("sha256", b"one", b"salt", 3)
    remember_hashes()
    assert hashlib.pbkdf2_hmac("sha256", bytearray(b"one"), b"salt", 3) == expected
    with pytest.raises(TypeError):
        hashlib.pbkdf2_hmac("sha256", "one", b"salt", 3)
