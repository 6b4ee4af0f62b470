"""Every field type against DRF's field: acceptance, value with type, error body, codes."""

import re
from copy import deepcopy
from datetime import timedelta
from decimal import Decimal
from functools import partial
from typing import Annotated, Any

import pytest
from django.test import override_settings
from django.utils.timezone import override
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import create_model
from rest_framework import serializers as drf

from strangler.compat import settings as compat_settings
from strangler.compat.errors import ValidationError
from strangler.compat.fields import FieldType
from strangler.compat.fields_choices import Choice, MultipleChoice
from strangler.compat.fields_collections import DictOf, HStore, Json, ListOf
from strangler.compat.fields_numbers import BigInteger, Boolean, Float, Integer, Number
from strangler.compat.fields_text import Char, Email, IpAddress, Pattern, Slug, Url, Uuid
from strangler.compat.fields_time import Date, DateTime, Duration, Time
from strangler.compat.schemas import UNSET, WriteSchema, validate
from tests.compat.agreement import AWKWARD, agree, context, serializer_of


def odd(value: Any) -> None:
    if value in (1, "a", [1]):
        raise ValidationError("odd one", "odd")


def odder(value: Any) -> None:
    if value in (1, "a", [1]):
        raise ValidationError(["first", "second"])


def drf_odd(value: Any) -> None:
    if value in (1, "a", [1]):
        raise drf.ValidationError("odd one", "odd")


def drf_odder(value: Any) -> None:
    if value in (1, "a", [1]):
        raise drf.ValidationError(["first", "second"])


MIXED = [(1, "one"), ("two", "Two"), ("group", [(3, "three"), ("3.5", "more")]), (True, "yes")]
WORDS = {"invalid": "No!", "null": "Nothing!", "required": "Please!", "blank": "Blank!"}


def kind(
    name: str, theirs: Any, ours: Any, given: dict[str, Any] | None = None, **shared: Any
) -> tuple[str, Any, Any]:
    """Return a named pair of field factories. `given` are our arguments where they differ."""
    own = shared if given is None else given
    # A child field belongs to one parent only.
    return name, lambda **flags: theirs(**deepcopy(shared), **flags), partial(ours, **own)


