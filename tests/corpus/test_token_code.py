"""The usual code around tokens: SimpleJWT's views, serializers and authenticators with the project's
own below them, tokens that bodies issue and take out of use, and those that reset passwords."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.corpus.commands import converted, not_equal, verified
from tests.corpus.small_project import SETTINGS, small_project
from tests.postgres import Cluster

pytestmark = pytest.mark.slow

TOKENS = (
    SETTINGS
    + """
from datetime import timedelta

INSTALLED_APPS += ["rest_framework_simplejwt", "rest_framework_simplejwt.token_blacklist"]
AUTH_USER_MODEL = "things.Member"
PASSWORD_RESET_TIMEOUT = 3600
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["things.authentication.CookieAuthentication"],
    "DEFAULT_THROTTLE_RATES": {"anon": "10000/min"},
}
SIMPLE_JWT = {
    "ACCESS_TOKEN_LIFETIME": timedelta(minutes=20),
    "UPDATE_LAST_LOGIN": True,
    "TOKEN_OBTAIN_SERIALIZER": "things.views.NickPairSerializer",
    "AUTH_COOKIE": "access_token",
    "AUTH_HEADER_TYPES": ("JWT", "Bearer"),
    "USER_ID_CLAIM": "uid",
}
"""
)

MODELS = """
from django.contrib.auth.models import AbstractUser
from django.db import models


class Member(AbstractUser):
    email = models.EmailField(unique=True)
    nick = models.CharField(max_length=20, blank=True)
    trusted = models.BooleanField(default=True)

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS = ["username"]
"""

AUTHENTICATION = '''
from django.conf import settings
from rest_framework.exceptions import AuthenticationFailed
from rest_framework_simplejwt.authentication import JWTAuthentication
from rest_framework_simplejwt.exceptions import InvalidToken


class CookieAuthentication(JWTAuthentication):
    """The header's token, or that of a cookie."""

    def authenticate(self, request):
        header = self.get_header(request)
        if header is None:
            raw_token = request.COOKIES.get(settings.SIMPLE_JWT["AUTH_COOKIE"]) or None
        else:
            raw_token = self.get_raw_token(header)
        if raw_token is None:
            return None
        validated_token = self.get_validated_token(raw_token)
        return self.get_user(validated_token), validated_token


class TrustedAuthentication(JWTAuthentication):
    def authenticate(self, request):
        result = super().authenticate(request)
        if result is None:
            return None
        user, token = result
        if not user.trusted:
            raise AuthenticationFailed("Nobody trusts you.", code="untrusted")
        return user, token


class QuietAuthentication(JWTAuthentication):
    def authenticate(self, request):
        try:
            return super().authenticate(request)
        except (InvalidToken, AuthenticationFailed):
            return None

    def get_user(self, validated_token):
        user = super().get_user(validated_token)
        if validated_token.get("nick", user.nick) != user.nick:
            raise AuthenticationFailed("You had another name.")
        return user
'''

VIEWS = '''
from datetime import timedelta

from django.contrib.auth import authenticate
from django.contrib.auth.tokens import default_token_generator
from django.utils.crypto import get_random_string
from django.utils.encoding import DjangoUnicodeDecodeError, force_bytes, force_str, smart_str
from django.utils.http import urlsafe_base64_decode, urlsafe_base64_encode
from django.utils.translation import gettext_lazy as _
from rest_framework import generics, permissions, serializers, status
from rest_framework.decorators import api_view, permission_classes
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.response import Response
from rest_framework.throttling import AnonRateThrottle
from rest_framework.views import APIView
from rest_framework_simplejwt.exceptions import InvalidToken, TokenError
from rest_framework_simplejwt.serializers import TokenObtainPairSerializer
from rest_framework_simplejwt.tokens import AccessToken, RefreshToken
from rest_framework_simplejwt.views import (
    TokenBlacklistView, TokenObtainPairView, TokenRefreshView, TokenVerifyView,
)

from things.authentication import QuietAuthentication, TrustedAuthentication
from things.models import Member


