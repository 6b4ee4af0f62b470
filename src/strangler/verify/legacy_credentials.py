"""A further operation of the legacy executor: headers that make a user known, per authenticator.

Sent after `legacy_rows.py`, whose passwords it gives, and run as that is: Python 3.6 grammar.
"""
# ruff: noqa: UP006, UP032, UP035

import base64
import datetime
import importlib
import re
import sys
from typing import Any, Callable, Dict, List

Message = Dict[str, Any]
made: Any = importlib.import_module("strangler_legacy_rows")
_TOKEN = "rest_framework.authentication.TokenAuthentication"
_SESSION = "rest_framework.authentication.SessionAuthentication"
_BASIC = "rest_framework.authentication.BasicAuthentication"
_KNOX = "knox.auth.TokenAuthentication"
_DRF_JWT = "rest_framework_jwt.authentication.JSONWebTokenAuthentication"
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
    # the last is one who may not log in, where there is one
    logins = [_login(user) for user in chosen[:3] + chosen[3:][-1:]]
    found = {}
    for path in message["authenticators"]:
        try:
            kind, maker = _maker(path)
            headers = {str(user.pk): maker(user) for user in chosen} if maker else {}
            found[path] = {"kind": kind, "headers": headers}
        except Exception as error:  # a package that is set up otherwise: the report says so
            found[path] = {
                "kind": None,
                "headers": {},
                "problem": "{}: {}".format(type(error).__name__, error),
            }
    idle = [user for user in chosen if not getattr(user, "is_active", True)]
    known, resets = _known(chosen[:1]), [_resets(chosen[:1]), _resets(idle[:1])]
    return {"credentials": found, "logins": logins, "known": known, "resets": resets}


def _login(user: Any) -> Dict[str, str]:
    """What a login form takes: the user gets a password that we know."""
    made.give_password(user)
    user.save()
    names = {user.USERNAME_FIELD, "username", "email"}
    login = {name: str(getattr(user, name)) for name in names if getattr(user, name, None)}
    login.setdefault("username", str(user.get_username()))  # so DRF calls whatever it is
    login["password"] = made.PASSWORD
    return login


def _known(chosen: List[Any]) -> Dict[str, str]:
    """Values that only the server can make, by the name they are usually sent under."""
    known = {"old_password": made.PASSWORD, "current_password": made.PASSWORD}
    for user in chosen:
        for tokens in (_simple_jwt_tokens, _drf_jwt_tokens):
            try:
                known.update(tokens(user))
            except (
                Exception
            ):  # not installed, or not set up: then nothing of it is asked for either
                continue
    return known


def _simple_jwt_tokens(user: Any) -> Dict[str, str]:
    tokens = load("rest_framework_simplejwt.tokens")
    refresh, access = tokens.RefreshToken.for_user(user), tokens.AccessToken.for_user(user)
    return {"refresh": str(refresh), "token": str(access)}


def _drf_jwt_tokens(user: Any) -> Dict[str, str]:
    """A token of drf-jwt, where something of the project uses that package."""
    if "rest_framework_jwt.settings" not in sys.modules:
        return {}
    return {"token": _drf_jwt_token(user, load("rest_framework_jwt.settings").api_settings)}


def _resets(chosen: List[Any]) -> Dict[str, str]:
    """What a form for a new password takes, by the names under which links usually carry it."""
    for user in chosen:
        try:
            token = load("django.contrib.auth.tokens").default_token_generator.make_token(user)
            uid = load("django.utils.http").urlsafe_base64_encode(str(user.pk).encode("utf-8"))
        except Exception:  # users of another kind, without what such tokens are made of
            return {}
        uid = uid.decode("ascii") if isinstance(uid, bytes) else uid
        names = ("uid", "uidb64", "uid64", "uidb36", "encoded_pk", "user_id_b64")
        email = str(getattr(user, "email", "") or "")
        return {"token": token, **dict.fromkeys(names, uid), **({"email": email} if email else {})}
    return {}


def _maker(path: str) -> Any:
    module, _, name = path.rpartition(".")
    wanted = getattr(load(module), name)
    bases = ["{}.{}".format(base.__module__, base.__name__) for base in wanted.__mro__]
    for base, kind, maker in (
        (_TOKEN, "token", _token),
        (_JWT, "jwt", _jwt),
        (_DRF_JWT, "jwt", _drf_jwt),
        (_KNOX, "token", _knox),
        (_SESSION, "session", _session),
        (_BASIC, "basic", _basic),
    ):
        if base in bases:
            return kind, maker(wanted)
    return "own", _own(wanted)


