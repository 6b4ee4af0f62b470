"""What makes authenticators in the new app: the text, and what it imports."""

from __future__ import annotations

from .authenticator_forms import COMPAT
from .body import Import
from .login_backends import backends_option
from .world import World

_SECRET = "secret_key=settings.secret_key.get_secret_value()"


def token_rows(world: World, name: str, label: str, options: str = "") -> tuple[str, set[Import]]:
    """Finds users by tokens that are rows of `label`; `name` is the class, DRF's or one below it."""
    user, token = world.model_place(world.user_label), world.model_place(label)
    return f"{name}({token[1]}, {user[1]}{options})", {user, token, *_of_drf(name)}


def passwords(world: World, name: str) -> tuple[str, set[Import]]:
    """Finds users by their names and passwords."""
    user = world.model_place(world.user_label)
    imports: set[Import] = {user, *_of_drf(name)}
    backends = backends_option(world, user[1], imports, asked=True)
    return f"{name}({user[1]}{backends})", imports


def sessions(world: World, name: str, options: str = "") -> tuple[str, set[Import]]:
    """Finds users by their sessions."""
    user, session = world.model_place(world.user_label), world.model_place("sessions.Session")
    imports: set[Import] = {user, session, ("app.settings", "settings"), *_of_drf(name)}
    options += backends_option(world, user[1], imports)
    return f"{name}({session[1]}, {user[1]}, {_SECRET}{options})", imports


def _of_drf(name: str) -> set[Import]:
    known = ("TokenAuthentication", "BasicAuthentication", "SessionAuthentication")
    return {(COMPAT, name)} if name in known else set()
