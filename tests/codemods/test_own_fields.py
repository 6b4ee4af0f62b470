"""Field classes that are not Django's own convert only where they cannot change a value."""

import pytest

from tests.codemods.project import Converted, legacy_project

FIELDS = """
from django.db import models


class Plain(models.CharField):
    \"\"\"Short texts.\"\"\"

    description = "a short text"

    def __init__(self, *args, **kwargs):
        kwargs.setdefault("max_length", 20)
        super().__init__(*args, **kwargs)

    def deconstruct(self):
        return super().deconstruct()


class Loud(models.CharField):
    def from_db_value(self, value, expression, connection):
        return value.upper()


class Trimmed(models.CharField):
    def get_prep_value(self, value):
        return value.strip()


class Stamped(models.DateTimeField):
    def pre_save(self, instance, add):
        return super().pre_save(instance, add)


class Mixed:
    def to_python(self, value):
        return value


class OfMixin(Mixed, models.IntegerField):
    pass


class Lazy(models.TextField):
    empty_strings_allowed = False
"""

MODELS = """
from django.db import models

from . import fields


class Simple(models.Model):
    value = fields.Plain()
"""

KINDS = {
    "Loud": "fields.Loud(max_length=3)",
    "Trimmed": "fields.Trimmed(max_length=3)",
    "Stamped": "fields.Stamped()",
    "OfMixin": "fields.OfMixin()",
    "Lazy": "fields.Lazy()",
}


@pytest.fixture(scope="module")
def shapes(tmp_path_factory: pytest.TempPathFactory) -> Converted:
    models = MODELS + "".join(
        f"\n\nclass With{name}(models.Model):\n    value = {text}\n" for name, text in KINDS.items()
    )
    files = {"shapes/fields.py": FIELDS, "shapes/models.py": models, "urls.py": "urlpatterns = []"}
    return legacy_project(tmp_path_factory.mktemp("shapes"), files).convert()


def test_options_alone_change_nothing(shapes: Converted) -> None:
    assert shapes.conversion.models["shapes.Simple"].status == "converted"


@pytest.mark.parametrize("name", KINDS)
def test_a_class_with_ways_of_its_own_keeps_its_model(name: str, shapes: Converted) -> None:
    entry = shapes.conversion.models[f"shapes.With{name}"]
    assert [reason.code for reason in entry.reasons] == ["M105"]
    path, _, line = entry.reasons[0].source.rpartition(":")
    assert KINDS[name] in shapes.legacy.files[path].splitlines()[int(line) - 1]