class NickPairSerializer(TokenObtainPairSerializer):
    @classmethod
    def get_token(cls, user):
        token = super().get_token(user)
        token["nick"] = user.nick
        token["staff"] = user.is_staff
        return token


class MemberSerializer(serializers.ModelSerializer):
    class Meta:
        model = Member
        fields = ["id", "email", "nick"]


class AnsweringPairSerializer(NickPairSerializer):
    username_field = Member.USERNAME_FIELD
    default_error_messages = {"no_active_account": _("Wrong e-mail or password.")}

    def validate(self, attrs):
        data = super().validate(attrs)
        if not self.user.trusted:
            raise serializers.ValidationError("Nobody trusts you.")
        refresh = self.get_token(self.user)
        data["refresh"] = str(refresh)
        data["access"] = str(refresh.access_token)
        data["user"] = MemberSerializer(self.user).data
        data.update({"nick": self.user.nick, "lifetime": refresh.lifetime.total_seconds()})
        return data


class OwnPairSerializer(TokenObtainPairSerializer):
    def validate(self, attrs):
        email = attrs.get("email")
        password = attrs.get("password")
        user = Member.objects.filter(email__iexact=email).first()
        if user is None or not user.check_password(password):
            raise serializers.ValidationError({"email": "Who is that?"})
        if not user.is_active:
            raise AuthenticationFailed(_("Gone."), "gone")
        refresh = self.get_token(user)
        refresh["by"] = self.context["request"].method
        return {"token": str(refresh.access_token), "refresh": str(refresh), "id": user.id}


class Burst(AnonRateThrottle):
    rate = "9000/min"


class PairView(TokenObtainPairView):
    """Logs in."""

    throttle_classes = [Burst]


class AnsweringPairView(TokenObtainPairView):
    serializer_class = AnsweringPairSerializer
    permission_classes = [permissions.AllowAny]


class OwnPairView(TokenObtainPairView):
    serializer_class = OwnPairSerializer


class RenewView(TokenRefreshView):
    pass


class CheckView(TokenVerifyView):
    pass


class ForgetView(TokenBlacklistView):
    """Takes a token out of use."""


def get_tokens_for_user(user):
    refresh = RefreshToken.for_user(user)
    return {"refresh": str(refresh), "access": str(refresh.access_token)}


class RegisterSerializer(serializers.ModelSerializer):
    password = serializers.CharField(write_only=True, min_length=4)

    class Meta:
        model = Member
        fields = ["email", "username", "nick", "password"]

    def create(self, validated_data):
        return Member.objects.create_user(**validated_data)


class RegisterView(generics.GenericAPIView):
    serializer_class = RegisterSerializer
    authentication_classes = []

    def post(self, request):
        serializer = self.get_serializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        user = serializer.save()
        refresh = RefreshToken.for_user(user)
        refresh["nick"] = user.nick
        return Response(
            {
                "user": MemberSerializer(user).data,
                "refresh": str(refresh),
                "access": str(refresh.access_token),
            },
            status=status.HTTP_201_CREATED,
        )


class LoginSerializer(serializers.Serializer):
    email = serializers.EmailField()
    password = serializers.CharField()


class LoginView(APIView):
    authentication_classes = []

    def post(self, request):
        serializer = LoginSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        user = authenticate(
            request,
            email=serializer.validated_data["email"],
            password=serializer.validated_data["password"],
        )
        if user is None:
            return Response({"error": "Invalid credentials"}, status=401)
        access = AccessToken.for_user(user)
        access["nick"] = user.nick
        return Response({**get_tokens_for_user(user), "short": str(access)})


class LogoutView(APIView):
    permission_classes = [permissions.IsAuthenticated]

    def post(self, request):
        try:
            refresh_token = request.data["refresh"]
            token = RefreshToken(refresh_token)
            token.blacklist()
            return Response({"message": "Bye."}, status=status.HTTP_205_RESET_CONTENT)
        except TokenError as e:
            return Response({"error": e.args[0]}, status=status.HTTP_400_BAD_REQUEST)
        except Exception:
            return Response(status=status.HTTP_400_BAD_REQUEST)


