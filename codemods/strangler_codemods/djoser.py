"""Tokens of djoser: what of its settings the new app can have."""

from __future__ import annotations

from typing import TYPE_CHECKING

from strangler.facts import Endpoint, release

from .receivers import token_receiver
from .refusal import RefusalError

if TYPE_CHECKING:
    from .world import World

#: The views of which compat has the like.
CREATE, DESTROY = "djoser.views.TokenCreateView", "djoser.views.TokenDestroyView"
_TABLE = "authtoken.Token"
_SERIALIZER = "djoser.serializers.TokenCreateSerializer"
_USUAL = {
    "TOKEN_MODEL": "rest_framework.authtoken.models.Token", "CREATE_SESSION_ON_LOGIN": False,
    "TOKEN": "djoser.serializers.TokenSerializer", "MESSAGES": "djoser.constants.Messages",
}  # fmt: skip
_SIGNALS = ("user_logged_in", "user_logged_out")


def login_field(world: World, endpoint: Endpoint) -> str:
    """The field that names a user when they log in.

    Raises:
        RefusalError: a release, a setting or a receiver has no rule.
    """
    place = endpoint.source or ""
    given = world.facts.settings.get("DJOSER") or {}
    odd = next((name for name, value in _USUAL.items() if given.get(name) != value), None)
    version = world.facts.legacy.package("djoser")
    if odd is not None or not isinstance(given.get("LOGIN_FIELD"), str):
        raise RefusalError(
            "A105", f"the setting DJOSER[{odd or 'LOGIN_FIELD'!r}] has no rule", place
        )
    if release(version) != (2, 3):
        raise RefusalError("A105", f"release {version} of djoser has no rule", place)
    if endpoint.view == CREATE and endpoint.serializer != _SERIALIZER:
        raise RefusalError("S101", f"the serializer `{endpoint.serializer}` has no rule", place)
    if _TABLE not in world.models:
        raise RefusalError("A102", "the token table is not installed", place)
    if (text := token_receiver(world, _SIGNALS, _TABLE)) is not None:
        raise RefusalError("A105", text, place)
    return str(given["LOGIN_FIELD"])
