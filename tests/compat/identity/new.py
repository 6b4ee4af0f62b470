"""The compat side, as generated code would have it, on the same database."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import Depends
from sqlalchemy import Column, ForeignKey, MetaData, String, Table, Text, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column, registry, relationship
from starlette.middleware import Middleware
from starlette.requests import Request

from strangler.compat import (
    model_permissions,
    models,
    orm,
    passwords,
    permissions,
    routing,
    throttling,
)
from strangler.compat.actions import get_object
from strangler.compat.application import create_app
from strangler.compat.authentication import (
    BasicAuthentication,
    SessionAuthentication,
    TokenAuthentication,
)
from strangler.compat.backends import ModelBackend, authenticate
from strangler.compat.clock import auto_now
from strangler.compat.columns import DjangoDateTime
from strangler.compat.context import Context
from strangler.compat.csrf import get_token
from strangler.compat.csrf_cookie import CsrfMiddleware
from strangler.compat.database import Database
from strangler.compat.jwt import JWTAuthentication, JWTConfig
from strangler.compat.jwt_endpoints import (
    Nothing,
    RefreshedToken,
    TokenPair,
    TokenPairs,
    TokenRefresh,
    TokenVerify,
    token_obtain,
)
from strangler.compat.responses import Response
from strangler.compat.schemas import Valid
from strangler.compat.session_cookie import SessionMiddleware
from strangler.compat.tokens import AuthToken, AuthTokenWrite, obtain_auth_token
from tests.compat import oracle

SECRET = "only for tests"
JWT_KEY = "a longer key, which PyJWT takes without a warning"
database = Database(f"sqlite:///{oracle.DATABASE}")
Session = Annotated[AsyncSession, Depends(database.session, scope="function")]


class Base(models.Base):
    __abstract__ = True
    metadata = MetaData()
    registry = registry(metadata=metadata)
    _sa_registry = registry


def _links(table: str, left: str, left_table: str, right: str, right_table: str) -> Table:
    return Table(
        table,
        Base.metadata,
        Column("id", primary_key=True),
        Column(left, ForeignKey(f"{left_table}.id")),
        Column(right, ForeignKey(f"{right_table}.id")),
    )


class ContentType(Base):
    __tablename__ = "django_content_type"

    id: Mapped[int] = mapped_column(primary_key=True)
    app_label: Mapped[str] = mapped_column(String(100))
    model: Mapped[str] = mapped_column(String(100))


class Permission(Base):
    __tablename__ = "auth_permission"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(255))
    content_type_id: Mapped[int] = mapped_column(ForeignKey(ContentType.id))
    content_type: Mapped[ContentType] = relationship()
    codename: Mapped[str] = mapped_column(String(100))


class Group(Base):
    __tablename__ = "auth_group"
    __label__ = "auth.Group"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(150))
    permissions: Mapped[list[Permission]] = relationship(
        secondary=_links(
            "auth_group_permissions", "group_id", "auth_group", "permission_id", "auth_permission"
        )
    )


class User(Base):
    __tablename__ = "auth_user"

    id: Mapped[int] = mapped_column(primary_key=True)
    password: Mapped[str] = mapped_column(String(128))
    last_login: Mapped[datetime | None] = mapped_column(DjangoDateTime)
    is_superuser: Mapped[bool]
    username: Mapped[str] = mapped_column(String(150))
    first_name: Mapped[str] = mapped_column(String(150))
    last_name: Mapped[str] = mapped_column(String(150))
    email: Mapped[str] = mapped_column(String(254))
    is_staff: Mapped[bool]
    is_active: Mapped[bool]
    date_joined: Mapped[datetime] = mapped_column(DjangoDateTime)
    groups: Mapped[list[Group]] = relationship(
        secondary=_links("auth_user_groups", "user_id", "auth_user", "group_id", "auth_group")
    )
    user_permissions: Mapped[list[Permission]] = relationship(
        secondary=_links(
            "auth_user_user_permissions",
            *("user_id", "auth_user", "permission_id", "auth_permission"),
        )
    )


class SessionRow(Base):
    __tablename__ = "django_session"

    session_key: Mapped[str] = mapped_column(String(40), primary_key=True)
    session_data: Mapped[str] = mapped_column(Text)
    expire_date: Mapped[datetime] = mapped_column(DjangoDateTime)


class Token(Base):
    __tablename__ = "authtoken_token"

    key: Mapped[str] = mapped_column(String(40), primary_key=True)
    created: Mapped[datetime] = mapped_column(DjangoDateTime, default=auto_now)
    user_id: Mapped[int] = mapped_column(ForeignKey(User.id))


class OutstandingToken(Base):
    __tablename__ = "token_blacklist_outstandingtoken"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int | None] = mapped_column(ForeignKey(User.id))
    jti: Mapped[str] = mapped_column(String(255))
    token: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime | None] = mapped_column(DjangoDateTime)
    expires_at: Mapped[datetime] = mapped_column(DjangoDateTime)


class BlacklistedToken(Base):
    __tablename__ = "token_blacklist_blacklistedtoken"

    id: Mapped[int] = mapped_column(primary_key=True)
    token_id: Mapped[int] = mapped_column(ForeignKey(OutstandingToken.id))
    blacklisted_at: Mapped[datetime] = mapped_column(DjangoDateTime, default=auto_now)


token = TokenAuthentication(Token, User)
basic = BasicAuthentication(User)
session = SessionAuthentication(SessionRow, User, secret_key=SECRET, fallbacks=("an older key",))
jwt = JWTAuthentication(User, secret_key=JWT_KEY)
logins = session.logins
backends = (ModelBackend(User),)
AUTHENTICATION: dict[str, tuple[Any, ...]] = {
    "token": (token,),
    "basic": (basic,),
    "session": (session,),
    "jwt": (jwt,),
    "session-first": (session, basic, token),
    "jwt-first": (jwt, token, session),
    "none": (),
}


class Grumpy(permissions.BasePermission):
    message = "Not today."
    code = "grumpy"

    def has_permission(self, context: Context[User]) -> bool:
        return False


class OnlyOwn(permissions.BasePermission):
    message = "This is not yours."

    def has_object_permission(self, context: Context[User], obj: Group) -> bool:
        return obj.name == (context.user.username if context.user else "")


class OnlyStaff(permissions.BasePermission):
    def has_permission(self, context: Context[User]) -> bool:
        return bool(context.user and context.user.is_staff)


class ModelPermissions(model_permissions.DjangoModelPermissions):
    model = Group


class ModelOrRead(model_permissions.DjangoModelPermissionsOrAnonReadOnly):
    model = Group


class ObjectPermissions(model_permissions.DjangoObjectPermissions):
    model = Group


class NothingNeeded(model_permissions.DjangoModelPermissions):
    model = Group
    perms_map = {"GET": ["%(app_label)s.view_%(model_name)s"], "POST": []}


P = permissions
PERMISSIONS: dict[str, Any] = {
    "any": P.AllowAny,
    "login": P.IsAuthenticated,
    "admin": P.IsAdminUser,
    "read": P.IsAuthenticatedOrReadOnly,
    "grumpy": Grumpy,
    "model": ModelPermissions,
    "model-or-read": ModelOrRead,
    "object": ObjectPermissions,
    "nothing": NothingNeeded,
    "own": OnlyOwn,
    "and": P.IsAuthenticated & Grumpy,
    "or": Grumpy | OnlyStaff,
    "not": ~P.IsAuthenticated,
    "own-or-staff": OnlyOwn | OnlyStaff,
    "own-and-login": OnlyOwn & P.IsAuthenticated,
    "not-own": ~OnlyOwn,
    "deep": ~(OnlyStaff | Grumpy) & (P.IsAuthenticated | Grumpy),
}


class Slow(throttling.UserRateThrottle):
    rate = "3/min"


class SlowAnon(throttling.AnonRateThrottle):
    THROTTLE_RATES = {"anon": "2/hour"}


class Scoped(throttling.ScopedRateThrottle):
    THROTTLE_RATES = {"uploads": "2/day"}


THROTTLES: dict[str, tuple[Any, ...]] = {
    "user": (Slow,),
    "anon": (SlowAnon,),
    "scoped": (Scoped,),
    "both": (Slow, Scoped),
}


class Router(routing.Router):
    database = database


def _who(request: Request) -> dict[str, Any]:
    user, auth = request.state.user, request.state.auth
    name = None if auth is None else type(auth).__name__
    shown = {"JWT": "AccessToken"}.get(name or "", name)
    return {"user": user and user.username, "auth": shown}


async def who(request: Request) -> dict[str, Any]:
    return _who(request)


async def who_with_object(request: Request, session: Session, pk: str) -> dict[str, Any]:
    await get_object(session, select(Group), Group.id, pk)
    return _who(request)


METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"]
routers = []
for name, authenticators in AUTHENTICATION.items():
    router = Router(authentication=authenticators)
    router.add_api_route(f"/auth/{name}/", who, methods=METHODS)
    closed = [permissions.IsAuthenticated]
    router.add_api_route(f"/closed/{name}/", who, methods=METHODS, permissions=closed)
    routers.append(router)
for name, allowed in PERMISSIONS.items():
    router = Router(prefix=f"/may/{name}", authentication=(token,), permissions=[allowed])
    router.add_api_route("/", who, methods=METHODS)
    router.add_api_route("/{pk:int}/", who_with_object, methods=METHODS)
    routers.append(router)
for name, throttles in THROTTLES.items():
    router = Router(authentication=(token,), throttles=throttles, throttle_scope="uploads")
    router.add_api_route(f"/slow/{name}/", who, methods=METHODS)
    routers.append(router)
free = Router(throttles=(Scoped,))
free.add_api_route("/slow/free/", who, methods=METHODS)

site = Router(authentication=(session,))


@site.post("/login/")
async def log_in(request: Request, session: Session) -> Any:
    name, password = request.headers["x-name"], request.headers["x-password"]
    user = await session.run_sync(authenticate, request, backends, name, password)
    if user is None:
        return Response(status=400)
    await session.run_sync(logins.login, user)
    return {"user": user.username}


@site.post("/logout/")
async def log_out(session: Session) -> dict[str, Any]:
    await session.run_sync(logins.logout)
    return {}


@site.post("/password/")
async def new_password(request: Request, session: Session) -> dict[str, Any]:
    def change(sync: Any) -> None:
        user = request.state.user
        passwords.set_password(user, request.headers["x-password"])
        orm.save(sync, user)
        logins.update_auth_hash(sync, user)

    await session.run_sync(change)
    return {}


@site.get("/visits/")
async def visits(session: Session) -> dict[str, Any]:
    return await session.run_sync(lambda sync: {"visits": logins.store(sync).get("visits", 0)})


@site.post("/visits/")
async def visit(request: Request, session: Session) -> Response:
    def count(sync: Any) -> int:
        store = logins.store(sync)
        store["visits"] = store.get("visits", 0) + 1
        expiry = request.headers.get("x-expiry")
        if expiry == "none":
            store.set_expiry(None)
        elif expiry is not None:
            store.set_expiry(int(expiry))
        return int(store["visits"])

    status = int(request.query_params.get("s", 200))
    return Response({"visits": await session.run_sync(count)}, status)


@site.delete("/visits/")
async def forget(session: Session) -> dict[str, Any]:
    await session.run_sync(lambda sync: logins.store(sync).flush())
    return {}


@site.get("/csrf/")
async def csrf(request: Request, session: Session) -> dict[str, int]:
    return await session.run_sync(
        lambda sync: {"length": len(get_token(request, logins.store(sync)))}
    )


pairs = TokenPairs(
    User,
    JWTConfig(signing_key=JWT_KEY),
    outstanding=OutstandingToken,
    blacklisted=BlacklistedToken,
)
TokenObtain = token_obtain()
jwts = Router(prefix="/jwt", authentication=(pairs.challenge,))


@jwts.post("/")
async def obtain(session: Session, data: Valid[TokenObtain]) -> TokenPair:
    return await session.run_sync(pairs.obtain, data)


@jwts.post("/refresh/")
async def refresh(session: Session, data: Valid[TokenRefresh]) -> RefreshedToken:
    return await session.run_sync(pairs.refresh, data)


@jwts.post("/verify/")
async def verify(session: Session, data: Valid[TokenVerify]) -> Nothing:
    return await session.run_sync(pairs.verify, data)


@jwts.post("/blacklist/")
async def blacklist(session: Session, data: Valid[TokenRefresh]) -> Nothing:
    return await session.run_sync(pairs.blacklist_token, data)


tokens = Router(prefix="/token", authentication=(session, basic))


@tokens.post("/")
async def obtain_token(session: Session, data: Valid[AuthTokenWrite]) -> AuthToken:
    return await session.run_sync(obtain_auth_token, Token, backends, data)


app = create_app(
    *routers,
    free,
    site,
    jwts,
    tokens,
    middleware=(
        Middleware(SessionMiddleware, logins=logins, sessions=database.sessions),
        CsrfMiddleware,
    ),
)
