"""Serializers as their instances have them."""

from collections.abc import Callable

import pytest

from strangler.facts import Facts, Serializer, SerializerField

from .conftest import Project

MODELS = """
from django.db import models


class Keeper(models.Model):
    name = models.CharField(max_length=30, unique=True)


class Animal(models.Model):
    class Size(models.TextChoices):
        SMALL = "s"
        LARGE = "l"

    name = models.CharField(max_length=40)
    year = models.IntegerField(null=True)
    size = models.CharField(max_length=1, choices=Size.choices, default=Size.SMALL)
    keeper = models.ForeignKey(Keeper, models.CASCADE)
    friends = models.ManyToManyField("self", blank=True)

    class Meta:
        unique_together = [("name", "year")]
"""

SERIALIZERS = """
from rest_framework import serializers

from zoo.models import Animal, Keeper


class Money(serializers.DecimalField):
    pass


def not_seven(value):
    pass


class KeeperSerializer(serializers.HyperlinkedModelSerializer):
    class Meta:
        model = Keeper
        fields = ["url", "name"]


class AnimalSerializer(serializers.ModelSerializer):
    keeper = serializers.SlugRelatedField(
        slug_field="name", queryset=Keeper.objects.filter(name__gt="a")
    )
    keepers = KeeperSerializer(many=True, source="keeper.all", read_only=True)
    price = Money(max_digits=6, decimal_places=2, min_value=1, source="cost.net")
    owner = serializers.HiddenField(default=serializers.CurrentUserDefault())
    tags = serializers.ListField(child=serializers.CharField(max_length=5), allow_empty=False)
    shout = serializers.SerializerMethodField()
    motto = serializers.CharField(
        default="none", validators=[not_seven], help_text="short",
        error_messages={"blank": "Say something.", "invalid": "Not a valid string."},
        style={"base_template": "textarea.html", "widget": object()},
    )

    class Meta:
        model = Animal
        fields = "__all__"
        read_only_fields = ["year"]
        extra_kwargs = {"size": {"write_only": True}}

    def get_shout(self, animal):
        return animal.name.upper()


class DeepSerializer(serializers.ModelSerializer):
    class Meta:
        model = Animal
        fields = ["name", "keeper"]
        depth = 1


class NeedsRequest(serializers.Serializer):
    def get_fields(self):
        self.context["request"].user
        return {"word": serializers.CharField()}


class Broken(serializers.ModelSerializer):
    class Meta:
        fields = ["nothing"]


class Plain(serializers.Serializer):
    word = serializers.RegexField("^a+$", required=False, allow_null=True)


class Animals(serializers.ListSerializer):
    child = Plain()
"""


@pytest.fixture(scope="module")
def facts(new_project: Callable[[], Project]) -> Facts:
    """The facts of a project whose serializers nobody uses."""
    project = new_project()
    project.write("zoo/models.py", MODELS)
    project.write("zoo/serializers.py", SERIALIZERS)
    return project.facts()


def serializer(facts: Facts, name: str) -> Serializer:
    wanted = f"zoo.serializers.{name}"
    return next(each for each in facts.serializers if each.name == wanted)


def field(facts: Facts, name: str) -> SerializerField:
    owner, _, attribute = name.partition(".")
    return next(each for each in serializer(facts, owner).fields if each.name == attribute)


def test_kinds_and_models_are_told(facts: Facts) -> None:
    """By class, also of serializers that no view uses."""
    found = {each.name.rpartition(".")[2]: each.kind for each in facts.serializers}
    assert found == {
        "AnimalSerializer": "model", "KeeperSerializer": "hyperlinked", "DeepSerializer": "model",
        "NeedsRequest": "plain", "Broken": "model", "Plain": "plain", "Animals": "list",
    }  # fmt: skip
    assert serializer(facts, "AnimalSerializer").model == "zoo.Animal"


def test_a_serializer_that_cannot_be_made_says_why(facts: Facts) -> None:
    """The others are read all the same."""
    assert "AssertionError" in (serializer(facts, "Broken").problem or "")
    assert [each.name for each in facts.serializers if each.problem] == ["zoo.serializers.Broken"]


def test_a_serializer_may_want_the_request(facts: Facts) -> None:
    """It gets an anonymous one."""
    assert [each.name for each in serializer(facts, "NeedsRequest").fields] == ["word"]


