"""Endpoints of installed packages that compat knows, and those of the project that are nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from strangler.facts import Endpoint, Ref

from . import djoser, drf_jwt_views, knox, web_tokens
from .authentication import Authentication
from .body import Import
from .login_backends import backends_made
from .login_schemas import login_name, login_schema
from .modules import Tree
from .names import view_stem
from .refusal import RefusalError
from .root_views import is_root, root_links
from .sessions import backends_problem, hashers_problem
from .token_logins import BASE as TOKEN_PAIR
from .token_logins import TokenLogins, lineage_of

if TYPE_CHECKING:
    from .world import World

_JWT = "rest_framework_simplejwt"
_AUTHTOKEN = "rest_framework.authtoken.views.ObtainAuthToken"
_ENDPOINTS = "app.compat.jwt_endpoints"
_SERIALIZERS = f"{_JWT}.serializers"
#: Function, schema of the body, its module, what is answered, the method of `jwt_tokens`; by serializer.
_JWT_VIEWS = {
    f"{_SERIALIZERS}.TokenObtainPairSerializer": (
        "obtain_token_pair", "TokenObtain", "", "TokenPair", "obtain",
    ),
    f"{_SERIALIZERS}.TokenRefreshSerializer": (
        "refresh_token", "TokenRefresh", _ENDPOINTS, "RefreshedToken", "refresh",
    ),
    f"{_SERIALIZERS}.TokenVerifySerializer": (
        "verify_token", "TokenVerify", _ENDPOINTS, "Nothing", "verify",
    ),
    f"{_SERIALIZERS}.TokenBlacklistSerializer": (
        "blacklist_token", "TokenRefresh", _ENDPOINTS, "Nothing", "blacklist_token",
    ),
}  # fmt: skip
_POST = f"{_JWT}.views.TokenViewBase.post"
#: Function, the method of `knox_tokens`, what is answered, the status; by view.
_KNOX_VIEWS = {
    "knox.views.LoginView": ("log_in", "log_in", "Any", 200),
    "knox.views.LogoutView": ("log_out", "log_out", "None", 204),
    "knox.views.LogoutAllView": ("log_out_everywhere", "log_out_everywhere", "None", 204),
}


_DJOSER_VIEWS = (djoser.CREATE, djoser.DESTROY)


@dataclass(frozen=True)
class Known:
    """A function that stands for a package's view: name, body, answer, what it returns, status.

    body: the schema of what clients send; empty where that is nothing. parameters: what a function takes that
    needs no session; its value is an expression then.
    """

    name: str
    body: str
    answer: str
    value: str
    status: int = 200
    parameters: str | None = None


def is_known(endpoint: Endpoint) -> bool:
    """Whether the view of a package, or one of the project that answers as it does, has a rule."""
    post = endpoint.methods.get("post")
    jwt = post is not None and post.path in (_POST, drf_jwt_views.POST)
    known = jwt or endpoint.view == _AUTHTOKEN or endpoint.view in (*_KNOX_VIEWS, *_DJOSER_VIEWS)
    return is_root(endpoint) or (endpoint.method == "POST" and known)


def with_token_post(endpoint: Endpoint) -> Endpoint:
    """A view below DRF's that gives tokens, with a serializer of its own: `post` as DRF wrote it."""
    inherits = any(ref.path == _AUTHTOKEN for ref in endpoint.lineage)
    if not inherits or endpoint.action != "post" or "post" in endpoint.methods:
        return endpoint
    methods = {**endpoint.methods, "post": Ref(path=f"{_AUTHTOKEN}.post", source=endpoint.source)}
    return endpoint.model_copy(update={"methods": methods})


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
        if is_root(endpoint):
            parameters, value = root_links(self.world, endpoint, imports)
            name = view_stem(endpoint.view)
            return Known(name, "", "dict[str, str]", value, parameters=parameters)
        if endpoint.view in _KNOX_VIEWS:
            return self._knox(endpoint, imports)
        if endpoint.view in _DJOSER_VIEWS:
            return self._djoser(endpoint, imports)
        if drf_jwt_views.is_token_view(endpoint):
            views = drf_jwt_views.TokenViews(self.world, self.tree)
            name, schema, called = views.used(endpoint, imports)
            imports.add(("app.compat.responses", "Response"))
            return Known(name, schema, "Response", f"{called}, data", 201)
        return self._jwt(endpoint, imports)

    def _jwt(self, endpoint: Endpoint, imports: set[Import]) -> Known:
        serializer = endpoint.serializer or ""
        own = serializer not in _JWT_VIEWS
        if own and TOKEN_PAIR not in lineage_of(self.world, serializer):
            text = f"the serializer `{serializer}` of a view of SimpleJWT has no rule"
            raise RefusalError("S101", text, endpoint.source or "")
        self._check(endpoint, asks=own or serializer == TOKEN_PAIR)
        if (odd := web_tokens.unusual(self.world)) is not None:
            text = f"the setting SIMPLE_JWT[{odd!r}] has no rule"
            raise RefusalError("A105", text, endpoint.source or "")
        function, schema, place, answer, method = _JWT_VIEWS[TOKEN_PAIR if own else serializer]
        self.world.issues_tokens = True
        names = (login_name(self.world), "password")
        body = (place, schema) if place else login_schema(self.tree, schema, names)
        imports |= {("app.identity", web_tokens.NAME), body}
        if own:
            login = TokenLogins(self.world, self.tree).place(serializer)
            imports |= {login, ("typing", "Any")}
            value = f"{login[1]}({web_tokens.NAME}).answer, data"
            return Known(function, schema, "dict[str, Any]", value)
        imports.add((_ENDPOINTS, answer))
        return Known(function, schema, answer, f"{web_tokens.NAME}.{method}, data")

    def _authtoken(self, endpoint: Endpoint, imports: set[Import]) -> Known:
        self._check(endpoint, asks=True)
        if "authtoken.Token" not in self.world.models:
            raise RefusalError("A102", "the token table is not installed", endpoint.source or "")
        token = self.world.model_symbol("authtoken.Token")
        user = self.world.model_symbol(self.world.user_label)
        names = ("AuthToken", "AuthTokenWrite", "obtain_auth_token")
        imports |= {token, user, *(("app.compat.tokens", name) for name in names)}
        backends = backends_made(self.world, user[1], imports, asked=True)
        value = f"obtain_auth_token, {token[1]}, {backends}, data"
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

    def _djoser(self, endpoint: Endpoint, imports: set[Import]) -> Known:
        name = djoser.login_field(self.world, endpoint)
        token = self.world.model_symbol("authtoken.Token")
        imports.add(token)
        place = "app.compat.djoser"
        if endpoint.view == djoser.DESTROY:
            imports.add((place, "destroy_token"))
            return Known("log_out", "", "None", f"destroy_token, {token[1]}", 204)
        self._check(endpoint, asks=True)
        user = self.world.model_symbol(self.world.user_label)
        schema = login_schema(self.tree, "Credentials", ("password", name), required=False)
        backends = backends_made(self.world, user[1], imports, asked=True)
        imports |= {user, schema, (place, "create_token"), (place, "UserToken")}
        value = f"create_token, {token[1]}, {backends}, {name!r}, data"
        return Known("log_in", "Credentials", "UserToken", value)

    def _check(self, endpoint: Endpoint, *, asks: bool) -> None:
        if asks and (unknown := hashers_problem(self.world)):
            raise RefusalError("A108", unknown, endpoint.source or "")
        problem = backends_problem(self.world, own=True)
        if problem is not None:
            code, text = problem
            raise RefusalError(code, text, endpoint.source or "")
