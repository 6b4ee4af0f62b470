"""Whole objects against DRF serializers: order of errors, hooks, nesting, defaults, forms."""

from collections.abc import Callable
from enum import StrEnum
from types import SimpleNamespace
from typing import Annotated, Any, ClassVar

import pytest
from django.http import QueryDict
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import Field, ValidationInfo, field_validator
from rest_framework import serializers as drf
from rest_framework.settings import api_settings
from starlette.datastructures import FormData

from strangler.compat import settings as compat_settings
from strangler.compat.context import Context
from strangler.compat.errors import ValidationError
from strangler.compat.fields_choices import Choice, MultipleChoice
from strangler.compat.fields_collections import DictOf, Json, ListOf
from strangler.compat.fields_numbers import Boolean, Integer
from strangler.compat.fields_text import Char, Email
from strangler.compat.nested import Nested
from strangler.compat.plans import DefaultFrom, From, Hidden, plan_of
from strangler.compat.schemas import UNSET, Partial, WriteSchema, validate
from tests.compat.agreement import AWKWARD, agree, context, drf_answer, our_answer


class Color(StrEnum):
    RED = "red"
    BLUE = "blue"


class OraclePart(drf.Serializer):
    size = drf.IntegerField(min_value=0, max_value=9)
    note = drf.CharField(required=False, allow_blank=True, default="none")
    color = drf.ChoiceField(choices=["red", "blue"], required=False, allow_null=True)

    def validate_size(self, value):
        if value == 7:
            raise drf.ValidationError("not seven")
        return value * 10

    def validate(self, attrs):
        if attrs.get("color") == "red" and attrs.get("size") == 30:
            raise drf.ValidationError("red and three do not mix")
        return attrs


class PartWrite(WriteSchema):
    size: Annotated[int, Integer(0, 9)]
    note: Annotated[str, Char(allow_blank=True)] = "none"
    color: Annotated[Color | None, Choice(["red", "blue"])] = UNSET

    @field_validator("size")
    @classmethod
    def validate_size(cls, value: int) -> int:
        if value == 7:
            raise ValidationError("not seven")
        return value * 10

    @classmethod
    def validate_object(cls, attrs: dict[str, Any], context: Context[Any]) -> dict[str, Any]:
        if attrs.get("color") == "red" and attrs.get("size") == 30:
            raise ValidationError("red and three do not mix")
        return attrs


def oracle_rule(attrs):
    if attrs.get("title") == "rule":
        raise drf.ValidationError("against the rule")


def oracle_second_rule(attrs):
    if attrs.get("title") == "rule":
        raise drf.ValidationError(["second", "third"])
    if attrs.get("title") == "dict":
        raise drf.ValidationError({"title": "a dict", "other": ["x", "y"]})


class OracleWhole(drf.Serializer):
    part = OraclePart()
    title = drf.CharField(max_length=6)
    parts = OraclePart(many=True, required=False, allow_null=True)
    few = OraclePart(many=True, required=False, allow_empty=False, max_length=2, min_length=2)
    maybe = OraclePart(required=False, allow_null=True)
    tags = drf.ListField(child=OraclePart(), required=False)
    mail = drf.EmailField(source="owner.mail", required=False)
    name = drf.CharField(source="owner.name", default="anon")
    count = drf.IntegerField(default=lambda: 5)

    class Meta:
        validators: ClassVar = [oracle_rule, oracle_second_rule]

    def validate_title(self, value):
        if value == "list":
            raise drf.ValidationError(["one", "two"])
        if value == "deep":
            raise drf.ValidationError({"a": ["b"]})
        return value.upper() if value == "shout" else value

    def validate_count(self, value):
        if value == 5:
            raise drf.ValidationError("never five")
        return value

    def validate_maybe(self, value):
        return value

    def validate(self, attrs):
        title = attrs.get("title")
        if title == "object":
            raise drf.ValidationError({"title": "wrong", "non_field_errors": ["also"]})
        if title == "flat":
            raise drf.ValidationError("flat text", code="flat")
        if title == "SHOUT":
            attrs["loud"] = True
        return attrs


def rule(attrs: dict[str, Any]) -> None:
    if attrs.get("title") == "rule":
        raise ValidationError("against the rule")


