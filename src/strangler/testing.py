"""Before and after, for tests of rules: a small legacy project as text in, what became of it out.

    legacy = legacy_project(tmp_path, {"shop/models.py": "...", "shop/views.py": "...", "urls.py": "..."})
    after = legacy.convert(rules=["tools/strangler_rules.py"])
    assert after.converted("GET /items/")

The probe that people run reads the project, with Django and DRF as they are installed. Our own rules are
tested with nothing else.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property, partial
from pathlib import Path
from textwrap import dedent

from strangler.config import Config, resolve
from strangler.convert.constants import constants_of, data_of
from strangler.convert.output import format_files
from strangler.convert.plugins import rules_of_files
from strangler.convert.speaking import speaking
from strangler.convert.static import static_files
from strangler.convert.support import compat_files
from strangler.facts import Facts
from strangler.legacy import languages, read_facts, walked
from strangler_codemods.conversion import Additions, Conversion, convert
from strangler_codemods.languages import serves_several, texts_of
from strangler_codemods.refusal import Reason

SETTINGS = """\
SECRET_KEY = "only-for-tests"
ALLOWED_HOSTS = ["*"]
ROOT_URLCONF = "urls"
USE_TZ = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": "db.sqlite3"}}
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "rest_framework",
    "rest_framework.authtoken",
]
MIDDLEWARE = []
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["rest_framework.authentication.TokenAuthentication"],
}
"""
MANAGE = 'import os\n\nos.environ.setdefault("DJANGO_SETTINGS_MODULE", "settings")\n'


@dataclass(frozen=True)
class Legacy:
    """A legacy project on disk with its facts: convert it as often as a test likes."""

    folder: Path
    config: Config
    facts: Facts
    files: Mapping[str, str]

    @cached_property
    def walk(self) -> list[tuple[str, str]]:
        """Method and path of every endpoint, by the independent walk."""
        return walked(self.config)

    def convert(
        self,
        *,
        only: Iterable[str] = (),
        skip: Iterable[str] = (),
        accept: Iterable[str] = (),
        rules: Iterable[str | Path] = (),
    ) -> Converted:
        """The conversion of these sources; `rules` are files, relative to the working directory."""
        sources = {path: text for path, text in self.files.items() if path.endswith(".py")}
        added = Additions(rules=rules_of_files(map(Path, rules), Path.cwd()))
        done = convert(self.facts, sources, only=only, skip=skip, accept=accept, added=added)
        return Converted(self, done)


@dataclass(frozen=True)
class Converted:
    """What became of a project, asked by endpoint id and by module name."""

    legacy: Legacy
    conversion: Conversion
    _lines: dict[str, str] = field(default_factory=dict)

    def converted(self, endpoint: str) -> bool:
        """Whether the endpoint has a function in the new app."""
        return self.conversion.endpoints[endpoint].status == "converted"

    def reasons(self, endpoint: str) -> list[Reason]:
        """Why the endpoint stays on legacy; empty where it does not."""
        return list(self.conversion.endpoints[endpoint].reasons)

    def codes(self, endpoint: str) -> list[str]:
        """The codes of the reasons."""
        return [reason.code for reason in self.reasons(endpoint)]

    def refusal(self, endpoint: str) -> tuple[str, str]:
        """Code of the first reason and the source line that it names, stripped."""
        reason = self.reasons(endpoint)[0]
        path, _, line = reason.source.rpartition(":")
        return reason.code, self.legacy.files[path].splitlines()[int(line) - 1].strip()

    @cached_property
    def generated(self) -> dict[str, str]:
        """The files made from the project's own sources, formatted."""
        return format_files(self.conversion.files)

    def module(self, name: str) -> str:
        """Source of a generated module; empty where there is none."""
        return self.generated.get(f"{name.replace('.', '/')}.py", "")

    def function(self, module: str, name: str) -> str:
        """Source of one top-level definition, decorators included; empty where there is none."""
        text = self.module(module)
        for node in ast.parse(text).body:
            if getattr(node, "name", "") == name:
                first = min([node.lineno, *(d.lineno for d in getattr(node, "decorator_list", ()))])
                return "\n".join(text.splitlines()[first - 1 : node.end_lineno])
        return ""

    @cached_property
    def tree(self) -> dict[str, str]:
        """The whole application as `strangler convert` would write it."""
        facts, files = self.legacy.facts, self.conversion.files
        compat = compat_files(files, constants_of(facts), data_of(facts), texts_of(facts))
        whole = {**files, **static_files(facts, self.legacy.folder, compat), **compat}
        if serves_several(facts):
            reader = partial(languages, self.legacy.config)
            whole = speaking(whole, facts.settings["LANGUAGE_CODE"], reader)
        return format_files(whole)


def legacy_project(folder: Path, files: Mapping[str, str], settings: str = "") -> Legacy:
    """Write a Django project and read its facts.

    `files` maps paths to texts, `settings` is added to the settings above. A folder with a `models.py` is an
    installed app; `urls.py` imports what it needs.
    """
    texts = {path: dedent(text).lstrip("\n") for path, text in files.items()}
    apps = sorted({path.partition("/")[0] for path in texts if path.endswith("/models.py")})
    texts["settings.py"] = f"{SETTINGS}INSTALLED_APPS += {apps!r}\n{dedent(settings)}"
    texts["manage.py"] = MANAGE
    for app in {path.partition("/")[0] for path in texts if "/" in path}:
        texts.setdefault(f"{app}/__init__.py", "")
    for path, text in texts.items():
        place = folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text, encoding="utf-8")
    config = resolve(Config(), legacy_path=str(folder), legacy_python=sys.executable)
    return Legacy(folder, config, read_facts(config), texts)
