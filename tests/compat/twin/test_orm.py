"""Reading one row, counting, upserts and bulk writes give what Django's managers give."""

from typing import Any

import pytest
from django.core.exceptions import MultipleObjectsReturned as DjangoMultiple
from django.db.models import F
from sqlalchemy import inspect, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from strangler.compat import orm
from strangler.compat.errors import MultipleObjectsReturned, ObjectDoesNotExist
from strangler.compat.signals import post_save, pre_save
from tests.compat.twin import django_models as dj
from tests.compat.twin import models as our
from tests.compat.twin.databases import Twin

K = our.Kinds


@pytest.fixture
def rows(twin: Twin) -> Any:
    kinds = dj.Kinds.objects.using(twin.alias)
    pairs = [("b", 2), ("a", 2), ("c", None), ("a", 1), (None, 3)]
    kinds.bulk_create(dj.Kinds(name=name, whole=whole) for name, whole in pairs)
    return kinds


def key(row: Any) -> Any:
    return None if row is None else row.id


_ORDERS = {
    "none": ((), ()),
    "name": (("name", "id"), (K.name, K.id)),
    "-whole": (("-whole", "-id"), (K.whole.desc(), K.id.desc())),
    "asc": (("whole", "id"), (K.whole.asc(), K.id.asc())),
    "nulls": (
        (F("whole").desc(nulls_last=True), "id"),
        (K.whole.desc().nulls_last(), K.id),
    ),
    "first": ((F("whole").asc(nulls_first=True), "id"), (K.whole.asc().nulls_first(), K.id)),
}


@pytest.mark.parametrize("order", _ORDERS)
def test_the_first_and_the_last_row(session: Session, rows: Any, order: str) -> None:
    theirs, ours = _ORDERS[order]
    statement = select(K).order_by(*ours) if ours else select(K)
    query = rows.order_by(*theirs)
    assert key(orm.first(session, statement)) == query.first().id
    assert key(orm.last(session, statement)) == query.last().id
    assert orm.first(session, statement.where(K.name == "no")) is None
    assert orm.last(session, statement.where(K.name == "no")) is None


def test_the_latest_and_the_earliest_row(session: Session, rows: Any) -> None:
    found = select(K).where(K.whole.is_not(None)).order_by(K.name)
    query = rows.filter(whole__isnull=False)
    assert orm.latest(session, found, K.whole, K.id).id == query.latest("whole", "id").id
    assert orm.earliest(session, found, K.whole, K.id).id == query.earliest("whole", "id").id
    with pytest.raises(our.Kinds.DoesNotExist, match="Kinds matching query does not exist"):
        orm.latest(session, found.where(K.name == "no"), K.whole)
    for function in (orm.last, orm.latest):
        with pytest.raises(TypeError, match="once a slice has been taken"):
            function(session, found.limit(1))


def test_one_row_or_an_error_in_djangos_words(session: Session, rows: Any) -> None:
    assert orm.get(session, select(K).where(K.name == "b")).id == rows.get(name="b").id
    for name, error in (("a", MultipleObjectsReturned), ("no", ObjectDoesNotExist)):
        with pytest.raises((dj.Kinds.DoesNotExist, DjangoMultiple)) as theirs:
            rows.get(name=name)
        with pytest.raises(error) as ours:
            orm.get(session, select(K).where(K.name == name))
        assert str(ours.value) == str(theirs.value)
    rows.bulk_create(dj.Kinds(name="many") for _ in range(30))
    with pytest.raises(K.MultipleObjectsReturned, match="more than 20"):
        orm.get(session, select(K).where(K.name == "many"))


def test_each_model_has_its_own_errors() -> None:
    assert not issubclass(our.Kinds.DoesNotExist, our.Tag.DoesNotExist)
    assert issubclass(our.Bistro.DoesNotExist, our.Place.DoesNotExist)
    assert issubclass(our.Place.DoesNotExist, ObjectDoesNotExist)


