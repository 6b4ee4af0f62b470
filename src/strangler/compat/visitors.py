"""Who is asking, for middleware: those of the project run around what authenticates."""

from collections.abc import Awaitable
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession
from starlette.requests import Request
from starlette.responses import Response


async def request_user(request: Request) -> Any:
    """Return whom the view found once it has asked, before that who is logged in by session.

    None is an anonymous visitor. The row is loaded once; it belongs to no session any more.
    """
    state = request.state
    if getattr(state, "identified", False):
        return state.user
    if not hasattr(state, "visitor"):
        layer = state.session_middleware
        state.session_accessed = True
        async with layer.sessions(info={"request": request}) as session:
            state.visitor = await session.run_sync(layer.logins.user, request)
    return state.visitor


async def released(session: AsyncSession, answer: Awaitable[Response]) -> Response:
    """Wait for the layers below; they have the connection of the session meanwhile."""
    await session.close()
    return await answer
