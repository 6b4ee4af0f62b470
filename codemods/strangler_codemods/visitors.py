"""Who is asking, where middleware wants to know: `await request_user(request)`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .operation import Typed, parse
from .sessions import session_problem
from .types import Instance

if TYPE_CHECKING:
    from .body import Body

_AUTHENTICATION = "django.contrib.auth.middleware.AuthenticationMiddleware"
TEXT = "await request_user({})"


def knows_user(body: Body) -> bool:
    """Whether Django has given the request a user before the middleware of a body is asked."""
    order = [ref.path for ref in body.world.facts.middleware]
    around = order[: order.index(body.owner.name)] if body.owner.name in order else []
    return _AUTHENTICATION in around


def visitor(body: Body) -> Typed:
    """Who is logged in by session; once the view has asked, whom it found.

    Raises:
        RefusalError: nobody is known there, or sessions have no rule.
    """
    if not knows_user(body):
        body.refuse("B142", "`request.user` is not known before AuthenticationMiddleware")
    problem = session_problem(body.world)
    if problem is not None:
        code, text = problem
        body.refuse(code, text)
    body.world.keeps_sessions = True
    body.compat("visitors", "request_user")
    kind = Instance(body.world.user_label, optional=True, user=True)
    return Typed(parse(TEXT.format(body.request())), kind)


def forget_visitor(body: Body) -> None:
    """The view may find somebody else: nothing that was known of the user is known any more."""
    text = TEXT.format("request")
    body.narrowed = frozenset(known for known in body.narrowed if text not in known)
