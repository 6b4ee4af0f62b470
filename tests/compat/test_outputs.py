"""What read schemas show of a row is what DRF serializers show of it, key by key."""

import copy
import datetime
import json
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from enum import Enum
from types import SimpleNamespace
from typing import Annotated, Any
from uuid import UUID

import pytest
from django.utils.timezone import override
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from rest_framework import serializers as drf
from rest_framework.request import Request as DrfRequest
from rest_framework.settings import api_settings
from rest_framework.test import APIRequestFactory
from rest_framework.utils.encoders import JSONEncoder
from sqlalchemy.orm import Session
from starlette.requests import Request

from strangler.compat import settings
from strangler.compat.context import Context
from strangler.compat.outputs import (
    BigNumber,
    CalendarDate,
    ChoiceOut,
    ClockTime,
    Decimals,
    FileUrl,
    Link,
    Method,
    MultipleChoiceOut,
    PrimaryKey,
    SlugOf,
    Span,
    Text,
    Timestamp,
    UuidText,
)
from strangler.compat.plans import From
from strangler.compat.schemas import UNSET, ReadSchema
from tests.compat import shop
from tests.compat.shop import Gadget, GadgetRow


class Routes:
    """The part of the app that knows addresses."""

    def reverse(self, name: str, **kwargs: Any) -> str | None:
        return f"/api/{name}/{kwargs['pk']}/" if name != "missing" else None


def request(**headers: str) -> Request:
    """Return a request to shop.example on the new app."""
    lines = {"host": "shop.example:8443", **headers}
    return Request(
        {
            "type": "http",
            "scheme": "https",
            "path": "/api/gadgets/",
            "query_string": b"",
            "root_path": "",
            "server": ("shop.example", 8443),
            "headers": [(name.encode(), value.encode()) for name, value in lines.items()],
            "app": SimpleNamespace(state=Routes()),
        }
    )


def drf_request() -> DrfRequest:
    """Return the same request on the legacy app."""
    made = APIRequestFactory().get("/api/gadgets/", secure=True, HTTP_HOST="shop.example:8443")
    return DrfRequest(made)


def wire(value: Any) -> str:
    """Write what both show as DRF's renderer would."""
    return json.dumps(value, cls=JSONEncoder)


@pytest.fixture(scope="module", autouse=True)
def session() -> Iterator[Session]:
    shop.make()
    with shop.session() as opened:
        yield opened


@pytest.fixture
def ctx(session: Session, monkeypatch: pytest.MonkeyPatch) -> Context[Any]:
    monkeypatch.setattr(settings, "MEDIA_URL", "/media/")
    return Context(request=request(), session=session)


class OracleTag(drf.Serializer):
    key = drf.UUIDField()
    word = drf.CharField()


class OracleManual(drf.Serializer):
    pages = drf.IntegerField()
    title = drf.CharField(source="gadget.name", read_only=True)
    writer = drf.CharField(source="gadget.maker.name", read_only=True)


class OracleGadget(drf.Serializer):
    id = drf.IntegerField()
    name = drf.CharField()
    loud = drf.CharField(source="shout", read_only=True)
    sku = drf.CharField()
    price = drf.DecimalField(max_digits=8, decimal_places=2)
    exact = drf.DecimalField(source="price", max_digits=8, decimal_places=4, normalize_output=True)
    number = drf.DecimalField(
        source="price", max_digits=8, decimal_places=1, coerce_to_string=False
    )
    made = drf.DateTimeField()
    made_on = drf.DateTimeField(source="made", format="%d.%m.%Y %H:%M")
    made_raw = drf.DateTimeField(source="made", format=None)
    released = drf.DateField()
    state = drf.ChoiceField(choices=["new", "live"])
    maker = drf.PrimaryKeyRelatedField(read_only=True)
    maker_text = drf.StringRelatedField(source="maker")
    maker_slug = drf.SlugRelatedField("code", source="maker", read_only=True)
    maker_name = drf.CharField(source="maker.name", read_only=True)
    maker_or = drf.CharField(source="maker.name", default="nobody")
    maker_null = drf.CharField(source="maker.name", allow_null=True)
    manual = OracleManual()
    manual_pages = drf.IntegerField(source="manual.pages", read_only=True)
    manual_key = drf.PrimaryKeyRelatedField(source="manual", read_only=True)
    tags = OracleTag(many=True)
    tag_keys = drf.PrimaryKeyRelatedField(source="tags", many=True, read_only=True)
    tag_hex = drf.PrimaryKeyRelatedField(
        source="tags", many=True, read_only=True, pk_field=drf.UUIDField(format="hex")
    )
    tag_words = drf.SlugRelatedField("word", source="tags", many=True, read_only=True)
    picture = drf.FileField()
    picture_name = drf.FileField(source="picture", use_url=False)
    nothing = drf.CharField(read_only=True)
    method = drf.SerializerMethodField()
    self = OracleManual(source="manual.gadget.manual", read_only=True)
    free = drf.ReadOnlyField(source="made.year")

    def get_method(self, obj):
        return {"of": obj.name, "when": obj.made}


