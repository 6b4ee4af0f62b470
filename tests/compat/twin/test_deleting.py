"""Deleting takes along, keeps and refuses what Django's collector does."""

from typing import Any

import pytest
from django.contrib.contenttypes.models import ContentType
from django.db import IntegrityError as DjangoIntegrityError
from django.db import models as django_orm
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from strangler.compat import orm
from strangler.compat.errors import ProtectedError, RestrictedError
from strangler.compat.signals import post_delete, pre_delete
from tests.compat.twin import django_models as dj
from tests.compat.twin import models as our
from tests.compat.twin.databases import Twin

PEOPLE = 4
_person = st.integers(1, PEOPLE)
_someone = st.none() | _person
_pairs = st.lists(st.tuples(_person, _person), max_size=4, unique=True)
_NAMES = ("tags", "friends", "follows", "cascading", "deeper", "protected", "restricted",
          "setting", "profiles", "comments", "memberships")  # fmt: skip
_WORLDS = st.fixed_dictionaries(
    {
        "bosses": st.lists(_someone, min_size=PEOPLE, max_size=PEOPLE),
        "tags": _pairs,
        "friends": _pairs,
        "follows": _pairs,
        "cascading": st.lists(_person, max_size=4),
        "deeper": st.lists(st.tuples(st.integers(0, 3), _someone), max_size=3),
        "protected": st.lists(_person, max_size=1),
        "restricted": st.lists(st.tuples(_person, st.none() | st.integers(0, 3)), max_size=2),
        "setting": st.lists(st.tuples(_someone, _someone, _someone, _someone), max_size=2),
        "profiles": st.lists(_person, max_size=3, unique=True),
        "comments": st.lists(_person, max_size=3),
        "memberships": _pairs,
    }
)


def build(twin: Twin, world: dict[str, Any]) -> None:
    """Fill the tables by Django."""
    alias = twin.alias
    people = dj.Owner.objects.using(alias)
    for number, _ in enumerate(world["bosses"], 1):
        dj.Owner(id=number, name=f"o{number}").save(using=alias)
        dj.Tag(id=number, name=f"t{number}").save(using=alias)
    for number, boss in enumerate(world["bosses"], 1):
        people.filter(id=number).update(boss_id=boss)
    for name in ("tags", "friends", "follows"):
        for one, two in world[name]:
            getattr(people.get(id=one), name).add(two)
    kind = ContentType.objects.db_manager(alias).get_for_model(dj.Owner)
    make(twin, dj.Protected, [{"owner_id": one} for one in world["protected"]])
    make(twin, dj.Profile, [{"owner_id": one, "bio": ""} for one in world["profiles"]])
    make(twin, dj.Membership, [{"owner_id": a, "tag_id": b} for a, b in world["memberships"]])
    make(twin, dj.Comment, [{"content_type": kind, "object_id": a} for a in world["comments"]])
    names = ("nulled_id", "standard_id", "given_id", "called_id")
    make(twin, dj.Setting, [dict(zip(names, row, strict=True)) for row in world["setting"]])
    build_chains(twin, world)


def build_chains(twin: Twin, world: dict[str, Any]) -> None:
    """Rows that hang on rows that hang on an owner."""
    rows = make(twin, dj.Cascading, [{"owner_id": one} for one in world["cascading"]])
    deeper = [(rows[at], owner) for at, owner in world["deeper"] if at < len(rows)]
    make(twin, dj.Deeper, [{"cascading": row, "owner_id": owner} for row, owner in deeper])
    restricted = [
        {"owner_id": owner, "cascading": rows[at] if at is not None and at < len(rows) else None}
        for owner, at in world["restricted"]
    ]
    make(twin, dj.Restricted, restricted)


def make(twin: Twin, model: Any, rows: list[dict[str, Any]]) -> list[Any]:
    return [model.objects.using(twin.alias).create(**row) for row in rows]


