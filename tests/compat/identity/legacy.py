"""The Django side: users, every authenticator, permissions, throttles and login views."""

from typing import Any

from django.apps import AppConfig, apps
from django.conf import settings
from django.contrib.auth import authenticate, login, logout, update_session_auth_hash
from django.contrib.auth.models import Group, Permission, User
from django.contrib.contenttypes.models import ContentType
from django.contrib.sessions.models import Session
from django.db import connection
from django.middleware.csrf import get_token
from django.urls import path
from rest_framework import permissions, throttling
from rest_framework.authentication import (
    BasicAuthentication,
    SessionAuthentication,
    TokenAuthentication,
)
from rest_framework.authtoken.models import Token
from rest_framework.authtoken.views import obtain_auth_token
from rest_framework.generics import GenericAPIView
from rest_framework.renderers import JSONRenderer
from rest_framework.response import Response
from rest_framework.views import APIView

from tests.compat import oracle  # noqa: F401 - Django is configured before models are imported

JWT_KEY = "a longer key, which PyJWT takes without a warning"
BLACKLIST = "rest_framework_simplejwt.token_blacklist"


def _install_blacklist() -> None:
    """SimpleJWT looks for its second app when it is imported."""
    settings.SIMPLE_JWT = {"SIGNING_KEY": JWT_KEY}
    settings.INSTALLED_APPS = [*settings.INSTALLED_APPS, BLACKLIST]
    config = AppConfig.create(BLACKLIST)
    apps.app_configs[config.label] = config
    config.apps, config.models = apps, apps.all_models[config.label]
    config.import_models()
    apps.clear_cache()


_install_blacklist()

from rest_framework_simplejwt import views as jwt_views  # noqa: E402
from rest_framework_simplejwt.authentication import JWTAuthentication  # noqa: E402
from rest_framework_simplejwt.token_blacklist.models import (  # noqa: E402
    BlacklistedToken,
    OutstandingToken,
)

TABLES = (
    *(ContentType, Permission, Group, User, Session, Token, OutstandingToken, BlacklistedToken),
)


def make_tables() -> None:
    """Create what is missing in the oracle's database."""
    present = connection.introspection.table_names()
    with connection.schema_editor() as editor:
        for model in TABLES:
            if model._meta.db_table not in present:
                editor.create_model(model)


def empty_tables() -> None:
    """Delete all rows but content types, without asking who refers to them: other tests' models."""
    links = (User.groups.through, User.user_permissions.through, Group.permissions.through)
    for model in (*links, *reversed(TABLES)):
        if model is not ContentType:
            model.objects.all()._raw_delete("default")


class Grumpy(permissions.BasePermission):
    message = "Not today."
    code = "grumpy"

    def has_permission(self, request, view):
        return False


class OnlyOwn(permissions.BasePermission):
    message = "This is not yours."

    def has_object_permission(self, request, view, obj):
        return obj.name == request.user.username


class OnlyStaff(permissions.BasePermission):
    def has_permission(self, request, view):
        return bool(request.user and request.user.is_staff)


class Nothing(permissions.DjangoModelPermissions):
    perms_map = {"GET": ["%(app_label)s.view_%(model_name)s"], "POST": []}


class Slow(throttling.UserRateThrottle):
    rate = "3/min"


class SlowAnon(throttling.AnonRateThrottle):
    THROTTLE_RATES = {"anon": "2/hour"}


class Scoped(throttling.ScopedRateThrottle):
    THROTTLE_RATES = {"uploads": "2/day"}


AUTHENTICATION: dict[str, list[Any]] = {
    "token": [TokenAuthentication],
    "basic": [BasicAuthentication],
    "session": [SessionAuthentication],
    "jwt": [JWTAuthentication],
    "session-first": [SessionAuthentication, BasicAuthentication, TokenAuthentication],
    "jwt-first": [JWTAuthentication, TokenAuthentication, SessionAuthentication],
    "none": [],
}
P = permissions
PERMISSIONS: dict[str, Any] = {
    "any": P.AllowAny,
    "login": P.IsAuthenticated,
    "admin": P.IsAdminUser,
    "read": P.IsAuthenticatedOrReadOnly,
    "grumpy": Grumpy,
    "model": P.DjangoModelPermissions,
    "model-or-read": P.DjangoModelPermissionsOrAnonReadOnly,
    "object": P.DjangoObjectPermissions,
    "nothing": Nothing,
    "own": OnlyOwn,
    "and": P.IsAuthenticated & Grumpy,
    "or": Grumpy | OnlyStaff,
    "not": ~P.IsAuthenticated,
    "own-or-staff": OnlyOwn | OnlyStaff,
    "own-and-login": OnlyOwn & P.IsAuthenticated,
    "not-own": ~OnlyOwn,
    "deep": ~(OnlyStaff | Grumpy) & (P.IsAuthenticated | Grumpy),
}
THROTTLES: dict[str, list[Any]] = {
    "user": [Slow],
    "anon": [SlowAnon],
    "scoped": [Scoped],
    "both": [Slow, Scoped],
}


