"""What stands around every endpoint: without a rule it keeps all of them on legacy."""

import struct
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from strangler.compat import hashers
from strangler_codemods.languages import texts_of
from strangler_codemods.sessions import HASHERS
from tests.codemods.project import Converted, Legacy, legacy_project

MODELS = """
from django.db import models


class Thing(models.Model):
    name = models.CharField(max_length=20)
"""

VIEWS = """
from rest_framework import authentication, serializers, viewsets

from .models import Thing


class ThingSerializer(serializers.ModelSerializer):
    class Meta:
        model = Thing
        fields = ["id", "name"]


class ThingViewSet(viewsets.ModelViewSet):
    queryset = Thing.objects.order_by("id")
    serializer_class = ThingSerializer


class BasicViewSet(ThingViewSet):
    authentication_classes = [authentication.BasicAuthentication]
"""

URLS = """
from rest_framework.routers import SimpleRouter

from things import views

router = SimpleRouter()
router.register("things", views.ThingViewSet)
router.register("basic", views.BasicViewSet, basename="basic")
urlpatterns = router.urls
"""

AROUND = """
from rest_framework.response import Response
from django.contrib.auth.backends import ModelBackend
from django.http import HttpResponse


class Tenant:
    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if request.headers.get("X-Tenant") is not None:
            request.urlconf = "tenants"
        return self.get_response(request)


class Views:
    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_view(self, request, view, args, kwargs):
        return view(request, *args, **kwargs)


def handler(exc, context):
    return Response({"oops": str(exc)}, status=418, template_name="teapot.html")


class Router:
    def db_for_read(self, model, **hints):
        return None


class Backend(ModelBackend):
    def user_can_authenticate(self, user):
        return True
"""

Make = Callable[[str], Legacy]


@pytest.fixture
def things(tmp_path: Path) -> Make:
    """The project with settings of a test's own."""

    def make(settings: str) -> Legacy:
        files = {
            "things/models.py": MODELS,
            "things/views.py": VIEWS,
            "things/around.py": AROUND,
            "urls.py": URLS,
        }
        return legacy_project(tmp_path, files, settings)

    return make


def _everything_is_held_back(converted: Converted, code: str, text: str, source: str) -> None:
    for endpoint in converted.legacy.facts.endpoints:
        reasons = converted.reasons(endpoint.id)
        assert [reason.code for reason in reasons] == [code]
        assert text in reasons[0].message
        assert reasons[0].source.startswith(source)


@pytest.mark.parametrize(
    ("settings", "code", "path", "line"),
    [
        ('MIDDLEWARE = ["things.around.Tenant"]', "W101", "things.around.Tenant", 12),
        ('MIDDLEWARE = ["things.around.Views"]', "W101", "things.around.Views", 16),
        (
            'REST_FRAMEWORK["EXCEPTION_HANDLER"] = "things.around.handler"',
            "W102",
            "things.around.handler",
            28,
        ),
        ('DATABASE_ROUTERS = ["things.around.Router"]', "W103", "things.around.Router", 31),
    ],
)
def test_a_surrounding_without_a_rule_fails_closed_and_may_be_accepted(
    settings: str, code: str, path: str, line: int, things: Make
) -> None:
    project = things(settings)
    _everything_is_held_back(project.convert(), code, path, f"things/around.py:{line}")
    assert project.convert(accept=[path]).converted("GET /things/")


def test_a_middleware_of_a_package_without_a_rule_fails_closed(things: Make) -> None:
    path = "django.middleware.cache.UpdateCacheMiddleware"
    _everything_is_held_back(things(f"MIDDLEWARE = [{path!r}]").convert(), "W101", path, "")


def test_a_host_that_is_also_a_secret_fails_closed(things: Make) -> None:
    """The facts do not tell it, so that the new app would not know it."""
    settings = (
        'SERVICE_TOKEN = "t0ken.example.com"\nALLOWED_HOSTS = ["other.example.com", SERVICE_TOKEN]'
    )
    _everything_is_held_back(things(settings).convert(), "W104", "ALLOWED_HOSTS", "")
    assert things(settings).convert(accept=["ALLOWED_HOSTS"]).converted("GET /things/")


