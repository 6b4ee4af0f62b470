"""Sessions: either side logs in and out for both, with the same cookies."""

import base64
import datetime
import hashlib
import hmac
import sqlite3
from collections.abc import Callable
from contextlib import closing
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.core import signing
from django.test import Client, override_settings
from django.utils import timezone

from strangler.compat import settings
from strangler.compat.sessions import SessionKeys
from tests.compat import oracle
from tests.compat.identity import legacy, new
from tests.compat.identity.twins import Answer, Twins, set_both
from tests.compat.identity.users import HASH, PASSWORD

Side = Callable[..., Answer]
COOKIE = "sessionid"


@pytest.fixture(params=["legacy", "new"])
def first(request: pytest.FixtureRequest, both: Twins) -> Side:
    """The side that begins."""
    side: Side = getattr(both, request.param)
    return side


@pytest.fixture
def second(first: Side, both: Twins) -> Side:
    """The side that goes on."""
    return both.new if first == both.legacy else both.legacy


def _log_in(side: Side, name: str = "ann", **cookies: str) -> dict[str, str]:
    answer = side("POST", "/login/", cookies=cookies, x_name=name, x_password=PASSWORD)
    assert answer.status == 200, answer
    return answer.cookies


def test_a_login_counts_on_both_sides(first: Side, second: Side) -> None:
    cookies = _log_in(first)
    for side in (first, second):
        assert side("GET", "/auth/session/", cookies=cookies).body == b'{"user":"ann","auth":null}'


def test_login_answers_are_alike(both: Twins) -> None:
    for name, password in (("ann", PASSWORD), ("ann", "wrong"), ("gone", PASSWORD), ("x", "y")):
        both.agree("POST", "/login/", x_name=name, x_password=password)


def test_a_login_is_noted_in_the_users_row(first: Side) -> None:
    before = timezone.now()
    _log_in(first)
    noted = User.objects.get(username="ann").last_login
    assert noted is not None
    assert noted >= before


def test_the_rows_hold_the_same(both: Twins) -> None:
    rows = []
    for side in (both.legacy, both.new):
        key = _log_in(side)[COOKIE]
        row = Session.objects.get(pk=key)
        rows.append((row.get_decoded(), len(key), row.session_data[0]))
        assert abs(row.expire_date - timezone.now() - datetime.timedelta(days=14)).seconds < 60
    assert rows[0] == rows[1]


def test_a_visitors_session_survives_the_login_under_a_new_key(first: Side, second: Side) -> None:
    cookies = second("POST", "/visits/").cookies
    logged_in = _log_in(first, **cookies)
    assert logged_in[COOKIE] != cookies[COOKIE]
    assert not Session.objects.filter(pk=cookies[COOKIE]).exists()
    assert second("GET", "/visits/", cookies=logged_in).body == b'{"visits":1}'


def test_another_users_session_does_not(first: Side, second: Side) -> None:
    cookies = _log_in(second, "staff")
    token = {"x_csrftoken": cookies["csrftoken"]}
    second("POST", "/visits/", cookies=cookies, **token)
    answer = first("POST", "/login/", cookies=cookies, x_name="ann", x_password=PASSWORD, **token)
    both_sides = {**cookies, **answer.cookies}
    assert second("GET", "/visits/", cookies=both_sides).body == b'{"visits":0}'
    assert not Session.objects.filter(pk=cookies[COOKIE]).exists()


def test_logging_in_again_keeps_the_session(both: Twins) -> None:
    cookies = _log_in(both.legacy)
    token = {"x_csrftoken": cookies["csrftoken"], "x_name": "ann", "x_password": PASSWORD}
    answer = both.agree("POST", "/login/", cookies=cookies, **token)
    assert answer.cookies[COOKIE] == cookies[COOKIE]


def test_a_logout_counts_on_both_sides(first: Side, second: Side) -> None:
    cookies = _log_in(first)
    token = {"x_csrftoken": cookies["csrftoken"]}
    answer = second("POST", "/logout/", cookies=cookies, **token)
    assert answer.status == 200
    assert not Session.objects.exists()
    assert first("GET", "/auth/session/", cookies=cookies).body == b'{"user":null,"auth":null}'


def test_logout_answers_are_alike(both: Twins) -> None:
    answers = []
    for side in (both.legacy, both.new):
        cookies = _log_in(both.legacy)
        token = {"x_csrftoken": cookies["csrftoken"]}
        answers.append(side("POST", "/logout/", cookies=cookies, **token).comparable)
        answers.append(side("POST", "/logout/").comparable)
    assert answers[:2] == answers[2:]


