"""Rules of a project: the worked examples of docs/plugins.md, and rules that fail."""

import importlib
import re
from collections.abc import Mapping
from pathlib import Path
from textwrap import dedent

import pytest

from strangler.config import Config
from strangler.convert import plugins
from strangler.errors import ConfigError
from strangler.testing import Converted, Legacy, legacy_project

MODELS = """
    from django.conf import settings
    from django.db import models


    class Item(models.Model):
        code = models.CharField(max_length=8)
        team = models.CharField(max_length=8)
        owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE)
    """
SERIALIZER = """
    from rest_framework import serializers

    from acme.models import Item


    class ItemSerializer(serializers.ModelSerializer):
        class Meta:
            model = Item
            fields = ["id", "code", "team"]
    """
URLS = """
    from rest_framework import viewsets
    from rest_framework.routers import SimpleRouter

    from acme import views
    from acme.models import Item
    from acme.serializers import ItemSerializer


    class Items({base}):
        queryset = Item.objects.all()
        serializer_class = ItemSerializer

    router = SimpleRouter()
    router.register("items", Items)
    urlpatterns = router.urls
    """
CRUM = "def get_current_user():\n    return None\n"
SILK = "def silk_profile(name):\n    return lambda function: function\n"


@pytest.fixture(scope="module")
def blocks(repository: Path) -> dict[str, dict[str, str]]:
    """The code of docs/plugins.md by heading and by the first word of its first line."""
    text = (repository / "docs" / "plugins.md").read_text(encoding="utf-8")
    found: dict[str, dict[str, str]] = {}
    for section in text.split("\n## ")[1:]:
        title = section.partition("\n")[0]
        for code in re.findall(r"```python\n# (.*?)```", section, re.DOTALL):
            head, _, rest = code.partition("\n")
            found.setdefault(title, {})[head.partition(":")[0]] = rest
    return found


def project(folder: Path, views: str, base: str, more: Mapping[str, str] | None = None) -> Legacy:
    beside = folder.parent / "packages"
    for path, text in (("crum/__init__.py", CRUM), ("silk/profiling/profiler.py", SILK)):
        place = beside / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text)
    files = {
        "acme/models.py": MODELS, "acme/serializers.py": SERIALIZER, "acme/views.py": views,
        "urls.py": dedent(URLS).format(base=base), **(more or {}),
    }  # fmt: skip
    return legacy_project(folder, files, f"import sys\nsys.path.insert(0, {str(beside)!r})\n")


def both(folder: Path, legacy: Legacy, rules: str) -> tuple[Converted, Converted]:
    """Without and with the rules."""
    file = folder / "strangler_rules.py"
    file.write_text(rules)
    return legacy.convert(), legacy.convert(rules=[file])


def test_the_example_of_a_custom_field_class(
    tmp_path: Path, blocks: dict[str, dict[str, str]]
) -> None:
    example = blocks["A custom field class"]
    serializer = SERIALIZER.replace(
        "        class Meta", "        code = ShortCode()\n\n        class Meta"
    ).replace("from acme.models", "from acme.fields import ShortCode\n    from acme.models")
    files = {"acme/fields.py": example["before"], "acme/serializers.py": serializer}
    legacy = project(tmp_path / "p", "", "viewsets.ModelViewSet", files)
    before, after = both(tmp_path, legacy, example["tools/strangler_rules.py"])
    assert before.codes("GET /items/") == ["S101"]
    assert after.converted("POST /items/")
    assert example["after"].strip() in after.module("app.acme.schemas")


def test_the_example_of_a_base_viewset(tmp_path: Path, blocks: dict[str, dict[str, str]]) -> None:
    example = blocks["A project base viewset"]
    legacy = project(tmp_path / "p", example["before"], "views.TeamViewSet")
    before, after = both(tmp_path, legacy, example["tools/strangler_rules.py"])
    assert before.codes("GET /items/")[0] == "B142"
    assert after.converted("GET /items/{pk}/")
    assert example["after"].strip() in after.module("app.acme.queries")


def test_the_example_of_a_package(tmp_path: Path, blocks: dict[str, dict[str, str]]) -> None:
    example = blocks["A third-party package"]
    legacy = project(tmp_path / "p", example["before"], "views.Mine")
    before, after = both(tmp_path, legacy, example["tools/strangler_rules.py"])
    assert before.codes("GET /items/") == ["B211"]
    assert after.converted("GET /items/")
    assert example["after"].strip() in after.module("app.acme.queries")


FAILING = """
from strangler_codemods.api import *


@rewrites(call("crum.get_current_user"))
def current_user(operation):
    raise KeyError("user")


@rewrites(decorator("silk.profiling.profiler.silk_profile"))
def profiled(node):
    return None


@rewrites(serializer_field("acme.fields.ShortCode"))
def short_code(item):
    return "a text"
"""


def test_a_rule_that_fails_keeps_its_endpoint_and_is_named(
    tmp_path: Path, blocks: dict[str, dict[str, str]]
) -> None:
    """The run goes on: what does not need the rule converts."""
    legacy = project(tmp_path / "p", blocks["A third-party package"]["before"], "views.Mine")
    _, after = both(tmp_path, legacy, FAILING)
    reason = after.reasons("GET /items/")[0]
    assert reason.code == "R003"
    assert reason.message == "the rule `strangler_rules.current_user` raised KeyError: 'user'"
    assert reason.source == "acme/views.py:11"
    assert after.converted("POST /items/")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (None, "is not there (name a Python file"),
        ("x = 1\n", "it holds no rule (put @rewrites"),
        ("x = 1\nimport nowhere\n", "rules.py:2: importing it raises ModuleNotFoundError"),
        ("def (:\n", "rules.py:1: importing it raises SyntaxError"),
    ],
)
def test_a_file_that_brings_no_rules_is_refused(
    text: str | None, says: str, tmp_path: Path
) -> None:
    if text is not None:
        (tmp_path / "rules.py").write_text(text)
    config = Config.model_validate({"convert": {"rules": ["rules.py"]}, "folder": str(tmp_path)})
    with pytest.raises(ConfigError) as refused:
        plugins.load_rules(config)
    assert says in str(refused.value)


def test_installed_packages_bring_rules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By the entry point's name, as a distribution on the path declares it."""
    (tmp_path / "acme_rules.py").write_text(FAILING)
    info = tmp_path / "acme_rules-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: acme-rules\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[strangler.rules]\nacme = acme_rules\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    importlib.invalidate_caches()
    names = [rule.name for rule in plugins.load_rules(Config())]
    assert names == ["acme.current_user", "acme.profiled", "acme.short_code"]
