"""Every field type against DRF's field: acceptance, value with type, error body, codes."""

import re
from datetime import timedelta
from decimal import Decimal
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

# (name, DRF's field, ours); the keyword arguments `required`, `allow_null`, `default` are added.
KINDS: list[tuple[str, Any, Any]] = [
    ("char", drf.CharField, Char),
    ("char_limits", lambda **k: drf.CharField(max_length=5, min_length=2, **k), lambda **k: Char(max_length=5, min_length=2, **k)),
    ("char_blank", lambda **k: drf.CharField(allow_blank=True, min_length=2, **k), lambda **k: Char(allow_blank=True, min_length=2, **k)),
    ("char_raw", lambda **k: drf.CharField(trim_whitespace=False, max_length=3, **k), lambda **k: Char(trim_whitespace=False, max_length=3, **k)),
    ("char_raw_blank", lambda **k: drf.CharField(trim_whitespace=False, allow_blank=True, **k), lambda **k: Char(trim_whitespace=False, allow_blank=True, **k)),
    ("char_validators", lambda **k: drf.CharField(validators=[drf_odd, drf_odder], min_length=2, **k), lambda **k: Char(validators=[odd, odder], min_length=2, **k)),
    ("char_words", lambda **k: drf.CharField(error_messages=WORDS, **k), lambda **k: Char(messages=WORDS, **k)),
    ("email", drf.EmailField, Email),
    ("email_limits", lambda **k: drf.EmailField(max_length=5, **k), lambda **k: Email(max_length=5, **k)),
    ("regex", lambda **k: drf.RegexField("^[a-z]+$", **k), lambda **k: Pattern("^[a-z]+$", **k)),
    ("regex_raw", lambda **k: drf.RegexField(re.compile("b", re.IGNORECASE), trim_whitespace=False, **k), lambda **k: Pattern(re.compile("b", re.IGNORECASE), trim_whitespace=False, **k)),
    ("slug", drf.SlugField, Slug),
    ("slug_raw", lambda **k: drf.SlugField(trim_whitespace=False, **k), lambda **k: Slug(trim_whitespace=False, **k)),
    ("slug_unicode", lambda **k: drf.SlugField(allow_unicode=True, **k), lambda **k: Slug(allow_unicode=True, **k)),
    ("url", lambda **k: drf.URLField(max_length=2100, **k), lambda **k: Url(max_length=2100, **k)),
    ("uuid", drf.UUIDField, Uuid),
    ("ip", drf.IPAddressField, IpAddress),
    ("ip4", lambda **k: drf.IPAddressField(protocol="ipv4", **k), lambda **k: IpAddress(protocol="ipv4", **k)),
    ("ip6", lambda **k: drf.IPAddressField(protocol="ipv6", max_length=39, **k), lambda **k: IpAddress(protocol="ipv6", max_length=39, **k)),
    ("integer", drf.IntegerField, Integer),
    ("integer_limits", lambda **k: drf.IntegerField(min_value=0, max_value=5, **k), lambda **k: Integer(0, 5, **k)),
    ("biginteger", drf.BigIntegerField, BigInteger),
    ("float", drf.FloatField, Float),
    ("float_limits", lambda **k: drf.FloatField(min_value=0.5, max_value=5, **k), lambda **k: Float(0.5, 5, **k)),
    ("decimal", lambda **k: drf.DecimalField(max_digits=10, decimal_places=2, **k), lambda **k: Number(max_digits=10, decimal_places=2, **k)),
    ("decimal_small", lambda **k: drf.DecimalField(max_digits=3, decimal_places=3, **k), lambda **k: Number(max_digits=3, decimal_places=3, **k)),
    ("decimal_limits", lambda **k: drf.DecimalField(max_digits=5, decimal_places=1, min_value=Decimal("0.5"), max_value=9, **k), lambda **k: Number(max_digits=5, decimal_places=1, min_value=Decimal("0.5"), max_value=9, **k)),
    ("decimal_free", lambda **k: drf.DecimalField(max_digits=None, decimal_places=None, **k), lambda **k: Number(max_digits=None, decimal_places=None, **k)),
    ("decimal_places", lambda **k: drf.DecimalField(max_digits=None, decimal_places=2, **k), lambda **k: Number(max_digits=None, decimal_places=2, **k)),
    ("boolean", drf.BooleanField, Boolean),
    ("datetime", drf.DateTimeField, DateTime),
    ("datetime_formats", lambda **k: drf.DateTimeField(input_formats=["%d/%m/%Y", "iso-8601"], **k), lambda **k: DateTime(input_formats=["%d/%m/%Y", "iso-8601"], **k)),
    ("date", drf.DateField, Date),
    ("date_formats", lambda **k: drf.DateField(input_formats=["%d/%m/%Y"], **k), lambda **k: Date(input_formats=["%d/%m/%Y"], **k)),
    ("time", drf.TimeField, Time),
    ("time_formats", lambda **k: drf.TimeField(input_formats=["%H:%M", "iso-8601"], **k), lambda **k: Time(input_formats=["%H:%M", "iso-8601"], **k)),
    ("duration", drf.DurationField, Duration),
    ("duration_limits", lambda **k: drf.DurationField(min_value=timedelta(seconds=2), max_value=timedelta(days=2), **k), lambda **k: Duration(timedelta(seconds=2), timedelta(days=2), **k)),
    ("choice", lambda **k: drf.ChoiceField(["a", "b"], **k), lambda **k: Choice(["a", "b"], **k)),
    ("choice_mixed", lambda **k: drf.ChoiceField(MIXED, **k), lambda **k: Choice(MIXED, **k)),
    ("choice_blank", lambda **k: drf.ChoiceField(["a", 1], allow_blank=True, **k), lambda **k: Choice(["a", 1], allow_blank=True, **k)),
    ("multiple", lambda **k: drf.MultipleChoiceField(choices=MIXED, **k), lambda **k: MultipleChoice(MIXED, **k)),
    ("multiple_full", lambda **k: drf.MultipleChoiceField(choices=["a", "b"], allow_empty=False, **k), lambda **k: MultipleChoice(["a", "b"], allow_empty=False, **k)),
    ("list", drf.ListField, ListOf),
    ("list_integer", lambda **k: drf.ListField(child=drf.IntegerField(max_value=5), max_length=3, min_length=1, **k), lambda **k: ListOf(Integer(None, 5), max_length=3, min_length=1, **k)),
    ("list_full", lambda **k: drf.ListField(child=drf.CharField(allow_null=True), allow_empty=False, **k), lambda **k: ListOf(Char(allow_null=True), allow_empty=False, **k)),
    ("list_lists", lambda **k: drf.ListField(child=drf.ListField(child=drf.BooleanField()), validators=[drf_odd], **k), lambda **k: ListOf(ListOf(Boolean()), validators=[odd], **k)),
    ("dict", drf.DictField, DictOf),
    ("dict_integer", lambda **k: drf.DictField(child=drf.IntegerField(), allow_empty=False, **k), lambda **k: DictOf(Integer(), allow_empty=False, **k)),
    ("hstore", drf.HStoreField, HStore),
    ("json", drf.JSONField, Json),
    ("json_binary", lambda **k: drf.JSONField(binary=True, **k), lambda **k: Json(binary=True, **k)),
]  # fmt: skip


