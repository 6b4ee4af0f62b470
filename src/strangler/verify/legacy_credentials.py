"""A further operation of the legacy executor: headers that make a user known, per authenticator.

Sent and run as `legacy_seeding.py` is: Python 3.6 grammar, Django reached by name.
"""
# ruff: noqa: UP006, UP032, UP035

import base64
import datetime
import importlib
from typing import Any, Callable, Dict, List

Message = Dict[str, Any]
#: The same as in `legacy_rows.py`.
PASSWORD = "strangler-Verify-1"
_TOKEN = "rest_framework.authentication.TokenAuthentication"
_SESSION = "rest_framework.authentication.SessionAuthentication"
_BASIC = "rest_framework.authentication.BasicAuthentication"
_JWT = "rest_framework_simplejwt.authentication.JWTAuthentication"


def load(name: str) -> Any:
    """A module by its dotted name."""
    return importlib.import_module(name)


def operations(legacy: Any) -> Dict[str, Callable[[Message], Message]]:
    """What this file adds."""
    return {"credentials": credentials}


def credentials(message: Message) -> Message:
    """For each authenticator the headers that make each user known, or why there are none."""
    auth, keys = load("django.contrib.auth"), message["users"]
    # asked for each key: there is none in a project without a user model
    chosen = [auth.get_user_model()._base_manager.get(pk=key) for key in keys]
    logins = [_login(user) for user in chosen[:2]]
    found = {}
    for path in message["authenticators"]:
        try:
            kind, maker = _maker(path)
            made = {str(user.pk): maker(user) for user in chosen} if maker else {}
            found[path] = {"kind": kind, "headers": made}
        except Exception as error:  # a package that is set up otherwise: the report says so
            found[path] = {
                "kind": None,
                "headers": {},
                "problem": "{}: {}".format(type(error).__name__, error),
            }
    return {"credentials": found, "logins": logins, "known": _known(chosen[:1])}


def _login(user: Any) -> Dict[str, str]:
    """What a login form takes: the user gets a password that we know."""
    user.set_password(PASSWORD)
    user.save()
    names = {user.USERNAME_FIELD, "username", "email"}
    login = {name: str(getattr(user, name)) for name in names if getattr(user, name, None)}
    login["password"] = PASSWORD
    return login


def _known(chosen: List[Any]) -> Dict[str, str]:
    """Values that only the server can make, by the name they are usually sent under."""
    known = {"old_password": PASSWORD, "current_password": PASSWORD}
    try:
        tokens = load("rest_framework_simplejwt.tokens")
        for user in chosen:
            known["refresh"] = str(tokens.RefreshToken.for_user(user))
            known["token"] = str(tokens.AccessToken.for_user(user))
    except Exception:  # not installed, or not set up: then nothing of it is asked for either
        return known
    return known


def _maker(path: str) -> Any:
    module, _, name = path.rpartition(".")
    wanted = getattr(load(module), name)
    bases = ["{}.{}".format(base.__module__, base.__name__) for base in wanted.__mro__]
    for base, kind, maker in (
        (_TOKEN, "token", _token),
        (_JWT, "jwt", _jwt),
        (_SESSION, "session", _session),
        (_BASIC, "basic", _basic),
    ):
        if base in bases:
            return kind, maker(wanted)
    return None, None


def _token(wanted: Any) -> Callable[[Any], List[List[str]]]:
    authenticator = wanted()
    tokens = authenticator.get_model() if hasattr(authenticator, "get_model") else wanted.model

    def headers(user: Any) -> List[List[str]]:
        token = tokens._base_manager.get_or_create(user=user)[0]
        return [["Authorization", "{} {}".format(wanted.keyword, token.key)]]

    return headers


def _jwt(wanted: Any) -> Callable[[Any], List[List[str]]]:
    settings = load("rest_framework_simplejwt.settings").api_settings
    access = load("rest_framework_simplejwt.tokens").AccessToken

    def headers(user: Any) -> List[List[str]]:
        token = access.for_user(user)
        token.set_exp(lifetime=datetime.timedelta(days=1))
        return [["Authorization", "{} {}".format(settings.AUTH_HEADER_TYPES[0], token)]]

    return headers


def _session(wanted: Any) -> Callable[[Any], List[List[str]]]:
    settings = load("django.conf").settings
    auth = load("django.contrib.auth")
    store = load(settings.SESSION_ENGINE).SessionStore
    csrf = load("django.middleware.csrf")

    def headers(user: Any) -> List[List[str]]:
        session, secret = store(), csrf._get_new_csrf_string()
        session[auth.SESSION_KEY] = user._meta.pk.value_to_string(user)
        session[auth.BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
        session[auth.HASH_SESSION_KEY] = user.get_session_auth_hash()
        session["_csrftoken"] = secret
        session.save()
        cookies = [(settings.SESSION_COOKIE_NAME, session.session_key)]
        # Before Django 4.1 the cookie held a masked token, and another form was replaced at once.
        mask = getattr(csrf, "_mask_cipher_secret", None) or getattr(
            csrf, "_salt_cipher_secret", None
        )
        cookie = mask(secret) if mask and load("django").VERSION < (4, 1) else secret
        cookies.append((settings.CSRF_COOKIE_NAME, cookie))
        name = settings.CSRF_HEADER_NAME[len("HTTP_") :].replace("_", "-").title()
        text = "; ".join("{}={}".format(*pair) for pair in cookies)
        return [["Cookie", text], [name, cookie]]

    return headers


def _basic(wanted: Any) -> Callable[[Any], List[List[str]]]:
    def headers(user: Any) -> List[List[str]]:
        if not user.check_password(PASSWORD):
            user.set_password(PASSWORD)
            user.save()
        login = "{}:{}".format(user.get_username(), PASSWORD).encode("utf-8")
        return [["Authorization", "Basic " + base64.b64encode(login).decode("ascii")]]

    return headers
