"""A Django project of as many lines as asked for: apps that are alike, and use one another.

Each app has models, serializers, views, services and permissions that convert, and as many lines of files that no
endpoint needs: admin, forms, commands, tests.
"""

from pathlib import Path

#: Models of one app.
_MODELS = 5
IDLE = ("admin.py", "forms.py", "reports.py", "tests.py")

_MANAGE = 'import os\n\nos.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")\n'
_SETTINGS = """\
SECRET_KEY = "only-to-measure"
ROOT_URLCONF = "config.urls"
USE_TZ = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
DATABASES = {{"default": {{"ENGINE": "django.db.backends.sqlite3", "NAME": "db.sqlite3"}}}}
INSTALLED_APPS = [
    "django.contrib.auth", "django.contrib.contenttypes", "rest_framework", "rest_framework.authtoken",
    *[f"area{{number}}" for number in range({count})],
]
MIDDLEWARE = []
REST_FRAMEWORK = {{
    "DEFAULT_AUTHENTICATION_CLASSES": ["rest_framework.authentication.TokenAuthentication"],
    "DEFAULT_PAGINATION_CLASS": "rest_framework.pagination.PageNumberPagination",
    "PAGE_SIZE": 20,
}}
"""
_URLS = """\
from django.urls import include, path

urlpatterns = [path(f"api/area{{number}}/", include(f"area{{number}}.urls")) for number in range({count})]
"""
_CORE = '''\
from rest_framework import permissions


class OwnedMixin:
    permission_classes = [permissions.IsAuthenticated]

    def get_queryset(self):
        return super().get_queryset().filter(owner=self.request.user)

    def perform_create(self, serializer):
        serializer.save(owner=self.request.user)


class IsOwner(permissions.BasePermission):
    """Only owners change things."""

    def has_object_permission(self, request, view, obj):
        if request.method in permissions.SAFE_METHODS:
            return True
        return obj.owner_id == request.user.id
'''


def write_project(folder: Path, lines: int) -> tuple[int, int]:
    """Write a project of at least so many lines; its files and its lines."""
    one = sum(text.count("\n") for text in _app(1).values())
    count = -(-lines // one)
    texts = {
        "manage.py": _MANAGE, "config/__init__.py": "", "config/settings.py": _SETTINGS.format(count=count),
        "config/urls.py": _URLS.format(count=count), "core/__init__.py": "", "core/views.py": _CORE,
    }  # fmt: skip
    for number in range(count):
        texts |= {f"area{number}/{name}": text for name, text in _app(number).items()}
    for path, text in texts.items():
        place = folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text, encoding="utf-8")
    return len(texts), sum(text.count("\n") for text in texts.values())


def _app(number: int) -> dict[str, str]:
    """The files of one app; it points to the one before."""
    models = [f"Thing{number}x{each}" for each in range(_MODELS)]
    return {
        "__init__.py": "",
        "models.py": _models(number, models),
        "serializers.py": _serializers(number, models),
        "services.py": _services(number, models),
        "views.py": _views(number, models),
        "urls.py": _urls(number, models),
        **{name: _idle(name, models) for name in IDLE},
    }


def _models(number: int, models: list[str]) -> str:
    head = "from django.conf import settings\nfrom django.db import models\nfrom django.utils import timezone\n"
    above = f"area{number - 1}.Thing{number - 1}x0" if number else "self"
    return head + "".join(
        f'''

class {name}(models.Model):
    """One kind of thing of area {number}."""

    class State(models.TextChoices):
        NEW = "new"
        DONE = "done"

    name = models.CharField(max_length=80)
    code = models.SlugField(max_length=40, unique=True)
    state = models.CharField(max_length=8, choices=State.choices, default=State.NEW)
    price = models.DecimalField(max_digits=9, decimal_places=2, default=0)
    note = models.TextField(blank=True)
    created = models.DateTimeField(default=timezone.now)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    above = models.ForeignKey({above!r}, null=True, blank=True, on_delete=models.SET_NULL, related_name="{name.lower()}s")

    class Meta:
        ordering = ["name", "id"]

    def __str__(self):
        return self.name

    @property
    def is_done(self):
        return self.state == self.State.DONE

    def total(self, factor):
        return self.price * factor
'''
        for name in models
    )


