"""Models as the running registry has them."""

from collections.abc import Callable

import pytest

from strangler.facts import Facts, Model, ModelField

from .conftest import Project

MODELS = '''
import uuid
from decimal import Decimal

from django.contrib.auth.models import User
from django.contrib.contenttypes.fields import GenericForeignKey, GenericRelation
from django.contrib.contenttypes.models import ContentType
from django.core.validators import MinValueValidator, RegexValidator
from django.db import models
from django.db.models.functions import Lower


def free_name():
    return "nobody"


def not_seven(value):
    """Seven is taken."""


class Dated(models.Model):
    created = models.DateTimeField(auto_now_add=True)
    changed = models.DateTimeField(auto_now=True)

    class Meta:
        abstract = True
        ordering = ["-created"]

    def age(self):
        return self.changed - self.created


class LivingQuerySet(models.QuerySet):
    def fed(self):
        return self


class LivingManager(models.Manager.from_queryset(LivingQuerySet)):
    def get_queryset(self):
        return super().get_queryset().exclude(name="")


class PickledField(models.TextField):
    protocol, max_digits, unique_for_date = -1, "many", len


class Note(models.Model):
    held = PickledField()
    content_type = models.ForeignKey(ContentType, models.CASCADE)
    object_id = models.PositiveIntegerField()
    target = GenericForeignKey()


class Keeper(models.Model):
    class Rank(models.IntegerChoices):
        NEW = 1
        OLD = 2, "an old hand"

    code = models.CharField(primary_key=True, max_length=8)
    rank = models.SmallIntegerField(choices=Rank.choices, default=Rank.NEW)
    pay = models.DecimalField(
        "monthly pay", max_digits=8, decimal_places=2, default=Decimal("1.50"),
        help_text="before tax", validators=[MinValueValidator(1), not_seven],
    )
    token = models.UUIDField(default=uuid.uuid4, editable=False)
    user = models.OneToOneField(User, models.SET_NULL, null=True, related_name="+")


class Animal(Dated):
    name = models.CharField(
        max_length=40, default=free_name, validators=[RegexValidator(r"^[a-z]+$", "Small letters.")]
    )
    photo = models.FileField(upload_to="photos/%Y")
    keeper = models.ForeignKey(
        Keeper, models.SET(free_name), db_column="kept_by", related_name="animals", db_index=False
    )
    friends = models.ManyToManyField("self")
    seen_by = models.ManyToManyField(User, through="Sighting", related_query_name="seen")
    notes = GenericRelation(Note, related_query_name="animal")

    living = LivingManager()
    objects = models.Manager()

    class Meta(Dated.Meta):
        verbose_name_plural = "all the animals"
        ordering = [Lower("name").desc(), "pk"]
        get_latest_by = "created"

    def __str__(self):
        return self.name


class Bird(Animal):
    wings = models.FloatField()


class Pet(Animal):
    class Meta:
        proxy = True


class Sighting(models.Model):
    animal = models.ForeignKey(Animal, models.PROTECT)
    by = models.ForeignKey(User, models.DO_NOTHING, limit_choices_to={"is_staff": True})
'''


@pytest.fixture(scope="module")
def facts(new_project: Callable[[], Project]) -> Facts:
    """The zoo's facts."""
    project = new_project()
    project.write("zoo/models.py", MODELS)
    return project.facts()


def model(facts: Facts, name: str) -> Model:
    return next(each for each in facts.models if each.name == f"zoo.{name}")


def field(facts: Facts, name: str) -> ModelField:
    owner, _, attribute = name.partition(".")
    of = model(facts, owner)
    return next(each for each in (*of.fields, *of.many_to_many) if each.name == attribute)


def line(text: str) -> int:
    """The line of the only place where the models hold a text."""
    return next(n for n, each in enumerate(MODELS.lstrip("\n").splitlines(), 1) if text in each)


def test_every_model_is_found_and_nothing_is_amiss(facts: Facts) -> None:
    """Automatic tables, proxies and abstract ancestors included where the registry has them."""
    assert facts.problems == ()
    assert {each.name for each in facts.models if each.package is None} == {
        "zoo.Note", "zoo.Keeper", "zoo.Animal", "zoo.Animal_friends", "zoo.Bird", "zoo.Pet",
        "zoo.Sighting",
    }  # fmt: skip


def test_fields_come_in_django_s_order_and_name_who_declares_them(facts: Facts) -> None:
    """Those of an abstract base first, with the line where they are written."""
    found = [(f.attname, f.declared_in) for f in model(facts, "Animal").fields]
    assert found == [
        ("id", "zoo.models.Animal"),
        ("created", "zoo.models.Dated"),
        ("changed", "zoo.models.Dated"),
        ("name", "zoo.models.Animal"),
        ("photo", "zoo.models.Animal"),
        ("keeper_id", "zoo.models.Animal"),
    ]
    assert field(facts, "Animal.created").source == f"zoo/models.py:{line('created =')}"


def test_defaults_tell_values_from_callables(facts: Facts) -> None:
    """Literals as JSON, enum members by name, functions by path, other values as text."""
    assert field(facts, "Keeper.code").default is None
    rank = field(facts, "Keeper.rank").default
    assert rank is not None
    assert (rank.value, rank.path) == (1, "zoo.models.Keeper.Rank.NEW")
    name = field(facts, "Animal.name").default
    assert name is not None
    assert name.ref is not None
    assert (name.kind, name.path) == ("callable", "zoo.models.free_name")
    assert name.ref.source == f"zoo/models.py:{line('def free_name')}"
    pay = field(facts, "Keeper.pay").default
    assert pay is not None
    assert (pay.kind, pay.path, pay.value) == ("object", "decimal.Decimal", "1.50")
    token = field(facts, "Keeper.token").default
    assert token is not None
    assert token.path == "uuid.uuid4"