def test_a_new_password_ends_all_sessions_but_this_one(first: Side, second: Side) -> None:
    mine, other = _log_in(first), _log_in(second)
    token = {"x_csrftoken": mine["csrftoken"], "x_password": "new"}
    kept = {**mine, **first("POST", "/password/", cookies=mine, **token).cookies}
    assert kept[COOKIE] != mine[COOKIE]
    assert b"ann" in second("GET", "/auth/session/", cookies=kept).body
    ended = second("GET", "/auth/session/", cookies=other)
    assert b"null" in ended.body
    assert not Session.objects.filter(pk=other[COOKIE]).exists()


def test_an_ended_session_is_answered_alike(both: Twins) -> None:
    answers = []
    for side in (both.legacy, both.new):
        cookies = _log_in(both.legacy)
        User.objects.filter(username="ann").update(password=f"other {len(answers)}")
        answers.append(side("GET", "/auth/session/", cookies=cookies).comparable)
        User.objects.filter(username="ann").update(password=HASH)
    assert answers[0] == answers[1]


def test_sessions_of_an_older_key_are_renewed(both: Twins) -> None:
    def old_login() -> dict[str, str]:
        options = legacy.SETTINGS | {"SECRET_KEY": "an older key", "SECRET_KEY_FALLBACKS": []}
        with override_settings(**options):
            client = Client()
            headers = {"x-name": "ann", "x-password": PASSWORD}
            client.post("/login/", headers=headers)
            return {name: morsel.value for name, morsel in client.cookies.items()}

    answers = []
    for side in (both.legacy, both.new):
        cookies = old_login()
        answers.append(side("GET", "/auth/session/", cookies=cookies))
        renewed = {**cookies, **answers[-1].cookies}
        assert renewed[COOKIE] != cookies[COOKIE]
        assert both.agree("GET", "/auth/session/", cookies=renewed).body.startswith(
            b'{"user":"ann"'
        )
    assert answers[0].comparable == answers[1].comparable


@pytest.mark.parametrize("value", ["", "short", "unknown-but-long-enough", "a" * 32])
def test_cookies_without_a_session(both: Twins, value: str) -> None:
    for method, url in (("GET", "/auth/session/"), ("GET", "/auth/none/"), ("GET", "/visits/")):
        both.agree(method, url, cookies={COOKIE: value})


def test_anonymous_sessions(both: Twins) -> None:
    both.agree("GET", "/visits/")
    first = both.agree("POST", "/visits/")
    cookies = {COOKIE: first.cookies[COOKIE]}
    for _ in range(3):
        both.agree("GET", "/visits/", cookies=cookies)
    assert both.legacy("POST", "/visits/", cookies=cookies).body == b'{"visits":2}'
    assert both.new("POST", "/visits/", cookies=cookies).body == b'{"visits":3}'
    assert both.legacy("POST", "/visits/", cookies=cookies).body == b'{"visits":4}'


@pytest.mark.parametrize("expiry", ["0", "5", "1000", "none"])
def test_sessions_end_when_they_are_told_to(both: Twins, expiry: str) -> None:
    answer = both.agree("POST", "/visits/", x_expiry=expiry)
    ends = [one.expire_date for one in Session.objects.all()]
    assert len(ends) == 2
    assert abs(ends[0] - ends[1]).seconds < 5
    cookies = {COOKIE: answer.cookies[COOKIE]}
    both.agree("GET", "/visits/", cookies=cookies)
    Session.objects.update(expire_date=timezone.now())
    both.agree("GET", "/visits/", cookies=cookies)


@pytest.mark.parametrize(
    "options",
    [
        {"SESSION_SAVE_EVERY_REQUEST": True},
        {"SESSION_EXPIRE_AT_BROWSER_CLOSE": True},
        {
            "SESSION_COOKIE_NAME": "sid",
            "SESSION_COOKIE_AGE": 77,
            "SESSION_COOKIE_DOMAIN": "example.com",
            "SESSION_COOKIE_PATH": "/api",
            "SESSION_COOKIE_SECURE": True,
            "SESSION_COOKIE_HTTPONLY": False,
            "SESSION_COOKIE_SAMESITE": "None",
        },
        {"SESSION_COOKIE_SAMESITE": False, "SESSION_COOKIE_NAME": "__Host-sid"},
    ],
)
def test_cookies_follow_the_settings(
    both: Twins, monkeypatch: pytest.MonkeyPatch, options: dict[str, Any]
) -> None:
    set_both(monkeypatch, both, **options)
    name = options.get("SESSION_COOKIE_NAME", COOKIE)
    cookies = both.agree("POST", "/visits/").cookies
    both.agree("GET", "/visits/", cookies={name: cookies[name]})
    both.agree("GET", "/auth/none/", cookies={name: cookies[name]})
    both.agree("GET", "/auth/none/")
    both.agree("GET", "/visits/", cookies={name: "bad"})