def test_counts_and_existence(session: Session, rows: Any) -> None:
    cases = (
        (rows.all(), select(K)),
        (rows.filter(name="a"), select(K).where(K.name == "a")),
        (rows.all()[1:3], select(K).order_by(K.id).offset(1).limit(2)),
        (rows.all()[4:9], select(K).order_by(K.id).offset(4).limit(5)),
        (rows.all()[7:9], select(K).offset(7).limit(2)),
        (rows.values("name").distinct(), select(K.name).distinct()),
        (rows.filter(name="no"), select(K).where(K.name == "no")),
    )
    for query, statement in cases:
        assert orm.count(session, statement) == query.count()
        assert orm.exists(session, statement) == query.exists()


def test_joined_rows_are_counted_with_their_duplicates(twin: Twin, session: Session) -> None:
    owner = orm.create(session, our.Owner, name="a")
    orm.bulk_create(session, [our.Cascading(owner_id=owner.id) for _ in range(3)])
    joined = select(our.Owner).join(our.Cascading, our.Cascading.owner_id == our.Owner.id)
    theirs = dj.Owner.objects.using(twin.alias).filter(cascading__isnull=False)
    assert orm.count(session, joined) == theirs.count() == 3
    assert orm.count(session, joined.distinct()) == theirs.distinct().count() == 1


def test_rows_by_key(session: Session, rows: Any) -> None:
    assert orm.in_bulk(session, select(K), []) == {}
    ours = orm.in_bulk(session, select(K), [1, "2", 99])
    assert {k: v.id for k, v in ours.items()} == {
        k: v.id for k, v in rows.in_bulk([1, 2, 99]).items()
    }


def test_get_or_create_reads_first_and_creates_once(twin: Twin, session: Session) -> None:
    made, new = orm.get_or_create(session, our.Coded, {"name": lambda: "called"}, code="a")
    assert (made.name, new) == ("called", True)
    again, new = orm.get_or_create(session, our.Coded, {"name": "other"}, code="a")
    assert (again.name, new) == ("called", False)
    with pytest.raises(IntegrityError):
        orm.get_or_create(session, our.Coded, {"name": "called"}, code="b")
    assert dj.Coded.objects.using(twin.alias).count() == 1


def test_get_or_create_takes_objects_for_relations(session: Session) -> None:
    owner = orm.create(session, our.Owner, name="a")
    made, new = orm.get_or_create(session, our.Cascading, owner=owner)
    assert (made.owner_id, new) == (owner.id, True)
    assert orm.get_or_create(session, our.Cascading, owner=owner) == (made, False)
    root, _ = orm.get_or_create(session, our.Owner, name="b", boss=None)
    assert root.boss_id is None


def test_a_row_made_meanwhile_by_somebody_else_is_taken(twin: Twin, session: Session) -> None:
    def race(session: Session, **_: Any) -> None:
        if twin.vendor != "sqlite":
            dj.Coded.objects.using(twin.alias).create(code="a", name="one")
        else:  # one writer at a time: the race is lost before our write begins
            statement = our.Coded.__table__.insert().values(code="a", name="one")
            session.execute(statement)

    pre_save.connect(race, our.Coded)
    try:
        if twin.vendor == "sqlite":
            with pytest.raises(IntegrityError):
                orm.get_or_create(session, our.Coded, {"name": "two"}, code="a")
        else:
            found, new = orm.get_or_create(session, our.Coded, {"name": "two"}, code="a")
            assert (found.name, new) == ("one", False)
    except ObjectDoesNotExist:
        pytest.fail("the other row was not looked for")
    finally:
        pre_save.disconnect(race, our.Coded)


