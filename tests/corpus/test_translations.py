"""A project that answers in another language than English does so in the new app."""

import json
import struct
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.corpus.commands import converted, not_equal, verified
from tests.corpus.small_project import SETTINGS, small_project
from tests.postgres import Cluster

pytestmark = pytest.mark.slow

URLS = """
from django.urls import include, path
from rest_framework.routers import SimpleRouter

from things import views

router = SimpleRouter()
router.register("pots", views.Pots)
urlpatterns = [
    path("api/", include(router.urls)),
    path("api/passwords/", views.Passwords.as_view()),
    path("api/refused/", views.Refused.as_view()),
]
"""

MODELS = """
from django.core.validators import MaxLengthValidator, MaxValueValidator, RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _


class Pot(models.Model):
    class Kind(models.TextChoices):
        CLAY = "clay", _("Clay")
        IRON = "iron", _("Iron")

    label = models.CharField(_("label"), max_length=20, unique=True)
    code = models.CharField(max_length=5, validators=[RegexValidator("^[a-z]+$")], default="a")
    note = models.TextField(blank=True, validators=[MaxLengthValidator(3)])
    kind = models.CharField(max_length=4, choices=Kind.choices, default=Kind.CLAY)
    size = models.IntegerField(default=1, validators=[MaxValueValidator(9)])
    price = models.DecimalField(max_digits=5, decimal_places=2, default=0)
    made = models.DateField()
    mail = models.EmailField(blank=True)

    class Meta:
        ordering = ["id"]
        unique_together = [("kind", "size")]
"""

VIEWS = """
import django_filters
from django.contrib.auth.password_validation import validate_password
from django.utils.translation import gettext as _
from rest_framework import exceptions, serializers, viewsets
from rest_framework.pagination import PageNumberPagination
from rest_framework.response import Response
from rest_framework.views import APIView

from things.models import Pot


class Pages(PageNumberPagination):
    page_size = 3


class PotSerializer(serializers.ModelSerializer):
    shown = serializers.CharField(source="get_kind_display", read_only=True)

    class Meta:
        model = Pot
        fields = ["id", "label", "code", "note", "kind", "shown", "size", "price", "made", "mail"]

    def validate_label(self, value):
        if value.startswith("x"):
            raise serializers.ValidationError(_("No pot begins so."))
        return value


class PotFilter(django_filters.FilterSet):
    since = django_filters.DateFilter(field_name="made", lookup_expr="gte")
    size = django_filters.NumberFilter()

    class Meta:
        model = Pot
        fields = ["kind"]


class Pots(viewsets.ModelViewSet):
    queryset = Pot.objects.all()
    serializer_class = PotSerializer
    pagination_class = Pages
    filter_backends = [django_filters.rest_framework.DjangoFilterBackend]
    filterset_class = PotFilter


class PasswordSerializer(serializers.Serializer):
    password = serializers.CharField(validators=[validate_password])


class Passwords(APIView):
    def post(self, request):
        serializer = PasswordSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        return Response({"said": _("No pot begins so."), "plain": "No pot begins so."})


class Refused(APIView):
    def get(self, request):
        how = request.query_params.get("how")
        if how == "denied":
            raise exceptions.PermissionDenied()
        if how == "missing":
            raise exceptions.NotFound()
        if how == "wrong":
            raise exceptions.ValidationError()
        return Response({"said": _("Iron"), "plain": "Iron", "how": how})
"""


def catalog(folder: Path, texts: Mapping[str, str]) -> None:
    """Write a compiled catalog of messages (GNU gettext's .mo)."""
    head = "Content-Type: text/plain; charset=UTF-8\n"
    pairs = sorted({"": head, **texts}.items())
    keys = [key.encode() for key, _ in pairs]
    values = [value.encode() for _, value in pairs]
    count, at = len(pairs), 28 + 16 * len(pairs)
    table = b""
    for group in (keys, values):
        for text in group:
            table += struct.pack("<2I", len(text), at)
            at += len(text) + 1
    header = struct.pack("<7I", 0x950412DE, 0, count, 28, 28 + 8 * count, 0, 0)
    folder.mkdir(parents=True)
    content = header + table + b"".join(text + b"\0" for text in [*keys, *values])
    (folder / "django.mo").write_bytes(content)


