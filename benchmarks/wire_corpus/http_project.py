"""Writes the Django project that exchanges are about, with choices that a seed makes."""

import shutil
from pathlib import Path
from random import Random
from string import Template

from .fields_project import LANGUAGES, MANAGE
from .values import WORDS

_TEXTS = Path(__file__).parent / "project"
_DJANGO, _REST = "django.middleware", "rest_framework"
_AUTHENTICATORS = (
    "authentication.SessionAuthentication", "authentication.TokenAuthentication", "JWTAuthentication",
    "authentication.BasicAuthentication",
)  # fmt: skip


def make_http_project(root: Path, seed: int, variant: str) -> dict[str, str]:
    """Write the project at `root`, what is there goes; the choices that were made.

    variant: `plain`, `localized` for one that serves several languages, `identity` for one with CSRF.
    """
    random = Random(f"{seed} {variant}")
    chosen = {**_views(random), **_settings(random, variant)}
    shutil.rmtree(root, ignore_errors=True)
    for place in sorted(_TEXTS.rglob("*.txt")):
        written = root / place.relative_to(_TEXTS).with_suffix(".py")
        written.parent.mkdir(parents=True, exist_ok=True)
        written.write_text(
            Template(place.read_text(encoding="utf-8")).substitute(chosen), encoding="utf-8"
        )
    for name in ("library", "sections"):
        (root / name / "__init__.py").write_text("")
    (root / "manage.py").write_text(MANAGE)
    shutil.copy(_TEXTS / "seed.py", root.with_name(f"{root.name}-seed.py"))
    return chosen


def _some(random: Random, *texts: str) -> str:
    return random.choice(texts)


def _views(random: Random) -> dict[str, str]:
    page_size = random.randint(2, 9)
    many = random.sample(_AUTHENTICATORS, 3)
    allowed = "permissions.IsAdminUser", "EvenTags", "permissions.IsAuthenticatedOrReadOnly"
    return {
        "author_fields": _some(random, '"__all__"', '["id", "name", "email", "rating", "active"]'),
        "forbidden": random.choice(WORDS)[:2],
        "raised": _some(random, '"Odd."', '{"rating": ["Too much."]}', '["One.", "Two."]'),
        "most_days": str(random.randint(5, 40)),
        "tag_order": _some(random, '"id"', '"-id"', '"-rank", "id"', '"name"'),
        "many_pages": str(random.randint(10, 300)),
        "page_size": str(page_size),
        "size_param": _some(random, '"size"', '"page_size"', "None"),
        "max_size": _some(random, "None", str(page_size + 4), str(page_size)),
        "page_param": _some(random, "page", "p"),
        "cursor_order": _some(random, '"-stamp"', '["stamp", "id"]', '"id"', '"title"', '["-price", "id"]'),
        "window_order": _some(random, '"id"', '"title", "id"', '"-price", "id"'),
        "title_lookup": _some(random, "icontains", "istartswith", "exact", "iexact", "endswith"),
        "page_lookups": _some(random, '["lt", "gt"]', '["exact", "isnull"]', '["gte", "in"]', '["range"]'),
        "search_fields": _some(random, '["title"]', '["^title", "=note"]', '["author__name", "note"]',
                               '["title", "tags__name"]', '["$$title"]'.replace("$$", "$")),
        "ordering_fields": _some(random, '["price", "title", "id"]', '"__all__"', '["author__name", "id"]'),
        "default_order": _some(random, '["id"]', '["-price", "id"]', '("title", "-id")'),
        "many_authenticators": ", ".join(many),
        "public": _some(random, "", "permissions.AllowAny", "permissions.IsAuthenticatedOrReadOnly"),
        "owned_base": _some(random, "IsAuthenticated", "IsAuthenticatedOrReadOnly"),
        "model_permissions": _some(random, "DjangoModelPermissions", "DjangoModelPermissionsOrAnonReadOnly"),
        "composed": f"{_some(random, '', '~')}{random.choice(allowed)} {_some(random, '|', '&')} {random.choice(allowed)}",
        "anonymous_rate": _some(random, "3/hour", "5/day", "4/h"),
        "user_rate": _some(random, "6/hour", "8/day"),
        "scoped_rate": _some(random, "4/hour", "7/d"),
        "teapot": random.choice(WORDS),
        "wait": _some(random, "None", "1", "42.3", "60"),
        "amount": f"{random.uniform(0, 99):.2f}",
        "number": str(random.randint(0, 2**40)),
        "router_slash": _some(random, "True", "True", "False"),
    }  # fmt: skip


