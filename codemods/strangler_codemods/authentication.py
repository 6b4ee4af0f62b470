"""Authenticators: DRF's own, SimpleJWT's; others keep their endpoints on legacy."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property, partial

from strangler.facts import Endpoint

from . import knox, web_tokens
from .body import Import
from .drf_jwt import AUTHENTICATION, DrfJwt
from .login_backends import finding_problem, knowing_problem
from .modules import Tree
from .project_authenticators import TOKENS, ProjectAuthenticators, Variant
from .refusal import RefusalError
from .sessions import hashers_problem, keeping_problem
from .world import World

_SESSIONS = "django.contrib.sessions.middleware.SessionMiddleware"
_LOGINS = "django.contrib.auth.middleware.AuthenticationMiddleware"
_BY_BACKEND: dict[str, Callable[[World], str | None]] = {
    "session_authentication": finding_problem, "basic_authentication": partial(knowing_problem, own=True),
}  # fmt: skip
#: The names in `app.identity` of what finds the users of drf-jwt's tokens, and of sessions.
DRF_JWT = "json_web_token_authentication"
SESSIONS = "session_authentication"
KNOWN = {
    "rest_framework.authentication.TokenAuthentication": "token_authentication",
    "rest_framework.authentication.SessionAuthentication": "session_authentication",
    "rest_framework.authentication.BasicAuthentication": "basic_authentication",
    "rest_framework_simplejwt.authentication.JWTAuthentication": "jwt_authentication",
    AUTHENTICATION: DRF_JWT,
    knox.AUTHENTICATION: knox.TOKENS,
}


@dataclass
class Authentication:
    """Which authenticators the new app has, and how each endpoint names them."""

    world: World
    tree: Tree
    used: set[str] = field(default_factory=set)

    @cached_property
    def own(self) -> ProjectAuthenticators:
        """The authenticators that the project wrote."""
        return ProjectAuthenticators(self.world, self.tree)

    def variant(self, path: str) -> Variant:
        """An authenticator as the new app has it.

        Raises:
            RefusalError: it has no rule.
        """
        if path in KNOWN:
            return Variant(("app.identity", KNOWN[path]), KNOWN[path])
        return self.own.variant(path)

    @cached_property
    def default(self) -> tuple[str, ...]:
        """The authenticators most endpoints have, of those the new app can have."""
        counts = Counter(
            tuple(e.authenticators)
            for e in self.world.facts.endpoints
            if e.kind == "drf" and self._has_rule(e)
        )
        return counts.most_common(1)[0][0] if counts else ()

    def _has_rule(self, endpoint: Endpoint) -> bool:
        try:
            self.check(endpoint)
        except RefusalError:
            return False
        return True

    def check(self, endpoint: Endpoint) -> None:
        """Refuse authenticators, and login backends, without a rule."""
        unknown = self.world.user_problem
        if endpoint.authenticators and unknown is not None:
            raise RefusalError("A106", unknown.message, unknown.source or endpoint.source or "")
        _check_challenge(endpoint)
        for path in endpoint.authenticators:
            name = self._base(path, endpoint)
            if name == "token_authentication" and TOKENS not in self.world.models:
                raise RefusalError(
                    "A102", "the token table is not installed", endpoint.source or ""
                )
            if name == "jwt_authentication" and (odd := web_tokens.unusual(self.world)) is not None:
                text = f"the setting SIMPLE_JWT[{odd!r}] has no rule"
                raise RefusalError("A105", text, endpoint.source or "")
            if problem := self._packages_problem(name):
                raise RefusalError("A105", problem, endpoint.source or "")
            if name in _BY_BACKEND and (problem := _BY_BACKEND[name](self.world)) is not None:
                raise RefusalError("A104", problem, endpoint.source or "")
            if name == "basic_authentication" and (problem := hashers_problem(self.world)):
                raise RefusalError("A108", problem, endpoint.source or "")
            if name == SESSIONS and (problem := self._logins_problem(path)):
                raise RefusalError("A103", problem, endpoint.source or "")

    def _logins_problem(self, path: str) -> str | None:
        if self.logs_in is None:
            return "sessions without logins, or logins without sessions, have no rule"
        if not self.logs_in and self.variant(path).below:
            return f"the authentication `{path}` has no sessions to read"
        return self.sessions_problem if self.logs_in else None

    def _packages_problem(self, name: str | None) -> str | None:
        if name == knox.TOKENS:
            return knox.problem(self.world)
        return DrfJwt(self.world, self.tree).problem() if name == DRF_JWT else None

    def _base(self, path: str, endpoint: Endpoint) -> str | None:
        """The known authenticator that one is, is made of or derives from."""
        try:
            return self.variant(path).known
        except RefusalError as refusal:
            reason = refusal.reason(endpoint.source or "")
            text = reason.message
            if self.world.sources.class_node(path) is None:
                text = f"the authentication `{path}` has no rule"
            raise RefusalError("A101", text, reason.source) from None

    @cached_property
    def logs_in(self) -> bool | None:
        """Whether Django's middleware looks sessions and their users up; None where only one does."""
        paths = {ref.path for ref in self.world.facts.middleware}
        found = {name in paths for name in (_SESSIONS, _LOGINS)}
        return None if len(found) > 1 else found.pop()

    @cached_property
    def sessions_problem(self) -> str | None:
        """Why sessions cannot be read; None where they lie in Django's own table, as JSON."""
        return keeping_problem(self.world)

    def places(self, endpoint: Endpoint) -> list[Import]:
        """Module and name of each authenticator of an endpoint, which the new app then has."""
        found = [self.variant(path) for path in endpoint.authenticators]
        self.used.update(endpoint.authenticators)
        return [variant.place for variant in found]

    def option(self, endpoint: Endpoint, imports: set[Import]) -> str | None:
        """The `authentication=` of a router; None where it is the project's default."""
        if web_tokens.challenges(endpoint):
            # nobody is looked for; who is refused is told of the scheme
            self.world.issues_tokens = True
            imports.add(("app.identity", web_tokens.NAME))
            return f"({web_tokens.NAME}.challenge,)"
        places = self.places(endpoint)
        if tuple(endpoint.authenticators) == self.default:
            return None
        imports |= set(places)
        return tuple_of(places)

    def default_places(self) -> list[Import]:
        """Module and name of each authenticator that most endpoints have."""
        return [self.variant(path).place for path in self.default]

    def made(self) -> dict[str, Variant]:
        """What `app.identity` makes, by name: known authenticators, and those set up otherwise."""
        paths = self.used | set(self.default)
        found = {self.variant(path).place: self.variant(path) for path in paths}
        made = {place[1]: v for place, v in found.items() if v.base is not None}
        if self.world.keeps_sessions or any(v.known == SESSIONS for v in found.values()):
            made.setdefault(SESSIONS, Variant(("app.identity", SESSIONS), SESSIONS))
        return made


def _check_challenge(endpoint: Endpoint) -> None:
    """Refuse views of SimpleJWT that take credentials, or have a realm of their own."""
    realm = endpoint.attributes.get("www_authenticate_realm")
    own = realm is not None and realm.value != "api"
    if web_tokens.challenges(endpoint) and (endpoint.authenticators or own):
        text = "the view names another way to prove who one is than it takes"
        raise RefusalError("A101", text, endpoint.source or "")


def tuple_of(places: list[Import]) -> str:
    """Names as a tuple."""
    names = [name for _, name in places]
    return f"({', '.join(names)}{',' if names else ''})"
