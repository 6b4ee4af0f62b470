"""A project of installed applications: a content manager, a shop and a wiki, at pinned versions."""

import shutil
import subprocess
import sys
from pathlib import Path

from .sources import CONTRIB, MANAGE, settings_text

_PINS = Path(__file__).with_name("packages.txt")
_WAGTAIL = (
    "wagtail.contrib.forms", "wagtail.contrib.redirects", "wagtail.embeds", "wagtail.sites",
    "wagtail.users", "wagtail.snippets", "wagtail.documents", "wagtail.images", "wagtail.search",
    "wagtail.admin", "wagtail", "modelcluster", "taggit", "treebeard",
)  # fmt: skip
_WIKI = (
    "sekizai", "sorl.thumbnail", "django_nyt", "mptt", "wiki", "wiki.plugins.attachments",
    "wiki.plugins.notifications", "wiki.plugins.images", "wiki.plugins.macros",
)  # fmt: skip
_SHOP = (
    "analytics", "checkout", "address", "shipping", "catalogue", "catalogue.reviews",
    "communication", "partner", "basket", "payment", "offer", "order", "customer", "search",
    "voucher", "wishlists", "dashboard",
)  # fmt: skip
_DASHBOARD = (
    "reports", "users", "orders", "catalogue", "offers", "partners", "pages", "ranges", "reviews",
    "vouchers", "communications", "shipping",
)  # fmt: skip
_MORE = """
from oscar.defaults import *  # noqa: E402, F403

HAYSTACK_CONNECTIONS = {"default": {"ENGINE": "haystack.backends.simple_backend.SimpleEngine"}}
MIDDLEWARE.append("django.contrib.messages.middleware.MessageMiddleware")
_PROCESSORS = (
    "django.contrib.auth.context_processors.auth",
    "django.contrib.messages.context_processors.messages",
    "django.template.context_processors.request",
)
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {"context_processors": _PROCESSORS},
    }
]
"""


def interpreter(cache: Path) -> Path:
    """Python with the packages, installed where it is not there.

    Raises subprocess.CalledProcessError where the packages cannot be installed.
    """
    folder = cache / "packages" / "venv"
    python = folder / "bin" / "python"
    mark = folder / "installed.txt"
    pins = _PINS.read_text()
    if not mark.is_file() or mark.read_text() != f"{pins}pymysql\n":
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)
        command = [python, "-m", "pip", "install", "--quiet", "--requirement", _PINS]
        subprocess.run([*command, "psycopg[binary]", "pymysql"], check=True)
        mark.write_text(f"{pins}pymysql\n")
    return python


def make_packages_project(root: Path, *, postgresql: bool) -> None:
    """Write a project of these applications at `root`; what is there goes."""
    shutil.rmtree(root, ignore_errors=True)
    root.mkdir(parents=True)
    apps = [f"django.contrib.{name}" for name in (*CONTRIB, "humanize")]
    apps += ["django.contrib.postgres"] if postgresql else []
    apps += [*_WAGTAIL, *_WIKI, "oscar.config.Shop"]
    apps += [_shop_app(name) for name in _SHOP]
    apps += [_shop_app(f"dashboard.{name}", "Dashboard") for name in _DASHBOARD]
    apps += ["haystack", "django_tables2", "widget_tweaks"]
    (root / "corpus_settings.py").write_text(settings_text(apps) + _MORE)
    (root / "corpus_urls.py").write_text("urlpatterns: list[object] = []\n")
    (root / "manage.py").write_text(MANAGE)


def _shop_app(name: str, ending: str = "") -> str:
    words = name.split(".")
    # every class is called after all of its folders, but for those of the dashboard
    title = words[-1] if ending else "_".join(words)
    camel = "".join(word.title() for word in title.split("_"))
    return f"oscar.apps.{name}.apps.{camel}{ending}Config"
