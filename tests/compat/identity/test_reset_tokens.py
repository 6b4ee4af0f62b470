"""Tokens for resetting a password: one side's count on the other."""

import datetime
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.contrib.auth.tokens import default_token_generator as theirs
from django.test import override_settings
from django.utils import timezone

from strangler.compat.reset_tokens import PasswordResetTokens
from tests.compat.identity import new

VALUES: dict[str, Any] = {
    "id": 7,
    "password": "p",
    "email": "a@b.c",
    "last_login": datetime.datetime(2026, 1, 2, 3, 4, 5, 678, tzinfo=datetime.UTC),
}


@pytest.fixture
def ours() -> PasswordResetTokens:
    return PasswordResetTokens(secret_key=new.SECRET, fallbacks=["older"])


@pytest.mark.parametrize("change", [{}, {"last_login": None}, {"email": ""}])
def test_either_side_takes_the_others_token(
    ours: PasswordResetTokens, change: dict[str, Any]
) -> None:
    values = VALUES | change
    assert ours.check_token(new.User(**values), theirs.make_token(User(**values)))
    assert theirs.check_token(User(**values), ours.make_token(new.User(**values)))


@pytest.mark.parametrize(
    "change", [{"password": "q"}, {"last_login": timezone.now()}, {"email": "x@y.z"}, {"id": 8}]
)
def test_a_changed_user_has_another_token(
    ours: PasswordResetTokens, change: dict[str, Any]
) -> None:
    token = theirs.make_token(User(**VALUES))
    assert not ours.check_token(new.User(**VALUES | change), token)


def test_tokens_of_an_older_key_count(ours: PasswordResetTokens) -> None:
    with override_settings(SECRET_KEY="older"):
        token = theirs.make_token(User(**VALUES))
    assert ours.check_token(new.User(**VALUES), token)
    with override_settings(SECRET_KEY="other"):
        token = theirs.make_token(User(**VALUES))
    assert not ours.check_token(new.User(**VALUES), token)


@pytest.mark.parametrize("token", [None, "", "x", "-", "a-b-c", "?-x", "z" * 14 + "-x", "1-x"])
def test_what_is_no_token_does_not_count(ours: PasswordResetTokens, token: str | None) -> None:
    assert not ours.check_token(new.User(**VALUES), token)
    assert not theirs.check_token(User(**VALUES), token)
    assert not ours.check_token(None, ours.make_token(new.User(**VALUES)))


def test_tokens_end(monkeypatch: pytest.MonkeyPatch, ours: PasswordResetTokens) -> None:
    token = ours.make_token(new.User(**VALUES))
    start = ours._seconds()
    for age, alive in ((259_200, True), (259_202, False)):
        monkeypatch.setattr(ours, "_seconds", lambda age=age: start + age)
        assert ours.check_token(new.User(**VALUES), token) == alive
