"""What mapped classes say beyond their columns, so that writes and names are Django's."""

import pytest

from tests.codemods.project import Converted, legacy_project

MODELS = """
import datetime
import decimal
import uuid

from django.contrib.contenttypes.fields import GenericForeignKey, GenericRelation
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.utils import timezone

DAYS = 3


def code():
    return "a" * 3


def soon():
    return timezone.now() + datetime.timedelta(days=DAYS)


def anybody():
    return Person.objects.get(pk=1)


class Stages:
    @staticmethod
    def first():
        return 1


class State(models.TextChoices):
    NEW = "new"
    EMPTY = ""
    A_B = "a-b"
    __empty__ = "(none)"


class Person(models.Model):
    state = models.CharField(max_length=5, choices=State.choices, null=True, default=State.A_B)
    friends = models.ManyToManyField("self")
    follows = models.ManyToManyField("self", symmetrical=False, related_name="followers")


class Group(models.Model):
    members = models.ManyToManyField(Person)


class Valid(models.Model):
    name = models.CharField(max_length=9)


class post(models.Model):
    set_to = models.ForeignKey(Person, on_delete=models.SET(1), related_name="+")
    given_to = models.ForeignKey(Person, on_delete=models.SET(anybody), related_name="+")
    stage = models.IntegerField(default=Stages.first)
    text = models.CharField(max_length=9, default=code)
    until = models.DateTimeField(default=soon)
    day = models.DateField(default=datetime.date(2020, 1, 2))
    today = models.DateField(default=datetime.date.today)
    span = models.DurationField(default=datetime.timedelta(days=-1, seconds=3723, microseconds=5))
    price = models.DecimalField(max_digits=4, decimal_places=2, default=decimal.Decimal("1.50"))
    at = models.TimeField(default=datetime.time(1, 2))
    lacking = models.CharField(max_length=9, default=None)
    key = models.UUIDField(default=uuid.UUID(int=1))


class Hiding(models.Model):
    int = models.IntegerField()
    other = models.IntegerField(null=True)
    date = models.DateField(null=True)
    day = models.DateField()
    list = models.JSONField(default=list)


class Hidden(models.Model):
    hiding = models.ForeignKey(Hiding, on_delete=models.CASCADE)


class Place(models.Model):
    owner = models.ForeignKey(Person, on_delete=models.CASCADE)
    nearest = models.ForeignKey("Inn", on_delete=models.SET_NULL, null=True, related_name="+")


class Inn(Place):
    pass


class Visit(models.Model):
    place = models.ForeignKey(Place, on_delete=models.CASCADE)
    inns = models.ManyToManyField(Inn)


class Comment(models.Model):
    kind = models.ForeignKey(ContentType, on_delete=models.CASCADE)
    object_id = models.PositiveIntegerField()
    about = GenericForeignKey("kind", "object_id")


class Commented(models.Model):
    comments = GenericRelation(Comment, content_type_field="kind")


class Words(models.Model):
    metadata = models.JSONField(default=dict)
    schema = models.CharField(max_length=9)
    rules = models.CharField(max_length=9)
    _hidden = models.CharField(max_length=9, default="")

    class Meta:
        db_table = 'the "words'.replace('"', "")
"""

VIEWS = """
from rest_framework import serializers, viewsets

from .models import Group, Hiding, Valid, Words


class ValidSerializer(serializers.ModelSerializer):
    class Meta:
        model = Valid
        fields = "__all__"


class ValidView(viewsets.ModelViewSet):
    queryset = Valid.objects.all()
    serializer_class = ValidSerializer


class WordsSerializer(serializers.ModelSerializer):
    class Meta:
        model = Words
        fields = "__all__"

    def validate_schema(self, value):
        return value.strip()


class HidingSerializer(serializers.ModelSerializer):
    class Meta:
        model = Hiding
        fields = "__all__"


class HidingView(viewsets.ModelViewSet):
    queryset = Hiding.objects.all()
    serializer_class = HidingSerializer


class WordsView(viewsets.ModelViewSet):
    queryset = Words.objects.all()
    serializer_class = WordsSerializer
"""

URLS = """
from django.urls import include, path
from rest_framework import routers

from people import views

router = routers.SimpleRouter()
router.register("valid", views.ValidView)
router.register("words", views.WordsView)
router.register("hiding", views.HidingView)
urlpatterns = [path("", include(router.urls))]
"""