def second_rule(attrs: dict[str, Any]) -> None:
    if attrs.get("title") == "rule":
        raise ValidationError(["second", "third"])
    if attrs.get("title") == "dict":
        raise ValidationError({"title": "a dict", "other": ["x", "y"]})


class WholeWrite(WriteSchema):
    part: Annotated[PartWrite, Nested()]
    title: Annotated[str, Char(max_length=6)]
    parts: Annotated[list[PartWrite] | None, Nested()] = UNSET
    few: Annotated[list[PartWrite], Nested(allow_empty=False, max_length=2, min_length=2)] = UNSET
    maybe: Annotated[PartWrite | None, Nested()] = UNSET
    tags: Annotated[list[PartWrite], ListOf(Nested(PartWrite))] = UNSET
    mail: Annotated[str, Email(), From("owner.mail")] = UNSET
    name: Annotated[str, Char(), From("owner.name")] = "anon"
    count: Annotated[int, Integer()] = Field(default_factory=lambda: 5)

    rules: ClassVar = (rule, second_rule)

    @field_validator("title")
    @classmethod
    def validate_title(cls, value: str) -> str:
        if value == "list":
            raise ValidationError(["one", "two"])
        if value == "deep":
            raise ValidationError({"a": ["b"]})
        return value.upper() if value == "shout" else value

    @field_validator("count")
    @classmethod
    def validate_count(cls, value: int, info: ValidationInfo) -> int:
        assert Context.from_info(info).instance is None
        if value == 5:
            raise ValidationError("never five")
        return value

    @classmethod
    def validate_object(cls, attrs: dict[str, Any], context: Context[Any]) -> dict[str, Any]:
        title = attrs.get("title")
        if title == "object":
            raise ValidationError({"title": "wrong", "non_field_errors": ["also"]})
        if title == "flat":
            raise ValidationError("flat text", code="flat")
        if title == "SHOUT":
            attrs["loud"] = True
        return attrs


awkward = st.sampled_from(AWKWARD)
part = st.one_of(
    st.fixed_dictionaries(
        {"size": st.sampled_from([3, 1, 7, "3", 11])},
        optional={
            "note": st.sampled_from(["", "x", None]),
            "color": st.sampled_from(["red", "blue", None, "green"]),
        },
    ),
    awkward,
)
whole = st.fixed_dictionaries(
    {},
    optional={
        "part": st.one_of(st.just({"size": 1}), part),
        "title": st.sampled_from(
            ["ok", "list", "deep", "shout", "rule", "dict", "object", "flat", "", "too long", None]
        ),
        "parts": st.one_of(st.lists(part, max_size=3), awkward),
        "few": st.one_of(st.lists(part, max_size=3), awkward),
        "maybe": st.one_of(st.none(), part),
        "tags": st.one_of(st.lists(part, max_size=3), awkward),
        "mail": st.sampled_from(["a@b.co", "no", None]),
        "name": st.sampled_from(["n", "", None]),
        "count": st.sampled_from([1, 5, "5", "x", None]),
        "stray": st.just(1),
    },
)


@settings(max_examples=1500, deadline=None, derandomize=True)
@given(whole, st.booleans())
def test_an_object_with_hooks_and_nested_objects_gets_drfs_answer(data: Any, partial: bool) -> None:
    """Fields, then rules, then the object: one body in DRF's order at every depth."""
    agree(OracleWhole, WholeWrite, data, partial=partial)


@pytest.mark.parametrize("data", AWKWARD, ids=repr)
def test_a_body_that_is_no_object_gets_drfs_answer(data: Any) -> None:
    """Null, lists and scalars at the top have texts of their own."""
    agree(OraclePart, PartWrite, data)


@pytest.mark.parametrize("version", [(3, 4), (3, 5)])
def test_drf_before_3_5_fails_to_say_that_there_is_no_data(
    monkeypatch: pytest.MonkeyPatch, version: tuple[int, int]
) -> None:
    monkeypatch.setattr(compat_settings, "DRF", version)
    error = ValueError if version < (3, 5) else ValidationError
    with pytest.raises(error):
        validate(PartWrite, None, context())