_MANY = hypothesis_settings(
    max_examples=40,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


#: MariaDB's keys are checked at once: a row that is to refer to what goes stops it.
REFUSED = ("refused by the database", None)


def theirs(twin: Twin, *keys: int) -> tuple[Any, Any]:
    """What Django's delete answers and leaves."""
    with twin.undone_by_django():
        found = dj.Owner.objects.using(twin.alias).filter(id__in=keys)
        try:
            answer: Any = found.get().delete() if len(keys) == 1 else found.delete()
        except django_orm.ProtectedError as error:
            answer = (str(error.args[0]), len(error.protected_objects))
        except django_orm.RestrictedError as error:
            answer = (str(error.args[0]), len(error.restricted_objects))
        except DjangoIntegrityError:
            return REFUSED
        return answer, twin.rows()


def ours(twin: Twin, session: Session, *keys: int) -> tuple[Any, Any]:
    """What our delete answers and leaves."""
    with twin.undone(session):
        found = select(our.Owner).where(our.Owner.id.in_(keys))
        try:
            if len(keys) == 1:
                answer: Any = orm.delete(session, orm.get(session, found))
            else:
                answer = orm.delete_query(session, found)
        except ProtectedError as error:
            answer = (str(error.args[0]), len(error.protected_objects))
        except RestrictedError as error:
            answer = (str(error.args[0]), len(error.restricted_objects))
        except IntegrityError:
            return REFUSED
        rows = twin.our_rows(session)
    return answer, rows


@_MANY
@given(world=_WORLDS, keys=st.lists(_person, min_size=1, max_size=2, unique=True))
def test_any_graph_is_deleted_alike(
    twin: Twin, session: Session, world: dict[str, Any], keys: list[int]
) -> None:
    twin.empty()
    build(twin, world)
    assert ours(twin, session, *keys) == theirs(twin, *keys)


def test_a_row_that_is_set_to_refer_to_what_goes(twin: Twin, session: Session) -> None:
    twin.empty()
    world = {**dict.fromkeys(_NAMES, ()), "bosses": [None] * PEOPLE}
    build(twin, {**world, "setting": [(None, None, None, 1)]})
    assert ours(twin, session, 1) == theirs(twin, 1)


@_MANY
@given(steps=st.lists(st.sampled_from(["place", "restaurant", "bistro", "waiter"]), max_size=6))
def test_parents_and_children_go_together(twin: Twin, session: Session, steps: list[str]) -> None:
    twin.empty()
    for step in steps:
        if step == "waiter":
            for restaurant in dj.Restaurant.objects.using(twin.alias)[:1]:
                dj.Waiter.objects.using(twin.alias).create(restaurant=restaurant, name="w")
        else:
            model = {"place": dj.Place, "restaurant": dj.Restaurant, "bistro": dj.Bistro}[step]
            model.objects.using(twin.alias).create(name=step)
    for name in ("Place", "Restaurant", "Bistro"):
        with twin.undone_by_django():
            expected = getattr(dj, name).objects.using(twin.alias).all().delete(), twin.rows()
        with twin.undone(session):
            found = orm.delete_query(session, getattr(our, name)), twin.our_rows(session)
        assert found == expected
        with twin.undone_by_django():
            row = getattr(dj, name).objects.using(twin.alias).first()
            expected = row and row.delete(), twin.rows()
        with twin.undone(session):
            row = orm.first(session, select(getattr(our, name)))
            found = row and orm.delete(session, row), twin.our_rows(session)
        assert found == expected


def test_the_object_loses_its_key_and_can_be_saved_again(twin: Twin, session: Session) -> None:
    row = orm.create(session, our.Tag, name="a")
    assert orm.delete(session, row) == (1, {"twin.Tag": 1})
    assert row.id is None
    orm.save(session, row)
    assert dj.Tag.objects.using(twin.alias).get().pk == row.id


def test_an_object_without_a_key_is_not_deleted(session: Session) -> None:
    with pytest.raises(ValueError, match="Tag object can't be deleted because its id attribute"):
        orm.delete(session, our.Tag(name="a"))


def test_deleting_a_slice_is_refused(session: Session) -> None:
    with pytest.raises(TypeError, match="Cannot use 'limit' or 'offset' with delete"):
        orm.delete_query(session, select(our.Tag).limit(1))


def test_refused_deletes_change_nothing(twin: Twin, session: Session) -> None:
    owner = orm.create(session, our.Owner, name="a")
    orm.create(session, our.Cascading, owner_id=owner.id)
    orm.create(session, our.Protected, owner_id=owner.id)
    before = twin.rows()
    with pytest.raises(ProtectedError):
        orm.delete(session, owner)
    assert twin.rows() == before
    assert owner.id is not None


def test_receivers_hear_of_each_deleted_row_as_in_django(twin: Twin, session: Session) -> None:
    build(twin, {**_EMPTY, "cascading": [1, 1, 2], "deeper": [(0, 2), (1, 1)]})
    heard: dict[str, list[Any]] = {"ours": [], "theirs": []}

    def note(side: str, phase: int) -> Any:
        def receive(sender: type[Any], instance: Any, **_: Any) -> None:
            heard[side].append((phase, sender.__name__, instance.pk))

        return receive

    both = (
        (pre_delete, note("ours", 0)),
        (post_delete, note("ours", 1)),
        (django_orm.signals.pre_delete, note("theirs", 0)),
        (django_orm.signals.post_delete, note("theirs", 1)),
    )
    for signal, receive in both:
        signal.connect(receive)
    try:
        assert ours(twin, session, 1) == theirs(twin, 1)
    finally:
        for signal, receive in both:
            signal.disconnect(receive)
    # models that do not depend on each other may come in any order
    assert sorted(heard["ours"]) == sorted(heard["theirs"]) != []
    assert [phase for phase, *_ in heard["ours"]] == [phase for phase, *_ in heard["theirs"]]


_EMPTY: dict[str, list[Any]] = {
    "bosses": [None, 1, 1, 2],
    "tags": [(1, 2)],
    "friends": [(1, 2)],
    "follows": [],
    "cascading": [],
    "deeper": [],
    "protected": [],
    "restricted": [],
    "setting": [],
    "profiles": [],
    "comments": [1],
    "memberships": [],
}


def test_a_big_delete_is_split_into_lists_that_the_database_takes(
    twin: Twin, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("strangler.compat.collector.BATCH", 2)
    build(twin, {**_EMPTY, "cascading": [1, 2, 3, 4], "profiles": [1, 2, 3, 4]})
    assert ours(twin, session, 1, 2, 3, 4) == theirs(twin, 1, 2, 3, 4)