def test_update_or_create_writes_only_what_is_given(twin: Twin, session: Session) -> None:
    seen: list[Any] = []

    def note(update_fields: Any, **_: Any) -> None:
        seen.append(update_fields)

    post_save.connect(note, our.Defaults)
    try:
        row, new = orm.update_or_create(session, our.Defaults, {"stock": 1}, name="a")
        assert (row.stock, new) == (1, True)
        dj.Defaults.objects.using(twin.alias).update(blank="kept")
        before = row.saved_at
        row, new = orm.update_or_create(session, our.Defaults, {"stock": lambda: 2}, name="a")
        assert (row.stock, new) == (2, False)
    finally:
        post_save.disconnect(note, our.Defaults)
    theirs = dj.Defaults.objects.using(twin.alias).get()
    assert (theirs.stock, theirs.blank) == (2, "kept")
    assert theirs.saved_at > before
    assert seen == [None, frozenset({"stock", "saved_at", "saved_time"})]


def test_update_or_create_may_create_with_other_values(session: Session) -> None:
    first = {"stock": 5}
    row, new = orm.update_or_create(session, our.Defaults, {"stock": 1}, first, name="a")
    assert (row.stock, new) == (5, True)


def test_updates_of_many_rows(twin: Twin, session: Session, rows: Any) -> None:
    statement = select(K).where(K.name == "a")
    assert orm.update_query(session, statement, whole=K.whole + 10) == 2
    assert sorted(rows.filter(name="a").values_list("whole", flat=True)) == [11, 12]
    assert orm.update_query(session, K, name="z") == 5
    with pytest.raises(TypeError, match="Cannot update a query once a slice has been taken"):
        orm.update_query(session, select(K).limit(1), name="y")


def test_updates_send_no_signal_and_leave_stamps(twin: Twin, session: Session) -> None:
    row = orm.create(session, our.Defaults)

    def fail(**_: Any) -> None:
        raise AssertionError

    pre_save.connect(fail, our.Defaults)
    try:
        orm.update_query(session, our.Defaults, name="x")
    finally:
        pre_save.disconnect(fail, our.Defaults)
    theirs = dj.Defaults.objects.using(twin.alias).get()
    assert (theirs.name, theirs.saved_at) == ("x", row.saved_at)


def test_updates_over_a_join_and_of_relations(twin: Twin, session: Session) -> None:
    one, two = (orm.create(session, our.Owner, name=name) for name in "ab")
    orm.bulk_create(session, [our.Cascading(owner=one), our.Cascading(owner=two)])
    C = our.Cascading
    joined = select(C).join(our.Owner, our.Owner.id == C.owner_id).where(our.Owner.name == "a")
    assert orm.update_query(session, joined, owner=two) == 1
    assert dj.Cascading.objects.using(twin.alias).filter(owner_id=two.id).count() == 2


def test_updates_of_a_child_reach_both_tables(twin: Twin, session: Session) -> None:
    orm.create(session, our.Bistro, name="a", stars=1)
    orm.create(session, our.Place, name="other")
    assert orm.update_query(session, our.Bistro, name="b", stars=2) == 1
    theirs = dj.Bistro.objects.using(twin.alias).get()
    assert (theirs.name, theirs.stars) == ("b", 2)
    assert dj.Place.objects.using(twin.alias).filter(name="other").count() == 1


def test_a_guarded_update_is_checked_again_by_the_database(twin: Twin, session: Session) -> None:
    """`UPDATE … WHERE stock >= 1` must not become `WHERE id IN (SELECT …)`."""
    from tests.compat.twin.test_saving import statements

    row = orm.create(session, our.Defaults, stock=1)
    D = our.Defaults
    guarded = select(D).where(D.id == row.id, D.stock >= 1)
    with statements(session) as seen:
        assert orm.update_query(session, guarded, stock=D.stock - 1) == 1
        assert orm.update_query(session, guarded, stock=D.stock - 1) == 0
    assert all("SELECT" not in one for one in seen)


def test_bulk_create_gives_keys_and_stamps(twin: Twin, session: Session) -> None:
    made = orm.bulk_create(session, [our.Defaults(name=str(n)) for n in range(5)])
    theirs = dj.Defaults.objects.using(twin.alias).order_by("id")
    assert [(one.id, one.name) for one in made] == [(one.id, one.name) for one in theirs]
    assert all(one.made_at and one.on_server == 7 for one in made)
    assert orm.bulk_create(session, []) == []
    mixed = orm.bulk_create(session, [our.Tag(id=50, name="x"), our.Tag(name="y")])
    assert [one.id is not None for one in mixed] == [True, True]


