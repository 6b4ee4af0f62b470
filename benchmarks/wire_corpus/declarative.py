"""Endpoints that are declared, without code in bodies: all of them convert, and verify as equal.

The shop, three packages from PyPI, and projects that are named on the command line.
"""

import json
import shutil
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from strangler.config import discover, resolve
from strangler.facts import Facts
from strangler.legacy import read_facts

from .fields_project import MANAGE
from .running import output

ROOT = Path(__file__).parents[2]
_PINS = Path(__file__).parent / "environments" / "packages.txt"
_SETTINGS = """
SECRET_KEY = "only for this corpus"
ALLOWED_HOSTS = ["*"]
ROOT_URLCONF = "urls"
USE_TZ = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
DATABASES = {{"default": {{"ENGINE": "django.db.backends.sqlite3", "NAME": "made.db"}}}}
INSTALLED_APPS = [
    "django.contrib.auth", "django.contrib.contenttypes", "django.contrib.sessions", "rest_framework", {apps},
]
MIDDLEWARE = [
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
]
{more}
"""
_KNOX = """
REST_FRAMEWORK = {"DEFAULT_AUTHENTICATION_CLASSES": [
    "knox.auth.TokenAuthentication", "rest_framework.authentication.BasicAuthentication",
]}
"""
_JWT = """
REST_FRAMEWORK = {"DEFAULT_AUTHENTICATION_CLASSES": ["rest_framework_simplejwt.authentication.JWTAuthentication"]}
"""
_JWT_PATHS = """
    path("token/", views.TokenObtainPairView.as_view()), path("token/refresh/", views.TokenRefreshView.as_view()),
    path("token/verify/", views.TokenVerifyView.as_view()), path("token/blacklist/", views.TokenBlacklistView.as_view()),
"""
#: What endpoints of packages have a rule, by the beginning of their views' paths.
_OF_PACKAGES = ("knox.", "rest_framework_simplejwt.", "rest_framework.authtoken.")
#: Apps, further settings, where views are imported from, what the project's paths are; by package.
_PACKAGES = {
    "django-restapi-test": (
        ["api"],
        "",
        "api",
        'path("users/", views.UserList.as_view()), path("users/<int:pk>/", views.UserDetail.as_view()),'
        'path("snippets/", views.SnippetList.as_view()), path("snippets/<int:pk>/", views.SnippetDetail.as_view()),',
    ),
    "customusers": (
        ["app_users"],
        'AUTH_USER_MODEL = "app_users.CustomUser"',
        "app_users",
        'path("users/", views.UserListView.as_view()),',
    ),
    "django-rest-knox": (["knox"], _KNOX, "knox", 'path("auth/", include("knox.urls")),'),
    "djangorestframework-simplejwt": (
        ["rest_framework_simplejwt.token_blacklist"],
        _JWT,
        "rest_framework_simplejwt",
        _JWT_PATHS,
    ),
    "djangorestframework": (
        ["rest_framework.authtoken"],
        "",
        "rest_framework.authtoken",
        'path("token/", views.obtain_auth_token),',
    ),
}


@dataclass
class Judged:
    """Declared endpoints of one project: how many, those that stay with their codes, verdicts."""

    endpoints: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    found: Counter[str] = field(default_factory=Counter)
    findings: list[str] = field(default_factory=list)

    @property
    def equal(self) -> int:
        """How many are converted and proved equal."""
        return self.found["equal"]


def run_declarative(named: list[str], seed: int, cases: int, folder: Path) -> dict[str, Judged]:
    """Judge every project. named: further ones, `FOLDER` or `FOLDER=PYTHON`."""
    folder.mkdir(parents=True, exist_ok=True)
    found = {"the shop": _judge(_shop(folder), sys.executable, seed, cases, folder)}
    for name in _PACKAGES:
        found[name] = _judge(_package(name, folder), sys.executable, seed, cases, folder)
    for text in named:
        place, _, python = text.partition("=")
        copied = folder / f"named-{Path(place).name}"
        shutil.rmtree(copied, ignore_errors=True)
        shutil.copytree(
            place, copied, ignore=shutil.ignore_patterns("venv", ".venv", "__pycache__")
        )
        found[Path(place).name] = _judge(copied, python or sys.executable, seed, cases, folder)
    return found