def _token(wanted: Any) -> Callable[[Any], List[List[str]]]:
    authenticator = wanted()
    tokens = authenticator.get_model() if hasattr(authenticator, "get_model") else wanted.model

    def headers(user: Any) -> List[List[str]]:
        token = tokens._base_manager.filter(user=user).first() or _token_row(tokens, user)
        return [["Authorization", "{} {}".format(wanted.keyword, token.key)]]

    return headers


def _token_row(tokens: Any, user: Any) -> Any:
    """A token of the user, saved; it gets a key where its class gives it none."""
    row = tokens(user=user)
    if not row.key and tokens.save is load("django.db.models").Model.save:
        length = min(row._meta.get_field("key").max_length or 40, 40)
        row.key = load("django.utils.crypto").get_random_string(length)
    row.save()
    return row


def _knox(wanted: Any) -> Callable[[Any], List[List[str]]]:
    scheme, tokens = wanted().authenticate_header(None), load("knox.models").get_token_model()

    def headers(user: Any) -> List[List[str]]:
        return [["Authorization", "{} {}".format(scheme, tokens.objects.create(user)[1])]]

    return headers


def _jwt(wanted: Any) -> Callable[[Any], List[List[str]]]:
    settings = load("rest_framework_simplejwt.settings").api_settings
    access = load("rest_framework_simplejwt.tokens").AccessToken
    types = settings.AUTH_HEADER_TYPES
    scheme = types if isinstance(types, str) else types[0]

    def headers(user: Any) -> List[List[str]]:
        token = access.for_user(user)
        token.set_exp(lifetime=datetime.timedelta(days=1))
        usual = [["Authorization", "{} {}".format(scheme, token)]]
        cookies = [[["Cookie", "{}={}".format(name, token)]] for name in _cookies_of(wanted)]
        tries = [usual, *cookies]
        return next((tried for tried in tries if _takes(wanted, user, tried)), usual)

    return headers


def _cookies_of(wanted: Any) -> List[str]:
    """Names of cookies that a class of the project may look at: in its code, and in the settings."""
    try:
        text = load("inspect").getsource(wanted)
    except (OSError, TypeError):
        return []
    found = re.findall(r"""COOKIES(?:\.get\(|\[)\s*["']([\w-]+)["']""", text)
    table = getattr(load("django.conf").settings, "SIMPLE_JWT", None) or {}
    for key, value in sorted(table.items()):
        if "COOKIE" in key and isinstance(value, str) and "COOKIES" in text:
            found.append(value)
    return found


def _drf_jwt(wanted: Any) -> Callable[[Any], List[List[str]]]:
    settings = load("rest_framework_jwt.settings").api_settings

    def headers(user: Any) -> List[List[str]]:
        token = _drf_jwt_token(user, settings)
        return [["Authorization", "{} {}".format(settings.JWT_AUTH_HEADER_PREFIX, token)]]

    return headers


def _drf_jwt_token(user: Any, settings: Any) -> str:
    """A token of drf-jwt that lasts while both applications are compared."""
    payload = settings.JWT_PAYLOAD_HANDLER(user)
    payload["exp"] = datetime.datetime.utcnow() + datetime.timedelta(days=1)
    return str(settings.JWT_ENCODE_HANDLER(payload))


def _session(wanted: Any) -> Callable[[Any], List[List[str]]]:
    settings = load("django.conf").settings
    csrf = load("django.middleware.csrf")

    def headers(user: Any) -> List[List[str]]:
        secret = csrf._get_new_csrf_string()
        session = _logged_in(user, secret)
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


def _logged_in(user: Any, secret: str) -> Any:
    """A session of the user, saved."""
    settings = load("django.conf").settings
    auth = load("django.contrib.auth")
    session = load(settings.SESSION_ENGINE).SessionStore()
    session[auth.SESSION_KEY] = user._meta.pk.value_to_string(user)
    session[auth.BACKEND_SESSION_KEY] = _finding_users()
    session[auth.HASH_SESSION_KEY] = user.get_session_auth_hash()
    session["_csrftoken"] = secret
    session.save()
    return session


def _finding_users() -> str:
    """The first backend that finds users: Django's own, or one that does it as that does."""
    settings = load("django.conf").settings
    backends = load("django.contrib.auth.backends")
    known = list(settings.AUTHENTICATION_BACKENDS)
    for path in known:
        found = getattr(load(path.rpartition(".")[0]), path.rpartition(".")[2])
        if issubclass(found, backends.ModelBackend):
            return str(path)
    return str(known[0])


