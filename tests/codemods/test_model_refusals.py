"""Models whose rows the new app could not read or write as Django does stay on legacy."""

from pathlib import Path

import pytest

from strangler_codemods.conversion import convert
from tests.codemods.project import Converted, legacy_project

MODELS = """
import copy

from django.contrib.contenttypes.fields import GenericForeignKey, GenericRelation
from django.contrib.contenttypes.models import ContentType
from django.db import models


class Loud(models.CharField):
    def pre_save(self, instance, add):
        return self.get_default()


class Shown(models.Model):
    value = Loud(max_length=9)


class Init(models.Model):
    name = models.CharField(max_length=9)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.name = self.name.upper()


class Calling(models.Model):
    name = models.CharField(max_length=9)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self._was = self.change()

    def change(self):
        self.name = "changed"


class Remembering(models.Model):
    name = models.CharField(max_length=9)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self._was = copy.copy(self.name)

    @classmethod
    def from_db(cls, db, field_names, values):
        row = super().from_db(db, field_names, values)
        row._values = dict(zip(field_names, values))
        return row


class FromDb(models.Model):
    name = models.CharField(max_length=9)

    @classmethod
    def from_db(cls, db, field_names, values):
        row = super().from_db(db, field_names, values)
        row.name = "other"
        return row


class Reading(models.Model):
    name = models.CharField(max_length=9)

    def __getattribute__(self, name):
        return super().__getattribute__(name)


class Key(models.Model):
    name = models.CharField(max_length=9)

    @property
    def pk(self):
        return 7


class Heard(models.Model):
    name = models.CharField(max_length=9)


class Noted(models.Model):
    name = models.CharField(max_length=9)


class Filtering(models.QuerySet):
    def filter(self, *args, **kwargs):
        return super().filter(*args, **kwargs).exclude(name="x")


class Filtered(models.Model):
    name = models.CharField(max_length=9)
    objects = Filtering.as_manager()


class Making(models.Manager):
    def create(self, **values):
        return super().create(**{**values, "name": "made"})


class Made(models.Model):
    name = models.CharField(max_length=9)
    objects = Making()


class Equal(models.Model):
    name = models.CharField(max_length=9)

    def __eq__(self, other):
        return True

    def __hash__(self):
        return 1


class Table(models.Model):
    name = models.CharField(max_length=9)

    def _save_table(self, *args, **kwargs):
        return super()._save_table(*args, **kwargs)


class Numbered(models.Model):
    made = models.ForeignKey(Made, on_delete=models.CASCADE)

    class Meta:
        order_with_respect_to = "made"


class Hiding(models.Model):
    other = models.IntegerField()

    @property
    def int(self):
        return int(self.other)


class Odd(models.Model):
    name = models.CharField(max_length=9)

    class Meta:
        db_table = '"outer"."odd"'


class Twice(models.Model):
    name = models.CharField(max_length=9)

    class Meta:
        db_table = "shapes_heard"
        managed = False


class Several(models.Model):
    pk = models.CompositePrimaryKey("one", "two")
    one = models.IntegerField()
    two = models.IntegerField()


class Tag(models.Model):
    name = models.CharField(max_length=9)


class Tagged(models.Model):
    name = models.CharField(max_length=9)
    tags = models.ManyToManyField(Tag)


class Linked(models.Model):
    tags = models.ManyToManyField(Tag, through="Link")
    once = models.ManyToManyField(Tag, through="Once", related_name="+")


class Link(models.Model):
    tag = models.ForeignKey(Tag, on_delete=models.CASCADE)
    linked = models.ForeignKey(Linked, on_delete=models.CASCADE)


class Once(models.Model):
    tag = models.ForeignKey(Tag, on_delete=models.CASCADE)
    linked = models.ForeignKey(Linked, on_delete=models.CASCADE)

    class Meta:
        unique_together = [("linked", "tag")]


def anybody():
    return sorted([3, 1], key=abs).pop()


class Target(models.Model):
    name = models.CharField(max_length=9)


class Pointing(models.Model):
    target = models.ForeignKey(Target, on_delete=models.SET(anybody))


class Comment(models.Model):
    content_type = models.ForeignKey(ContentType, on_delete=models.CASCADE)
    object_id = models.PositiveIntegerField()
    about = GenericForeignKey()


class Commented(models.Model):
    name = models.CharField(max_length=9)
    comments = GenericRelation(Comment)


def fresh():
    return len(Tag.objects.raw("SELECT 1 AS id"))


class Counted(models.Model):
    number = models.IntegerField(default=fresh)
"""

