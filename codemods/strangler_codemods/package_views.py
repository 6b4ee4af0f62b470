"""Endpoints of installed packages that compat knows: authtoken's, SimpleJWT's, knox's."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from strangler.facts import Endpoint

from . import knox
from .authentication import JWT_TOKENS, Authentication
from .body import Import
from .model_defaults import span
from .modules import Tree
from .refusal import RefusalError
from .sessions import backends_problem, hashers_problem

if TYPE_CHECKING:
    from .world import World

_JWT = "rest_framework_simplejwt"
_AUTHTOKEN = "rest_framework.authtoken.views.ObtainAuthToken"
_ENDPOINTS = "app.compat.jwt_endpoints"
#: Function, schema of the body, its module, what is answered, the method of `jwt_tokens`; by view.
_JWT_VIEWS = {
    "TokenObtainPairView": ("obtain_token_pair", "TokenObtain", "", "TokenPair", "obtain"),
    "TokenRefreshView": ("refresh_token", "TokenRefresh", _ENDPOINTS, "RefreshedToken", "refresh"),
    "TokenVerifyView": ("verify_token", "TokenVerify", _ENDPOINTS, "Nothing", "verify"),
    "TokenBlacklistView": (
        "blacklist_token", "TokenRefresh", _ENDPOINTS, "Nothing", "blacklist_token",
    ),
}  # fmt: skip
#: Function, the method of `knox_tokens`, what is answered, the status; by view.
_KNOX_VIEWS = {
    "knox.views.LoginView": ("log_in", "log_in", "Any", 200),
    "knox.views.LogoutView": ("log_out", "log_out", "None", 204),
    "knox.views.LogoutAllView": ("log_out_everywhere", "log_out_everywhere", "None", 204),
}
_SERIALIZERS = {
    "TOKEN_OBTAIN_SERIALIZER": f"{_JWT}.serializers.TokenObtainPairSerializer",
    "TOKEN_REFRESH_SERIALIZER": f"{_JWT}.serializers.TokenRefreshSerializer",
    "TOKEN_VERIFY_SERIALIZER": f"{_JWT}.serializers.TokenVerifySerializer",
    "TOKEN_BLACKLIST_SERIALIZER": f"{_JWT}.serializers.TokenBlacklistSerializer",
}
_SPANS = {
    "ACCESS_TOKEN_LIFETIME": "access_token_lifetime",
    "REFRESH_TOKEN_LIFETIME": "refresh_token_lifetime",
}
_FLAGS = {
    "ROTATE_REFRESH_TOKENS": "rotate_refresh_tokens",
    "BLACKLIST_AFTER_ROTATION": "blacklist_after_rotation",
    "UPDATE_LAST_LOGIN": "update_last_login",
}
_TABLES = {"outstanding": "OutstandingToken", "blacklisted": "BlacklistedToken"}


@dataclass(frozen=True)
class Known:
    """A function that stands for a package's view: name, body, answer, what it returns, status.

    body: the schema of what clients send; empty where that is nothing.
    """

    name: str
    body: str
    answer: str
    value: str
    status: int = 200


def is_known(endpoint: Endpoint) -> bool:
    """Whether the view of a package has a rule."""
    module, _, name = endpoint.view.rpartition(".")
    jwt = module == f"{_JWT}.views" and name in _JWT_VIEWS
    known = jwt or endpoint.view == _AUTHTOKEN or endpoint.view in _KNOX_VIEWS
    return endpoint.method == "POST" and known


@dataclass
class PackageViews:
    """Writes what the endpoints of packages need; RefusalError where a setting has no rule."""

    world: World
    tree: Tree
    authentication: Authentication

    def known(self, endpoint: Endpoint, imports: set[Import]) -> Known:
        """The function for an endpoint that `is_known`."""
        if endpoint.view == _AUTHTOKEN:
            return self._authtoken(endpoint, imports)
        if endpoint.view in _KNOX_VIEWS:
            return self._knox(endpoint, imports)
        name = endpoint.view.rpartition(".")[2]
        self._check(endpoint)
        self._require_usual(endpoint)
        function, schema, place, answer, method = _JWT_VIEWS[name]
        self.authentication.issues_tokens = True
        imports |= {
            ("app.identity", JWT_TOKENS), (_ENDPOINTS, answer),
            (place or self._login_schema(), schema),
        }  # fmt: skip
        return Known(function, schema, answer, f"{JWT_TOKENS}.{method}, data")

    def _authtoken(self, endpoint: Endpoint, imports: set[Import]) -> Known:
        self._check(endpoint)
        if "authtoken.Token" not in self.world.models:
            raise RefusalError("A102", "the token table is not installed", endpoint.source or "")
        token = self.world.model_symbol("authtoken.Token")
        user = self.world.model_symbol(self.world.user_label)
        names = ("AuthToken", "AuthTokenWrite", "obtain_auth_token")
        imports |= {token, user, *(("app.compat.tokens", name) for name in names)}
        imports.add(("app.compat.backends", "ModelBackend"))
        value = f"obtain_auth_token, {token[1]}, (ModelBackend({user[1]}),), data"
        return Known("obtain_token", "AuthTokenWrite", "AuthToken", value)

    def _knox(self, endpoint: Endpoint, imports: set[Import]) -> Known:
        knox.check(self.world, endpoint.source or "")
        name, method, answer, status = _KNOX_VIEWS[endpoint.view]
        if method == "log_in" and (problem := knox.login_problem(self.world)):
            raise RefusalError("A105", problem, endpoint.source or "")
        self.authentication.used.add(knox.AUTHENTICATION)
        imports.add(("app.identity", knox.TOKENS))
        imports |= {("typing", "Any")} if answer == "Any" else set()
        return Known(name, "", answer, f"{knox.TOKENS}.{method}", status)

    def _check(self, endpoint: Endpoint) -> None:
        asks = endpoint.view.endswith(("ObtainAuthToken", "TokenObtainPairView"))
        if asks and (unknown := hashers_problem(self.world)):
            raise RefusalError("A108", unknown, endpoint.source or "")
        problem = backends_problem(self.world)
        if problem is not None:
            code, text = problem
            raise RefusalError(code, text, endpoint.source or "")

    def _require_usual(self, endpoint: Endpoint) -> None:
        """Refuse settings of SimpleJWT that change what its endpoints do."""
        given = self.world.facts.settings.get("SIMPLE_JWT") or {}
        odd = self.authentication.unusual_jwt
        odd = odd or next(
            (n for n, usual in _SERIALIZERS.items() if given.get(n, usual) != usual), None
        )
        if odd is not None:
            text = f"the setting SIMPLE_JWT[{odd!r}] has no rule"
            raise RefusalError("A105", text, endpoint.source or "")

    def _login_schema(self) -> str:
        """The module with the body of a login: the name by which users log in, and a password."""
        user = self.world.models[self.world.user_label]
        value = user.attributes.get("USERNAME_FIELD")
        name = str(value.value) if value is not None and value.value else "username"
        module = self.tree.module("app.core.tokens", "What clients send for a token.")
        text = (
            "class TokenObtain(WriteSchema):\n"
            '    """A user\'s name and password."""\n\n'
            f"    {name}: Annotated[str, Char()]\n"
            "    password: Annotated[str, Char()]\n"
        )
        imports: set[Import] = {
            ("typing", "Annotated"), ("app.compat.fields_text", "Char"),
            ("app.compat.schemas", "WriteSchema"),
        }  # fmt: skip
        module.add("TokenObtain", text, imports, (1, "", 0))
        return module.name


