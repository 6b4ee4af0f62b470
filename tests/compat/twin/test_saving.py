"""Saving does to the tables what Django's `save()` does, and to the object too."""

from datetime import UTC, date, datetime, time
from typing import Any

import pytest
from django.db import DatabaseError as DjangoDatabaseError
from django.db.models import F
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from sqlalchemy import event, select
from sqlalchemy.orm import Session, load_only

from strangler.compat import orm
from strangler.compat.rows import DatabaseError
from strangler.compat.signals import post_save, pre_save
from tests.compat.twin import django_models as dj
from tests.compat.twin import models as our
from tests.compat.twin.databases import Twin

LONG_AGO = datetime(2001, 2, 3, 4, 5, 6, tzinfo=UTC)


def test_a_new_object_has_its_defaults_at_once() -> None:
    row = our.Defaults()
    assert (row.blank, row.name, row.stock, row.words) == ("", "anon", 3, [])
    assert row.words is not our.Defaults().words
    assert row.token != our.Defaults().token
    assert row.made_at is None
    assert row.id is None


def test_none_may_replace_a_default() -> None:
    assert our.Defaults(stock=None).stock is None


def test_an_unknown_attribute_is_refused() -> None:
    with pytest.raises(TypeError, match=r"Tag\(\) got unexpected keyword arguments: 'colour'"):
        our.Tag(colour="red")


def test_stamps_overwrite_what_was_given(twin: Twin, session: Session) -> None:
    row = orm.create(
        session, our.Defaults, made_at=LONG_AGO, saved_at=LONG_AGO, made_on=date(2001, 1, 1)
    )
    theirs = dj.Defaults.objects.using(twin.alias).get(pk=row.id)
    assert abs((theirs.made_at - datetime.now(UTC)).total_seconds()) < 60
    assert row.made_at == theirs.made_at
    assert theirs.made_on == row.made_on == date.today()
    assert row.saved_time == theirs.saved_time != time()


def test_only_what_auto_now_marks_changes_at_a_later_save(twin: Twin, session: Session) -> None:
    row = orm.create(session, our.Defaults)
    made, saved = row.made_at, row.saved_at
    row.name = "new"
    orm.save(session, row)
    theirs = dj.Defaults.objects.using(twin.alias).get(pk=row.id)
    assert theirs.made_at == made
    assert theirs.saved_at == row.saved_at > saved


def test_a_default_of_the_database_is_read_back(twin: Twin, session: Session) -> None:
    assert orm.create(session, our.Defaults).on_server == 7
    assert orm.create(session, our.Defaults, on_server=9).on_server == 9


def test_a_new_row_is_read_without_asking_again(session: Session) -> None:
    row = orm.create(session, our.Kinds, name="x")
    asked: list[Any] = []
    event.listen(session, "do_orm_execute", asked.append)
    assert (row.whole, row.data, row.name) == (None, None, "x")
    assert not asked


def test_an_update_writes_every_column(twin: Twin, session: Session) -> None:
    """Somebody else's change to another column is lost, as Django loses it."""
    row = orm.create(session, our.Defaults, name="a", stock=1)
    dj.Defaults.objects.using(twin.alias).filter(pk=row.id).update(stock=50)
    row.name = "b"
    orm.save(session, row)
    assert dj.Defaults.objects.using(twin.alias).values_list("name", "stock").get() == ("b", 1)


def test_update_fields_writes_those_alone(twin: Twin, session: Session) -> None:
    row = orm.create(session, our.Defaults, name="a", stock=1)
    row.name, row.stock = "b", 2
    orm.save(session, row, update_fields=["name"])
    assert dj.Defaults.objects.using(twin.alias).values_list("name", "stock").get() == ("b", 1)
    assert row.stock == 2


def test_an_unsaved_assignment_is_never_written(twin: Twin, session: Session) -> None:
    row = orm.create(session, our.Tag, name="a")
    row.name = "b"
    orm.create(session, our.Tag, name="c")
    session.commit()
    assert row.name == "b"
    names = dj.Tag.objects.using(twin.alias).values_list("name", flat=True)
    assert sorted(names) == ["a", "c"] or sorted(names) == ["b", "c"]


def test_a_write_of_ours_leaves_other_assignments_alone(twin: Twin, session: Session) -> None:
    row = orm.create(session, our.Tag, name="a")
    row.name = "b"
    orm.create(session, our.Tag, name="c")
    names = dj.Tag.objects.using(twin.alias).values_list("name", flat=True)
    assert sorted(names) == ["a", "c"]
    assert row.name == "b"


def test_update_fields_of_nothing_sends_nothing(twin: Twin, session: Session) -> None:
    row = orm.create(session, our.Tag, name="a")
    with statements(session) as seen:
        orm.save(session, row, update_fields=[])
    assert seen == []


def test_update_fields_refuses_what_is_no_column(twin: Twin, session: Session) -> None:
    row = orm.create(session, our.Tag, name="a")
    with pytest.raises(ValueError, match="do not exist in this model"):
        orm.save(session, row, update_fields=["colour"])


