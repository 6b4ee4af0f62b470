"""Route decisions beside those of Django's own resolver, over URL tables of three projects."""

import json
import os
import random
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path
from urllib.parse import quote

from strangler.config import Config, discover, resolve
from strangler.facts import Facts
from strangler.legacy import read_facts
from strangler_proxy.table import Catalogue
from strangler_proxy.targets import plain_path

PATHS = 10_000

# Django resolves each path; a leaf is known by its place in the resolver's own order.
ORACLE = """
import json, sys
import django
django.setup()
from django.urls import Resolver404, get_resolver
from django.urls.resolvers import URLPattern
leaves = []
def walk(resolver, before):
    for entry in resolver.url_patterns:
        route = (before + str(entry.pattern)).replace("^", "")
        if isinstance(entry, URLPattern):
            leaves.append((route, entry.callback))
        else:
            walk(entry, route)
resolver = get_resolver()
walk(resolver, "")
places = {}
for place, leaf in enumerate(leaves):
    places.setdefault(leaf, place)
answers = []
for path in json.load(sys.stdin):
    try:
        match = resolver.resolve(path)
    except Resolver404:
        answers.append(None)
    else:
        answers.append(places[match.route.replace("^", ""), match.func])
json.dump(answers, sys.stdout)
"""

SETTINGS = """
SECRET_KEY = "test"
ROOT_URLCONF = "urls"
INSTALLED_APPS = ["django.contrib.contenttypes", "django.contrib.auth", "rest_framework"]
USE_TZ = True
LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("de", "German")]
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}}
"""

VIEWS = """
from django.http import HttpResponse
from rest_framework import viewsets
from rest_framework.decorators import action
from rest_framework.response import Response
def one(request, **kwargs): return HttpResponse("1")
def two(request, *args, **kwargs): return HttpResponse("2")
class Things(viewsets.ViewSet):
    def list(self, request): return Response([])
    def retrieve(self, request, pk=None): return Response({})
    @action(detail=False)
    def recent(self, request): return Response([])
    @action(detail=True)
    def parts(self, request, pk=None): return Response([])
class Codes(Things):
    lookup_value_regex = "[A-Z]{3}-[0-9]+"
"""

URLS = {
    "routers": """
from django.urls import include, path, re_path
from rest_framework.routers import DefaultRouter, SimpleRouter
import views
router = DefaultRouter()
router.register("things", views.Things, basename="thing")
router.register("codes", views.Codes, basename="code")
router.register("nested/(?P<parent>[^/.]+)/things", views.Things, basename="nested")
loose = SimpleRouter(trailing_slash="/?")
loose.register("loose", views.Things, basename="loose")
modern = DefaultRouter(use_regex_path=False)
modern.register("modern", views.Things, basename="modern")
plain = SimpleRouter(trailing_slash=False)
plain.register("plain", views.Things, basename="plain")
urlpatterns = [
    path("api/", include(router.urls)),
    path("api/", include(loose.urls)),
    path("api/v2/", include(modern.urls)),
    re_path("^api/v3/", include(plain.urls)),
    path("api/<str:tenant>/", include(router.urls)),
    path("<str:anything>/", views.one),
]
""",
    "patterns": """
from django.conf.urls.i18n import i18n_patterns
from django.urls import include, path, re_path, register_converter
from django.utils.translation import gettext_lazy
import views
class Even:
    regex = "[0-9]+"
    def to_python(self, value):
        if int(value) % 2:
            raise ValueError(value)
        return int(value)
    def to_url(self, value):
        return str(value)
register_converter(Even, "even")
inner = [
    path("", views.one),
    path("<int:pk>/", views.one),
    path("<uuid:pk>/", views.one),
    path("<slug:slug>/", views.two),
    path("<str:name>/edit/", views.two),
    path("<int:pk>-<slug:slug>/", views.one),
    path("<path:rest>", views.two),
]
urlpatterns = [
    path("items/zero/", views.one),
    path("<str:x>/first/", views.two),
    path("both/x/", views.one),
    path("<slug:x>", views.two),
    path("both", views.one),
    path("greedy/<str:s>", include([path("-end/", views.one)])),
    re_path(r"^alt/one/|two/$", views.one),
    path("even/<even:n>/", views.one),
    path("even/<int:n>/", views.two),
    path("items/", include(inner)),
    path("pre", include([path("fix/", views.one), path("<int:n>/", views.two)])),
    path("<int:n>x", include([path("y/", views.one)])),
    path("<slug:s>", include([path("/end/", views.one)])),
    re_path(r"^old/(\\d+)/$", views.two),
    re_path(r"^old/(?P<year>[0-9]{4})(?:/(?P<month>[0-9]{2}))?/$", views.two),
    re_path(r"^(?:a|b)/$", views.one),
    re_path(r"^a|bee/$", views.two),
    re_path(r"^open/", views.one),
    re_path(r"tail/$", views.two),
    re_path(r"^dot.csv$", views.one),
    re_path(r"^not/(?!this)\\w+/$", views.one),
    re_path(r"^opt/?$", views.one),
    re_path(r"^any/(?P<rest>.*)$", views.two),
    re_path(r"^deep/(?P<a>[^/]+)/(?P<b>[a-z0-9-]+)/$", include([path("x/", views.one)])),
    re_path(r"^deep/(?P<a>[^/]+)/", include([re_path(r"^(?P<b>[\\w.@+-]+)/$", views.one)])),
    path("space%20d/", views.one),
    path(gettext_lazy("translated/"), views.one),
    path("after/", views.two),
    path("after/<int:n>/", views.one),
]
urlpatterns = urlpatterns[:-3] + i18n_patterns(path("local/", views.one)) + urlpatterns[-3:]
""",
}