def _basic(wanted: Any) -> Callable[[Any], List[List[str]]]:
    def headers(user: Any) -> List[List[str]]:
        if not user.check_password(made.PASSWORD):
            made.give_password(user)
            user.save()
        names = [user.get_username(), getattr(user, "email", None) or ""]
        logins = ["{}:{}".format(name, made.PASSWORD).encode("utf-8") for name in names]
        coded = ["Basic " + base64.b64encode(login).decode("ascii") for login in logins]
        tries = [[["Authorization", text]] for text in coded]
        if "authenticate_credentials" not in _own_methods(wanted):
            return tries[0]
        return next((tried for tried in tries if _takes(wanted, user, tried)), tries[0])

    return headers


def _own_methods(wanted: Any) -> List[str]:
    """Names that classes of the project define below the framework's."""
    own = [base for base in wanted.__mro__ if base.__module__.split(".")[0] != "rest_framework"]
    return [name for base in own for name in vars(base)]


# Names that projects give what proves a user: a method or a property of the user.
_TOKENS = (
    "token", "auth_token", "access_token", "api_token", "jwt_token", "jwt", "api_key", "key",
    "get_token", "generate_token", "generate_jwt_token", "get_jwt_token", "create_token",
    "get_access_token", "generate_access_token",
)  # fmt: skip
_CLAIMS = ("id", "user_id", "sub", "uid", "pk", "user", "username", "email")
_SCHEMES = ("Bearer", "Token", "JWT", "Session")


def _own(wanted: Any) -> Callable[[Any], List[List[str]]]:
    """The project's own authenticator: whatever it itself takes for the user."""

    def headers(user: Any) -> List[List[str]]:
        tries = _candidates(wanted, user)
        for tried in tries:
            if _takes(wanted, user, tried):
                return tried
        if not getattr(user, "is_active", True):
            return tries[-1]  # refused, as those are who may not log in
        raise LookupError("none of the usual headers makes a user known")

    return headers


def _candidates(wanted: Any, user: Any) -> List[List[List[str]]]:
    """Authorization headers by the words of the class and the usual ones."""
    own = [v for name, v in sorted(vars(wanted).items()) if isinstance(v, str) and name[:2] != "__"]
    schemes = [word for word in own if " " not in word and word.isprintable()] + list(_SCHEMES)
    tokens = _tokens_of(user) + _signed(user) + _sessions_of(user)
    pairs = [("{} {}".format(scheme, token)) for token in tokens for scheme in schemes]
    return [[["Authorization", text]] for text in pairs]


def _tokens_of(user: Any) -> List[str]:
    found = []
    for name in _TOKENS:
        try:
            value = getattr(user, name)
            value = value() if callable(value) else value
            value = getattr(value, "key", value)
        except Exception:  # no such attribute, or one that wants more than the user
            continue
        value = value.decode("ascii", "replace") if isinstance(value, bytes) else value
        if isinstance(value, str) and value:
            found.append(value)
    return found


def _sessions_of(user: Any) -> List[str]:
    """The key of a session, which some send in a header."""
    try:
        return [str(_logged_in(user, "").session_key)]
    except Exception:  # sessions are not installed, or kept in a way of their own
        return []


def _signed(user: Any) -> List[str]:
    """JSON web tokens with the claims that are usual for a user, signed with the secret key."""
    try:
        jwt = load("jwt")
    except ImportError:
        return []
    secret = load("django.conf").settings.SECRET_KEY
    exp = datetime.datetime.utcnow() + datetime.timedelta(days=1)
    found = []
    for name in _CLAIMS:
        value = getattr(user, name, None) if name in ("username", "email") else user.pk
        if isinstance(value, (int, str)):
            token = jwt.encode({name: value, "exp": exp}, secret, algorithm="HS256")
            found.append(token.decode("ascii") if isinstance(token, bytes) else token)
    return found


def _takes(wanted: Any, user: Any, headers: List[List[str]]) -> bool:
    """Whether the authenticator finds the user by these headers."""
    factory = load("django.test").RequestFactory()
    given = {"HTTP_" + name.upper().replace("-", "_"): value for name, value in headers}
    request = load("rest_framework.request").Request(factory.get("/", **given))
    try:
        found = wanted().authenticate(request)
    except Exception:  # refused, or not what the class expects
        return False
    return found is not None and getattr(found[0], "pk", None) == user.pk