def token_pairs(world: World, release: tuple[int, ...]) -> tuple[str, set[Import]]:
    """`TokenPairs(...)` with the project's settings, and what it imports."""
    given: dict[str, Any] = world.facts.settings.get("SIMPLE_JWT") or {}
    user = world.model_place(world.user_label)
    imports: set[Import] = {
        user, ("app.settings", "settings"), ("app.compat.jwt_tokens", "JWTConfig"),
        (_ENDPOINTS, "TokenPairs"),
    }  # fmt: skip
    options = ["signing_key=settings.secret_key.get_secret_value()"]
    for name, ours in _SPANS.items():
        value = given.get(name)
        if isinstance(value, dict) and value.get("path") == "datetime.timedelta":
            options.append(f"{ours}={span(str(value['value']))}")
            imports.add(("datetime", "timedelta"))
    options += [f"{ours}=True" for name, ours in _FLAGS.items() if given.get(name)]
    if release < (5, 5, 1):
        options.append(f"version={release}")
    tables = ""
    for ours, model in _TABLES.items():
        label = f"token_blacklist.{model}"
        if label in world.models:
            place = world.model_place(label)
            imports.add(place)
            tables += f", {ours}={place[1]}"
    return f"TokenPairs({user[1]}, JWTConfig({', '.join(options)}){tables})", imports