@api_view(["POST"])
@permission_classes([permissions.IsAuthenticated])
def log_out(request):
    try:
        RefreshToken(request.data.get("refresh")).blacklist()
    except TokenError:
        raise InvalidToken("That is no token.")
    return Response({"detail": "done", "by": request.user.nick})


class LogoutSerializer(serializers.Serializer):
    refresh = serializers.CharField()
    default_error_messages = {"bad_token": "Token is expired or invalid"}

    def validate(self, attrs):
        self.token = attrs["refresh"]
        return attrs


class MeView(generics.RetrieveUpdateAPIView):
    serializer_class = MemberSerializer
    authentication_classes = [TrustedAuthentication]
    permission_classes = [permissions.IsAuthenticated]

    def get_object(self):
        return self.request.user


class WhoView(APIView):
    authentication_classes = [QuietAuthentication]

    def get(self, request):
        known = request.user.is_authenticated
        return Response({"nick": request.user.nick if known else None})


class ChainedView(APIView):
    """Tokens that no variable holds."""

    def post(self, request):
        user = Member.objects.order_by("id").first()
        if user is None:
            return Response({"detail": "Nobody."}, status=404)
        try:
            AccessToken(request.data.get("access")).set_exp(lifetime=timedelta(0))
            kind = AccessToken(request.data.get("access"))["token_type"]
        except TokenError as e:
            kind = str(e)
        return Response(
            {
                "access": str(RefreshToken.for_user(user).access_token),
                "jti": len(RefreshToken.for_user(user)["jti"]),
                "type": AccessToken.for_user(user).get("token_type"),
                "seconds": RefreshToken.for_user(user).lifetime.total_seconds(),
                "keys": len(AccessToken.for_user(user).payload),
                "named": "jti" in AccessToken.for_user(user),
                "kind": kind,
            }
        )


class EmailSerializer(serializers.Serializer):
    email = serializers.EmailField()


class ForgottenView(APIView):
    authentication_classes = []

    def post(self, request):
        serializer = EmailSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        user = Member.objects.filter(email=serializer.validated_data["email"]).first()
        if user is None:
            return Response({"detail": "Nobody."}, status=400)
        uid = urlsafe_base64_encode(force_bytes(user.pk))
        token = default_token_generator.make_token(user)
        return Response({"uid": uid, "token": token, "link": f"/reset/{uid}/{token}/"})


class ResetSerializer(serializers.Serializer):
    uid = serializers.CharField()
    token = serializers.CharField()
    new_password = serializers.CharField(min_length=4)


class ResetView(APIView):
    authentication_classes = []

    def post(self, request):
        serializer = ResetSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        data = serializer.validated_data
        try:
            uid = force_str(urlsafe_base64_decode(data["uid"]))
            user = Member.objects.get(pk=uid)
        except (TypeError, ValueError, OverflowError, Member.DoesNotExist):
            user = None
        if user is not None and default_token_generator.check_token(user, data["token"]):
            user.set_password(data["new_password"])
            user.save()
            return Response({"detail": "Password has been reset."})
        return Response({"detail": "Invalid link."}, status=400)


class CheckResetView(APIView):
    authentication_classes = []

    def get(self, request, uidb64, token):
        try:
            pk = smart_str(urlsafe_base64_decode(uidb64))
            user = Member.objects.get(id=pk)
            if not default_token_generator.check_token(user, token):
                return Response({"error": "Token is not valid"}, status=401)
            return Response({"success": True, "uidb64": uidb64, "token": token})
        except DjangoUnicodeDecodeError as identifier:
            return Response({"error": str(identifier)}, status=401)
        except (ValueError, Member.DoesNotExist):
            return Response({"error": "Nobody"}, status=404)


class CodeView(APIView):
    authentication_classes = []

    def post(self, request):
        code = get_random_string(6, allowed_chars="0123456789")
        return Response({"length": len(code), "digits": code.isdigit(), "key": len(get_random_string(32))})
