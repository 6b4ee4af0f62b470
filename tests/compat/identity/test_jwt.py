"""JSON web tokens: compat against SimpleJWT, claim by claim and text by text."""

import json
from datetime import timedelta
from typing import Any

import jwt as pyjwt
import pytest
from django.contrib.auth.models import User
from rest_framework_simplejwt import tokens as theirs
from rest_framework_simplejwt.authentication import JWTStatelessUserAuthentication
from rest_framework_simplejwt.token_blacklist.models import BlacklistedToken, OutstandingToken

from strangler.compat import model_permissions
from strangler.compat.context import Context
from strangler.compat.errors import AuthenticationFailed
from strangler.compat.jwt import InvalidToken, JWTAuthentication, JWTConfig
from strangler.compat.jwt import JWTStatelessUserAuthentication as ours_stateless
from strangler.compat.jwt_endpoints import TokenPairs, token_obtain
from strangler.compat.jwt_tokens import JWT, TokenError, token_for
from tests.compat.identity import new
from tests.compat.identity.twins import Twins
from tests.compat.identity.users import PASSWORD

JSON = {"content_type": "application/json"}


def _claims(token: str) -> dict[str, Any]:
    claims: dict[str, Any] = pyjwt.decode(token, options={"verify_signature": False})
    return claims


def _comparable(token: str) -> dict[str, Any]:
    claims = _claims(token)
    assert len(claims.pop("jti")) == 32
    return claims | {"exp": claims["exp"] - claims["iat"], "iat": 0}


def _post(side: Any, url: str, data: Any, **options: Any) -> Any:
    return side("POST", url, json.dumps(data).encode(), **JSON, **options)


def _signed(**claims: Any) -> str:
    return pyjwt.encode(claims, new.JWT_KEY, algorithm="HS256")


@pytest.mark.parametrize(
    "data",
    [
        {}, [], None, "x", {"username": "ann"}, {"password": "x"}, {"username": "", "password": ""},
        {"username": None, "password": None}, {"username": [], "password": {}},
        {"username": "ann", "password": "wrong"}, {"username": "nobody", "password": "x"},
        {"username": "gone", "password": PASSWORD}, {"username": 1, "password": 2.5},
        {"username": "a\u0000", "password": "x"},
    ],
)  # fmt: skip
@pytest.mark.parametrize("url", ["/jwt/", "/token/"])
def test_logins_that_fail(both: Twins, url: str, data: Any) -> None:
    both.agree("POST", url, json.dumps(data).encode(), **JSON)


@pytest.mark.parametrize("url", ["/jwt/", "/jwt/refresh/", "/jwt/verify/", "/token/"])
def test_endpoints_refuse_other_requests_alike(both: Twins, url: str) -> None:
    for method, body in (("GET", b""), ("PUT", b"{}"), ("POST", b"{"), ("POST", b"")):
        both.agree(method, url, body, **JSON)
    both.agree(
        "POST", url, b"username=ann&password=x", content_type="application/x-www-form-urlencoded"
    )


def test_a_login_gives_a_pair(both: Twins) -> None:
    pairs = []
    for side in (both.legacy, both.new):
        answer = _post(side, "/jwt/", {"username": " ann ", "password": PASSWORD})
        assert answer.status == 200
        pair = json.loads(answer.body)
        assert list(pair) == ["refresh", "access"]
        pairs.append((_comparable(pair["refresh"]), _comparable(pair["access"]), answer.headers))
        for asked in (both.legacy, both.new):
            found = asked("GET", "/closed/jwt/", authorization=f"Bearer {pair['access']}")
            assert found.body == b'{"user":"ann","auth":"AccessToken"}'
            renewed = _post(asked, "/jwt/refresh/", {"refresh": pair["refresh"]})
            assert renewed.status == 200
            assert list(json.loads(renewed.body)) == ["access"]
    assert pairs[0] == pairs[1]
    rows = OutstandingToken.objects.order_by("id").values("user__username", "jti", "token")
    assert len(rows) == 2
    for row in rows:
        assert row["user__username"] == "ann"
        assert _claims(row["token"])["jti"] == row["jti"]


TOKENS = {
    "none": "",
    "gibberish": "x.y.z",
    "other key": pyjwt.encode({"exp": 9_999_999_999}, "other" * 20, algorithm="HS256"),
    "other algorithm": pyjwt.encode({"exp": 9_999_999_999}, "other" * 20, algorithm="HS512"),
    "no exp": _signed(jti="x", token_type="access"),
    "over": _signed(exp=1, jti="x", token_type="access", user_id="1"),
    "no id": _signed(exp=9_999_999_999, token_type="access"),
    "no type": _signed(exp=9_999_999_999, jti="x"),
    "wrong type": _signed(exp=9_999_999_999, jti="x", token_type="refresh"),
    "no user": _signed(exp=9_999_999_999, jti="x", token_type="access"),
    "unknown user": _signed(exp=9_999_999_999, jti="x", token_type="access", user_id="999"),
    "not yet": _signed(exp=9_999_999_999, nbf=9_999_999_998, jti="x", token_type="access"),
    "odd exp": _signed(exp="soon", jti="x", token_type="access"),
}


