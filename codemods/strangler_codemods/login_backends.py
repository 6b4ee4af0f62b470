"""The login backends of a project: who finds users, who knows passwords, who grants permissions.

A backend with a method of Django's own is that backend there, whatever else it does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from strangler.facts import LoginBackend

    from .body import Import
    from .world import World

MODEL_BACKEND = "django.contrib.auth.backends.ModelBackend"
#: They know nobody, and grant nothing where no row is asked about.
_FOR_ROWS = frozenset({"guardian.backends.ObjectPermissionBackend"})


def finding_problem(world: World) -> str | None:
    """Why the users of sessions are not found here; None where they are."""
    return next((_text(one) for one in _all(world) if one.finds == "own"), None)


def knowing_problem(world: World) -> str | None:
    """Why names and passwords are not looked up here; None where they are."""
    if not any(_knows(one) for one in _all(world)):
        return "no authentication backend knows names and passwords"
    return next((_text(one) for one in _all(world) if not _asks_usually(one)), None)


def knowing(world: World) -> list[str]:
    """The backends that may know a name and a password."""
    return [o.path for o in _all(world) if o.knows != "none" and o.path not in _FOR_ROWS]


def granting_problem(world: World) -> str | None:
    """Why users may have other permissions than Django's tables grant; None where they do not."""
    backends = [one for one in _all(world) if one.path not in _FOR_ROWS]
    other = next((one.path for one in backends if one.grants == "own"), None)
    if other is not None:
        return f"`{other}` may grant permissions"
    asks = any(one.grants == "same" for one in backends)
    return None if asks else "no authentication backend grants permissions"


def backends_option(world: World, user: str, imports: set[Import]) -> str:
    """The `backends=` of what logs in; empty where Django's own is the only one."""
    backends = _all(world)
    if [one.path for one in backends] == [MODEL_BACKEND]:
        return ""
    made = []
    for one in backends:
        if one.finds != "same":
            imports.add(("app.compat.backends", "NobodyBackend"))
            made.append(f"NobodyBackend({one.path!r})")
            continue
        imports.add(("app.compat.backends", "ModelBackend"))
        path = "" if one.path == MODEL_BACKEND else f", path={one.path!r}"
        made.append(f"ModelBackend({user}{path})")
    return f", backends=({', '.join(made)},)" if made else ", backends=()"


def _all(world: World) -> tuple[LoginBackend, ...]:
    return world.facts.authentication_backends


def _knows(one: LoginBackend) -> bool:
    """Whether it knows who Django's own knows, and finds them again."""
    return one.knows == "same" and one.finds == "same"


def _asks_usually(one: LoginBackend) -> bool:
    """Whether it knows who Django's own knows, or nobody."""
    return _knows(one) or one.knows == "none" or one.path in _FOR_ROWS


def _text(one: LoginBackend) -> str:
    return f"the authentication backend `{one.path}` has no rule"