def test_options_of_a_field_are_read(facts: Facts) -> None:
    """Texts, limits and flags."""
    pay = field(facts, "Keeper.pay")
    assert (pay.verbose_name, pay.help_text) == ("monthly pay", "before tax")
    assert (pay.max_digits, pay.decimal_places, pay.db_type) == (8, 2, "decimal")
    assert not field(facts, "Keeper.token").editable
    assert field(facts, "Animal.created").auto_now_add
    assert field(facts, "Animal.changed").auto_now
    upload_to = field(facts, "Animal.photo").upload_to
    assert upload_to is not None
    assert upload_to.value == "photos/%Y"


def test_attributes_of_a_package_s_field_are_no_options_of_django_s(facts: Facts) -> None:
    """`protocol` is of addresses for Django, and of pickles for others."""
    held = field(facts, "Note.held")
    assert (held.protocol, held.max_digits, held.unique_for_date) == (None, None, None)


def test_choices_know_the_enum_that_they_come_from(facts: Facts) -> None:
    """Values, labels and the class."""
    rank = field(facts, "Keeper.rank")
    assert rank.choices == ((1, "New"), (2, "an old hand"))
    assert rank.choices_enum == "zoo.models.Keeper.Rank"


def test_validators_carry_their_parameters(facts: Facts) -> None:
    """Django's with limits and patterns, the project's own by name and line."""
    regex = field(facts, "Animal.name").validators[0]
    assert regex.params["regex"] == {"pattern": "^[a-z]+$", "flags": 32}
    assert regex.params["message"] == "Small letters."
    least, own = field(facts, "Keeper.pay").validators[:2]
    assert (least.cls, least.params["limit_value"]) == (
        "django.core.validators.MinValueValidator", 1,
    )  # fmt: skip
    assert (own.cls, own.package) == ("zoo.models.not_seven", None)
    assert own.source == f"zoo/models.py:{line('def not_seven')}"


def test_relations_say_where_they_point_and_what_happens_on_delete(facts: Facts) -> None:
    """Target, key, accessor, and the function of SET."""
    keeper = field(facts, "Animal.keeper").relation
    assert keeper is not None
    assert (keeper.kind, keeper.model, keeper.to_field) == ("foreign_key", "zoo.Keeper", "code")
    assert (keeper.on_delete, keeper.on_delete_value.path) == ("SET", "zoo.models.free_name")
    assert (keeper.accessor, keeper.query_name) == ("animals", "animals")
    user = field(facts, "Keeper.user").relation
    assert user is not None
    assert (user.kind, user.on_delete, user.accessor) == ("one_to_one", "SET_NULL", None)
    by = field(facts, "Sighting.by").relation
    assert by is not None
    assert (by.on_delete, by.limit_choices_to) == ("DO_NOTHING", True)
    parent = field(facts, "Bird.animal_ptr").relation
    assert parent is not None
    assert parent.parent_link


def test_many_to_many_fields_name_their_tables(facts: Facts) -> None:
    """The automatic one, symmetrical, and the one through a model."""
    friends = field(facts, "Animal.friends").relation
    assert friends is not None
    assert (friends.through, friends.through_auto) == ("zoo.Animal_friends", True)
    assert (friends.symmetrical, friends.accessor) == (True, None)
    assert model(facts, "Animal_friends").source == f"zoo/models.py:{line('friends =')}"
    assert friends.through_fields == ("from_animal", "to_animal")
    seen = field(facts, "Animal.seen_by").relation
    assert seen is not None
    assert (seen.through, seen.through_auto, seen.query_name) == ("zoo.Sighting", False, "seen")


def test_generic_relations_are_kept_apart(facts: Facts) -> None:
    """Both ends."""
    (target,) = model(facts, "Note").generic
    assert (target.kind, target.ct_field, target.fk_field) == (
        "foreign_key", "content_type", "object_id",
    )  # fmt: skip
    (notes,) = model(facts, "Animal").generic
    assert (notes.kind, notes.related) == ("relation", "zoo.Note")


def test_inheritance_is_named(facts: Facts) -> None:
    """Abstract, multi-table and proxy."""
    assert model(facts, "Animal").abstract_bases == ("zoo.models.Dated",)
    assert model(facts, "Bird").parents == {"zoo.Animal": "animal_ptr"}
    assert model(facts, "Pet").proxy_for == "zoo.Animal"
    assert [f.name for f in model(facts, "Bird").fields] == ["animal_ptr", "wings"]


def test_managers_tell_whether_they_filter(facts: Facts) -> None:
    """The first one is the default."""
    living, objects = model(facts, "Animal").managers
    assert (living.name, living.default, living.filtering) == ("living", True, True)
    assert living.queryset is not None
    assert living.queryset.path == "zoo.models.LivingQuerySet"
    assert (objects.default, objects.filtering) == (False, False)


def test_expressions_in_ordering_become_sql(facts: Facts) -> None:
    """Names stay names."""
    expression, name = model(facts, "Animal").ordering
    assert isinstance(expression, dict)
    assert (expression["sql"], name) == ('LOWER("zoo_animal"."name") DESC', "pk")


def test_methods_and_reverse_relations_are_listed(facts: Facts) -> None:
    """Own and inherited methods, without those that Django adds."""
    animal = model(facts, "Animal")
    assert {name: ref.path for name, ref in animal.methods.items()} == {
        "__str__": "zoo.models.Animal.__str__",
        "age": "zoo.models.Dated.age",
    }
    shown = {each.accessor: each.model for each in animal.reverse if not each.hidden}
    assert shown == {"bird": "zoo.Bird", "sighting_set": "zoo.Sighting"}