class Who(GenericAPIView):
    """Says who asks; `objects/<pk>/` finds a group first."""

    queryset = Group.objects.order_by("id")

    def answer(self, request, pk=None):
        if pk is not None:
            self.get_object()
        user = request.user if request.user.is_authenticated else None
        auth = None if request.auth is None else type(request.auth).__name__
        return Response({"user": user and user.username, "auth": auth})

    get = post = put = patch = delete = answer


class LogIn(APIView):
    authentication_classes = [SessionAuthentication]
    permission_classes = []

    def post(self, request):
        name, password = request.headers["x-name"], request.headers["x-password"]
        user = authenticate(request, username=name, password=password)
        if user is None:
            return Response(status=400)
        login(request, user)
        return Response({"user": user.username})


class LogOut(LogIn):
    def post(self, request):
        logout(request)
        return Response({})


class NewPassword(LogIn):
    def post(self, request):
        request.user.set_password(request.headers["x-password"])
        request.user.save()
        update_session_auth_hash(request, request.user)
        return Response({})


class Visits(LogIn):
    """Counts in the session, also for those who are not logged in."""

    def post(self, request):
        request.session["visits"] = request.session.get("visits", 0) + 1
        expiry = request.headers.get("x-expiry")
        if expiry == "none":
            request.session.set_expiry(None)
        elif expiry is not None:
            request.session.set_expiry(int(expiry))
        return Response(
            {"visits": request.session["visits"]}, status=int(request.GET.get("s", 200))
        )

    def get(self, request):
        return Response({"visits": request.session.get("visits", 0)})

    def delete(self, request):
        request.session.flush()
        return Response({})


class Csrf(APIView):
    authentication_classes = [SessionAuthentication]
    permission_classes = []

    def get(self, request):
        return Response({"length": len(get_token(request))})


def _view(**attributes):
    renderers = {"renderer_classes": [JSONRenderer]}
    return type("Who", (Who,), {**renderers, **attributes}).as_view()


urlpatterns = [
    *(path(f"auth/{n}/", _view(authentication_classes=c)) for n, c in AUTHENTICATION.items()),
    *(
        path(
            f"closed/{n}/", _view(authentication_classes=c, permission_classes=[P.IsAuthenticated])
        )
        for n, c in AUTHENTICATION.items()
    ),
    *(
        path(
            f"may/{name}/{tail}",
            _view(authentication_classes=[TokenAuthentication], permission_classes=[allowed]),
        )
        for name, allowed in PERMISSIONS.items()
        for tail in ("", "<int:pk>/")
    ),
    *(
        path(
            f"slow/{name}/",
            _view(
                authentication_classes=[TokenAuthentication],
                throttle_classes=classes,
                throttle_scope="uploads",
            ),
        )
        for name, classes in THROTTLES.items()
    ),
    path(
        "slow/free/",
        _view(authentication_classes=[], throttle_classes=[Scoped]),
    ),
    path("login/", LogIn.as_view(renderer_classes=[JSONRenderer])),
    path("logout/", LogOut.as_view(renderer_classes=[JSONRenderer])),
    path("password/", NewPassword.as_view(renderer_classes=[JSONRenderer])),
    path("visits/", Visits.as_view(renderer_classes=[JSONRenderer])),
    path("csrf/", Csrf.as_view(renderer_classes=[JSONRenderer])),
    path("token/", obtain_auth_token),
    path("jwt/", jwt_views.TokenObtainPairView.as_view(renderer_classes=[JSONRenderer])),
    path("jwt/refresh/", jwt_views.TokenRefreshView.as_view(renderer_classes=[JSONRenderer])),
    path("jwt/verify/", jwt_views.TokenVerifyView.as_view(renderer_classes=[JSONRenderer])),
    path("jwt/blacklist/", jwt_views.TokenBlacklistView.as_view(renderer_classes=[JSONRenderer])),
]
SETTINGS: dict[str, Any] = {
    "ROOT_URLCONF": __name__,
    "MIDDLEWARE": [
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.middleware.csrf.CsrfViewMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware",
    ],
    "PASSWORD_HASHERS": ["django.contrib.auth.hashers.MD5PasswordHasher"],
    "SECRET_KEY_FALLBACKS": ["an older key"],
}
