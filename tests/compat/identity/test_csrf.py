"""CSRF checks: the same requests refused, for the same reasons, as by Django under DRF."""

import json
from typing import Any
from urllib.parse import urlencode

import pytest
from django.contrib.sessions.models import Session
from django.middleware import csrf as theirs

from strangler.compat import csrf as ours
from strangler.compat import settings
from tests.compat.identity.twins import Twins, set_both
from tests.compat.identity.users import PASSWORD

SECRET = "abcdefghijklmnopqrstuvwxyzABCDEF"
FORM = {"content_type": "application/x-www-form-urlencoded"}


@pytest.fixture
def cookies(both: Twins) -> dict[str, str]:
    """Ann is logged in; her browser has the secret."""
    headers: Any = {"x_name": "ann", "x_password": PASSWORD}
    logged_in = both.legacy("POST", "/login/", **headers).cookies
    return {"sessionid": logged_in["sessionid"], "csrftoken": SECRET}


def test_tokens_are_masked_alike() -> None:
    for _ in range(20):
        assert ours.unmask(theirs._mask_cipher_secret(SECRET)) == SECRET
        assert theirs._unmask_cipher_token(ours.mask(SECRET)) == SECRET


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "PURGE"])
@pytest.mark.parametrize(
    "token",
    [None, SECRET, ours.mask(SECRET), SECRET[:-1], "x" * 32, "é" * 32, "?" * 64, ""],
    ids=["none", "plain", "masked", "cut", "another", "letters", "signs", "empty"],
)
def test_tokens_in_the_header(
    both: Twins, cookies: dict[str, str], method: str, token: str | None
) -> None:
    headers = {} if token is None else {"x_csrftoken": token}
    both.agree(method, "/auth/session/", cookies=cookies, **headers)


@pytest.mark.parametrize(
    "cookie",
    [None, "", "x", "?" * 32, "x" * 64, theirs._mask_cipher_secret(SECRET)],
    ids=["none", "empty", "short", "signs", "another", "masked"],
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_secrets_in_the_cookie(
    both: Twins, cookies: dict[str, str], method: str, cookie: str | None
) -> None:
    del cookies["csrftoken"]
    if cookie is not None:
        cookies["csrftoken"] = cookie
    both.agree(method, "/auth/session/", cookies=cookies, x_csrftoken=SECRET)
    both.agree(method, "/auth/none/", cookies={"csrftoken": cookie or "y"})


def test_nobody_is_asked_for_a_token(both: Twins) -> None:
    both.agree("POST", "/auth/session/")
    both.agree("POST", "/auth/session/", cookies={"sessionid": "x" * 32})


@pytest.mark.parametrize(
    "token",
    [SECRET, ours.mask(SECRET), "x" * 32, "short", "", None],
    ids=["plain", "masked", "another", "short", "empty", "none"],
)
@pytest.mark.parametrize("method", ["POST", "PUT"])
@pytest.mark.parametrize("header", [None, SECRET])
def test_tokens_in_a_form(
    both: Twins, cookies: dict[str, str], method: str, token: str | None, header: str | None
) -> None:
    given = {} if header is None else {"x_csrftoken": header}
    body = b"a=1" if token is None else urlencode({"csrfmiddlewaretoken": token}).encode()
    both.agree(method, "/auth/session/", body, cookies=cookies, **FORM, **given)
    parts = b"" if token is None else b"csrfmiddlewaretoken"
    multipart = (
        b'--b\r\ncontent-disposition: form-data; name="'
        + parts
        + b'"\r\n\r\n'
        + (token or "").encode()
        + b"\r\n--b--\r\n"
    )
    kind = {"content_type": "multipart/form-data; boundary=b"}
    both.agree(method, "/auth/session/", multipart, cookies=cookies, **kind, **given)


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"{", "application/json"),
        (json.dumps({"csrfmiddlewaretoken": SECRET}).encode(), "application/json"),
        (b"[1]", "application/json"),
        (b"x", "text/plain"),
        (b"x", "multipart/form-data"),
        (b"x", "nonsense"),
        (b"\xff", "application/x-www-form-urlencoded; charset=utf-16"),
    ],
)
@pytest.mark.parametrize("header", [None, SECRET])
def test_a_post_is_parsed_for_its_token(
    both: Twins, cookies: dict[str, str], body: bytes, kind: str, header: str | None
) -> None:
    given = {} if header is None else {"x_csrftoken": header}
    for method in ("POST", "PUT"):
        both.agree(method, "/auth/session/", body, cookies=cookies, content_type=kind, **given)


ORIGINS = [
    "http://testserver", "https://testserver", "http://testserver:80", "http://evil.io", "null",
    "http://good.io", "https://good.io", "https://sub.good.io", "https://sub.wild.io:8000",
    "https://sub.wild.io", "https://wild.io", "https://a.b.wild.io", "http://sub.wild.io",
    "http://[bad", "", "https://.wild.io",
]  # fmt: skip
TRUSTED = ["https://good.io", "https://*.wild.io", "http://*.other.io:8000"]


@pytest.mark.parametrize("origin", ORIGINS)
@pytest.mark.parametrize("secure", [False, True])
@pytest.mark.parametrize("trusted", [[], TRUSTED])
def test_origins(
    both: Twins,
    cookies: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
    origin: str,
    secure: bool,
    trusted: list[str],
) -> None:
    set_both(monkeypatch, both, CSRF_TRUSTED_ORIGINS=trusted)
    options: Any = {"origin": origin, "x_csrftoken": SECRET, "secure": secure}
    both.agree("POST", "/auth/session/", cookies=cookies, **options)


