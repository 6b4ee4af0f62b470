"""Dependencies that give an endpoint its caller.

CurrentUser = Annotated[User, Depends(current_user)]
OptionalUser = Annotated[User | None, Depends(optional_user)]
"""

from typing import Any

from starlette.requests import Request

from .errors import NotAuthenticated


def optional_user(request: Request) -> Any:
    """Return the user who asks, None when nobody is known."""
    return getattr(request.state, "user", None)


def current_user(request: Request) -> Any:
    """Return the user who asks; NotAuthenticated when nobody is known."""
    user = optional_user(request)
    if user is None:
        raise NotAuthenticated
    return user