def test_a_failing_answer_saves_nothing(both: Twins) -> None:
    for status in (400, 500):
        both.agree("POST", f"/visits/?s={status}")
    assert Session.objects.count() == 2


def test_pickled_sessions_count_as_empty(both: Twins) -> None:
    class Pickle:
        def dumps(self, value: object) -> bytes:
            return b"\x80\x04N."

    text = signing.dumps({}, salt="django.contrib.sessions.SessionStore", serializer=Pickle)
    soon = timezone.now() + datetime.timedelta(days=1)
    Session.objects.create(session_key="k" * 32, session_data=text, expire_date=soon)
    both.agree("GET", "/visits/", cookies={COOKIE: "k" * 32})


@pytest.mark.parametrize("data", ["", "garbage", "a:b:c", "e30:1:x", "W10:aaaaaa:bbb"])
def test_sessions_that_nobody_signed_count_as_empty(both: Twins, data: str) -> None:
    soon = timezone.now() + datetime.timedelta(days=1)
    Session.objects.create(session_key="k" * 32, session_data=data, expire_date=soon)
    both.agree("GET", "/visits/", cookies={COOKIE: "k" * 32})


def test_a_session_deleted_meanwhile_interrupts_the_request(both: Twins) -> None:
    class Gone(SessionKeys):
        """Deletes the row between loading and saving."""

        def decode(self, text: str) -> dict[str, Any]:
            with closing(sqlite3.connect(oracle.DATABASE)) as other, other:
                other.execute("DELETE FROM django_session")
            return super().decode(text)

    key = both.legacy("POST", "/visits/").cookies[COOKIE]
    keys = new.logins.keys
    new.logins.keys = Gone(keys.secret_key, keys.fallbacks)
    try:
        answer = both.new("POST", "/visits/", cookies={COOKIE: key})
    finally:
        new.logins.keys = keys
    assert answer.status == 400
    assert b"Bad Request (400)" in answer.body


def test_backends_that_are_gone_know_nobody(both: Twins) -> None:
    store = SessionStore()
    user = User.objects.get(username="ann")
    store.update({"_auth_user_id": str(user.pk), "_auth_user_backend": "shop.backends.Gone"})
    store["_auth_user_hash"] = user.get_session_auth_hash()
    store.save()
    both.agree("GET", "/auth/session/", cookies={COOKIE: store.session_key})


@pytest.mark.parametrize("name", ["gone", "nobody"])
def test_users_who_are_gone_are_not_known(both: Twins, name: str) -> None:
    user = User.objects.filter(username=name).first()
    store = SessionStore()
    backend = "django.contrib.auth.backends.ModelBackend"
    store.update({"_auth_user_id": str(user.pk if user else 9999), "_auth_user_backend": backend})
    store["_auth_user_hash"] = user.get_session_auth_hash() if user else "x"
    store.save()
    both.agree("GET", "/auth/session/", cookies={COOKIE: store.session_key})


def test_old_releases_sign_sessions_in_their_own_form(monkeypatch: pytest.MonkeyPatch) -> None:
    keys = SessionKeys("only for tests")
    old = _as_django_2_2()
    monkeypatch.setattr(settings, "DJANGO", (2, 2), raising=False)
    assert keys.decode(old) == {"visits": 1}
    assert keys.encode({"visits": 1}) == old
    monkeypatch.setattr(settings, "DJANGO", (3, 2), raising=False)
    assert keys.decode(old) == {"visits": 1}
    assert keys.encode({"visits": 1}).count(":") == 2
    monkeypatch.setattr(settings, "DJANGO", (4, 0), raising=False)
    assert keys.decode(old) == {}


def _as_django_2_2() -> str:
    """`SessionBase.encode` of Django 2.2, written out."""
    text = b'{"visits":1}'
    salt = b"django.contrib.sessions" + b"SessionStore"
    key = hashlib.sha1(salt + b"only for tests").digest()
    digest = hmac.new(key, text, hashlib.sha1).hexdigest()
    return base64.b64encode(digest.encode() + b":" + text).decode()