def test_bulk_create_may_ignore_or_update_conflicts(twin: Twin, session: Session) -> None:
    orm.create(session, our.Coded, code="a", name="one")
    rows = [our.Coded(code="a", name="x"), our.Coded(code="b", name="two")]
    orm.bulk_create(session, rows, ignore_conflicts=True)
    found = dj.Coded.objects.using(twin.alias).order_by("code").values_list("code", "name")
    assert list(found) == [("a", "one"), ("b", "two")]
    again = [our.Coded(code="a", name="three")]
    options: dict[str, Any] = {"update_fields": ["name"], "unique_fields": ["code"]}
    orm.bulk_create(session, again, update_conflicts=True, **options)
    assert list(found.all()) == [("a", "three"), ("b", "two")]


def test_a_child_is_not_bulk_created(session: Session) -> None:
    with pytest.raises(ValueError, match="Can't bulk create a multi-table inherited model"):
        orm.bulk_create(session, [our.Bistro(name="a")])


def test_bulk_update_writes_the_named_columns(twin: Twin, session: Session) -> None:
    made = orm.bulk_create(session, [our.Defaults(name="a", stock=1) for _ in range(3)])
    for number, row in enumerate(made):
        row.name, row.stock = f"n{number}", 9
    made[2].stock = our.Defaults.stock + 5
    assert orm.bulk_update(session, made, ["stock"]) == 3
    found = dj.Defaults.objects.using(twin.alias).order_by("id").values_list("name", "stock")
    assert list(found) == [("a", 9), ("a", 9), ("a", 6)]
    with pytest.raises(ValueError, match="primary key fields"):
        orm.bulk_update(session, made, ["id"])
    with pytest.raises(ValueError, match="must have a primary key set"):
        orm.bulk_update(session, [our.Defaults()], ["stock"])


def test_refreshing_reads_columns_and_forgets_relations(twin: Twin, session: Session) -> None:
    one, two = (orm.create(session, our.Owner, name=name) for name in "ab")
    row = orm.create(session, our.Cascading, owner=one)
    dj.Cascading.objects.using(twin.alias).update(owner_id=two.id)
    orm.refresh(session, row)
    assert (row.owner_id, row.owner) == (two.id, two)
    one.name, one.boss_id = "changed", two.id
    orm.refresh(session, one, ["name"])
    assert (one.name, one.boss_id) == ("a", two.id)
    dj.Cascading.objects.using(twin.alias).all().delete()
    with pytest.raises(our.Cascading.DoesNotExist):
        orm.refresh(session, row)


def test_a_new_row_is_known_without_asking_the_database(session: Session) -> None:
    made = orm.create(session, K, name="new")
    assert inspect(made).unloaded & set(inspect(K).column_attrs.keys()) == set()
    assert (made.name, made.whole, made.price) == ("new", None, None)


def test_rows_are_read_as_the_database_has_them_now(session: Session, rows: Any) -> None:
    statement = select(K).where(K.name == "b")
    held = orm.get(session, statement)
    orm.update_query(session, statement, whole=50)
    assert held.whole == 2
    again = orm.get(session, statement)
    assert (again.whole, rows.get(name="b").whole) == (50, 50)
    again.whole = 7
    for read in (orm.get, orm.first, orm.last):
        other = read(session, statement)
        assert (other.whole, again.whole) == (50, 7)
        assert other is not again


def test_a_saved_object_stays_the_one_that_a_query_finds(session: Session, rows: Any) -> None:
    statement = select(K).where(K.id == rows.first().id)
    found = orm.get(session, statement)
    found.name = "new"
    orm.save(session, found, update_fields=["name"])
    assert orm.get(session, statement) is found
    assert orm.first(session, statement) is found
