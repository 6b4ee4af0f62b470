"""What serializers keep on themselves while they validate: views, and their other methods, read it."""

from pathlib import Path

import pytest

from tests.corpus.commands import converted, not_equal, verified
from tests.corpus.small_project import SETTINGS, small_project
from tests.postgres import Cluster

pytestmark = pytest.mark.slow

MODELS = """
from django.db import models


class Box(models.Model):
    label = models.CharField(max_length=20, unique=True)
    opened = models.IntegerField(default=0)


class Thing(models.Model):
    box = models.ForeignKey(Box, on_delete=models.CASCADE)
    name = models.CharField(max_length=10)

    class Meta:
        ordering = ["id"]
"""

VIEWS = """
from django.contrib.auth import authenticate, get_user_model
from django.contrib.auth.tokens import default_token_generator
from django.utils.encoding import force_str
from django.utils.http import urlsafe_base64_decode
from rest_framework import exceptions, generics, permissions, serializers
from rest_framework.response import Response
from rest_framework.views import APIView

from .models import Box, Thing

User = get_user_model()


class LinkSerializer(serializers.Serializer):
    uid = serializers.CharField()
    token = serializers.CharField()
    default_error_messages = {"wrong_user": "Nobody is meant.", "wrong_token": "It is too late."}

    def validate(self, attrs):
        data = super().validate(attrs)
        try:
            key = force_str(urlsafe_base64_decode(self.initial_data.get("uid", "")))
            self.user = User.objects.get(pk=key)
        except (User.DoesNotExist, ValueError, TypeError, OverflowError):
            key_error = "wrong_user"
            raise serializers.ValidationError({"uid": [self.error_messages[key_error]]}, code=key_error)
        generator = self.context["view"].token_generator
        if generator.check_token(self.user, self.initial_data.get("token", "")):
            return data
        raise serializers.ValidationError({"token": [self.error_messages["wrong_token"]]})


class ActivationSerializer(LinkSerializer):
    default_error_messages = {"active": "That was done before."}

    def validate(self, attrs):
        attrs = super().validate(attrs)
        if not self.user.is_active:
            return attrs
        raise exceptions.PermissionDenied(self.error_messages["active"])


class NameSerializer(serializers.Serializer):
    first_name = serializers.CharField(max_length=20)

    def validate(self, attrs):
        user = getattr(self, "user", None) or self.context["request"].user
        assert user is not None
        if attrs["first_name"] == getattr(user, "first_name", ""):
            raise serializers.ValidationError({"first_name": ["It is that."]})
        return attrs


class RenameSerializer(LinkSerializer, NameSerializer):
    pass


class LoginSerializer(serializers.Serializer):
    username = serializers.CharField()
    password = serializers.CharField()

    def validate(self, attrs):
        self.user = authenticate(username=attrs["username"], password=attrs["password"])
        if self.user is None:
            raise serializers.ValidationError("Not so.")
        return attrs


class ThingSerializer(serializers.Serializer):
    box_id = serializers.IntegerField()
    name = serializers.CharField(max_length=10)

    def validate_box_id(self, value):
        self.found = Box.objects.filter(pk=value).first()
        if not self.found:
            raise serializers.ValidationError("No such box.")
        return value

    def validate(self, attrs):
        self.count = self.found.thing_set.count()
        if self.count > 5:
            raise serializers.ValidationError(f"{self.found.label} is full.")
        if attrs["name"] == "none":
            self.note = None
        return attrs


class SignUpSerializer(serializers.ModelSerializer):
    password = serializers.CharField(write_only=True)

    class Meta:
        model = User
        fields = ["id", "username", "password"]

    def create(self, validated_data):
        return User.objects.create_user(**validated_data)


class TwiceSerializer(SignUpSerializer):
    default_error_messages = {"mismatch": "They are not the same."}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["re_password"] = serializers.CharField(style={"input_type": "password"})

    def validate(self, attrs):
        self.fields.pop("re_password", None)
        again = attrs.pop("re_password")
        attrs = super().validate(attrs)
        if attrs["password"] == again:
            return attrs
        self.fail("mismatch")


class SignUp(generics.CreateAPIView):
    permission_classes = []
    serializer_class = TwiceSerializer


class WithTokens(generics.GenericAPIView):
    token_generator = default_token_generator
    permission_classes = []

    def checked(self, request):
        serializer = self.get_serializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        return serializer


class Activate(WithTokens):
    serializer_class = ActivationSerializer

    def post(self, request):
        serializer = self.get_serializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        user = serializer.user
        user.is_active = True
        user.save()
        return Response({"username": user.username}, status=200)


class Rename(WithTokens):
    serializer_class = RenameSerializer

    def post(self, request):
        serializer = self.get_serializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        serializer.user.first_name = serializer.validated_data["first_name"]
        serializer.user.save()
        return Response(status=204)


class Login(APIView):
    permission_classes = []

    def post(self, request):
        serializer = LoginSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        return Response({"id": serializer.user.pk, "nobody": request.user is None})


class Things(APIView):
    permission_classes = []

    def post(self, request):
        if request.user is None:
            return Response({"who": "nobody"}, status=401)
        serializer = ThingSerializer(data=request.data)
        if not serializer.is_valid():
            return Response(serializer.errors, status=422)
        thing = Thing.objects.create(box=serializer.found, name=serializer.validated_data["name"])
        serializer.found.opened += 1
        serializer.found.save()
        return Response({"id": thing.id, "before": serializer.count, "box": serializer.found.label})
"""