@pytest.mark.parametrize(
    ("language", "locale", "server"),
    [("pt-br", "pt_BR", "sqlite"), ("ru", "ru", "sqlite"), ("pl", "pl", "postgresql")],
)
def test_texts_are_those_of_before(
    language: str, locale: str, server: str, tmp_path: Path, postgres: Cluster
) -> None:
    validators = [
        {"NAME": f"django.contrib.auth.password_validation.{name}Validator"}
        for name in ("MinimumLength", "CommonPassword", "NumericPassword")
    ]
    settings = (
        SETTINGS
        + f"""
LANGUAGE_CODE = {language!r}
USE_I18N = True
LOCALE_PATHS = [os.path.join(os.path.dirname(__file__), "locale")]
INSTALLED_APPS += ["django_filters"]
AUTH_PASSWORD_VALIDATORS = {validators!r}
"""
    )
    files = {"settings.py": settings, "urls.py": URLS}
    files |= {"things/models.py": MODELS, "things/views.py": VIEWS}
    project = small_project(tmp_path / "legacy", files)
    own = {"No pot begins so.": "Ní", "Clay": "Hlína", "Iron": "Železo", "label": "štítek"}
    catalog(project / "locale" / locale / "LC_MESSAGES", own)
    url = f"sqlite:///{tmp_path}/pots.db"
    if server == "postgresql":
        url = postgres.new_database("corpus_translations")
    conversion = converted(project, tmp_path, DATABASE_URL=url)
    left = {e["id"]: e["reasons"] for e in conversion["endpoints"] if e["status"] != "converted"}
    assert left == {}
    schemas = (tmp_path / "api/app/things/schemas.py").read_text()
    assert 'raise ValidationError("Ní")' in schemas
    fields = (tmp_path / "api/app/compat/fields.py").read_text()
    assert "This field is required." not in fields
    evidence = verified(project, tmp_path, "--cases", "60", DATABASE_URL=url)
    assert not_equal(evidence) == []


MORE = """
from django.http import JsonResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework import exceptions, permissions, serializers
from rest_framework.response import Response
from rest_framework.views import APIView

from things.models import Pot

LATE = gettext_lazy("Too late.")


class Gone(exceptions.APIException):
    status_code = 410
    default_detail = gettext_lazy("It is gone.")
    default_code = "gone"


class Named(permissions.BasePermission):
    message = gettext_lazy("Say who you are.")

    def has_permission(self, request, view):
        return request.method == "POST" or "who" in request.query_params


class OrderSerializer(serializers.Serializer):
    count = serializers.IntegerField(
        min_value=2, error_messages={"min_value": gettext_lazy("At least {min_value}.")}
    )
    kind = serializers.ChoiceField(choices=Pot.Kind.choices, default="clay")

    def validate(self, attrs):
        if attrs["count"] > 50:
            raise serializers.ValidationError({"count": [_("Not so many.")]})
        return attrs


class Orders(APIView):
    permission_classes = [Named]

    def get(self, request):
        pots = Pot.objects.all()[:3]
        return Response(
            {
                "kinds": [pot.get_kind_display() for pot in pots],
                "said": f"{LATE} {_('Clay')}",
                "count": _("%(count)d pots") % {"count": len(pots)},
                "who": _("Hello {name}").format(name=request.query_params["who"]),
            }
        )

    def post(self, request):
        serializer = OrderSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        if serializer.validated_data["count"] == 13:
            raise Gone()
        if serializer.validated_data["count"] == 14:
            raise exceptions.PermissionDenied(LATE)
        return Response({"detail": LATE, "count": serializer.validated_data["count"]}, status=201)


class Kept(APIView):
    # texts are written into rows, and rows found by them, in the language of the request
    def get(self, request):
        found = Pot.objects.filter(note=LATE).count()
        return Response({"found": found, "late": str(LATE), "same": LATE in ["Too late.", ""]})

    def post(self, request):
        pot = Pot.objects.create(
            label=request.data.get("label", ""), note=LATE, size=request.data.get("size", 3), made="2024-01-01"
        )
        pot.mail = LATE
        pot.save()
        return JsonResponse({"note": pot.note, "late": str(LATE)})
"""


