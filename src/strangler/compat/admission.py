"""What happens before a handler: negotiate, find the version, authenticate, permit, throttle."""

from collections.abc import Callable, Sequence
from typing import Any, Protocol, TypeVar, cast

from fastapi import Depends
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request

from .context import Context
from .errors import NotAuthenticated, PermissionDenied, Throttled
from .negotiation import fallback, negotiate
from .views import PathView, View

T = TypeVar("T")


class HasSession(Protocol):
    """A database, with the dependency that gives each request its session."""

    @property
    def session(self) -> Callable[..., Any]:
        """The dependency of `async def` handlers: an AsyncSession."""

    @property
    def sync_session(self) -> Callable[..., Any]:
        """The dependency of plain handlers: a Session."""


def _instance(policy: Any) -> Any:
    """Permissions and throttles may be given as classes, as in DRF."""
    return policy() if callable(policy) else policy


def begin(request: Request, view: View, path_view: PathView) -> None:
    """Give the request the state of one that nobody has authenticated yet."""
    state = request.state
    state.view, state.path_view, state.parsers = view, path_view, view.parsers
    state.action, state.user, state.auth, state.authenticator = view.action, None, None, None
    state.permissions = tuple(_instance(permission) for permission in view.permissions)
    state.accepted, state.version = fallback(view.renderers), None


def negotiate_request(request: Request, view: View) -> None:
    """Choose renderer and version of the answer."""
    state = request.state
    state.accepted = negotiate(request, view.renderers, request.path_params.get("format"))
    if view.versioning is not None:
        state.version = _instance(view.versioning).determine(request, state.accepted[1])


def authenticate(context: Context[Any], view: View) -> None:
    """Ask the authenticators in turn; the first that knows the caller decides."""
    state = context.request.state
    state.identified = True
    for authenticator in view.authentication:
        found = authenticator.authenticate(context)
        if found is not None:
            context.user, context.auth = state.user, state.auth = found
            state.authenticator = authenticator
            return


def denied(request: Request, message: Any = None, code: str | None = None) -> Exception:
    """Return the error for a caller who is not permitted: 401 when nobody is known."""
    state = request.state
    if state.view.authentication and state.authenticator is None:
        return NotAuthenticated()
    return PermissionDenied(message, code)


def deny(context: Context[Any], message: Any = None, code: str | None = None) -> None:
    """Raise for a caller who is not permitted, unless the view's own `permission_denied` does not."""

    def usual() -> None:
        raise denied(context.request, message, code)

    _within("permission_denied", context, usual)


def check_permissions(context: Context[Any]) -> None:
    """Raise unless every permission of the route holds."""
    for permission in context.request.state.permissions:
        if not permission.has_permission(context):
            deny(context, getattr(permission, "message", None), getattr(permission, "code", None))


def check_object_permissions(context: Context[Any], obj: Any) -> None:
    """Raise unless every permission of the route holds for `obj`."""
    for permission in context.request.state.permissions:
        if not permission.has_object_permission(context, obj):
            deny(context, getattr(permission, "message", None), getattr(permission, "code", None))


def check_throttles(context: Context[Any], view: View) -> None:
    """Count the request with every throttle; raise with the longest wait when one is full."""
    waits = []
    for throttle in map(_instance, view.throttles):
        if not throttle.allow_request(context):
            waits.append(throttle.wait())
    if waits:
        raise Throttled(max((wait for wait in waits if wait is not None), default=None))


def _within(name: str, context: Context[Any], usual: Callable[[], None]) -> None:
    """Do what DRF does, within what the view wrote around it under that name."""

    def step(functions: Sequence[Callable[..., None]]) -> None:
        if functions:
            functions[0](context, lambda: step(functions[1:]))
        else:
            usual()

    step(context.request.state.view.hooks.get(name, ()))


def _admit(session: Session, request: Request, view: View) -> None:
    context: Context[Any] = Context(request=request, session=session)

    def usual() -> None:
        if "initial" in view.hooks:
            negotiate_request(request, view)
        authenticate(context, view)
        _within("check_permissions", context, lambda: check_permissions(context))
        _within("check_throttles", context, lambda: check_throttles(context, view))

    _within("initial", context, usual)


class ThreadedSession:
    """A sync session, with the method that dependencies await on an AsyncSession."""

    def __init__(self, session: Session) -> None:
        self.session = session

    async def run_sync(self, function: Callable[..., T], *args: Any, **options: Any) -> T:
        """Run `function(session, …)` in a thread."""
        return await run_in_threadpool(function, self.session, *args, **options)


def _enter(request: Request, view: View, path_view: PathView) -> bool:
    """Do what needs no session; return whether there is more."""
    begin(request, view, path_view)
    if "initial" in view.hooks:  # it negotiates where the view's own lets it
        return True
    negotiate_request(request, view)
    request.state.identified = not view.authentication
    return bool(view.hooks or view.authentication or view.permissions or view.throttles)


def admission(
    view_of: Callable[[], View], path_view: PathView, database: HasSession | None, *, threaded: bool
) -> Callable[..., Any]:
    """Return the dependency that lets requests of one route in, or raises DRF's refusal.

    `threaded`: the route's handler runs in a thread, with a sync session that both share.
    """
    if database is None:

        def admit_alone(request: Request) -> None:
            view = view_of()
            if _enter(request, view, path_view):
                # No policy of a route without a database may touch one.
                _admit(cast(Session, None), request, view)

        return admit_alone

    if threaded:

        def admit_in_thread(
            request: Request,
            session: Session = Depends(database.sync_session, scope="function"),
        ) -> None:
            view = view_of()
            # The body of the request is validated in an async dependency.
            request.state.session = ThreadedSession(session)
            if _enter(request, view, path_view):
                _admit(session, request, view)

        return admit_in_thread

    async def admit(
        request: Request,
        session: AsyncSession = Depends(database.session, scope="function"),
    ) -> None:
        view = view_of()
        if _enter(request, view, path_view):
            await session.run_sync(_admit, request, view)

    return admit