def _serializers(number: int, models: list[str]) -> str:
    head = f"from rest_framework import serializers\n\nfrom area{number}.models import {', '.join(models)}\n"
    return head + "".join(
        f"""

class {name}Serializer(serializers.ModelSerializer):
    label = serializers.SerializerMethodField()
    owner_name = serializers.CharField(source="owner.username", read_only=True)

    class Meta:
        model = {name}
        fields = ["id", "name", "code", "state", "price", "note", "above", "label", "owner_name", "is_done"]

    def get_label(self, obj):
        if obj.above is not None:
            return f"{{obj.above.name}} / {{obj.name}}"
        return obj.name

    def validate_price(self, value):
        if value < 0:
            raise serializers.ValidationError("A price is not below zero.")
        return value
"""
        for name in models
    )


def _services(number: int, models: list[str]) -> str:
    head = (
        "from django.db import transaction\n\n"
        f"from area{number}.models import {', '.join(models)}\n"
    )
    return head + "".join(
        f'''

def finish_{name.lower()}(thing, note):
    """Finish one, once."""
    with transaction.atomic():
        if thing.state == {name}.State.DONE:
            return thing
        thing.state = {name}.State.DONE
        thing.note = note
        thing.save(update_fields=["state", "note"])
    return thing


def open_{name.lower()}_count(user):
    return {name}.objects.filter(owner=user, state={name}.State.NEW).exclude(price=0).count()
'''
        for name in models
    )


def _views(number: int, models: list[str]) -> str:
    head = (
        "from rest_framework import viewsets\nfrom rest_framework.decorators import action\n"
        f"from rest_framework.response import Response\n\nfrom area{number} import services\n"
        f"from area{number}.models import {', '.join(models)}\n"
        f"from area{number}.serializers import {', '.join(f'{m}Serializer' for m in models)}\n"
        "from core.views import IsOwner, OwnedMixin\n"
    )
    return head + "".join(
        f'''

class {name}ViewSet(OwnedMixin, viewsets.ModelViewSet):
    """Things of one kind."""

    queryset = {name}.objects.select_related("owner", "above")
    serializer_class = {name}Serializer
    permission_classes = [*OwnedMixin.permission_classes, IsOwner]

    @action(detail=True, methods=["post"])
    def finish(self, request, pk=None):
        thing = self.get_object()
        services.finish_{name.lower()}(thing, request.data.get("note", ""))
        return Response({{"id": thing.id, "state": thing.state}})

    @action(detail=False)
    def open(self, request):
        return Response({{"count": services.open_{name.lower()}_count(request.user)}})
'''
        for name in models
    )


def _urls(number: int, models: list[str]) -> str:
    lines = "".join(
        f'router.register("{m.lower()}", views.{m}ViewSet, basename="{m.lower()}")\n'
        for m in models
    )
    head = "from rest_framework.routers import SimpleRouter\n\n"
    return f"{head}from area{number} import views\n\nrouter = SimpleRouter()\n{lines}urlpatterns = router.urls\n"


def _idle(name: str, models: list[str]) -> str:
    """Code that no endpoint needs."""
    stem = name.removesuffix(".py")
    return f'"""What {stem} need."""\n' + "".join(
        f'''

class {model}{stem.title()}:
    """About {model}."""

    limit = {place + 10}

    def rows(self, things):
        found = []
        for thing in things:
            if thing.name and len(found) < self.limit:
                found.append((thing.name, thing.code, thing.price))
        return sorted(found)

    def total(self, things):
        return sum(thing.price for thing in things) / max(len(things), 1)
'''
        for place, model in enumerate(models)
    )