def pair(kind: tuple[str, Any, Any], **flags: Any) -> tuple[Any, Any]:
    """Return DRF's serializer and our schema with one field `f`."""
    name, theirs, ours = kind
    null = {"allow_null": True} if flags.get("allow_null") else {}
    field: FieldType = ours(**null)
    default = UNSET if flags.get("required") is False else ...
    schema = create_model(f"{name}Write", __base__=WriteSchema, f=(Annotated[Any, field], default))
    return serializer_of(f=theirs(**flags)), schema


FLAGS = ({}, {"allow_null": True}, {"required": False}, {"required": False, "allow_null": True})
PAIRS = {
    f"{kind[0]}-{'-'.join(flags) or 'plain'}": pair(kind, **flags)
    for kind in KINDS
    for flags in FLAGS
}


@pytest.mark.parametrize("name", PAIRS)
def test_awkward_values_get_drfs_answer(name: str) -> None:
    """Each awkward value is accepted or refused as DRF does, in both modes."""
    serializer, schema = PAIRS[name]
    for value in AWKWARD:
        for partial in (False, True):
            agree(serializer, schema, {"f": value}, partial=partial)
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
def test_any_value_gets_drfs_answer(name: str, tried: list[Any], partial: bool) -> None:
    """Whatever JSON holds gets the same answer from both."""
    serializer, schema = PAIRS[name]
    for value in tried:
        agree(serializer, schema, {"f": value}, partial=partial)


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
        ((3, 16), "biginteger-plain", "x", ["A valid integer is required."]),
        ((3, 14), "boolean-plain", "tRue", ["Must be a valid boolean."]),
        ((3, 14), "boolean-plain", "True", True),
        ((3, 16), "float-plain", "inf", float("inf")),
        ((3, 16), "multiple_full-plain", ["b", "a", "b"], {"a", "b"}),
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
    kind = next(kind for kind in KINDS if kind[0] == name.split("-")[0])
    _, schema = pair(kind)
    try:
        found = validate(schema, {"f": value}, context()).attrs()["f"]
    except ValidationError as error:
        found = error.detail["f"]
    assert found == expected