URLS = """
from django.urls import path

from things import views

urlpatterns = [
    path("api/activate/", views.Activate.as_view()),
    path("api/rename/", views.Rename.as_view()),
    path("api/login/", views.Login.as_view()),
    path("api/signup/", views.SignUp.as_view()),
    path("api/things/", views.Things.as_view()),
]
"""

HELD_BACK = """
from rest_framework import serializers
from rest_framework.response import Response
from rest_framework.views import APIView

from .models import Box


class BoxSerializer(serializers.ModelSerializer):
    class Meta:
        model = Box
        fields = ["label"]

    def validate(self, attrs):
        if self.initial_data.get("label") == "no":
            raise serializers.ValidationError("No.")
        return attrs


class OuterSerializer(serializers.Serializer):
    box = BoxSerializer()


class Both(serializers.Serializer):
    text = serializers.CharField()

    def validate(self, attrs):
        self.held = attrs["text"] if attrs["text"] else Box.objects.first()
        return attrs


class Many(APIView):
    def post(self, request):
        serializer = BoxSerializer(data=request.data, many=True)
        serializer.is_valid(raise_exception=True)
        serializer.save()
        return Response(serializer.data)


class Nested(APIView):
    def post(self, request):
        serializer = OuterSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        return Response({})


class Unset(APIView):
    def post(self, request):
        serializer = BoxSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        return Response({"held": serializer.held})


class Before(APIView):
    def post(self, request):
        serializer = Both(data=request.data)
        held = serializer.held
        serializer.is_valid(raise_exception=True)
        return Response({"held": held})


class Set(APIView):
    def post(self, request):
        serializer = BoxSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        serializer.held = 1
        return Response({})
"""


@pytest.mark.parametrize("server", ["sqlite", "postgresql"])
def test_what_is_kept_is_read_as_it_was(server: str, tmp_path: Path, postgres: Cluster) -> None:
    files = {"settings.py": SETTINGS, "urls.py": URLS, "things/models.py": MODELS}
    project = small_project(tmp_path / "legacy", {**files, "things/views.py": VIEWS})
    url = f"sqlite:///{tmp_path}/things.db"
    if server == "postgresql":
        url = postgres.new_database("corpus_kept_on_serializers")
    conversion = converted(project, tmp_path, DATABASE_URL=url)
    left = {e["id"]: e["reasons"] for e in conversion["endpoints"] if e["status"] != "converted"}
    assert left == {}
    evidence = verified(project, tmp_path, "--cases", "40", DATABASE_URL=url)
    assert not_equal(evidence) == []


def test_what_cannot_be_known_of_it_stays_on_legacy(tmp_path: Path) -> None:
    names = ("Many", "Nested", "Unset", "Before", "Set")
    lines = [f'path("api/{name}/", views.{name}.as_view()),' for name in names]
    urls = URLS.split("urlpatterns", maxsplit=1)[0] + f"urlpatterns = [{' '.join(lines)}]\n"
    files = {"settings.py": SETTINGS, "urls.py": urls, "things/models.py": MODELS}
    project = small_project(tmp_path / "legacy", {**files, "things/views.py": HELD_BACK})
    conversion = converted(project, tmp_path, DATABASE_URL=f"sqlite:///{tmp_path}/things.db")
    found = {e["id"].split("/")[2]: e["reasons"][0]["message"] for e in conversion["endpoints"]}
    assert found == {
        "Many": "`.initial_data` of an item of a list has no rule",
        "Nested": "`.initial_data` of a nested serializer has no rule",
        "Unset": "`.held` of a serializer has no rule",
        "Before": "`.held` of a serializer has no rule here",
        "Set": "assigning `.held` of incoming",
    }