@pytest.fixture(scope="module")
def people(tmp_path_factory: pytest.TempPathFactory) -> Converted:
    files = {"people/models.py": MODELS, "people/views.py": VIEWS, "urls.py": URLS}
    return legacy_project(tmp_path_factory.mktemp("people"), files).convert()


def _class(people: Converted, name: str) -> str:
    return " ".join(people.function("app.people.models", name).split())


def test_tables_that_django_made_tell_their_label(people: Converted) -> None:
    text = _class(people, "PersonFriends")
    assert '__label__ = "people.Person_friends" __auto_created__ = True' in text
    assert "__auto_created__" not in _class(people, "Person")


def test_a_class_of_another_name_tells_its_label(people: Converted) -> None:
    assert '__label__ = "people.Group"' in _class(people, "PeopleGroup")
    assert '__label__ = "people.post"' in _class(people, "Post")
    assert "__label__" not in _class(people, "Person")


def test_lists_tell_their_side(people: Converted) -> None:
    attributes = {
        line.partition(":")[0]: line for line in _class(people, "Person").split(") ") if line
    }
    assert 'info={"symmetrical": True}' in attributes["friends"]
    assert "info" not in attributes["follows"]
    assert 'info={"reverse": True}' in attributes["followers"]


def test_generic_relations_go_with_their_row(people: Converted) -> None:
    expected = '__generic__ = (GenericRelation("people.Comment", content_type="kind_id"),)'
    assert expected in _class(people, "Commented")


def test_relationships_of_a_parent_are_inherited(people: Converted) -> None:
    assert _class(people, "Inn").count("visit_set:") == 1
    assert "secondary" in _class(people, "Inn")
    assert "secondary" not in _class(people, "Place")


def test_a_child_that_its_parent_points_to_says_by_which_key_it_is_one(people: Converted) -> None:
    expected = '__mapper_args__ = {"inherit_condition": place_ptr_id == Place.id}'
    assert expected in _class(people, "Inn")


def test_a_function_gives_what_takes_the_place_of_a_row(people: Converted) -> None:
    assert 'info={"on_delete": SET(anybody_replacement)}' in _class(people, "Post")
    text = " ".join(people.function("app.people.defaults", "anybody_replacement").split())
    assert text.startswith("def anybody_replacement(session: Session) -> Person:")
    assert "from app.people.models import Person" in text


def test_defaults_are_values_or_functions(people: Converted) -> None:
    text = _class(people, "Post")
    assert 'info={"on_delete": SET(1)}' in text
    for expected in (
        "default=code", "default=first", "default=soon", 'default=date.fromisoformat("2020-01-02")', "default=today",
        "default=timedelta(days=-1, seconds=3723, microseconds=5)", 'default=Decimal("1.50")',
        'String(9), info={"starts_none": True}', 'default=time.fromisoformat("01:02:00")', "default=UUID(",
    ):  # fmt: skip
        assert expected in text
    assert "days=DAYS" in people.function("app.people.defaults", "soon")
    assert "DAYS = 3" in people.module("app.people.defaults")


def test_enums_have_the_members_of_the_source(people: Converted) -> None:
    expected = 'class State(StrEnum): NEW = "new" EMPTY = "" A_B = "a-b"'
    assert _class(people, "State") == expected
    assert "default=State.A_B" in _class(people, "Person")


def test_a_model_called_as_something_that_routers_need_is_led_by_its_app(people: Converted) -> None:
    assert "Valid[ValidWrite]" in people.module("app.people.routers")
    assert _class(people, "PeopleValid")
    assert people.converted("POST /valid/")


def test_fields_called_as_parts_of_schemas_have_an_alias(people: Converted) -> None:
    text = " ".join(people.function("app.people.schemas", "WordsWrite").split())
    assert 'rules_: Annotated[str, Char(max_length=9)] = Field(alias="rules")' in text
    assert '@field_validator("schema_")' in text
    assert '= Field(UNSET, alias="_hidden")' in text
    assert 'From("metadata_")' in text
    assert 'From("metadata_")' in people.function("app.people.schemas", "WordsRead")


def test_columns_called_as_types_hide_none(people: Converted) -> None:
    text = _class(people, "Hiding")
    assert "other: Mapped[int_ | None]" in text
    assert "day: Mapped[date_] = mapped_column(Date)" in text
    assert "default=list_" in text
    assert "hidden_set: Mapped[list_[Hidden]]" in text
    text = " ".join(people.function("app.people.schemas", "HidingWrite").split())
    assert (
        'date_: Annotated[date | None, Date(allow_null=True)] = Field(UNSET, alias="date")' in text
    )
    assert "day: Annotated[date, Date()]" in text