def test_a_vanished_row_is_inserted_again(twin: Twin, session: Session) -> None:
    row = orm.create(session, our.Tag, name="a")
    dj.Tag.objects.using(twin.alias).all().delete()
    orm.save(session, row)
    assert dj.Tag.objects.using(twin.alias).values_list("id", "name").get() == (row.id, "a")


def test_a_forced_update_of_a_vanished_row_fails(twin: Twin, session: Session) -> None:
    theirs = dj.Tag.objects.using(twin.alias).create(name="a")
    row = orm.get(session, select(our.Tag))
    dj.Tag.objects.using(twin.alias).all().delete()
    for options in ({"force_update": True}, {"update_fields": ["name"]}):
        with pytest.raises(DatabaseError) as ours:
            orm.save(session, row, **options)
        with pytest.raises(DjangoDatabaseError) as expected:
            theirs.save(using=twin.alias, **options)
        assert str(ours.value) == str(expected.value)


def test_a_key_given_by_hand_updates_the_row_that_has_it(twin: Twin, session: Session) -> None:
    theirs = dj.Coded.objects.using(twin.alias).create(code="a", name="one")
    orm.save(session, our.Coded(code="a", name="two"))
    theirs.refresh_from_db()
    assert theirs.name == "two"


def test_a_key_with_a_default_is_inserted_at_once(twin: Twin, session: Session) -> None:
    row = our.Keyed(name="a")
    with statements(session) as seen:
        orm.save(session, row)
    assert [one.split()[0] for one in seen] == ["INSERT"]
    assert dj.Keyed.objects.using(twin.alias).get().id == row.id


def test_losing_the_key_makes_a_copy(twin: Twin, session: Session) -> None:
    row = orm.create(session, our.Tag, name="a")
    first = row.id
    row.id = None
    orm.save(session, row)
    assert row.id != first
    assert dj.Tag.objects.using(twin.alias).count() == 2
    row.name = "b"
    orm.save(session, row)
    names = dj.Tag.objects.using(twin.alias).order_by("id").values_list("name", flat=True)
    assert list(names) == ["a", "b"]


def test_expressions_are_computed_by_the_database(twin: Twin, session: Session) -> None:
    row = orm.create(session, our.Defaults, stock=4)
    row.stock = our.Defaults.stock + 10
    orm.save(session, row)
    theirs = dj.Defaults.objects.using(twin.alias).get()
    assert theirs.stock == 14
    theirs.stock = F("stock") + 1
    theirs.save()
    orm.refresh(session, row)
    assert row.stock == 15


def test_an_object_read_in_part_saves_that_part(twin: Twin, session: Session) -> None:
    theirs = dj.Defaults.objects.using(twin.alias).create(name="a", stock=1)
    only = load_only(our.Defaults.name)
    row = session.scalars(select(our.Defaults).options(only)).one()
    dj.Defaults.objects.using(twin.alias).update(stock=9)
    row.name = "b"
    orm.save(session, row)
    theirs.refresh_from_db()
    assert (theirs.name, theirs.stock) == ("b", 9)


def test_a_foreign_key_follows_its_object_and_back(twin: Twin, session: Session) -> None:
    one, two = (orm.create(session, our.Owner, name=name) for name in "ab")
    row = our.Cascading(owner=one)
    assert row.owner_id == one.id
    row.owner_id = two.id
    orm.save(session, row)
    assert row.owner is two
    row.owner = one
    assert row.owner_id == one.id


def test_an_unsaved_related_object_is_refused(twin: Twin, session: Session) -> None:
    row = our.Cascading(owner=our.Owner(name="new"))
    with pytest.raises(ValueError, match="unsaved related object 'owner'"):
        orm.save(session, row)


def test_a_key_that_the_related_object_got_later_is_taken(twin: Twin, session: Session) -> None:
    owner = our.Owner(name="new")
    row = our.Cascading(owner=owner)
    orm.save(session, owner)
    orm.save(session, row)
    assert row.owner_id == owner.id


def test_loaded_lists_show_what_was_saved(twin: Twin, session: Session) -> None:
    owner = orm.create(session, our.Owner, name="a")
    assert owner.cascading == []
    row = orm.create(session, our.Cascading, owner=owner)
    assert owner.cascading == [row]
    assert owner.profile is None
    profile = orm.create(session, our.Profile, owner=owner, bio="")
    assert owner.profile is profile


