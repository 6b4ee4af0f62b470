"""Passwords: either side reads what the other wrote, and finds the same outdated."""

from typing import Any

import pytest
from django.contrib.auth import hashers as theirs
from django.contrib.auth.models import User
from django.test import override_settings

from strangler.compat import hashers, passwords, settings
from tests.compat.identity import new
from tests.compat.identity.twins import Twins

PATHS = [path for path in hashers.HASHERS if hasattr(theirs, path.rpartition(".")[2])]


def _words(path: str) -> int:
    """How many passwords to try: some hashers take a second for each."""
    return 1 if "Argon2" in path or "Scrypt" in path else 3


# SHA-1 and unsalted hashes left Django in 5.1.
GONE = [path for path in hashers.HASHERS if path not in PATHS]


@pytest.fixture(autouse=True)
def _fewer_rounds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hashers.Pbkdf2, "iterations", 3_000)
    monkeypatch.setattr(theirs.PBKDF2PasswordHasher, "iterations", 3_000)
    for bcrypt in (hashers.BcryptSha256, theirs.BCryptSHA256PasswordHasher):
        monkeypatch.setattr(bcrypt, "rounds", 6)


@pytest.fixture
def preferring(monkeypatch: pytest.MonkeyPatch) -> Any:
    def prefer(*paths: str) -> Any:
        monkeypatch.setattr(settings, "PASSWORD_HASHERS", paths, raising=False)
        return override_settings(PASSWORD_HASHERS=list(paths))

    return prefer


@pytest.mark.parametrize(
    ("path", "password"),
    [(path, word) for path in PATHS for word in ("pässwörd ☃", "", "x" * 80)[: _words(path)]],
)
def test_either_side_reads_the_others_hash(preferring: Any, path: str, password: str) -> None:
    # bcrypt itself refuses more than 72 bytes by now; older releases cut them off, as we do
    cut = password[:72] if path.endswith(".BCryptPasswordHasher") else password
    with preferring(path):
        written, read = passwords.make_password(password), theirs.make_password(cut)
        shapes = [[len(part) for part in one.split("$")] for one in (written, read)]
        assert shapes[0] == shapes[1]
        assert written.split("$")[0] == read.split("$")[0]
        assert theirs.check_password(cut, written)
        assert passwords.matches(password, read)
        assert not passwords.matches("other", read)
        assert passwords.verify_password(password, read) == theirs.verify_password(cut, read)


@pytest.mark.parametrize(
    ("preferred", "writer"),
    [(None, path) for path in PATHS] + [(PATHS[0], path) for path in PATHS if _words(path) > 1],
)
def test_the_same_hashes_are_outdated(preferring: Any, preferred: str | None, writer: str) -> None:
    with preferring(preferred or writer, *PATHS):
        hasher = hashers.HASHERS[writer]()
        salts = [hasher.salt()] if "BCrypt" in writer else [hasher.salt(), "shortsalt"]
        for encoded in (hasher.encode("secret", salt) for salt in salts):
            for word in ("secret", "wrong"):
                found = passwords.verify_password(word, encoded)
                assert found == theirs.verify_password(word, encoded)


@pytest.mark.parametrize(
    "encoded",
    [
        "pbkdf2_sha256$2000$aaaaaaaaaaaaaaaaaaaaaa$xxxx",
        "pbkdf2_sha256$5000$aaaaaaaaaaaaaaaaaaaaaa$xxxx",
        "bcrypt_sha256$$2b$05$JR.9GJr5n5vQS0OGyNV9uO0iDMN1nh6Xx6Pd1aOlIqNdGpPLQ5tZ6",
        "!", "!abc", "", "gibberish", "unknown$a$b", "x" * 32, "sha1$a$b",
    ],
)  # fmt: skip
def test_old_and_broken_hashes_are_judged_alike(preferring: Any, encoded: str) -> None:
    with preferring(PATHS[0], *PATHS):
        for word in ("secret", None):
            found = passwords.verify_password(word, encoded)
            assert found == theirs.verify_password(word, encoded)
        assert passwords.is_password_usable(encoded) == theirs.is_password_usable(encoded)


