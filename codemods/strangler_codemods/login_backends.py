"""The login backends of a project: who finds users, who knows passwords, who grants permissions.

A backend with a method of Django's own is that backend there, whatever else it does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .refusal import RefusalError

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


def knowing_problem(world: World, *, own: bool = False) -> str | None:
    """Why names and passwords are not looked up here; None where they are.

    own: whether who asks can ask backends that the project wrote.
    """
    if not any(_knows(one) or (own and is_own(world, one)) for one in _all(world)):
        return "no authentication backend knows names and passwords"
    others = [one for one in _all(world) if not _asks_usually(one)]
    problems = (_own_problem(world, one) if own else _text(one) for one in others)
    return next((text for text in problems if text is not None), None)


def _own_problem(world: World, one: LoginBackend) -> str | None:
    """Why a backend that knows users in its own way has no rule; None where it has."""
    if one.knows == "none" or one.finds != "same" or world.own_backend is None:
        return _text(one)
    try:
        world.own_backend(one.path)
    except RefusalError as refusal:
        reason = refusal.reason("")
        place = f" ({reason.source})" if reason.source else ""
        return f"{_text(one)}: {reason.message}{place}"
    return None


def is_own(world: World, one: LoginBackend) -> bool:
    """Whether a backend knows users in its own way, which the new app has, too."""
    if one.knows == "same" or one.finds != "same" or world.own_backend is None:
        return False
    if one.path in _FOR_ROWS or world.sources.class_node(one.path) is None:
        return False
    try:
        world.own_backend(one.path)
    except RefusalError:
        return False
    return True


def is_usual(world: World) -> bool:
    """Whether Django's own backend is the only one."""
    return [one.path for one in _all(world)] == [MODEL_BACKEND]


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


def backends_option(world: World, user: str, imports: set[Import], *, asked: bool = False) -> str:
    """The `backends=` of what logs in; empty where Django's own is the only one."""
    return "" if is_usual(world) else f", backends={backends_made(world, user, imports, asked)}"


def backends_made(world: World, user: str, imports: set[Import], asked: bool) -> str:
    """The backends as a tuple; `asked` where they are asked about credentials, too."""
    made = []
    for one in _all(world):
        if asked and world.own_backend is not None and is_own(world, one):
            place = world.own_backend(one.path)
            imports.add(place)
            made.append(f"{place[1]}({user}, path={one.path!r})")
            continue
        silent = asked and one.knows == "none"
        if one.finds != "same" or silent:
            imports.add(("app.compat.backends", "NobodyBackend"))
            made.append(f"NobodyBackend({one.path!r})")
            continue
        imports.add(("app.compat.backends", "ModelBackend"))
        path = "" if one.path == MODEL_BACKEND else f", path={one.path!r}"
        made.append(f"ModelBackend({user}{path})")
    return f"({', '.join(made)},)" if made else "()"


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
