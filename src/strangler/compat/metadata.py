"""What OPTIONS tells of a path: DRF's metadata, with the fields that the caller may send."""

from collections.abc import Callable, Mapping
from typing import Annotated, Any, get_args, get_origin, get_type_hints

from fastapi import Response
from fastapi.routing import APIRoute
from starlette.requests import Request
from starlette.types import Message

from .context import Context
from .errors import APIException, Forbidden, Http404


async def described(
    request: Request, metadata: Mapping[str, Any], finders: Mapping[str, APIRoute]
) -> dict[str, Any]:
    """Return the body; its `actions` are those that the caller is permitted.

    metadata: the whole body. finders: for PUT, a route that answers where its object is found.
    """
    told = {name: value for name, value in metadata.items() if name != "actions"}
    actions: dict[str, Any] = {}
    for method, fields in metadata.get("actions", {}).items():
        scope = {**request.scope, "method": method}
        asked = Request(scope, request.receive)
        if await _permitted(request, asked) and (
            method != "PUT" or await _is_found(asked, finders["PUT"])
        ):
            actions[method] = fields
    return {**told, "actions": actions} if actions else told


async def _permitted(request: Request, asked: Request) -> bool:
    state = request.state

    def check(session: Any) -> bool:
        context: Context[Any] = Context(
            request=asked, session=session, user=state.user, auth=state.auth
        )
        try:
            return all(permission.has_permission(context) for permission in state.permissions)
        except (APIException, Forbidden, Http404):
            return False

    session = getattr(state, "session", None)
    return check(None) if session is None else bool(await session.run_sync(check))


async def _is_found(asked: Request, route: APIRoute) -> bool:
    """Ask the route: it is refused where the object is missing, or is not for the caller."""
    status = 500

    async def send(message: Message) -> None:
        nonlocal status
        if message["type"] == "http.response.start":
            status = message["status"]

    try:
        await route.app({**asked.scope, "route": route}, asked.receive, send)
    except (APIException, Forbidden, Http404):
        return False
    return status < 400


def finder_route(path: str, endpoint: Callable[..., Any]) -> APIRoute | None:
    """Return a route that does no more than find the object of an endpoint which checks a body.

    None for endpoints that check none, or none for an object.
    """
    from .schemas import RequestBody  # which needs the routes of this package in turn

    for hint in get_type_hints(endpoint, include_extras=True).values():
        marks = get_args(hint)[1:] if get_origin(hint) is Annotated else ()
        for mark in marks:
            body = getattr(mark, "dependency", None)
            if isinstance(body, RequestBody) and body.found is not None:
                return APIRoute(path, _answering(body.found))
    return None


def _answering(found: Any) -> Callable[..., Any]:
    async def answer(found: Any) -> Response:
        return Response()

    answer.__annotations__["found"] = found
    return answer