'''

URLS = """
from django.urls import path

from things import views

urlpatterns = [
    path("api/token/", views.PairView.as_view()),
    path("api/token/answering/", views.AnsweringPairView.as_view()),
    path("api/token/own/", views.OwnPairView.as_view()),
    path("api/token/refresh/", views.RenewView.as_view()),
    path("api/token/verify/", views.CheckView.as_view()),
    path("api/token/forget/", views.ForgetView.as_view()),
    path("api/register/", views.RegisterView.as_view()),
    path("api/login/", views.LoginView.as_view()),
    path("api/logout/", views.LogoutView.as_view()),
    path("api/log-out/", views.log_out),
    path("api/chained/", views.ChainedView.as_view()),
    path("api/me/", views.MeView.as_view()),
    path("api/who/", views.WhoView.as_view()),
    path("api/forgotten/", views.ForgottenView.as_view()),
    path("api/reset/", views.ResetView.as_view()),
    path("api/reset/<uidb64>/<token>/", views.CheckResetView.as_view()),
    path("api/code/", views.CodeView.as_view()),
]
"""
FILES = {
    "settings.py": TOKENS, "things/models.py": MODELS, "things/views.py": VIEWS, "urls.py": URLS,
    "things/authentication.py": AUTHENTICATION,
}  # fmt: skip


def _migrate(project: Path, url: str) -> None:
    """Tables of packages point to users, whose own table migrations have to make before."""
    subprocess.run(
        [sys.executable, "manage.py", "makemigrations", "-v0", "things"],
        cwd=project, env={**os.environ, "DATABASE_URL": url}, check=True,
    )  # fmt: skip


@pytest.mark.parametrize("server", ["sqlite", "postgresql"])
def test_all_of_it_is_converted_and_equal(server: str, tmp_path: Path, postgres: Cluster) -> None:
    """Verify knows how to make such tokens, and finds no difference in any endpoint."""
    project = small_project(tmp_path / "legacy", FILES)
    url = f"sqlite:///{tmp_path / 'none.db'}"
    if server == "postgresql":
        url = postgres.new_database("corpus_token_code")
    _migrate(project, url)
    report = converted(project, tmp_path, DATABASE_URL=url)
    assert not [e["reasons"] for e in report["endpoints"] if e["status"] != "converted"]
    assert not_equal(verified(project, tmp_path, "--cases", "12", DATABASE_URL=url)) == []


ODD = """
class FieldPairSerializer(TokenObtainPairSerializer):
    code = serializers.CharField(required=False)


class JudgedPairSerializer(TokenObtainPairSerializer):
    def validate_email(self, value):
        return value.lower()


class ListedPairSerializer(TokenObtainPairSerializer):
    def validate(self, attrs):
        return list(super().validate(attrs))


class FieldPairView(TokenObtainPairView):
    serializer_class = FieldPairSerializer


class JudgedPairView(TokenObtainPairView):
    serializer_class = JudgedPairSerializer


class ListedPairView(TokenObtainPairView):
    serializer_class = ListedPairSerializer


class RealmView(TokenRefreshView):
    www_authenticate_realm = "elsewhere"
"""
ODD_URLS = """
from django.urls import path

from things import views

urlpatterns = [
    path("api/field/", views.FieldPairView.as_view()),
    path("api/judged/", views.JudgedPairView.as_view()),
    path("api/listed/", views.ListedPairView.as_view()),
    path("api/realm/", views.RealmView.as_view()),
    path("api/log-out/", views.log_out),
]
"""


def test_what_changes_more_stays(tmp_path: Path) -> None:
    """Further fields, methods that DRF asks, other answers, another realm; no table of tokens."""
    settings = TOKENS.replace(', "rest_framework_simplejwt.token_blacklist"', "")
    files = FILES | {"things/views.py": VIEWS + ODD, "urls.py": ODD_URLS, "settings.py": settings}
    project = small_project(tmp_path / "legacy", files)
    report = converted(project, tmp_path, DATABASE_URL=f"sqlite:///{tmp_path / 'none.db'}")
    reasons = {e["id"]: [r["code"] for r in e["reasons"]] for e in report["endpoints"]}
    assert reasons == {
        "POST /api/field/": ["S101"],
        "POST /api/judged/": ["B104"],
        "POST /api/listed/": ["B207"],
        "POST /api/realm/": ["A101"],
        "POST /api/log-out/": ["B106"],
    }