def _languages(random: Random, variant: str) -> dict[str, str]:
    """One language; with LocaleMiddleware several that show the same texts: English, or any untranslated."""
    if variant != "localized":
        return {"language": random.choice(LANGUAGES), "languages": ""}
    if random.random() < 0.3:
        return {"language": _some(random, "de", "en", "fr"), "languages": "USE_I18N = False"}
    offered = _some(random, '("en", "English")', '("en-us", "American")',
                    '("en", "English"), ("en-us", "American")')  # fmt: skip
    return {"language": _some(random, "en", "en-us"), "languages": f"LANGUAGES = [{offered}]"}


def _settings(random: Random, variant: str) -> dict[str, str]:
    middleware = ["django.contrib.sessions.middleware.SessionMiddleware"]
    if variant == "localized":
        middleware.append(f"{_DJANGO}.locale.LocaleMiddleware")
    middleware.append(f"{_DJANGO}.common.CommonMiddleware")
    middleware += (
        [f"{_DJANGO}.csrf.CsrfViewMiddleware"]
        if variant == "identity" or random.random() < 0.7
        else []
    )
    middleware.append("django.contrib.auth.middleware.AuthenticationMiddleware")
    middleware += (
        [f"{_DJANGO}.clickjacking.XFrameOptionsMiddleware"] if random.random() < 0.7 else []
    )
    middleware[:0] = [f"{_DJANGO}.security.SecurityMiddleware"] if random.random() < 0.7 else []
    classes = [f"{_REST}.authentication.{name}Authentication" for name in ("Session", "Token")]
    classes.append("rest_framework_simplejwt.authentication.JWTAuthentication")
    random.shuffle(classes)
    renderers = [f"{_REST}.renderers.JSONRenderer"]
    renderers += [f"{_REST}.renderers.BrowsableAPIRenderer"] if random.random() < 0.4 else []
    return {
        "hosts": _some(random, '["*"]', '["localhost", "testserver", ".example.com"]'),
        "zone": _some(random, "UTC", "Europe/Berlin", "Asia/Kolkata", "America/New_York"),
        **_languages(random, variant),
        "append_slash": _some(random, "True", "True", "False"),
        "media_url": _some(random, "/media/", "https://cdn.example.com/m/"),
        "middleware": repr(middleware),
        "frame": _some(random, "DENY", "SAMEORIGIN"),
        "referrer": _some(random, "same-origin", "no-referrer"),
        "nosniff": _some(random, "True", "False"),
        "authenticators": ", ".join(map(repr, classes[: random.randint(1, 3)])),
        "renderers": ", ".join(map(repr, renderers)),
        "paginator": _some(random, "None", "'rest_framework.pagination.PageNumberPagination'",
                           "'rest_framework.pagination.LimitOffsetPagination'"),
        "default_version": _some(random, "None", "'v1'"),
        "unicode": _some(random, "True", "True", "False"),
        "compact": _some(random, "True", "True", "False"),
        "decimal_text": _some(random, "True", "True", "False"),
        "datetime_format": _some(random, "'iso-8601'", "'%d.%m.%Y %H:%M'", "'iso-8601'"),
        "search_param": _some(random, "search", "q"),
        "order_param": _some(random, "ordering", "sort"),
        "errors_key": _some(random, "non_field_errors", "errors"),
    }  # fmt: skip