def test_fields_are_those_of_the_instance_in_its_order(facts: Facts) -> None:
    """Those of `__all__` included; declared ones with their line."""
    found = [each.name for each in serializer(facts, "AnimalSerializer").fields]
    assert found == [
        "id", "keeper", "keepers", "price", "owner", "tags", "shout", "motto", "name", "year",
        "size", "friends",
    ]  # fmt: skip
    declared = {f.name: f.line for f in serializer(facts, "AnimalSerializer").fields if f.declared}
    assert declared["price"] == "zoo/serializers.py:25"
    assert "name" not in declared


def test_model_fields_bring_limits_and_validators(facts: Facts) -> None:
    """What ModelSerializer adds at run time."""
    name = field(facts, "AnimalSerializer.name")
    assert (name.required, name.options["max_length"]) == (True, 40)
    assert name.validators[0].params["limit_value"] == 40
    assert name.validators[0].params["message"].startswith("Ensure this field has no more than 40")
    unique = {each.cls: each.params for each in field(facts, "KeeperSerializer.name").validators}
    assert unique["rest_framework.validators.UniqueValidator"]["queryset"] == "zoo.Keeper"
    assert field(facts, "AnimalSerializer.year").read_only
    size = field(facts, "AnimalSerializer.size")
    assert (size.write_only, size.required) == (True, False)
    assert size.options["choices"] == [["s", "Small"], ["l", "Large"]]
    (together,) = serializer(facts, "AnimalSerializer").validators
    assert together.params["fields"] == ["name", "year"]


def test_own_field_classes_know_their_base(facts: Facts) -> None:
    """The first class of DRF in the MRO."""
    price = field(facts, "AnimalSerializer.price")
    assert (price.cls, price.drf_cls, price.package) == (
        "zoo.serializers.Money", "rest_framework.fields.DecimalField", None,
    )  # fmt: skip
    assert (price.source, price.options["min_value"]) == ("cost.net", 1)
    assert price.options["max_digits"] == 6


def test_defaults_and_messages_are_told(facts: Facts) -> None:
    """Literal and object defaults; only messages that differ from DRF's."""
    motto = field(facts, "AnimalSerializer.motto")
    assert motto.default is not None
    assert motto.default.value == "none"
    assert motto.error_messages == {"blank": "Say something."}
    assert motto.style == {"base_template": "textarea.html"}
    assert [each.cls for each in motto.validators if each.package is None] == [
        "zoo.serializers.not_seven"
    ]
    owner = field(facts, "AnimalSerializer.owner").default
    assert owner is not None
    assert owner.path == "rest_framework.fields.CurrentUserDefault"
    assert field(facts, "AnimalSerializer.name").default is None


def test_relations_and_nested_serializers_are_told(facts: Facts) -> None:
    """Querysets, children, and classes that DRF makes on the fly."""
    keeper = field(facts, "AnimalSerializer.keeper")
    assert keeper.slug_field == "name"
    assert keeper.queryset is not None
    assert (keeper.queryset.model, keeper.queryset.plain) == ("zoo.Keeper", False)
    keepers = field(facts, "AnimalSerializer.keepers")
    assert (keepers.serializer, keepers.many) == ("zoo.serializers.KeeperSerializer", True)
    friends = field(facts, "AnimalSerializer.friends")
    assert friends.child is not None
    assert friends.child.queryset is not None
    assert friends.child.queryset.plain
    tags = field(facts, "AnimalSerializer.tags")
    assert tags.child is not None
    assert tags.child.options["max_length"] == 5
    assert tags.options["allow_empty"] is False
    nested = field(facts, "DeepSerializer.keeper")
    assert [each.name for each in nested.nested_fields] == ["id", "name"]
    url = field(facts, "KeeperSerializer.url")
    assert (url.view_name, url.lookup_field) == ("keeper-detail", "pk")


def test_method_fields_name_their_method(facts: Facts) -> None:
    """And the class lists it with its line."""
    assert field(facts, "AnimalSerializer.shout").method_name == "get_shout"
    method = serializer(facts, "AnimalSerializer").methods["get_shout"]
    assert method.path == "zoo.serializers.AnimalSerializer.get_shout"
