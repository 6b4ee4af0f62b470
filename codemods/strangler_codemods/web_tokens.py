"""SimpleJWT's tokens: what of its settings and tables the new app can have."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from strangler.facts import Endpoint, release

from .body import Import
from .login_backends import backends_option
from .model_defaults import span
from .operation import Operation

if TYPE_CHECKING:
    from .world import World

#: The name in `app.identity` of what issues and checks the tokens.
NAME = "jwt_tokens"
PACKAGE = "rest_framework_simplejwt"
_NEWEST = (5, 5, 1)
_USUAL: dict[str, Any] = {
    "ALGORITHM": "HS256", "AUTH_HEADER_NAME": "HTTP_AUTHORIZATION",
    "USER_ID_FIELD": "id", "TOKEN_TYPE_CLAIM": "token_type",
    "JTI_CLAIM": "jti", "AUDIENCE": None, "ISSUER": None, "LEEWAY": 0, "CHECK_REVOKE_TOKEN": False, "CHECK_USER_IS_ACTIVE": True,
    "SIGNING_KEY_IS_SECRET_KEY": True,
    "AUTH_TOKEN_CLASSES": ("rest_framework_simplejwt.tokens.AccessToken",),
    "USER_AUTHENTICATION_RULE": "rest_framework_simplejwt.authentication.default_user_authentication_rule",
}  # fmt: skip
#: What the header of a request begins with, and the claim that names the user: words of any project.
_WORDS = {
    "AUTH_HEADER_TYPES": ("auth_header_types", ("Bearer",)),
    "USER_ID_CLAIM": ("user_id_claim", "user_id"),
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


def _release(world: World) -> tuple[int, ...]:
    """The release of SimpleJWT, whose texts changed: (5, 5, 1); of none, the newest known."""
    return release(world.facts.legacy.package("djangorestframework-simplejwt") or "5.5.1", 3)


def unusual(world: World) -> str | None:
    """The first of SimpleJWT's settings that tokens depend on and that is not its default."""
    given = world.facts.settings.get("SIMPLE_JWT") or {}
    for name, standard in _USUAL.items():
        value = given.get(name, standard)
        if (tuple(value) if isinstance(value, list) else value) != standard:
            return name
    types, claim = (_word(given, name) for name in _WORDS)
    if not isinstance(types, tuple) or not types or not all(map(_is_word, types)):
        return "AUTH_HEADER_TYPES"
    return None if _is_word(claim) else "USER_ID_CLAIM"


def _word(given: Mapping[str, Any], name: str) -> Any:
    """The setting as it is meant: one scheme may stand for all of them."""
    value = given.get(name, _WORDS[name][1])
    if isinstance(value, list):
        return tuple(value)
    return (value,) if name == "AUTH_HEADER_TYPES" and isinstance(value, str) else value


def _is_word(value: object) -> bool:
    return isinstance(value, str) and value.isascii() and bool(value) and len(value.split()) == 1


def _words(given: Mapping[str, Any]) -> list[str]:
    """Options of JWTConfig where the project has words of its own."""
    found = {ours: (_word(given, name), usual) for name, (ours, usual) in _WORDS.items()}
    return [f"{ours}={value!r}" for ours, (value, usual) in found.items() if value != usual]


def challenges(endpoint: Endpoint) -> bool:
    """Whether a view of SimpleJWT, or one below it, says itself how clients prove who they are."""
    header = endpoint.methods.get("get_authenticate_header")
    return header is not None and header.path.startswith(f"{PACKAGE}.views.")


def tokens(operation: Operation) -> str:
    """What issues and checks tokens in the new app, which then has it.

    Raises:
        RefusalError: a setting that tokens depend on has no rule.
    """
    body, world = operation.body, operation.body.world
    if world.user_problem is not None:
        operation.refuse("A106", world.user_problem.message)
    if (odd := unusual(world)) is not None:
        operation.refuse("A105", f"the setting SIMPLE_JWT[{odd!r}] has no rule")
    world.issues_tokens = True
    return body.use("app.identity", NAME)


def authenticator(world: World, name: str) -> tuple[str, set[Import]]:
    """What makes the authenticator of the class `name` with the project's settings, and what it imports."""
    user = world.model_place(world.user_label)
    numbers = _release(world)
    version = f", version={numbers}" if numbers < _NEWEST else ""
    imports: set[Import] = {user, ("app.settings", "settings")}
    secret = "settings.secret_key.get_secret_value()"
    if words := _words(world.facts.settings.get("SIMPLE_JWT") or {}):
        imports.add(("app.compat.jwt_tokens", "JWTConfig"))
        config = f"JWTConfig(signing_key={secret}, {', '.join(words)}{version})"
        return f"{name}({user[1]}, {config})", imports
    return f"{name}({user[1]}, secret_key={secret}{version})", imports


def token_pairs(world: World) -> tuple[str, set[Import]]:
    """`TokenPairs(...)` with the project's settings, and what it imports."""
    given: dict[str, Any] = world.facts.settings.get("SIMPLE_JWT") or {}
    user = world.model_place(world.user_label)
    imports: set[Import] = {
        user, ("app.settings", "settings"), ("app.compat.jwt_tokens", "JWTConfig"),
        ("app.compat.jwt_endpoints", "TokenPairs"),
    }  # fmt: skip
    options = ["signing_key=settings.secret_key.get_secret_value()"]
    for name, ours in _SPANS.items():
        value = given.get(name)
        if isinstance(value, dict) and value.get("path") == "datetime.timedelta":
            options.append(f"{ours}={span(str(value['value']))}")
            imports.add(("datetime", "timedelta"))
    options += [f"{ours}=True" for name, ours in _FLAGS.items() if given.get(name)]
    options += _words(given)
    if (numbers := _release(world)) < _NEWEST:
        options.append(f"version={numbers}")
    tables = ""
    for ours, model in _TABLES.items():
        label = f"token_blacklist.{model}"
        if label in world.models:
            place = world.model_place(label)
            imports.add(place)
            tables += f", {ours}={place[1]}"
    backends = backends_option(world, user[1], imports, asked=True)
    return f"TokenPairs({user[1]}, JWTConfig({', '.join(options)}){tables}{backends})", imports