class TagRead(ReadSchema):
    key: Annotated[str, UuidText()]
    word: str


class ManualRead(ReadSchema):
    pages: int
    title: Annotated[str, From("gadget.name")] = UNSET
    writer: Annotated[str, From("gadget.maker.name")] = UNSET


class GadgetRead(ReadSchema):
    id: int
    name: str
    loud: Annotated[str, From("shout")] = UNSET
    sku: str | None
    price: Annotated[str, Decimals(2)]
    exact: Annotated[str, Decimals(4, normalize=True), From("price")]
    number: Annotated[Decimal, Decimals(1, as_text=False), From("price")]
    made: Annotated[str, Timestamp()]
    made_on: Annotated[str, Timestamp("%d.%m.%Y %H:%M"), From("made")]
    made_raw: Annotated[datetime.datetime, Timestamp(None), From("made")]
    released: Annotated[str, CalendarDate()] | None
    state: str
    maker: Annotated[int | None, PrimaryKey()]
    maker_text: Annotated[str | None, Text(), From("maker")]
    maker_slug: Annotated[str | None, SlugOf("code"), From("maker")]
    maker_name: Annotated[str, From("maker.name")] = UNSET
    maker_or: Annotated[str, From("maker.name")] = "nobody"
    maker_null: Annotated[str | None, From("maker.name")] = None
    manual: ManualRead | None
    manual_pages: Annotated[int, From("manual.pages")] = UNSET
    manual_key: Annotated[int | None, PrimaryKey(), From("manual")]
    tags: list[TagRead]
    tag_keys: Annotated[list[UUID], PrimaryKey(), From("tags")]
    tag_hex: Annotated[list[str], PrimaryKey(UuidText("hex")), From("tags")]
    tag_words: Annotated[list[str], SlugOf("word"), From("tags")]
    picture: Annotated[str | None, FileUrl()]
    picture_name: Annotated[str | None, FileUrl(use_url=False), From("picture")]
    nothing: str = UNSET
    method: Annotated[Any, Method("get_method")]
    self: Annotated[ManualRead | None, From("manual.gadget.manual")] = UNSET
    free: Annotated[Any, From("made.year")]

    @staticmethod
    def get_method(obj: GadgetRow) -> dict[str, Any]:
        return {"of": obj.name, "when": obj.made}