FORMATS = ["%d/%m/%Y", "iso-8601"]
SECONDS, DAYS = timedelta(seconds=2), timedelta(days=2)
ANY_CASE = re.compile("b", re.IGNORECASE)
HALF = Decimal("0.5")
THEIR_ODD, OUR_ODD = [drf_odd, drf_odder], [odd, odder]
KINDS: list[tuple[str, Any, Any]] = [
    kind("char", drf.CharField, Char),
    kind("char_limits", drf.CharField, Char, max_length=5, min_length=2),
    kind("char_blank", drf.CharField, Char, allow_blank=True, min_length=2),
    kind("char_raw", drf.CharField, Char, trim_whitespace=False, max_length=3),
    kind("char_raw_blank", drf.CharField, Char, trim_whitespace=False, allow_blank=True),
    kind("char_odd", drf.CharField, Char, {"validators": OUR_ODD}, validators=THEIR_ODD),
    kind("char_words", drf.CharField, Char, {"messages": WORDS}, error_messages=WORDS),
    kind("email", drf.EmailField, Email),
    kind("email_limits", drf.EmailField, Email, max_length=5),
    kind("regex", drf.RegexField, Pattern, regex="^[a-z]+$"),
    kind("regex_raw", drf.RegexField, Pattern, regex=ANY_CASE, trim_whitespace=False),
    kind("slug", drf.SlugField, Slug),
    kind("slug_raw", drf.SlugField, Slug, trim_whitespace=False),
    kind("slug_unicode", drf.SlugField, Slug, allow_unicode=True),
    kind("url", drf.URLField, Url, max_length=2100),
    kind("uuid", drf.UUIDField, Uuid),
    kind("ip", drf.IPAddressField, IpAddress),
    kind("ip4", drf.IPAddressField, IpAddress, protocol="ipv4"),
    kind("ip6", drf.IPAddressField, IpAddress, protocol="ipv6", max_length=39),
    kind("integer", drf.IntegerField, Integer),
    kind("integer_limits", drf.IntegerField, Integer, min_value=0, max_value=5),
    kind("biginteger", drf.BigIntegerField, BigInteger),
    kind("float", drf.FloatField, Float),
    kind("float_limits", drf.FloatField, Float, min_value=0.5, max_value=5),
    kind("decimal", drf.DecimalField, Number, max_digits=10, decimal_places=2),
    kind("decimal_small", drf.DecimalField, Number, max_digits=3, decimal_places=3),
    kind(
        "decimal_limits",
        drf.DecimalField,
        Number,
        max_digits=5,
        decimal_places=1,
        min_value=HALF,
        max_value=9,
    ),
    kind("decimal_free", drf.DecimalField, Number, max_digits=None, decimal_places=None),
    kind("decimal_places", drf.DecimalField, Number, max_digits=None, decimal_places=2),
    kind("boolean", drf.BooleanField, Boolean),
    kind("datetime", drf.DateTimeField, DateTime),
    kind("datetime_formats", drf.DateTimeField, DateTime, input_formats=FORMATS),
    kind("date", drf.DateField, Date),
    kind("date_formats", drf.DateField, Date, input_formats=["%d/%m/%Y"]),
    kind("time", drf.TimeField, Time),
    kind("time_formats", drf.TimeField, Time, input_formats=["%H:%M", "iso-8601"]),
    kind("duration", drf.DurationField, Duration),
    kind("duration_limits", drf.DurationField, Duration, min_value=SECONDS, max_value=DAYS),
    kind("choice", drf.ChoiceField, Choice, choices=["a", "b"]),
    kind("choice_mixed", drf.ChoiceField, Choice, choices=MIXED),
    kind("choice_blank", drf.ChoiceField, Choice, choices=["a", 1], allow_blank=True),
    kind("multiple", drf.MultipleChoiceField, MultipleChoice, choices=MIXED),
    kind("full", drf.MultipleChoiceField, MultipleChoice, choices=["a", "b"], allow_empty=False),
    kind("list", drf.ListField, ListOf),
    kind(
        "list_integer",
        drf.ListField,
        ListOf,
        {"child": Integer(None, 5), "max_length": 3, "min_length": 1},
        child=drf.IntegerField(max_value=5),
        max_length=3,
        min_length=1,
    ),
    kind(
        "list_full",
        drf.ListField,
        ListOf,
        {"child": Char(allow_null=True), "allow_empty": False},
        child=drf.CharField(allow_null=True),
        allow_empty=False,
    ),
    kind(
        "list_lists",
        drf.ListField,
        ListOf,
        {"child": ListOf(Boolean()), "validators": [odd]},
        child=drf.ListField(child=drf.BooleanField()),
        validators=[drf_odd],
    ),
    kind("dict", drf.DictField, DictOf),
    kind(
        "dict_integer",
        drf.DictField,
        DictOf,
        {"child": Integer(), "allow_empty": False},
        child=drf.IntegerField(),
        allow_empty=False,
    ),
    kind("hstore", drf.HStoreField, HStore),
    kind("json", drf.JSONField, Json),
    kind("json_binary", drf.JSONField, Json, binary=True),
]


def pair(made: tuple[str, Any, Any], **flags: Any) -> tuple[Any, Any]:
    """Return DRF's serializer and our schema with one field `f`."""
    name, theirs, ours = made
    null = {"allow_null": True} if flags.get("allow_null") else {}
    field: FieldType = ours(**null)
    default = UNSET if flags.get("required") is False else ...
    schema = create_model(f"{name}Write", __base__=WriteSchema, f=(Annotated[Any, field], default))
    return serializer_of(f=theirs(**flags)), schema