@pytest.mark.parametrize("token", TOKENS.values(), ids=list(TOKENS))
@pytest.mark.parametrize("kind", ["jwt", "jwt-first", "none"])
def test_tokens_that_do_not_count(both: Twins, kind: str, token: str) -> None:
    both.agree("GET", f"/auth/{kind}/", authorization=f"Bearer {token}")
    for url, name in (("/jwt/verify/", "token"), ("/jwt/refresh/", "refresh")):
        body = json.dumps({name: token}).encode()
        if name == "refresh" and token in (TOKENS["no id"], TOKENS["wrong type"]):
            continue  # the first makes SimpleJWT crash with a KeyError, the second does count
        both.agree("POST", url, body, **JSON)


@pytest.mark.parametrize(
    "header", ["Bearer", "Bearer a b", "bearer x", "Token x", "Bearer é", "", "Bearer a.b.c"]
)
def test_headers_that_are_not_understood(both: Twins, header: str) -> None:
    both.agree("GET", "/auth/jwt/", authorization=header)


@pytest.mark.parametrize("name", ["ann", "gone"])
def test_inactive_users_are_refused(both: Twins, name: str) -> None:
    user = User.objects.get(username=name)
    access = theirs.AccessToken.for_user(user)
    refresh = theirs.RefreshToken.for_user(user)
    both.agree("GET", "/auth/jwt/", authorization=f"Bearer {access}")
    answers = [
        _post(s, "/jwt/refresh/", {"refresh": str(refresh)}) for s in (both.legacy, both.new)
    ]
    assert answers[0].status == answers[1].status
    if name == "gone":
        assert answers[0].comparable == answers[1].comparable


@pytest.mark.parametrize("data", [{}, {"refresh": ""}, {"refresh": None}, {"refresh": []}, []])
def test_endpoints_for_tokens_want_one(both: Twins, data: Any) -> None:
    for url in ("/jwt/refresh/", "/jwt/verify/", "/jwt/blacklist/"):
        both.agree("POST", url, json.dumps(data).encode(), **JSON)


@pytest.mark.parametrize("order", ["legacy first", "new first"])
def test_a_blacklisted_token_counts_on_neither_side(both: Twins, order: str) -> None:
    sides = [both.legacy, both.new] if order == "legacy first" else [both.new, both.legacy]
    pair = json.loads(_post(sides[0], "/jwt/", {"username": "ann", "password": PASSWORD}).body)
    refresh = {"refresh": pair["refresh"]}
    assert _post(sides[0], "/jwt/blacklist/", refresh).body == b"{}"
    answers = [_post(side, "/jwt/refresh/", refresh).comparable for side in sides]
    assert answers[0] == answers[1]
    assert answers[0][0] == 401
    assert BlacklistedToken.objects.count() == 1
    both.agree("POST", "/jwt/blacklist/", json.dumps(refresh).encode(), **JSON)


def test_a_token_that_was_never_noted_is_noted_when_blacklisted(both: Twins) -> None:
    for side in (both.legacy, both.new):
        refresh = theirs.RefreshToken.for_user(User.objects.get(username="ann"))
        OutstandingToken.objects.all().delete()
        _post(side, "/jwt/blacklist/", {"refresh": str(refresh)})
        row = OutstandingToken.objects.get()
        assert (row.user.username, row.token) == ("ann", str(refresh))
        assert row.expires_at.timestamp() == refresh["exp"]
        assert row.blacklistedtoken.blacklisted_at is not None


def _pairs(**options: Any) -> TokenPairs:
    config = JWTConfig(signing_key=new.JWT_KEY, **options)
    return TokenPairs(
        new.User, config, outstanding=new.OutstandingToken, blacklisted=new.BlacklistedToken
    )


def test_refresh_tokens_may_rotate(both: Twins) -> None:
    pairs = _pairs(rotate_refresh_tokens=True, blacklist_after_rotation=True)
    refresh = str(theirs.RefreshToken.for_user(User.objects.get(username="ann")))
    found = both.run(lambda session: pairs.refresh(session, {"refresh": refresh}))
    assert list(found) == ["access", "refresh"]
    assert theirs.RefreshToken(found["refresh"])["user_id"] == _claims(refresh)["user_id"]
    with pytest.raises(InvalidToken):
        both.run(lambda session: pairs.refresh(session, {"refresh": refresh}))
    assert OutstandingToken.objects.count() == 2
    both.run(lambda session: pairs.verify(session, {"token": found["refresh"]}))
    with pytest.raises(Exception, match="Token is blacklisted"):
        both.run(lambda session: pairs.verify(session, {"token": refresh}))