@pytest.mark.parametrize("server", ["sqlite", "postgresql"])
def test_each_request_is_answered_in_its_language(
    server: str, tmp_path: Path, postgres: Cluster
) -> None:
    settings = (
        SETTINGS
        + """
LANGUAGE_CODE = "en-us"
USE_I18N = True
LANGUAGES = [("en", "English"), ("de", "German"), ("ru", "Russian"), ("zh-hans", "Chinese")]
LOCALE_PATHS = [os.path.join(os.path.dirname(__file__), "locale")]
MIDDLEWARE = ["django.middleware.locale.LocaleMiddleware"]
INSTALLED_APPS += ["django_filters"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"}
]
"""
    )
    urls = URLS.replace("from things import views", "from things import more, views").replace(
        "urlpatterns = [",
        "urlpatterns = [\n"
        '    path("api/orders/", more.Orders.as_view()),\n    path("api/kept/", more.Kept.as_view()),',
    )
    files = {"settings.py": settings, "urls.py": urls}
    files |= {"things/models.py": MODELS, "things/views.py": VIEWS, "things/more.py": MORE}
    project = small_project(tmp_path / "legacy", files)
    own = {
        "No pot begins so.": "Nein", "Clay": "Ton", "Iron": "Eisen", "label": "schild", "Too late.": "Zu spät.",
        "It is gone.": "Weg.", "Say who you are.": "Wer da?", "At least {min_value}.": "Ab {min_value}.",
        "Not so many.": "Zu viele.", "%(count)d pots": "%(count)d Töpfe", "Hello {name}": "Hallo {name}",
    }  # fmt: skip
    catalog(project / "locale/de/LC_MESSAGES", own)
    catalog(project / "locale/ru/LC_MESSAGES", {text: f"{one} (ru)" for text, one in own.items()})
    url = f"sqlite:///{tmp_path}/pots.db"
    if server == "postgresql":
        url = postgres.new_database("corpus_languages")
    conversion = converted(project, tmp_path, DATABASE_URL=url)
    left = {e["id"]: e["reasons"] for e in conversion["endpoints"] if e["status"] != "converted"}
    assert left == {}
    spoken = json.loads((tmp_path / "api/app/compat/locale/de.json").read_text())
    assert spoken["texts"]["Too late."] == "Zu spät."
    evidence = verified(project, tmp_path, "--cases", "60", DATABASE_URL=url)
    assert not_equal(evidence) == []
    if server == "sqlite":  # what a language says otherwise is found
        for code in ("de", "ru", "zh-hans"):
            place = tmp_path / f"api/app/compat/locale/{code}.json"
            spoken = json.loads(place.read_text())
            spoken["texts"]["This field is required."] = "!"
            place.write_text(json.dumps(spoken))
        evidence = verified(project, tmp_path, "--cases", "60", DATABASE_URL=url)
        assert "POST /api/orders/" in {found[0] for found in not_equal(evidence)}


def test_texts_that_rows_keep_leave_the_project_on_legacy(tmp_path: Path) -> None:
    settings = (
        SETTINGS
        + """
USE_I18N = True
LANGUAGES = [("en", "English"), ("de", "German")]
MIDDLEWARE = ["django.middleware.locale.LocaleMiddleware"]
INSTALLED_APPS += ["django_filters"]
"""
    )
    models = MODELS.replace(
        "note = models.TextField(", 'note = models.TextField(default=_("Clay"), '
    )
    files = {"settings.py": settings, "urls.py": URLS}
    files |= {"things/models.py": models, "things/views.py": VIEWS}
    project = small_project(tmp_path / "legacy", files)
    catalog(project / "locale/de/LC_MESSAGES", {"Clay": "Ton"})
    conversion = converted(project, tmp_path, DATABASE_URL=f"sqlite:///{tmp_path}/pots.db")
    assert {e["status"] for e in conversion["endpoints"]} == {"legacy"}
    (reason,) = {reason["message"] for e in conversion["endpoints"] for reason in e["reasons"]}
    assert reason.endswith("is kept, or part of another, in `app/things/models.py`")
    texts = [path.read_text() for path in (tmp_path / "api/app/things").iterdir()]
    assert [text for text in texts if "\x02" in text or "\\x02" in text] == []
