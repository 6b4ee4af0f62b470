"""Relations and unique values against DRF over the same rows."""

import datetime
from collections.abc import Iterator
from decimal import Decimal
from types import SimpleNamespace
from typing import Annotated, Any, ClassVar

import pytest
from django.db.models import Q
from hypothesis import given, settings
from hypothesis import strategies as st
from rest_framework import serializers as drf
from rest_framework import validators as dv
from sqlalchemy import Select, event, select
from sqlalchemy.orm import Session

from strangler.compat.context import Context
from strangler.compat.errors import MultipleObjectsReturned, ValidationError
from strangler.compat.fields_links import ExistingLink
from strangler.compat.fields_numbers import Number
from strangler.compat.fields_relations import Existing, ExistingSlug, Many
from strangler.compat.fields_text import Char, Uuid
from strangler.compat.fields_time import Date, DateTime
from strangler.compat.plans import From
from strangler.compat.schemas import UNSET, WriteSchema, validate
from strangler.compat.uniqueness import (
    Condition,
    Unique,
    UniqueForDate,
    UniqueForMonth,
    UniqueForYear,
    UniqueTogether,
)
from tests.compat import shop
from tests.compat.agreement import AWKWARD, body, codes, context, plain
from tests.compat.shop import Gadget, GadgetRow, Maker, MakerRow, Tag, TagRow


@pytest.fixture(scope="module", autouse=True)
def session() -> Iterator[Session]:
    shop.make()
    with shop.session() as opened:
        yield opened


def same(serializer: Any, schema: Any, data: Any, session: Session, **options: Any) -> None:
    """Assert equal answers; objects are compared by table and key."""
    row = options.pop("row", None)
    instance = None if row is None else Gadget.objects.get(pk=row)
    checked = serializer(data=data, instance=instance, **options)
    try:
        good = checked.is_valid()
    except OverflowError:  # a crash of DRF, which we answer
        return
    ctx = context(session)
    ours = None if row is None else session.get(GadgetRow, row)
    try:
        found, detail = validate(schema, data, ctx, instance=ours, **options), None
    except ValidationError as error:
        found, detail = None, error.detail
    if found is None:
        assert body(detail) == body(plain(checked.errors)), data
        assert codes(detail) == codes(plain(checked.errors)), data
    else:
        assert good, (data, checked.errors)
        assert shop.by_key(found.attrs()) == shop.by_key(plain(checked.validated_data)), data


class OracleKeys(drf.Serializer):
    maker = drf.PrimaryKeyRelatedField(queryset=Maker.objects.all(), required=False)
    null = drf.PrimaryKeyRelatedField(
        queryset=Maker.objects.filter(name="acme"), allow_null=True, required=False
    )
    tag = drf.PrimaryKeyRelatedField(queryset=Tag.objects.all(), required=False)
    hexed = drf.PrimaryKeyRelatedField(
        queryset=Tag.objects.all(), pk_field=drf.UUIDField(format="hex"), required=False
    )
    name = drf.SlugRelatedField("name", queryset=Maker.objects.all(), required=False)
    number = drf.SlugRelatedField("id", queryset=Maker.objects.all(), required=False)
    far = drf.SlugRelatedField("maker__name", queryset=Gadget.objects.all(), required=False)
    makers = drf.PrimaryKeyRelatedField(queryset=Maker.objects.all(), many=True, required=False)
    tags = drf.PrimaryKeyRelatedField(
        queryset=Tag.objects.all(), many=True, allow_empty=False, required=False
    )
    names = drf.SlugRelatedField("name", queryset=Maker.objects.all(), many=True, required=False)


def acme() -> Select[Any]:
    return select(MakerRow).where(MakerRow.name == "acme")


class KeysWrite(WriteSchema):
    maker: Annotated[MakerRow, Existing(MakerRow)] = UNSET
    null: Annotated[MakerRow | None, Existing(acme)] = UNSET
    tag: Annotated[TagRow, Existing(TagRow)] = UNSET
    hexed: Annotated[TagRow, Existing(TagRow, pk_field=Uuid())] = UNSET
    name: Annotated[MakerRow, ExistingSlug(MakerRow, "name")] = UNSET
    number: Annotated[MakerRow, ExistingSlug(MakerRow, "id")] = UNSET
    far: Annotated[GadgetRow, ExistingSlug(GadgetRow, "maker__name")] = UNSET
    makers: Annotated[list[MakerRow], Many(Existing(MakerRow))] = UNSET
    tags: Annotated[list[TagRow], Many(Existing(TagRow), allow_empty=False)] = UNSET
    names: Annotated[list[MakerRow], Many(ExistingSlug(MakerRow, "name"))] = UNSET