LOCALE = "django.middleware.locale.LocaleMiddleware"


def _catalog(root: Path, texts: dict[str, str]) -> None:
    """Write gettext's binary catalog of English texts, sorted as its readers expect."""
    place = root / "locale" / "en" / "LC_MESSAGES" / "django.mo"
    place.parent.mkdir(parents=True)
    pairs = sorted({"": "Content-Type: text/plain; charset=UTF-8\n", **texts}.items())
    start = 28 + 16 * len(pairs)
    tables, held = [b"", b""], b""
    for column in (0, 1):
        for pair in pairs:
            text = pair[column].encode()
            tables[column] += struct.pack("<II", len(text), start + len(held))
            held += text + b"\x00"
    head = (0x950412DE, 0, len(pairs), 28, 28 + 8 * len(pairs), 0, 0)
    place.write_bytes(struct.pack("<7I", *head) + tables[0] + tables[1] + held)


@pytest.mark.parametrize(
    "settings",
    [
        "",
        'LANGUAGES = [("en", "English"), ("de", "German")]',
        'LANGUAGES = [("en-gb", "British")]',
    ],
)
def test_languages_with_texts_of_their_own_are_looked_up(settings: str, things: Make) -> None:
    converted = things(f"MIDDLEWARE = [{LOCALE!r}]\n{settings}").convert()
    assert converted.converted("GET /things/")
    assert "LocaleMiddleware" in "".join(converted.generated.values())
    assert "app/compat/locale/en-us.json" in converted.tree


def _with_languages_in_paths(legacy: Legacy) -> Legacy:
    known = {**legacy.facts.settings, "LOCALIZED_PATHS": True, "LANGUAGES_SERVED": []}
    return replace(legacy, facts=legacy.facts.model_copy(update={"settings": known}))


def test_languages_in_paths_hold_everything_back(things: Make) -> None:
    converted = _with_languages_in_paths(things(f"MIDDLEWARE = [{LOCALE!r}]")).convert()
    _everything_is_held_back(converted, "W101", "paths begin with a language", "")


@pytest.mark.parametrize(
    "settings", ['LANGUAGES = [("en", "English"), ("en-us", "American")]', "USE_I18N = False"]
)
def test_languages_with_the_same_texts_convert(settings: str, things: Make) -> None:
    converted = things(f"MIDDLEWARE = [{LOCALE!r}]\n{settings}").convert()
    assert converted.converted("GET /things/")
    assert "LocaleMiddleware" in "".join(converted.generated.values())


def test_an_accepted_locale_middleware_is_left_out(things: Make) -> None:
    """It would name languages in which nothing is said."""
    legacy = _with_languages_in_paths(things(f"MIDDLEWARE = [{LOCALE!r}]"))
    converted = legacy.convert(accept=[LOCALE])
    assert converted.converted("GET /things/")
    assert "LocaleMiddleware" not in "".join(converted.generated.values())


@pytest.mark.parametrize("middleware", [[LOCALE], []])
def test_one_language_is_written_as_its_catalog_says(
    middleware: list[str], things: Make, tmp_path: Path
) -> None:
    """The texts of the code are then keys, not what is shown; English may be changed, too."""
    _catalog(tmp_path, {"thing.unknown": "No such thing.", "Same": "Same"})
    settings = [
        f"MIDDLEWARE = {middleware}", f"LOCALE_PATHS = [{str(tmp_path / 'locale')!r}]",
        'LANGUAGES = [("en", "English")]', 'LANGUAGE_CODE = "en"',
    ]  # fmt: skip
    legacy = things("\n".join(settings))
    assert legacy.convert().converted("GET /things/")
    assert texts_of(legacy.facts) == {"thing.unknown": "No such thing."}


@pytest.mark.parametrize(("middleware", "code"), [([LOCALE], "W101"), ([], "W104")])
def test_a_language_without_a_catalog_holds_everything_back(
    middleware: list[str], code: str, things: Make
) -> None:
    """Of an older report, say: what is shown is not known."""
    settings = f'MIDDLEWARE = {middleware}\nLANGUAGES = [("de", "German")]\nLANGUAGE_CODE = "de"'
    legacy = things(settings)
    known = {**legacy.facts.settings, "CATALOG": None}
    legacy = replace(legacy, facts=legacy.facts.model_copy(update={"settings": known}))
    assert code in legacy.convert().codes("GET /things/")


