"""Tokens of django-rest-knox: what of its settings and tables the new app can have."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from strangler.facts import release

from .body import Import
from .model_defaults import span
from .receivers import token_receiver
from .refusal import RefusalError

if TYPE_CHECKING:
    from .world import World

AUTHENTICATION = "knox.auth.TokenAuthentication"
#: The name in `app.identity` of what makes and checks the tokens.
TOKENS = "knox_tokens"
_TABLE = "knox.AuthToken"
_HASHES = frozenset({"sha256", "sha384", "sha512", "sha3_256", "sha3_384", "sha3_512"})
_SPANS = ("TOKEN_TTL", "AUTO_REFRESH_MAX_TTL")
_USUAL: dict[str, Any] = {
    "SECURE_HASH_ALGORITHM": "sha512", "AUTH_TOKEN_CHARACTER_LENGTH": 64, "TOKEN_TTL": "10:00:00",
    "TOKEN_LIMIT_PER_USER": None, "AUTO_REFRESH": False, "AUTO_REFRESH_MAX_TTL": None,
    "MIN_REFRESH_INTERVAL": 60, "AUTH_HEADER_PREFIX": "Token", "TOKEN_PREFIX": "",
}  # fmt: skip
_SIGNALS = ("user_logged_in", "user_logged_out", "token_expired")


def problem(world: World) -> str | None:
    """What keeps the tokens on Django; None where nothing does."""
    given = world.facts.settings.get("REST_KNOX") or {}
    version = world.facts.legacy.package("django-rest-knox")
    if not (5, 1) <= release(version) < (6, 0):
        return f"release {version} of django-rest-knox has no rule"
    if given.get("TOKEN_MODEL") != _TABLE or _TABLE not in world.models:
        return "the setting REST_KNOX['TOKEN_MODEL'] has no rule"
    if _value(given, "SECURE_HASH_ALGORITHM") not in _HASHES:
        return "the setting REST_KNOX['SECURE_HASH_ALGORITHM'] has no rule"
    if given.get("AUTO_REFRESH") and given.get("TOKEN_TTL") is None:
        return "tokens that are renewed have to end"
    return token_receiver(world, _SIGNALS, _TABLE)


def login_problem(world: World) -> str | None:
    """What keeps the login on Django besides; None where nothing does."""
    given = world.facts.settings.get("REST_KNOX") or {}
    if given.get("USER_SERIALIZER") is not None:
        return "the setting REST_KNOX['USER_SERIALIZER'] has no rule"
    drf = world.facts.settings.get("REST_FRAMEWORK") or {}
    if given.get("EXPIRY_DATETIME_FORMAT") != drf.get("DATETIME_FORMAT"):
        return "the setting REST_KNOX['EXPIRY_DATETIME_FORMAT'] has no rule"
    return None


def check(world: World, place: str) -> None:
    """Refuse what the tokens depend on and that has no rule."""
    if (text := problem(world)) is not None:
        raise RefusalError("A105", text, place)


def _value(given: dict[str, Any], name: str) -> Any:
    """A setting; of spans of time their text."""
    value = given.get(name, _USUAL[name])
    return value["value"] if isinstance(value, dict) and name in _SPANS else value


def tokens_text(world: World, user: str, imports: set[Import]) -> str:
    """`KnoxTokens(...)` with the project's settings."""
    given = world.facts.settings.get("REST_KNOX") or {}
    options = []
    for name, usual in _USUAL.items():
        value = _value(given, name)
        if value == usual:
            continue
        text = repr(value)
        if name in _SPANS and value is not None:
            text = span(str(value))
            imports.add(("datetime", "timedelta"))
        options.append(f"{name.lower()}={text}")
    table = world.model_place(_TABLE)
    imports |= {table, ("app.compat.knox", "KnoxConfig"), ("app.compat.knox", "KnoxTokens")}
    return f"KnoxTokens({table[1]}, {user}, KnoxConfig({', '.join(options)}))"