APPS = """
from django.apps import AppConfig
from django.db.models.signals import m2m_changed, post_delete, post_init


def change(sender, instance, **kwargs):
    instance.name = "heard"


def note(sender, instance, **kwargs):
    instance._was = instance.name


def deleted(sender, **kwargs):
    print(sender)


class Config(AppConfig):
    name = "shapes"

    def ready(self):
        from .models import Tagged

        post_init.connect(change, sender="shapes.Heard")
        post_init.connect(note, sender="shapes.Noted")
        m2m_changed.connect(deleted, sender=Tagged.tags.through)
        post_delete.connect(deleted, sender="shapes.Comment")
"""

NAMES = [
    line.split()[1].partition("(")[0]
    for line in MODELS.splitlines()
    if line.startswith("class ") and "(models.Model)" in line
]
VIEW = """
class {name}Serializer(serializers.ModelSerializer):
    class Meta:
        model = models.{name}
        fields = {fields}


class {name}View(viewsets.ModelViewSet):
    queryset = models.{name}.objects.all()
    serializer_class = {name}Serializer
"""
FIELDS = {"Hiding": '["id", "int"]', "Linked": '["id", "tags"]', "Several": '["one", "two"]'}
URLS = """
from django.urls import include, path
from rest_framework import routers

from shapes import views

router = routers.SimpleRouter()
for name in views.NAMES:
    router.register(name.lower(), getattr(views, f"{name}View"), basename=name.lower())
urlpatterns = [path("", include(router.urls))]
"""


@pytest.fixture(scope="module")
def shapes(tmp_path_factory: pytest.TempPathFactory) -> Converted:
    views = "from rest_framework import serializers, viewsets\n\nfrom . import models\n"
    views += f"\nNAMES = {[*NAMES, 'Once2']!r}\n"
    views += "".join(VIEW.format(name=n, fields=FIELDS.get(n, '"__all__"')) for n in NAMES)
    views += (
        VIEW.format(name="Linked", fields='["id", "once"]')
        .replace("LinkedS", "Once2S")
        .replace("LinkedV", "Once2V")
    )
    files = {
        "shapes/models.py": MODELS, "shapes/apps.py": APPS, "shapes/views.py": views, "urls.py": URLS,
    }  # fmt: skip
    return legacy_project(tmp_path_factory.mktemp("shapes"), files).convert()


@pytest.mark.parametrize(
    ("name", "code", "line"),
    [
        ("Init", "M110", "def __init__(self, *args, **kwargs):"),
        ("Calling", "M110", "def __init__(self, *args, **kwargs):"),
        ("FromDb", "M110", "def from_db(cls, db, field_names, values):"),
        ("Reading", "M110", "def __getattribute__(self, name):"),
        ("Key", "M110", "def pk(self):"),
        ("Heard", "M110", "def change(sender, instance, **kwargs):"),
        ("Filtered", "M110", "class Filtering(models.QuerySet):"),
        ("Hiding", "M111", "def int(self):"),
        ("Odd", "M112", "class Odd(models.Model):"),
        ("Twice", "M112", "class Twice(models.Model):"),
    ],
)
def test_no_row_of_it_is_read(name: str, code: str, line: str, shapes: Converted) -> None:
    assert shapes.refusal(f"GET /{name.lower()}/") == (code, line)


def test_a_key_of_several_columns_is_no_part_of_a_path(shapes: Converted) -> None:
    assert shapes.refusal("GET /several/{pk}/") == ("M113", "class Several(models.Model):")


@pytest.mark.parametrize(
    "name", ["Shown", "Remembering", "Noted", "Made", "Equal", "Table", "Target", "Counted"]
)
def test_code_that_changes_no_column_does_not_matter_to_reading(
    name: str, shapes: Converted
) -> None:
    assert shapes.converted(f"GET /{name.lower()}/")