def test_a_password_hasher_of_its_own_holds_back_the_views_that_verify_passwords(
    things: Make,
) -> None:
    """Those that ask for no password convert."""
    settings = 'PASSWORD_HASHERS = ["things.around.Hasher"]'
    converted = things(settings).convert()
    assert converted.codes("GET /basic/") == ["A108"]
    assert converted.converted("GET /things/")
    assert things(f"PASSWORD_HASHERS = {sorted(HASHERS)!r}").convert().converted("GET /basic/")


def test_the_hashers_that_convert_are_those_of_compat() -> None:
    assert set(hashers.HASHERS) == HASHERS


def test_where_no_backend_knows_passwords_nobody_is_asked_for_one(things: Make) -> None:
    """Django lets nobody in by Basic then, whatever Django's own backend knows."""
    settings = 'AUTHENTICATION_BACKENDS = ["django.contrib.auth.backends.RemoteUserBackend"]'
    assert things(settings).convert().codes("GET /basic/") == ["A104"]
    both = settings.replace("[", '["django.contrib.auth.backends.ModelBackend", ')
    assert things(both).convert().converted("GET /basic/")


def test_a_login_backend_holds_back_the_views_that_ask_it(things: Make) -> None:
    settings = 'AUTHENTICATION_BACKENDS = ["things.around.Backend"]'
    converted = things(settings).convert()
    assert converted.codes("GET /basic/") == ["A104"]
    assert converted.converted("GET /things/")


@pytest.mark.parametrize(
    "path",
    [
        "django_otp.middleware.OTPMiddleware",
        "django_prometheus.middleware.PrometheusBeforeMiddleware",
        "silk.middleware.SilkyMiddleware",
        "simple_history.middleware.HistoryRequestMiddleware",
        "crum.CurrentRequestUserMiddleware",
    ],
)
def test_a_middleware_that_shows_in_no_answer_holds_nothing_back(path: str, tmp_path: Path) -> None:
    module, _, name = path.rpartition(".")
    package = f"class {name}:\n    def __init__(self, get_response):\n        pass\n"
    files = {"things/models.py": MODELS, "things/views.py": VIEWS, "urls.py": URLS}
    files[f"{module.replace('.', '/')}.py"] = package
    converted = legacy_project(tmp_path, files, f"MIDDLEWARE = [{path!r}]").convert()
    assert converted.converted("GET /things/")


@pytest.mark.parametrize(("release", "told"), [("65.0.2", True), ("64.2.1", False)])
def test_allauth_passes_requests_on_since_it_leaves_sessions_alone(
    release: str, told: bool, tmp_path: Path
) -> None:
    path = "allauth.account.middleware.AccountMiddleware"
    files = {"things/models.py": MODELS, "things/views.py": VIEWS, "urls.py": URLS}
    files["allauth/account/middleware.py"] = "class AccountMiddleware:\n    pass\n"
    about = f"Metadata-Version: 2.1\nName: django-allauth\nVersion: {release}\n"
    files[f"django_allauth-{release}.dist-info/METADATA"] = about
    converted = legacy_project(tmp_path, files, f"MIDDLEWARE = [{path!r}]").convert()
    assert converted.converted("GET /things/") == told


def test_a_middleware_that_hides_a_column_of_users_fails_closed(tmp_path: Path) -> None:
    path = "django_otp.middleware.OTPMiddleware"
    user = (
        "from django.contrib.auth.models import AbstractUser\nfrom django.db import models\n\n\n"
        "class Person(AbstractUser):\n    is_verified = models.BooleanField(default=False)\n"
    )
    files = {
        "things/models.py": MODELS + user,
        "things/views.py": VIEWS,
        "urls.py": URLS,
        "django_otp/middleware.py": "class OTPMiddleware:\n    pass\n",
    }
    settings = f'MIDDLEWARE = [{path!r}]\nAUTH_USER_MODEL = "things.Person"'
    assert legacy_project(tmp_path, files, settings).convert().codes("GET /things/") == ["W101"]