VALUES = [
    "1", "42", "0007", "2024", "12", "abc", "a-b_c", "x.y", "new", "recent", "parts", "tree", "add", "things", "edit",
    "ABC-12", "é", "ключ", "550e8400-e29b-41d4-a716-446655440000", "json", "a.json", "this", "thus", "x@y.z", "A" * 40,
    "1x", "12-slug", "add", "history", "delete", "image", "٣", "first", "two", "items", "en", "de", "en-us",
]  # fmt: skip


def project(folder: Path, name: str) -> Path:
    """A project whose URL table is one of ours."""
    files = {"settings.py": SETTINGS, "views.py": VIEWS, "urls.py": URLS[name], "manage.py": ""}
    for file, text in files.items():
        (folder / file).write_text(text)
    return folder


def ask_django(config: Config, paths: list[str]) -> list[int | None]:
    settings = config.legacy.settings or ""
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": settings, "PYTHONPATH": "."}
    done = subprocess.run(
        [sys.executable, "-c", ORACLE],
        input=json.dumps(paths),
        cwd=config.at(config.legacy.path),
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    answers: list[int | None] = json.loads(done.stdout)
    return answers


def filled(template: str, chance: random.Random) -> str:
    return re.sub(r"{[^{}/]*(?:{[^}]*}[^{}]*)*}", lambda _: chance.choice(VALUES), template)


def changed(path: str, chance: random.Random) -> str:
    """A neighbour of a path: something more, less, or else."""
    parts = path.split("/")
    where = chance.randrange(1, len(parts))
    kind = chance.randrange(7)
    if kind == 0:
        return path.rstrip("/") or "/"
    if kind == 1:
        return path + chance.choice(["x/", "x", ".json", "1/"])
    if kind == 2:
        parts[where] += chance.choice([".json", "x", "-", "1"])
    elif kind == 3:
        parts[where] = chance.choice(VALUES)
    elif kind == 4:
        parts.insert(where, chance.choice(VALUES))
    elif kind == 5:
        del parts[where]
    else:
        parts[where] = parts[where].upper()
    return "/".join(parts) or "/"


def configured(name: str, folder: Path, repository: Path) -> Config:
    """The shop, or a project of ours written to `folder`."""
    root = repository / "sample_django_app" if name == "shop" else project(folder, name)
    settings = "shop.settings" if name == "shop" else "settings"
    return resolve(
        discover(root),
        legacy_path=str(root),
        legacy_settings=settings,
        legacy_python=sys.executable,
    )


def compared(legacy: Config) -> tuple[Counter[str], list[str]]:
    """Decide 10,000 paths: counts by outcome, and those that Django decides otherwise."""
    facts = read_facts(legacy)
    leaves = Catalogue.of(facts).trie
    chance = random.Random(7)
    templates = [url.path for url in facts.urls if url.path]
    paths: list[str] = []
    while len(paths) < PATHS:
        path = filled(chance.choice(templates), chance)
        paths.append(path if chance.random() < 0.4 else changed(path, chance))
    places = {id(leaf): place for place, leaf in reversed(list(enumerate(leaves.leaves)))}
    seen: Counter[str] = Counter()
    wrong: list[str] = []
    for path, answer in zip(paths, ask_django(legacy, paths), strict=True):
        decoded = plain_path(quote(path, safe="/@:$&'()*+,=~!-_.").encode())
        found = None if decoded is None else leaves.find(decoded)
        if decoded is None:
            seen["odd"] += 1
        elif found is not None and not found.certain:
            seen["ambiguous"] += 1
        elif decoded != path or (None if found is None else places[id(found)]) != answer:
            wrong.append(path)
        else:
            seen["unmatched" if found is None else "matched"] += 1
    return seen, wrong


def ordinary(facts: Facts, chance: random.Random) -> list[tuple[str, int]]:
    """Paths as clients of the project's API ask for, each with the leaf that it is meant for."""
    kinds = {e.path: e for e in facts.endpoints if e.kind == "drf"}
    found = []
    for place, url in enumerate(facts.urls):
        endpoint = kinds.get(url.path or "")
        if endpoint is None or url.path in {u.path for u in facts.urls[:place]}:
            continue
        for _ in range(20):
            key = str(chance.randrange(1, 100_000))
            found.append((re.sub(r"{[^{}]*}", key, endpoint.path), place))
    return found


def share_of_ordinary(legacy: Config) -> float:
    """Of the ordinary paths, those that find their own leaf."""
    facts = read_facts(legacy)
    leaves = Catalogue.of(facts).trie
    asked = ordinary(facts, random.Random(7))
    return sum(leaves.find(path) is leaves.leaves[place] for path, place in asked) / len(asked)