def test_sliding_tokens_are_renewed(both: Twins) -> None:
    pairs = _pairs(sliding_token_refresh_lifetime=timedelta(hours=1))
    old = theirs.SlidingToken.for_user(User.objects.get(username="ann"))
    renewed = both.run(lambda session: pairs.refresh_sliding(session, {"token": str(old)}))
    claims = _claims(renewed["token"])
    assert claims["refresh_exp"] == old["refresh_exp"]
    assert theirs.SlidingToken(renewed["token"])["jti"] == old["jti"]
    old["refresh_exp"] = 1
    with pytest.raises(InvalidToken) as refusal:
        both.run(lambda session: pairs.refresh_sliding(session, {"token": str(old)}))
    assert refusal.value.detail["detail"] == "Token 'refresh_exp' claim has expired"


def test_a_new_sliding_token_has_their_claims() -> None:
    ours = JWT.new(JWTConfig(signing_key=new.JWT_KEY), "sliding")
    assert sorted(ours.claims) == sorted(theirs.SlidingToken().payload)


@pytest.mark.parametrize(
    "options",
    [
        {"audience": "shop", "issuer": "us"},
        {"algorithm": "HS512"},
        {"user_id_claim": "sub", "jti_claim": "id", "token_type_claim": "kind"},
        {"leeway": timedelta(seconds=5)},
        {"leeway": None},
    ],
)
def test_tokens_come_back_as_they_were_made(options: dict[str, Any]) -> None:
    config = JWTConfig(signing_key=new.JWT_KEY * 2, **options)
    user = new.User(id=7, username="x", password="p")
    token = token_for(config, "access", user)
    again = JWT.read(config, "access", str(token))
    assert again.claims[config.user_id_claim] == "7"
    with pytest.raises(TokenError):
        JWT.read(JWTConfig(signing_key="other" * 20, **options), "access", str(token))


@pytest.mark.parametrize(
    ("version", "user_id", "text"),
    [
        ((5, 3, 1), 7, "Token is invalid or expired"),
        ((5, 5, 0), 7, "Token is expired"),
        ((5, 5, 1), "7", "Token is expired"),
    ],
)
def test_texts_and_claims_follow_the_release(
    version: tuple[int, int, int], user_id: object, text: str
) -> None:
    lifetime = timedelta(seconds=-1)
    config = JWTConfig(signing_key=new.JWT_KEY, version=version, access_token_lifetime=lifetime)
    token = token_for(config, "access", new.User(id=7, password="p"))
    assert token[config.user_id_claim] == user_id
    with pytest.raises(TokenError, match=f"^{text}$"):
        JWT.read(config, "access", str(token))


def test_a_changed_password_may_revoke_tokens(both: Twins) -> None:
    config = JWTConfig(signing_key=new.JWT_KEY, check_revoke_token=True)
    authenticator = JWTAuthentication(new.User, config)
    ann = User.objects.get(username="ann")

    def ask(session: Any) -> Any:
        user = session.get(new.User, ann.pk)
        token = token_for(config, "access", user)
        context: Context[Any] = Context(None, session)  # type: ignore[arg-type]
        assert authenticator.get_user(context, token) is user
        user.password = "other"
        user.save(session)
        with pytest.raises(AuthenticationFailed) as refusal:
            authenticator.get_user(context, token)
        return refusal.value.detail

    assert both.run(ask) == {
        "detail": "The user's password has been changed.",
        "code": "password_changed",
    }


def test_the_login_schema_has_the_name_users_log_in_with() -> None:
    assert list(token_obtain("email").model_fields) == ["email", "password"]


def test_an_access_token_counts_from_the_moment_its_refresh_token_was_read() -> None:
    old = theirs.RefreshToken()
    old["iat"], old["color"], old["user_id"] = 1_000_000, "red", "7"
    ours = JWT.read(JWTConfig(signing_key=new.JWT_KEY), "refresh", str(old)).access()
    expected = theirs.RefreshToken(str(old)).access_token
    assert list(ours.claims) == list(expected.payload)
    for claim in ("token_type", "color", "user_id"):
        assert ours[claim] == expected[claim]
    for claim in ("iat", "exp"):
        assert abs(ours[claim] - expected[claim]) <= 1
    assert len({ours["jti"], expected["jti"], old["jti"]}) == 3


def test_users_may_be_nothing_but_their_token() -> None:
    refresh = theirs.RefreshToken()
    refresh["user_id"], refresh["is_staff"], refresh["color"] = "7", True, "red"
    text = str(refresh.access_token)
    theirs_user = JWTStatelessUserAuthentication().get_user(theirs.AccessToken(text))
    authenticator = ours_stateless(new.User, secret_key=new.JWT_KEY)
    context: Context[Any] = Context(None, None)  # type: ignore[arg-type]
    ours_user = authenticator.get_user(
        context, authenticator.get_validated_token(context, text.encode())
    )
    names = ("id", "pk", "username", "is_staff", "is_superuser", "is_active", "color", "missing")
    for name in names:
        assert getattr(ours_user, name) == getattr(theirs_user, name)
    assert str(ours_user) == str(theirs_user)
    assert len({ours_user, authenticator.get_user(context, ours_user.token)}) == 1
    assert not model_permissions.has_perm(None, ours_user, "auth.add_group")  # type: ignore[arg-type]
    with pytest.raises(InvalidToken):
        authenticator.get_user(context, JWT(authenticator.config, "access", {}, None))  # type: ignore[arg-type]
