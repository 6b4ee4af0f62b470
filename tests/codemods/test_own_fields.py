"""Field classes that are not Django's own convert only where they cannot change a value."""

import pytest

from tests.codemods.project import Converted, legacy_project

FIELDS = """
from django.utils.text import phone2numeric

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
    def from_db_value(self, value, *args, **kwargs):
        return value.upper()


class Empty(models.CharField):
    def from_db_value(self, value, expression, connection):
        if value is None:
            return ""
        return value

    def to_python(self, value):
        return (value or "").strip()

    def get_prep_value(self, value):
        return super().get_prep_value(value) or None


class Words(models.TextField):
    def from_db_value(self, value, expression, connection):
        return value.split(",")


class Asking(models.CharField):
    def from_db_value(self, value, expression, connection):
        return value if connection.vendor else ""


class Odd(models.SlugField):
    def get_prep_value(self, value):
        return value + phone2numeric(value)


class Placed(models.DateTimeField):
    def get_attname(self):
        return super().get_attname()


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


class Own(models.Model):
    loud = fields.Loud(max_length=3)
    empty = fields.Empty(max_length=3, null=True)


class Whole(models.Model):
    value = fields.OfMixin()


class Above(models.Model):
    own = models.ForeignKey(Own, on_delete=models.CASCADE)
"""

KINDS = {
    "Placed": "fields.Placed()",
    "Lazy": "fields.Lazy()",
}
# Those whose method has no rule are refused at its line.
METHODS = {
    "Words": ("fields.Words()", "value = fields.Words()"),
    "Asking": ("fields.Asking(max_length=3)", 'return value if connection.vendor else ""'),
    "Odd": ("fields.Odd()", "return value + phone2numeric(value)"),
}


@pytest.fixture(scope="module")
def shapes(tmp_path_factory: pytest.TempPathFactory) -> Converted:
    models = MODELS + "".join(
        f"\n\nclass With{name}(models.Model):\n    value = {text}\n"
        for name, text in [*KINDS.items(), *((name, told[0]) for name, told in METHODS.items())]
    )
    files = {"shapes/fields.py": FIELDS, "shapes/models.py": models, "urls.py": "urlpatterns = []"}
    return legacy_project(tmp_path_factory.mktemp("shapes"), files).convert()


def test_options_alone_change_nothing(shapes: Converted) -> None:
    for name in ("Simple", "Whole"):
        assert shapes.conversion.models[f"shapes.{name}"].status == "converted"
    assert "value: Mapped[int] = mapped_column(Integer)" in shapes.function(
        "app.shapes.models", "Whole"
    )


@pytest.mark.parametrize("name", KINDS)
def test_a_class_with_ways_of_its_own_keeps_its_model(name: str, shapes: Converted) -> None:
    entry = shapes.conversion.models[f"shapes.With{name}"]
    assert [reason.code for reason in entry.reasons] == ["M105"]
    path, _, line = entry.reasons[0].source.rpartition(":")
    assert KINDS[name] in shapes.legacy.files[path].splitlines()[int(line) - 1]


@pytest.mark.parametrize("name", METHODS)
def test_a_method_without_a_rule_is_named(name: str, shapes: Converted) -> None:
    (reason,) = shapes.conversion.models[f"shapes.With{name}"].reasons
    assert reason.code == "M105"
    path, _, line = reason.source.rpartition(":")
    assert shapes.legacy.files[path].splitlines()[int(line) - 1].strip() == METHODS[name][1]


def test_texts_of_their_own_form_are_read_and_written_by_functions(shapes: Converted) -> None:
    for name in ("Own", "Above"):
        assert shapes.conversion.models[f"shapes.{name}"].status == "converted"
    model = shapes.function("app.shapes.models", "Own")
    assert "OwnText(String(3), read=loud_read, nulls=False)" in model
    assert "OwnText(String(3), read=empty_read_or_none, write=empty_written_or_none)" in model
    assert shapes.function("app.shapes.columns", "empty_written_or_none") == (
        "def empty_written_or_none(value: str | None) -> Any:\n"
        "    return empty_taken_or_none(value) or None"
    )