@pytest.mark.filterwarnings("ignore:The list-based error format")
@pytest.mark.parametrize("as_dict", [True, False])
@settings(max_examples=150, deadline=None, derandomize=True)
@given(data=st.one_of(st.lists(part, max_size=4), awkward))
def test_a_list_at_the_top_gets_drfs_answer(as_dict: bool, data: Any) -> None:
    """`many=True` tells errors by index, or as a list where the setting says so."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(api_settings, "LIST_SERIALIZER_ERRORS_AS_DICT", as_dict, raising=False)
        patch.setattr(compat_settings, "LIST_SERIALIZER_ERRORS_AS_DICT", as_dict)
        expected = drf_answer(OraclePart, data, many=True)
        assert our_answer(list[PartWrite], data, context()) == expected


class OracleLate(drf.Serializer):
    hidden = drf.HiddenField(default=drf.CurrentUserDefault())
    created = drf.HiddenField(default=drf.CreateOnlyDefault("new"))
    owner = drf.CharField(default=drf.CurrentUserDefault())
    given = drf.IntegerField(required=False)

    def validate_hidden(self, value):
        if value == "mallory":
            raise drf.ValidationError("not you")
        return value

    def validate_owner(self, value):
        return f"<{value}>"


class LateWrite(WriteSchema):
    hidden: Annotated[str, Hidden(lambda context: context.user)] = UNSET
    created: Annotated[str, Hidden(lambda context: "new", create_only=True)] = UNSET
    owner: Annotated[str, Char(), DefaultFrom(lambda context: context.user)] = UNSET
    given: Annotated[int, Integer()] = UNSET

    @field_validator("hidden")
    @classmethod
    def validate_hidden(cls, value: str) -> str:
        if value == "mallory":
            raise ValidationError("not you")
        return value

    @field_validator("owner")
    @classmethod
    def validate_owner(cls, value: str) -> str:
        return f"<{value}>"


@pytest.mark.parametrize("user", ["alice", "mallory"])
@pytest.mark.parametrize("partial", [False, True])
@pytest.mark.parametrize("instance", [None, object()])
@pytest.mark.parametrize(
    "data", [{}, {"hidden": "x", "created": 1}, {"owner": "bob"}, {"given": "no", "owner": 7}]
)
def test_defaults_of_the_request_are_drfs(
    user: str, partial: bool, instance: Any, data: dict[str, Any]
) -> None:
    """Hidden fields ignore input and PATCH; request defaults go through their hook."""
    request = SimpleNamespace(user=user)
    expected = drf_answer(
        OracleLate, data, instance=instance, partial=partial, context={"request": request}
    )
    answer = our_answer(LateWrite, data, context(user=user), partial=partial, instance=instance)
    assert answer == expected


class OracleForm(drf.Serializer):
    text = drf.CharField()
    blank = drf.CharField(required=False, allow_blank=True)
    null = drf.IntegerField(allow_null=True)
    optional = drf.IntegerField(required=False)
    flag = drf.BooleanField(required=False)
    on = drf.BooleanField(default=True)
    tri = drf.BooleanField(allow_null=True)
    tags = drf.ListField(child=drf.CharField(), required=False)
    kinds = drf.MultipleChoiceField(choices=["a", "b"])
    extra = drf.DictField(required=False)
    free = drf.JSONField(required=False)
    inner = OraclePart(required=False)
    items = OraclePart(many=True, required=False)


class FormWrite(WriteSchema):
    text: Annotated[str, Char()]
    blank: Annotated[str, Char(allow_blank=True)] = UNSET
    null: Annotated[int | None, Integer()]
    optional: Annotated[int, Integer()] = UNSET
    flag: Annotated[bool, Boolean()] = UNSET
    on: Annotated[bool, Boolean()] = True
    tri: Annotated[bool | None, Boolean()]
    tags: Annotated[list[str], ListOf(Char())] = UNSET
    kinds: Annotated[list[str], MultipleChoice(["a", "b"])]
    extra: Annotated[dict[str, Any], DictOf()] = UNSET
    free: Annotated[Any, Json()] = UNSET
    inner: Annotated[PartWrite, Nested()] = UNSET
    items: Annotated[list[PartWrite], Nested()] = UNSET


FORM_KEYS = [
    "text", "blank", "null", "optional", "flag", "on", "tri",
    "tags", "tags[0]", "tags[1]", "tags[x]",
    "kinds", "extra", "extra.a", "extra.b.c", "free", "inner.size", "inner.note", "inner",
    "items[0]size", "items[1]size", "items[0]note", "items[0]", "items",
]  # fmt: skip
pairs = st.lists(
    st.tuples(
        st.sampled_from(FORM_KEYS),
        st.sampled_from(["", "1", "3", "a", "b", "on", "null", "{}", "[1"]),
    ),
    max_size=14,
)


@settings(max_examples=1500, deadline=None, derandomize=True)
@given(pairs, st.booleans())
def test_a_form_gets_drfs_answer(fields: list[tuple[str, str]], partial: bool) -> None:
    """Absent booleans, blank numbers, repeated, indexed and dotted names read as DRF reads them."""
    query = QueryDict(mutable=True)
    for key, value in fields:
        query.appendlist(key, value)
    expected = drf_answer(OracleForm, query, partial=partial)
    if expected[0] != "crash":
        assert our_answer(FormWrite, FormData(fields), context(), partial=partial) == expected


def test_a_patch_schema_is_made_once_and_says_so() -> None:
    """`Partial[X]` is one class, named after X, without required fields at any depth."""
    assert Partial[WholeWrite] is Partial[WholeWrite]
    document = Partial[WholeWrite].model_json_schema()
    assert document["title"] == "PatchedWholeWrite"
    assert "required" not in document
    assert "required" not in document["$defs"]["PatchedPartWrite"]


def test_the_document_of_a_schema_has_limits_and_hides_hidden_fields() -> None:
    """OpenAPI sees the field types' limits, nested schemas and no hidden field."""
    document = WholeWrite.model_json_schema()
    assert document["properties"]["part"]["$ref"] == "#/$defs/PartWrite"
    assert document["$defs"]["PartWrite"]["properties"]["size"]["maximum"] == 9
    assert set(LateWrite.model_json_schema()["properties"]) == {"owner", "given"}
    assert document["required"] == ["part", "title"]