def test_receivers_hear_of_saves_as_in_django(twin: Twin, session: Session) -> None:
    heard: list[Any] = []

    def before(session: Session, instance: our.Tag, **facts: Any) -> None:
        heard.append(("before", instance.id is None, facts["update_fields"]))

    def after(session: Session, instance: our.Tag, **facts: Any) -> None:
        in_database = orm.exists(session, select(our.Tag).where(our.Tag.name == instance.name))
        heard.append(("after", facts["created"], in_database))

    pre_save.connect(before, our.Tag)
    post_save.connect(after, our.Tag)
    try:
        row = orm.create(session, our.Tag, name="a")
        orm.save(session, row, update_fields=["name"])
        orm.create(session, our.Owner, name="not heard")
    finally:
        pre_save.disconnect(before, our.Tag)
        post_save.disconnect(after, our.Tag)
    assert heard == [
        ("before", True, None),
        ("after", True, True),
        ("before", False, frozenset({"name"})),
        ("after", False, True),
    ]


def test_a_failing_receiver_leaves_the_row(twin: Twin, session: Session) -> None:
    def fail(**_: Any) -> None:
        raise KeyError

    post_save.connect(fail, our.Tag)
    try:
        with pytest.raises(KeyError):
            orm.create(session, our.Tag, name="a")
    finally:
        post_save.disconnect(fail, our.Tag)
    assert dj.Tag.objects.using(twin.alias).count() == 1


def test_a_child_writes_both_tables(twin: Twin, session: Session) -> None:
    bistro = orm.create(session, our.Bistro, name="chez", stars=2)
    theirs = dj.Bistro.objects.using(twin.alias).get()
    assert (theirs.pk, theirs.name, theirs.stars) == (bistro.pk, "chez", 2)
    bistro.name, bistro.stars = "la", 3
    orm.save(session, bistro)
    theirs.refresh_from_db()
    assert (theirs.name, theirs.stars) == ("la", 3)
    bistro.name, bistro.stars = "no", 4
    orm.save(session, bistro, update_fields=["stars"])
    theirs.refresh_from_db()
    assert (theirs.name, theirs.stars) == ("la", 4)


def test_a_child_can_be_given_to_an_existing_parent(twin: Twin, session: Session) -> None:
    place = orm.create(session, our.Place, name="here")
    orm.save(session, our.Restaurant(place_ptr_id=place.id, name="there", stars=1))
    assert list(dj.Place.objects.using(twin.alias).values_list("id", "name")) == [(1, "there")]
    assert list(dj.Restaurant.objects.using(twin.alias).values_list("pk", "stars")) == [(1, 1)]


def test_a_child_and_its_parent_are_two_objects(twin: Twin, session: Session) -> None:
    restaurant = orm.create(session, our.Restaurant, name="a")
    place = orm.get(session, select(our.Place))
    assert type(place) is our.Place
    assert place is not restaurant


_STEP = st.tuples(
    st.sampled_from(["save", "insert", "update", "fields", "vanish"]),
    st.sampled_from(["a", "b"]),
    st.sampled_from(["x", "y", "z"]),
)


@hypothesis_settings(
    max_examples=40,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(steps=st.lists(_STEP, max_size=6))
def test_any_row_of_saves_leaves_the_same_rows(
    twin: Twin, session: Session, steps: list[tuple[str, str, str]]
) -> None:
    with twin.undone_by_django():
        theirs = [_their_step(twin, *step) for step in steps]
        expected = twin.rows("twin_coded")
    with twin.undone(session):
        ours = [_our_step(session, *step) for step in steps]
        assert twin.our_rows(session)["twin_coded"] == expected["twin_coded"]
    assert ours == theirs


_OPTIONS: dict[str, dict[str, Any]] = {
    "save": {},
    "insert": {"force_insert": True},
    "update": {"force_update": True},
    "fields": {"update_fields": ["name"]},
}


def _their_step(twin: Twin, kind: str, code: str, name: str) -> str:
    from django.db import Error, transaction

    try:
        with transaction.atomic(using=twin.alias):
            if kind == "vanish":
                dj.Coded.objects.using(twin.alias).filter(pk=code).delete()
            else:
                dj.Coded(code=code, name=name).save(using=twin.alias, **_OPTIONS[kind])
    except Error as error:
        return type(error).__name__
    return "done"


def _our_step(session: Session, kind: str, code: str, name: str) -> str:
    from sqlalchemy.exc import SQLAlchemyError

    from strangler.compat.transactions import atomic

    try:
        with atomic(session):
            if kind == "vanish":
                orm.delete_query(session, select(our.Coded).where(our.Coded.code == code))
            else:
                orm.save(session, our.Coded(code=code, name=name), **_OPTIONS[kind])
    except (SQLAlchemyError, DatabaseError) as error:
        return type(error).__name__
    return "done"


class statements:
    """The SQL that a session sends meanwhile."""

    def __init__(self, session: Session) -> None:
        self.engine = session.get_bind()
        self.seen: list[str] = []

    def __enter__(self) -> list[str]:
        event.listen(self.engine, "before_cursor_execute", self._note)
        return self.seen

    def __exit__(self, *_: object) -> None:
        event.remove(self.engine, "before_cursor_execute", self._note)

    def _note(self, connection: Any, cursor: Any, statement: str, *_: object) -> None:
        if not statement.startswith("BEGIN"):
            self.seen.append(statement)