FLAGS = ({}, {"allow_null": True}, {"required": False}, {"required": False, "allow_null": True})
PAIRS = {
    f"{made[0]}-{'-'.join(flags) or 'plain'}": pair(made, **flags)
    for made in KINDS
    for flags in FLAGS
}


@pytest.mark.parametrize("name", PAIRS)
def test_awkward_values_get_drfs_answer(name: str) -> None:
    """Each awkward value is accepted or refused as DRF does, in both modes."""
    serializer, schema = PAIRS[name]
    for value in AWKWARD:
        for patching in (False, True):
            agree(serializer, schema, {"f": value}, partial=patching)
    agree(serializer, schema, {})
    agree(serializer, schema, {}, partial=True)


scalars = st.one_of(
    st.sampled_from([value for value in AWKWARD if not isinstance(value, (list, dict))]),
    st.text(max_size=12),
    st.integers(),
    st.floats(allow_nan=False),
    st.decimals(allow_nan=False, places=2).map(str),
    st.datetimes().map(str),
    st.datetimes(timezones=st.timezones()).map(lambda moment: moment.isoformat()),
    st.dates().map(str),
    st.times().map(str),
    st.timedeltas().map(str),
    st.uuids().map(str),
    st.ip_addresses().map(str),
    st.emails(),
    st.from_regex(r"^[0-9 .:eE+-]{1,12}\Z"),
    st.from_regex(r"^https?://[a-z0-9.:\[\]-]{1,20}(/[^\s]{0,5})?\Z"),
)
values = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=3), inner, max_size=3)
    ),
)


@settings(max_examples=400, deadline=None, derandomize=True)
@given(st.sampled_from(sorted(PAIRS)), st.lists(values, min_size=1, max_size=10), st.booleans())
def test_any_value_gets_drfs_answer(name: str, tried: list[Any], patching: bool) -> None:
    """Whatever JSON holds gets the same answer from both."""
    serializer, schema = PAIRS[name]
    for value in tried:
        agree(serializer, schema, {"f": value}, partial=patching)


MOMENTS = [value for value in AWKWARD if isinstance(value, str) and value[:1].isdigit()]


@pytest.mark.parametrize("zone", ["Europe/Berlin", "Asia/Kathmandu", None])
def test_datetimes_are_taken_in_the_projects_zone(
    zone: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Naive and aware texts end in TIME_ZONE, or naive in UTC without USE_TZ."""
    monkeypatch.setattr(compat_settings, "TIME_ZONE", zone or "UTC")
    monkeypatch.setattr(compat_settings, "USE_TZ", zone is not None)
    serializer, schema = PAIRS["datetime-plain"]
    with override_settings(USE_TZ=zone is not None), override(zone or "UTC"):
        for value in MOMENTS:
            agree(serializer, schema, {"f": value})


@pytest.mark.parametrize(
    ("version", "name", "value", "expected"),
    [
        ((3, 16), "biginteger", "x", ["A valid integer is required."]),
        ((3, 14), "boolean", "tRue", ["Must be a valid boolean."]),
        ((3, 14), "boolean", "True", True),
        ((3, 16), "float", "inf", float("inf")),
        ((3, 16), "full", ["b", "a", "b"], {"a", "b"}),
    ],
)
def test_older_releases_answer_as_they_did(
    version: tuple[int, int],
    name: str,
    value: Any,
    expected: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What changed between DRF's releases follows `settings.DRF`."""
    monkeypatch.setattr(compat_settings, "DRF", version)
    kind = next(kind for kind in KINDS if kind[0] == name.split("-", maxsplit=1)[0])
    _, schema = pair(kind)
    try:
        found = validate(schema, {"f": value}, context()).attrs()["f"]
    except ValidationError as error:
        found = error.detail["f"]
    assert found == expected