@pytest.mark.parametrize(
    "name", ["Shown", "Made", "Equal", "Table", "Numbered", "Tagged", "Counted"]
)
def test_a_save_that_would_skip_code_stays(name: str, shapes: Converted) -> None:
    assert shapes.codes(f"POST /{name.lower()}/") == ["Q113"]


@pytest.mark.parametrize("name", ["Equal", "Target", "Commented"])
def test_a_delete_that_would_skip_code_stays(name: str, shapes: Converted) -> None:
    assert shapes.codes(f"DELETE /{name.lower()}/{{pk}}/") == ["Q113"]


def test_lists_that_django_shows_with_doubles_stay(shapes: Converted) -> None:
    assert shapes.codes("GET /linked/") == ["S117"]
    assert shapes.converted("GET /once2/")


ROUTER = """
from django.db.models.signals import post_init, post_save


class ModelSignalRouter:
    def __init__(self, *sources):
        self._source_groups = list(sources)
        post_init.connect(self.post_init_receiver)
        post_save.connect(self.post_save_receiver)

    def post_init_receiver(self, sender, instance=None, **kwargs):
        instance._ik = {name: hash(value) for name, value in vars(instance).items()}

    def post_save_receiver(self, sender, instance=None, **kwargs):
        print(instance)
"""
PICTURES = """
from django.db import models

from imagekit.specs.sourcegroups import ModelSignalRouter


class Plain(models.Model):
    name = models.CharField(max_length=9)


class Pictured(models.Model):
    name = models.CharField(max_length=9)


class Source:
    model_class = Pictured


router = ModelSignalRouter(Source())
"""


def test_a_package_that_hears_every_model_concerns_those_that_it_chose(tmp_path: Path) -> None:
    views = "from rest_framework import serializers, viewsets\n\nfrom . import models\n"
    names = ("Plain", "Pictured")
    files = {
        "imagekit/__init__.py": "", "imagekit/specs/__init__.py": "",
        "imagekit/specs/sourcegroups.py": ROUTER, "shapes/models.py": PICTURES, "urls.py": URLS,
        "shapes/views.py": views + f"NAMES = {names}\n"
        + "".join(VIEW.format(name=name, fields='"__all__"') for name in names),
    }  # fmt: skip
    shapes = legacy_project(tmp_path, files).convert()
    assert shapes.converted("GET /pictured/")
    assert shapes.codes("POST /pictured/") == ["Q113"]
    assert shapes.converted("POST /plain/")


UNPARSED = """
from django.db import models


class Plain(models.Model):
    name = models.CharField(max_length=9)


class Saving(models.Model):
    plain = models.ForeignKey(Plain, on_delete=models.CASCADE)

    def save(self, *args, **kwargs):
        super().save(*args, **kwargs)
"""


def test_rows_of_a_file_that_cannot_be_parsed_stay_and_the_other_models_go_on(
    tmp_path: Path,
) -> None:
    views = "from rest_framework import serializers, viewsets\n\nfrom . import models\n"
    files = {
        "shapes/models.py": UNPARSED, "urls.py": URLS,
        "shapes/views.py": views + "NAMES = ('Plain', 'Saving')\n"
        + "".join(VIEW.format(name=name, fields='"__all__"') for name in ("Plain", "Saving")),
    }  # fmt: skip
    legacy = legacy_project(tmp_path, files)
    parsed = {path: text for path, text in legacy.files.items() if path != "shapes/models.py"}
    shapes = Converted(legacy, convert(legacy.facts, parsed))
    assert "plain_id: Mapped[int] = mapped_column(" in shapes.module("app.shapes.models")
    for name, line in (("Plain", 4), ("Saving", 8)):
        model = shapes.conversion.models[f"shapes.{name}"]
        (reason,) = model.reasons
        assert (model.status, reason.code) == ("legacy", "M108")
        assert reason.source == f"shapes/models.py:{line}"
    assert shapes.codes("GET /plain/") == ["M108"]
    assert shapes.conversion.models["auth.Group"].status == "converted"