NAMED = (
    *AWKWARD, "acme", "Bolt", "ACME", str(shop.TAGS[0]), shop.TAGS[1].hex, 2.0, 1.9, -5, "2",
    [1, 2], [2, 1, 2], [1, "2", 2.0], [1, 99, "x"], [1, "x", 99], [1, None], [1, ""], [True], [[1]],
    [str(shop.TAGS[2]), str(shop.TAGS[0])], [str(shop.TAGS[0]), "x"], ["acme", "Bolt"],
    ["acme", "x"],
    [2**70, 1], ["acme", None], ["acme", 1, {}],
)  # fmt: skip


@pytest.mark.parametrize("field", OracleKeys().fields)
def test_a_related_object_is_named_as_drf_names_it(field: str, session: Session) -> None:
    """Keys, slugs and lists of them: objects, texts and first errors are DRF's."""
    for value in NAMED:
        same(OracleKeys, KeysWrite, {field: value}, session)


def test_several_rows_for_a_slug_stay_a_crash(session: Session) -> None:
    """A slug that names two rows is no client error."""

    class Ambiguous(WriteSchema):
        maker: Annotated[MakerRow, ExistingSlug(MakerRow, "code")]

    with pytest.raises(MultipleObjectsReturned):
        validate(Ambiguous, {"maker": "A"}, context(session))


def test_rows_may_depend_on_the_request(session: Session) -> None:
    """A function of the context limits what may be named."""

    class Own(WriteSchema):
        maker: Annotated[
            MakerRow, Existing(lambda ctx: select(MakerRow).where(MakerRow.name == ctx.user))
        ]

    assert validate(Own, {"maker": 1}, context(session, user="acme")).maker.id == 1
    with pytest.raises(ValidationError):
        validate(Own, {"maker": 1}, context(session, user="Bolt"))


def test_a_list_of_keys_is_one_query(session: Session) -> None:
    """Many related objects cost one statement."""
    statements: list[str] = []

    def note(conn: Any, cursor: Any, statement: str, *_: Any) -> None:
        statements.append(statement)

    event.listen(shop.engine, "before_cursor_execute", note)
    try:
        validate(KeysWrite, {"makers": [1, 2, 1]}, context(session))
    finally:
        event.remove(shop.engine, "before_cursor_execute", note)
    assert len(statements) == 1


class OracleUnique(drf.Serializer):
    sku = drf.CharField(
        max_length=4,
        required=False,
        validators=[dv.UniqueValidator(Gadget.objects.all(), message="sku is taken")],
    )
    any_case = drf.CharField(
        source="name",
        required=False,
        validators=[dv.UniqueValidator(Gadget.objects.all(), lookup="iexact")],
    )
    named = drf.PrimaryKeyRelatedField(
        source="maker",
        required=False,
        queryset=Maker.objects.all(),
        validators=[dv.UniqueValidator(Gadget.objects.all())],
    )


class UniqueWrite(WriteSchema):
    sku: Annotated[str, Char(max_length=4), Unique(GadgetRow.sku, "sku is taken")] = UNSET
    any_case: Annotated[
        str, Char(validators=[Unique(GadgetRow.name, lookup="iexact")]), From("name")
    ] = UNSET
    named: Annotated[MakerRow, Existing(MakerRow), Unique(GadgetRow.maker), From("maker")] = UNSET


@pytest.mark.parametrize("row", [None, 1, 2])
@pytest.mark.parametrize(
    "data",
    [
        *(
            {"sku": value}
            for value in ("a-1", "A-1", "a-1 ", "a-12345", "a-1\x00", "\ud800", 5, "")
        ),
        *({"any_case": value} for value in ("ANVIL", "anvil", "an_il", "an%", "anvil\\", "Ä")),
        {"named": 1},
        {"named": 2},
    ],
    ids=ascii,
)
def test_a_unique_value_is_refused_as_drf_refuses_it(
    data: dict[str, Any], row: int | None, session: Session
) -> None:
    """Own row excluded, messages joined with those of the limits, lookups by case."""
    same(OracleUnique, UniqueWrite, data, session, row=row)


class OracleTogether(drf.Serializer):
    name = drf.CharField(required=False)
    producer = drf.PrimaryKeyRelatedField(
        source="maker", queryset=Maker.objects.all(), allow_null=True, required=False
    )
    price = drf.DecimalField(max_digits=8, decimal_places=2, required=False)
    state = drf.CharField(required=False)
    released = drf.DateField(required=False)
    made = drf.DateTimeField(required=False)


def together(*validators: Any) -> type[drf.Serializer]:
    meta = type("Meta", (), {"validators": list(validators)})
    return type("Oracle", (OracleTogether,), {"Meta": meta})


class TogetherWrite(WriteSchema):
    name: Annotated[str, Char()] = UNSET
    producer: Annotated[MakerRow | None, Existing(MakerRow), From("maker")] = UNSET
    price: Annotated[Decimal, Number(max_digits=8, decimal_places=2)] = UNSET
    state: Annotated[str, Char()] = UNSET
    released: Annotated[datetime.date, Date()] = UNSET
    made: Annotated[datetime.datetime, DateTime()] = UNSET