def test_changes_of_validate_object_are_seen_on_the_schema_too() -> None:
    """What `validate_object` returns is both `attrs()` and the attributes."""

    class Changed(WriteSchema):
        a: Annotated[int, Integer()]
        b: Annotated[int, Integer()] = UNSET

        @classmethod
        def validate_object(cls, attrs: dict[str, Any], context: Context[Any]) -> dict[str, Any]:
            return {"a": attrs["a"] + 1, "c": 3}

    found = validate(Changed, {"a": 1, "b": 2}, context())
    assert (found.a, found.b, found.attrs()) == (2, UNSET, {"a": 2, "c": 3})


def test_a_field_may_become_plain_pydantic() -> None:
    """Swapping a field type for `Field(...)` keeps the schema working, with Pydantic's words."""

    class Mixed(WriteSchema):
        name: Annotated[str, Field(max_length=3)]
        size: Annotated[int, Integer()]
        at: Annotated[str, Char(), Field(alias="from")]
        numbers: list[int] = []

    found = validate(Mixed, {"name": "abc", "size": "1", "from": "x", "numbers": [1]}, context())
    assert found.attrs() == {"name": "abc", "size": 1, "from": "x", "numbers": [1]}
    with pytest.raises(ValidationError) as caught:
        validate(Mixed, {"name": "abcd", "size": "x", "numbers": [1, "x"]}, context())
    assert list(caught.value.detail) == [
        "name", "size", "from", "numbers",
    ]  # fmt: skip
    assert caught.value.detail["name"] == ["String should have at most 3 characters"]
    assert caught.value.detail["from"] == ["This field is required."]
    assert list(caught.value.detail["numbers"]) == ["1"]


def test_the_attributes_of_a_whole_object_join_its_sources() -> None:
    """Dotted sources make nested dictionaries, "*" spreads its value."""

    class Spread(WriteSchema):
        street: Annotated[str, Char(), From("address.street")]
        city: Annotated[str, Char(), From("address.city")]
        both: Annotated[dict[str, Any], DictOf(), From("*")] = UNSET

    found = validate(Spread, {"street": "s", "city": "c", "both": {"x": 1}}, context())
    assert found.attrs() == {"address": {"street": "s", "city": "c"}, "x": 1}