def _shop(folder: Path) -> Path:
    project = folder / "shop"
    shutil.rmtree(project, ignore_errors=True)
    shutil.copytree(ROOT / "sample_django_app", project)
    return project


def _package(name: str, folder: Path) -> Path:
    """A project around a package, whose code is the project's own where the pins name it."""
    apps, more, place, paths = _PACKAGES[name]
    project, sources = folder / name, folder / "packages"
    shutil.rmtree(project, ignore_errors=True)
    project.mkdir(parents=True)
    pin = next(
        (line for line in _PINS.read_text().splitlines() if line.startswith(f"{name}==")), None
    )
    if pin is not None:
        if not (sources / place).is_dir():
            only = folder / f"{name}.txt"
            only.write_text(f"{pin}\n")
            command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target"]
            subprocess.run(
                [*command, sources, "--require-hashes", "--requirement", only], check=True
            )
        shutil.copytree(sources / place, project / place)
    installed = ", ".join(f'"{app}"' for app in apps)
    (project / "settings.py").write_text(_SETTINGS.format(apps=installed, more=more))
    imported = f"from {place} import views\n"
    text = f"from django.urls import include, path\n\n{imported}\nurlpatterns = [{paths}]\n"
    (project / "urls.py").write_text(text)
    (project / "manage.py").write_text(MANAGE)
    return project


def _judge(project: Path, python: str, seed: int, cases: int, folder: Path) -> Judged:
    api = folder / f"{project.name}-api"
    shutil.rmtree(api, ignore_errors=True)
    report = folder / f"{project.name}-convert.json"
    strangler = Path(sys.executable).with_name("strangler")
    options = ["--python", python, "--out", api, "--report"]
    output([strangler, "convert", project, *options, report], project, {})
    entries = json.loads(report.read_text())["endpoints"]
    wanted = declared(read_facts(resolve(discover(project), legacy_python=python)))
    judged = Judged(len(wanted))
    for entry in entries:
        if entry["id"] in wanted and entry["status"] != "converted":
            code = entry["reasons"][0]["code"] if entry["reasons"] else "none"
            judged.refused[code] += 1
            judged.findings.append(f"{project.name} {entry['id']} {entry['reasons'][:1]}")
    report = folder / f"{project.name}-verify.json"
    more = ["--cases", cases, "--seed", seed]
    output([strangler, "verify", project, *options, report, *more], project, {})
    for entry in json.loads(report.read_text())["endpoints"]:
        if entry["id"] in wanted:
            judged.found[entry["verdict"]] += 1
            if entry["verdict"] != "equal":
                judged.findings.append(_finding(project.name, entry))
    return judged


def declared(facts: Facts) -> set[str]:
    """The endpoints whose view and serializer have no methods of the project, and packages' own."""
    coded = {s.name for s in facts.serializers if s.methods}
    return {
        e.id for e in facts.endpoints
        if e.kind == "drf" and not e.function_view and not e.methods and e.serializer not in coded
    } | {e.id for e in facts.endpoints if e.kind == "package" and e.view.startswith(_OF_PACKAGES)}  # fmt: skip


def _finding(name: str, entry: dict[str, Any]) -> str:
    lines = [f"{name} {entry['id']}: {entry['verdict']} {entry['missing']}"]
    for one in entry["differences"][:3]:
        lines.append(f"    {json.dumps(one.get('request'))[:600]}")
        told = f"{one['category']} {one['pointer']}: {one['legacy']} is {one['new']}"
        lines.append(f"    {told}"[:900])
    return "\n".join(lines)