@pytest.mark.parametrize(
    "encoded",
    [
        "sha1$abc$6b4b0a5fcc27b2d9ffbd7b0f9a14a4d4a1f3e5f0",
        "5ebe2294ecd0e0f08eab7690d2a6ee69",
        "md5$$5ebe2294ecd0e0f08eab7690d2a6ee69",
        "sha1$$e5e9fa1ba31ecd1ae84f75caaa474f3a663f05f4",
    ],
)
def test_algorithms_of_old_releases_are_known(preferring: Any, encoded: str) -> None:
    with preferring(*GONE):
        right = "abc" not in encoded
        assert passwords.matches("secret", encoded) == right
        assert not passwords.matches("wrong", encoded)


@pytest.mark.parametrize(
    ("release", "path", "start"),
    [
        ((2, 2), "PBKDF2", "pbkdf2_sha256$150000$"),
        ((3, 2), "PBKDF2", "pbkdf2_sha256$260000$"),
        ((4, 2), "PBKDF2", "pbkdf2_sha256$600000$"),
        ((5, 2), "PBKDF2", "pbkdf2_sha256$1000000$"),
        ((6, 0), "PBKDF2", "pbkdf2_sha256$1200000$"),
        ((6, 1), "PBKDF2", "pbkdf2_sha256$1500000$"),
        ((3, 1), "Argon2", "argon2$argon2i$v=19$m=512,t=2,p=2$"),
        ((3, 2), "Argon2", "argon2$argon2id$v=19$m=102400,t=2,p=8$"),
        ((4, 2), "Scrypt", "scrypt$16384$"),
    ],
)
def test_costs_follow_the_release(
    monkeypatch: pytest.MonkeyPatch, release: tuple[int, int], path: str, start: str
) -> None:
    monkeypatch.undo()
    monkeypatch.setattr(settings, "DJANGO", release, raising=False)
    hasher = hashers.HASHERS[f"django.contrib.auth.hashers.{path}PasswordHasher"]()
    encoded = hasher.encode("secret", hasher.salt())
    assert encoded.startswith(start)
    assert hasher.verify("secret", encoded)
    assert not hasher.must_update(encoded)


def test_the_rounds_of_pbkdf2_are_djangos_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    assert hashers.Pbkdf2().iterations == theirs.PBKDF2PasswordHasher.iterations
    assert hashers.BcryptSha256.rounds == theirs.BCryptSHA256PasswordHasher.rounds


def test_a_salt_with_a_dollar_is_refused() -> None:
    with pytest.raises(ValueError, match="cannot contain"):
        hashers.Pbkdf2().encode("secret", "a$b")


def test_no_password_means_an_unusable_one() -> None:
    encoded = passwords.make_password(None)
    assert len(encoded) == len(theirs.make_password(None))
    assert not passwords.is_password_usable(encoded)
    assert not theirs.is_password_usable(encoded)


def test_an_outdated_hash_is_replaced_when_the_password_was_right(
    both: Twins, preferring: Any
) -> None:
    with preferring(PATHS[0], *PATHS):
        ann = User.objects.get(username="ann")
        before = ann.password

        def check(word: str) -> Any:
            return lambda session: passwords.check_password(
                session, session.get(new.User, ann.pk), word
            )

        assert not both.run(check("wrong"))
        ann.refresh_from_db()
        assert ann.password == before
        assert both.run(check("a secret of theirs"))
        ann.refresh_from_db()
        assert ann.password.startswith("pbkdf2_sha256$3000$")
        assert ann.check_password("a secret of theirs")


def test_setting_a_password_needs_a_save(both: Twins) -> None:
    user = new.User(username="x")
    passwords.set_password(user, "secret")
    assert passwords.has_usable_password(user)
    passwords.set_unusable_password(user)
    assert not passwords.has_usable_password(user)


def test_an_unknown_hasher_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "PASSWORD_HASHERS", ("shop.hashers.Own",), raising=False)
    with pytest.raises(KeyError, match=r"shop\.hashers\.Own"):
        passwords.make_password("secret")


def test_the_rounds_that_the_project_has_go_before_those_of_the_release(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.undo()
    monkeypatch.setattr(settings, "PBKDF2_ITERATIONS", 4_321)
    assert hashers.Pbkdf2().iterations == 4_321