def ruled(*rules: Any) -> Any:
    return type(
        "RuledWrite",
        (TogetherWrite,),
        {"rules": rules, "__annotations__": {"rules": ClassVar[Any]}},
    )


LIVE = Q(state="live")
RULES = {
    "together": (
        dv.UniqueTogetherValidator(Gadget.objects.all(), ("name", "producer")),
        UniqueTogether(GadgetRow, ("name", "producer")),
    ),
    "message": (
        dv.UniqueTogetherValidator(
            Gadget.objects.all(), ("name",), "taken: {field_names}", code="c"
        ),
        UniqueTogether(GadgetRow, ("name",), "taken: {field_names}", code="c"),
    ),
    "nulls": (
        dv.UniqueTogetherValidator(
            Gadget.objects.all(), ("name", "producer"), nulls_distinct=False
        ),
        UniqueTogether(GadgetRow, ("name", "producer"), nulls_distinct=False),
    ),
    "condition": (
        dv.UniqueTogetherValidator(
            Gadget.objects.all(), ("price",), condition=LIVE, condition_fields=["state"]
        ),
        UniqueTogether(
            GadgetRow,
            ("price",),
            condition=Condition(
                ("state",), lambda values: values["state"] == "live", GadgetRow.state == "live"
            ),
        ),
    ),
    "date": (
        dv.UniqueForDateValidator(Gadget.objects.all(), "name", "released"),
        UniqueForDate(GadgetRow, "name", "released"),
    ),
    "month": (
        dv.UniqueForMonthValidator(Gadget.objects.all(), "name", "released"),
        UniqueForMonth(GadgetRow, "name", "released"),
    ),
    "year": (
        dv.UniqueForYearValidator(Gadget.objects.all(), "name", "made", "year: {date_field}"),
        UniqueForYear(GadgetRow, "name", "made", "year: {date_field}"),
    ),
}
CHOICES: dict[str, list[Any]] = {
    "name": ["anvil", "bolt", "new"],
    "producer": [1, 2, None],
    "price": ["9.50", 1, "3"],
    "state": ["live", "new"],
    "released": ["2024-05-06", "2023-05-01", "2024-06-06"],
    "made": ["2024-05-06T10:00:00Z", "2023-01-01"],
}


@settings(max_examples=600, deadline=None, derandomize=True)
@given(
    st.sampled_from(sorted(RULES)),
    st.fixed_dictionaries(
        {}, optional={name: st.sampled_from(values) for name, values in CHOICES.items()}
    ),
    st.sampled_from([None, 1, 2]),
    st.booleans(),
)
def test_a_rule_about_several_fields_is_drfs(
    rule: str, data: dict[str, Any], row: int | None, partial: bool
) -> None:
    """Missing members, None, unchanged rows, conditions and dates are judged as DRF does."""
    theirs, ours = RULES[rule]
    with shop.session() as opened:
        same(together(theirs), ruled(ours), data, opened, row=row, partial=partial)


def test_read_only_defaults_are_seen_by_rules_only(session: Session) -> None:
    """A read-only field with a default counts in a rule and is no validated data."""

    class Defaulted(WriteSchema):
        name: Annotated[str, Char()]
        read_only_defaults: ClassVar = {"maker": lambda ctx: ctx.user}
        rules: ClassVar = (UniqueTogether(GadgetRow, ("name", "maker")),)

    maker = session.get(MakerRow, 1)
    assert validate(Defaulted, {"name": "x"}, context(session, user=maker)).attrs() == {"name": "x"}
    with pytest.raises(ValidationError, match="must make a unique set"):
        validate(Defaulted, {"name": "anvil"}, context(session, user=maker))


class Routes:
    """The part of the app that knows addresses."""

    def resolve(self, path: str) -> tuple[str, dict[str, str]] | None:
        view, _, key = path.strip("/").partition("/")
        return (view, {"pk": key}) if view in ("makers", "tags") else None


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("/makers/1/", 1),
        ("http://other.host/makers/2/", 2),
        ("/makers/%31/", 1),
        ("/nothing/1/", "Invalid hyperlink - No URL match."),
        ("/tags/1/", "Invalid hyperlink - Incorrect URL match."),
        ("/makers/99/", "Invalid hyperlink - Object does not exist."),
        ("/makers/x/", "Invalid hyperlink - Object does not exist."),
        (5, "Incorrect type. Expected URL string, received int."),
        ("", "This field may not be null."),
    ],
)
def test_an_object_may_be_named_by_its_address(value: Any, expected: Any, session: Session) -> None:
    """Absolute or relative addresses are matched against the app's routes."""

    class Linked(WriteSchema):
        maker: Annotated[MakerRow, ExistingLink(MakerRow, "makers")]

    ctx: Context[Any] = context(session)
    ctx.request.app = SimpleNamespace(state=Routes())  # type: ignore[misc]
    try:
        found = validate(Linked, {"maker": value}, ctx).maker.id
    except ValidationError as error:
        (found,) = error.detail["maker"]
    assert found == expected