REFERERS = [
    None, "", "x", "https://", "http://testserver/", "https://testserver/", "https://evil.io/a?b",
    "https://testserver:443/", "https://good.io/", "https://sub.wild.io/", "https://[bad",
    "https://shop.example.com/", "https://example.com:8443/",
]  # fmt: skip


@pytest.mark.parametrize("referer", REFERERS)
@pytest.mark.parametrize(
    "options",
    [
        {},
        {"CSRF_TRUSTED_ORIGINS": TRUSTED},
        {"CSRF_COOKIE_DOMAIN": ".example.com"},
        {"ALLOWED_HOSTS": ["elsewhere"]},
    ],
)
def test_referers(
    both: Twins,
    cookies: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
    referer: str | None,
    options: dict[str, Any],
) -> None:
    set_both(monkeypatch, both, **options)
    headers = {} if referer is None else {"referer": referer}
    both.agree(
        "POST", "/auth/session/", cookies=cookies, secure=True, x_csrftoken=SECRET, **headers
    )


def test_another_header_may_carry_the_token(
    both: Twins, cookies: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    set_both(monkeypatch, both, CSRF_HEADER_NAME="HTTP_X_XSRF_TOKEN")
    for headers in ({}, {"x_xsrf_token": SECRET}, {"x_xsrf_token": "no"}, {"x_csrftoken": SECRET}):
        both.agree("POST", "/auth/session/", cookies=cookies, **headers)


def test_asking_for_a_token_sets_the_cookie(
    both: Twins, cookies: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    both.agree("GET", "/csrf/")
    answer = both.agree("GET", "/csrf/", cookies=cookies)
    assert answer.cookies["csrftoken"] == SECRET
    masked = both.new("GET", "/csrf/", cookies={"csrftoken": ours.mask(SECRET)})
    assert masked.cookies["csrftoken"] == SECRET
    set_both(
        monkeypatch,
        both,
        CSRF_COOKIE_NAME="xsrf",
        CSRF_COOKIE_AGE=None,
        CSRF_COOKIE_DOMAIN="testserver",
        CSRF_COOKIE_HTTPONLY=True,
        CSRF_COOKIE_PATH="/api",
        CSRF_COOKIE_SAMESITE="Strict",
        CSRF_COOKIE_SECURE=True,
    )
    both.agree("GET", "/csrf/")


def test_the_secret_may_lie_in_the_session(
    both: Twins, cookies: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    set_both(monkeypatch, both, CSRF_USE_SESSIONS=True)
    both.agree("POST", "/auth/session/", cookies=cookies, x_csrftoken=SECRET)
    headers: Any = {"x_name": "staff", "x_password": PASSWORD}
    for side in (both.legacy, both.new):
        logged_in = side("POST", "/login/", **headers).cookies
        assert "csrftoken" not in logged_in
        secret = _secret_of(logged_in["sessionid"])
        for token in (secret, ours.mask(secret), SECRET):
            both.agree("POST", "/auth/session/", cookies=logged_in, x_csrftoken=token)
        both.agree("GET", "/csrf/", cookies=logged_in)
    both.agree("GET", "/csrf/")


def _secret_of(key: str) -> str:
    secret: str = Session.objects.get(pk=key).get_decoded()["_csrftoken"]
    return secret


def test_a_login_starts_a_new_secret(both: Twins) -> None:
    headers: Any = {"x_name": "ann", "x_password": PASSWORD}
    for side in (both.legacy, both.new):
        found = side("POST", "/login/", cookies={"csrftoken": SECRET}, **headers).cookies
        assert len(found["csrftoken"]) == len(SECRET)
        assert found["csrftoken"] != SECRET


@pytest.mark.parametrize(
    ("cookie", "headers", "reason"),
    [
        (None, {"x_csrftoken": SECRET}, "CSRF cookie not set."),
        (SECRET, {}, "CSRF token missing or incorrect."),
        (SECRET, {"x_csrftoken": "short"}, "CSRF token missing or incorrect."),
        ("bad", {"x_csrftoken": SECRET}, "CSRF token missing or incorrect."),
        (SECRET, {"x_csrftoken": SECRET, "origin": "http://evil.io"}, None),
        (ours.mask(SECRET), {"x_csrftoken": ours.mask(SECRET)}, None),
    ],
    ids=["no cookie", "no token", "short token", "bad cookie", "another origin", "masked"],
)
def test_django_before_4_0_gave_one_reason_and_ignored_origins(
    both: Twins,
    cookies: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
    cookie: str | None,
    headers: dict[str, str],
    reason: str | None,
) -> None:
    monkeypatch.setattr(settings, "DJANGO", (3, 2), raising=False)
    del cookies["csrftoken"]
    given = cookies if cookie is None else {**cookies, "csrftoken": cookie}
    answer = both.new("POST", "/auth/session/", cookies=given, **headers)
    assert answer.cookies == {}
    if reason is None:
        assert answer.status == 200
    else:
        assert json.loads(answer.body) == {"detail": f"CSRF Failed: {reason}"}
    assert len(both.new("GET", "/csrf/").cookies["csrftoken"]) == ours.TOKEN_LENGTH