@pytest.mark.parametrize("row", [1, 2])
@pytest.mark.parametrize("zone", ["UTC", "Europe/Berlin"])
def test_a_row_shows_what_drf_shows(
    row: int, zone: str, session: Session, ctx: Context[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """All kinds of fields, null relations, sources through None, and methods."""
    monkeypatch.setattr(settings, "TIME_ZONE", zone)
    with override(zone):
        serializer = OracleGadget(Gadget.objects.get(pk=row), context={"request": drf_request()})
        expected = wire(serializer.data)
    shown = GadgetRead.of(session.get_one(GadgetRow, row), ctx)
    assert wire(shown.data()) == expected


def test_several_rows_cost_no_more_than_their_fields(session: Session, ctx: Context[Any]) -> None:
    """Attributes of nested schemas are instances of theirs; the wire stays plain."""
    shown = GadgetRead.of(session.get_one(GadgetRow, 1), ctx)
    assert isinstance(shown.manual, ManualRead)
    assert shown.manual.pages == 10
    assert [tag.word for tag in shown.tags] == ["new", "red"]
    assert type(shown.data()["manual"]) is dict


class Shade(Enum):
    DARK = 1
    LIGHT = 2


FIRST, LAST = datetime.datetime(2, 1, 1), datetime.datetime(9998, 1, 1)
MOMENTS = st.datetimes(FIRST, LAST, timezones=st.timezones())
VALUES = {
    "char": (drf.CharField(), str, st.one_of(st.text(), st.integers(), st.booleans(), st.floats())),
    "integer": (drf.IntegerField(), int, st.one_of(st.integers(), st.just("7"), st.booleans())),
    "big": (drf.BigIntegerField(), Annotated[int, BigNumber()], st.integers()),
    "big_text": (
        drf.BigIntegerField(coerce_to_string=True),
        Annotated[str, BigNumber(as_text=True)],
        st.integers(),
    ),
    "float": (drf.FloatField(), float, st.one_of(st.floats(), st.integers(-9, 9), st.just("1.5"))),
    "boolean": (
        drf.BooleanField(),
        bool,
        st.sampled_from([True, False, 1, 0, "yes", "No", "x", "", 5, 0.0, [], [1], "null"]),
    ),
    "decimal": (
        drf.DecimalField(max_digits=None, decimal_places=3),
        Annotated[str, Decimals(3)],
        st.one_of(st.decimals(allow_nan=False, min_value=-(10**9), max_value=10**9), st.just("1")),
    ),
    "datetime": (
        drf.DateTimeField(),
        Annotated[str, Timestamp()],
        st.one_of(MOMENTS, st.datetimes(FIRST, LAST), st.just("text"), st.just("")),
    ),
    "zoned": (
        drf.DateTimeField(default_timezone=datetime.UTC),
        Annotated[str, Timestamp(timezone="UTC")],
        MOMENTS,
    ),
    "date": (
        drf.DateField(format="%Y/%m"),
        Annotated[str, CalendarDate("%Y/%m")],
        st.one_of(st.dates(min_value=datetime.date(1000, 1, 1)), st.just("text")),
    ),
    "time": (
        drf.TimeField(),
        Annotated[str, ClockTime()],
        st.one_of(st.times(), st.just(""), st.just("x")),
    ),
    "duration": (drf.DurationField(), Annotated[str, Span()], st.timedeltas()),
    "duration_iso": (
        drf.DurationField(format="iso-8601"), Annotated[str, Span("iso-8601")], st.timedeltas()
    ),
    "uuid": (drf.UUIDField(), Annotated[str, UuidText()], st.uuids()),
    "uuid_int": (drf.UUIDField(format="int"), Annotated[int, UuidText("int")], st.uuids()),
    "choice": (
        drf.ChoiceField(choices=[(1, "a"), ("2", "b")]),
        Annotated[Any, ChoiceOut([(1, "a"), ("2", "b")])],
        st.sampled_from([1, "1", 2, "2", "", "other", 5]),
    ),
    "choices": (
        drf.MultipleChoiceField(choices=[1, "b"]),
        Annotated[list[Any], MultipleChoiceOut([1, "b"])],
        st.lists(st.sampled_from(["1", 1, "b", "x"])),
    ),
    "list": (
        drf.ListField(child=drf.IntegerField()), list[int], st.lists(st.none() | st.integers())
    ),
    "dict": (
        drf.DictField(child=drf.FloatField()),
        dict[str, float],
        st.dictionaries(st.integers() | st.text(), st.none() | st.integers(0, 9)),
    ),
    "any": (drf.JSONField(), Any, st.sampled_from([1, "x", [1], {"a": None}, 1.5, True])),
}  # fmt: skip


@hypothesis_settings(max_examples=1200, deadline=None, derandomize=True)
@given(st.data())
def test_any_value_shows_what_drf_shows(data: st.DataObject) -> None:
    """Each kind of field writes each value it may hold as DRF does, null too."""
    name = data.draw(st.sampled_from(sorted(VALUES)))
    field, annotation, values = VALUES[name]
    value = data.draw(st.none() | values)
    schema = type("OneRead", (ReadSchema,), {"__annotations__": {"f": annotation}})
    oracle = type("Oracle", (drf.Serializer,), {"f": copy.deepcopy(field)})
    obj = {"f": value}
    shown = schema.of(obj, Context(request=request(), session=None)).data()  # type: ignore[attr-defined,arg-type]
    assert repr(shown) == repr(dict(oracle(obj).data))


@pytest.mark.parametrize(
    "value", ["1.50", " 1.50", "ab.cd", 1.25, 99, "99.99", "-9.99", "-99.99", "100.00", "1234.5"]
)
def test_numbers_of_too_many_digits_are_an_error(value: Any) -> None:
    """As texts and as decimals, whether they have their places already or not."""
    field = drf.DecimalField(max_digits=4, decimal_places=2)
    annotation = {"f": Annotated[str, Decimals(2, max_digits=4)]}
    schema: Any = type("OneRead", (ReadSchema,), {"__annotations__": annotation})
    ctx: Any = Context(request=request(), session=None)  # type: ignore[arg-type]
    for each in [value, *([Decimal(value)] if "ab" not in str(value) else [])]:
        try:
            expected = field.to_representation(each)
        except InvalidOperation:
            with pytest.raises(InvalidOperation):
                schema.of({"f": each}, ctx)
        else:
            assert schema.of({"f": each}, ctx).data() == {"f": expected}


@pytest.mark.parametrize(
    ("field", "marker"),
    [
        (drf.CharField(), str),
        (drf.CharField(required=False), str),
    ],
)
@pytest.mark.parametrize("obj", [{}, {"f": None}, SimpleNamespace(), SimpleNamespace(f=lambda: 5)])
def test_missing_attributes_are_left_out_or_an_error(field: Any, marker: Any, obj: Any) -> None:
    """A required field without its attribute is an error, another one is left out."""
    oracle = type("Oracle", (drf.Serializer,), {"f": field})
    space: dict[str, Any] = {"__annotations__": {"f": marker}}
    schema = type("OneRead", (ReadSchema,), space if field.required else {**space, "f": UNSET})
    ctx: Any = Context(request=request(), session=None)  # type: ignore[arg-type]
    try:
        expected = dict(oracle(obj).data)
    except (AttributeError, KeyError) as error:
        with pytest.raises(type(error)):
            schema.of(obj, ctx)  # type: ignore[attr-defined]
    else:
        assert schema.of(obj, ctx).data() == expected  # type: ignore[attr-defined]


def test_settings_give_the_default_formats(
    session: Session, ctx: Context[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """COERCE_DECIMAL_TO_STRING and DATETIME_FORMAT are looked up when a value is written."""

    class Small(ReadSchema):
        price: Annotated[Any, Decimals(2)]
        made: Annotated[Any, Timestamp()]
        picture: Annotated[Any, FileUrl()]

    class OracleSmall(drf.Serializer):
        price = drf.DecimalField(max_digits=8, decimal_places=2)
        made = drf.DateTimeField()
        picture = drf.FileField()

    for name, value in (
        ("COERCE_DECIMAL_TO_STRING", False),
        ("DATETIME_FORMAT", "%Y"),
        ("UPLOADED_FILES_USE_URL", False),
    ):
        monkeypatch.setattr(settings, name, value)
        monkeypatch.setattr(api_settings, name, value)
    shown = Small.of(session.get_one(GadgetRow, 1), ctx).data()
    assert shown == dict(OracleSmall(Gadget.objects.get(pk=1)).data)


def test_links_are_absolute_and_know_their_route(session: Session, ctx: Context[Any]) -> None:
    """A link names the host of the request; the object itself and null relations too."""

    class Linked(ReadSchema):
        url: Annotated[str, Link("gadget-detail"), From("*")]
        maker: Annotated[str | None, Link("maker-detail")]
        tags: Annotated[list[str], Link("tag", "word", "pk")]

    shown = Linked.of(session.get_one(GadgetRow, 1), ctx).data()
    assert shown == {
        "url": "https://shop.example:8443/api/gadget-detail/1/",
        "maker": "https://shop.example:8443/api/maker-detail/1/",
        "tags": [
            "https://shop.example:8443/api/tag/new/",
            "https://shop.example:8443/api/tag/red/",
        ],
    }
    assert Linked.of(session.get_one(GadgetRow, 2), ctx).data()["maker"] is None


def test_a_schema_may_change_what_it_shows(session: Session, ctx: Context[Any]) -> None:
    """`represent` is `to_representation`; nested schemas use it, too."""

    class Loud(ReadSchema):
        name: str

        @classmethod
        def represent(cls, obj: Any, context: Context[Any]) -> dict[str, Any]:
            shown = super().represent(obj, context)
            return {**shown, "name": shown["name"].upper(), "more": 1}

    class Outer(ReadSchema):
        maker: Loud | None

    row = session.get_one(GadgetRow, 1)
    assert Loud.of(row, ctx).data() == {"name": "ANVIL", "more": 1}
    assert Outer.of(row, ctx).data() == {"maker": {"name": "ACME", "more": 1}}


def test_the_document_of_a_read_schema_names_formats() -> None:
    """OpenAPI sees formats, nested schemas and which keys may be missing."""
    document = GadgetRead.model_json_schema(mode="serialization")
    assert document["properties"]["made"]["format"] == "date-time"
    assert document["properties"]["manual"]["anyOf"][0] == {"$ref": "#/$defs/ManualRead"}
    assert "nothing" not in document["required"]
