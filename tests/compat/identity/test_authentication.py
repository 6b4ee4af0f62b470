"""Authenticators: compat against DRF and SimpleJWT, byte for byte."""

import base64

import pytest
from django.contrib.auth.models import User
from rest_framework.authtoken.models import Token

from tests.compat.identity.legacy import AUTHENTICATION
from tests.compat.identity.twins import Twins


def _token(name: str) -> str:
    return Token.objects.get_or_create(user=User.objects.get(username=name))[0].key


def _basic(text: bytes) -> str:
    return "Basic " + base64.b64encode(text).decode()


@pytest.mark.parametrize("kind", AUTHENTICATION)
@pytest.mark.parametrize("place", ["auth", "closed"])
@pytest.mark.parametrize("method", ["GET", "POST", "PURGE"])
def test_nobody_is_refused_by_the_first_authenticators_words(
    both: Twins, place: str, kind: str, method: str
) -> None:
    both.agree(method, f"/{place}/{kind}/")


@pytest.mark.parametrize(
    "header",
    [
        "Token", "token ", "Token a b", "Token nobody", "TOKEN x", "Bearer x", "Token \xff",
        "Token \xc3\xa9", "Tokenx y",
    ],
)  # fmt: skip
@pytest.mark.parametrize("kind", ["token", "session-first", "none"])
def test_tokens_that_do_not_count(both: Twins, kind: str, header: str) -> None:
    both.agree("GET", f"/auth/{kind}/", authorization=header)


@pytest.mark.parametrize("name", ["ann", "gone"])
def test_a_token_names_its_owner(both: Twins, name: str) -> None:
    for word in ("Token", "token", "TOKEN"):
        both.agree("GET", "/closed/token/", authorization=f"{word} {_token(name)}")


@pytest.mark.parametrize(
    "header",
    [
        "Basic", "Basic a b", "Basic ====", "Basic \xff", "Basic YW5u", "basic YW5uOg==",
        "Basic YW5", _basic(b"ann:wrong"), _basic(b"nobody:x"), _basic(b"ann:a secret of theirs"),
        _basic(b"gone:a secret of theirs"), _basic(b"ann:\xff"), _basic(b":"), _basic(b"ann"),
        _basic("änn:ü".encode()), _basic("änn:ü".encode("latin-1")),
    ],
)  # fmt: skip
@pytest.mark.parametrize("kind", ["basic", "session-first"])
def test_basic_credentials(both: Twins, kind: str, header: str) -> None:
    both.agree("GET", f"/auth/{kind}/", authorization=header)


def test_the_first_authenticator_that_knows_the_caller_decides(both: Twins) -> None:
    key = _token("ann")
    found = both.agree("POST", "/closed/session-first/", authorization=f"Token {key}")
    assert found.body == b'{"user":"ann","auth":"Token"}'