def test_a_hook_that_fails_is_no_refusal() -> None:
    """A ValueError of the project's own is a crash, as it is to DRF; only ValidationError refuses."""

    class Oracle(drf.Serializer):
        size = drf.CharField()

        def validate_size(self, value):
            return int(value)

    class Sized(WriteSchema):
        size: Annotated[int, Char()]

        @field_validator("size")
        @classmethod
        def validate_size(cls, value: str) -> int:
            return int(value)

    for data in ({"size": "12"}, {"size": "twelve"}, {}):
        assert our_answer(Sized, data, context()) == drf_answer(Oracle, data)


def test_schemas_of_field_types_go_without_pydantic() -> None:
    """Whatever says None here is as right, but several times slower."""
    assert plan_of(PartWrite).course is not None
    assert plan_of(Partial[PartWrite]).course is not None

    class Plain(WriteSchema):
        size: int

    assert plan_of(Plain).course is None


def test_instances_know_which_fields_were_given() -> None:
    """As with Pydantic's own engine, also where instances share what they know."""
    whole = {"size": 1, "note": "a", "color": "blue"}
    full, less = (
        validate(PartWrite, data, context()) for data in (whole, {"size": 2, "color": None})
    )
    assert full.model_fields_set == {"size", "note", "color"}
    assert less.model_fields_set == {"size", "color"}
    assert less.note == "none"
    assert full.model_copy(update={"note": "b"}).note == "b"
    assert full != less
    assert validate(PartWrite, whole, context()) == full


def test_hooks_see_the_fields_before_theirs() -> None:
    """`ValidationInfo.data` holds what was right so far, and the context."""
    seen: list[dict[str, Any]] = []

    class Two(WriteSchema):
        first: Annotated[str, Char(max_length=3)]
        second: Annotated[int, Integer()]

        @field_validator("second")
        @classmethod
        def validate_second(cls, value: int, info: ValidationInfo) -> int:
            Context.from_info(info)
            seen.append(dict(info.data))
            return value

    assert plan_of(Two).course is not None
    validate(Two, {"first": "abc", "second": 2}, context())
    with pytest.raises(ValidationError):
        validate(Two, {"first": "abcd", "second": 2}, context())
    assert seen == [{"first": "abc"}, {}]


def test_only_what_may_be_done_twice_is_done_in_haste() -> None:
    """Validators, hooks and types of the project run once for a value, right or wrong."""
    seen: list[str] = []

    class Counted(Char):
        def converter(self) -> Callable[[Any], str]:
            convert = super().converter()
            return lambda data: seen.append("type") or convert(data)

    class Inner(WriteSchema):
        name: Annotated[str, Char(max_length=3)]

    class InList(WriteSchema):
        names: Annotated[list[str], ListOf(Counted())]
        size: Annotated[int, Integer()]

    class OwnType(WriteSchema):
        name: Annotated[str, Counted()]
        size: Annotated[int, Integer()]

    class Checked(WriteSchema):
        name: Annotated[str, Char(validators=[lambda value: seen.append("validator")])]
        inner: Annotated[Inner, Nested()]

    for schema, data in (
        (InList, {"names": ["a"], "size": "no"}),
        (OwnType, {"name": "a", "size": "no"}),
        (Checked, {"name": "a", "inner": {"name": "long"}}),
    ):
        seen.clear()
        with pytest.raises(ValidationError):
            validate(list[schema], [data], context())
        assert len(seen) == 1, schema


def test_haste_stops_at_rules_of_nested_objects() -> None:
    """Objects that are looked at as a whole go the careful way, below others too."""

    class Whole(WriteSchema):
        size: Annotated[int, Integer()]

        @classmethod
        def validate_object(cls, attrs: dict[str, Any], context: Context[Any]) -> dict[str, Any]:
            return {"size": attrs["size"] + 1}

    class Around(WriteSchema):
        inner: Annotated[Whole, Nested()]
        many: Annotated[list[Whole], Nested()]

    found = validate(Around, {"inner": {"size": 1}, "many": [{"size": 2}]}, context())
    assert found.attrs() == {"inner": {"size": 2}, "many": [{"size": 3}]}
    around = plan_of(Around).course
    assert around is not None
    assert around.hasty is None
    course = plan_of(Whole).course
    assert course is not None
    assert course.hasty is not None
