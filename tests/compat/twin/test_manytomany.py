"""Many-to-many lists change as Django's managers change them."""

from typing import Any

import pytest
from django.db.models import signals as django_signals
from hypothesis import HealthCheck, example, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from strangler.compat import manytomany, orm
from strangler.compat.signals import m2m_changed
from tests.compat.twin import django_models as dj
from tests.compat.twin import models as our
from tests.compat.twin.databases import Twin

LISTS = {
    "tags": ("Owner", "tags"),
    "owners": ("Tag", "owners"),
    "friends": ("Owner", "friends"),
    "follows": ("Owner", "follows"),
    "followers": ("Owner", "followers"),
}
_STEPS = st.lists(
    st.tuples(
        st.sampled_from(sorted(LISTS)),
        st.sampled_from(["add", "remove", "set", "reset", "clear"]),
        st.integers(1, 3),
        st.lists(st.integers(1, 3), max_size=3),
    ),
    max_size=6,
)


@pytest.fixture
def people(twin: Twin) -> None:
    for number in (1, 2, 3):
        dj.Owner.objects.using(twin.alias).create(name=f"o{number}")
        dj.Tag.objects.using(twin.alias).create(name=f"t{number}")


def _theirs(twin: Twin, name: str, action: str, key: int, members: list[int]) -> None:
    model, attribute = LISTS[name]
    manager = getattr(getattr(dj, model).objects.using(twin.alias).get(pk=key), attribute)
    match action:
        case "add" | "remove":
            getattr(manager, action)(*members)
        case "set" | "reset":
            manager.set(members, clear=action == "reset")
        case "clear":
            manager.clear()


def _ours(session: Session, name: str, action: str, key: int, members: list[int]) -> None:
    model, attribute = LISTS[name]
    row = session.get(getattr(our, model), key)
    match action:
        case "add":
            manytomany.m2m_add(session, row, attribute, *members)
        case "remove":
            manytomany.m2m_remove(session, row, attribute, *members)
        case "set" | "reset":
            manytomany.m2m_set(session, row, attribute, members, clear=action == "reset")
        case "clear":
            manytomany.m2m_clear(session, row, attribute)


def _links(rows: dict[str, list[Any]]) -> Any:
    """The pairs in the tables between; their own keys are a matter of order."""
    return {name: sorted(row[1:] for row in found) for name, found in rows.items()}


_TABLES = ("twin_owner_tags", "twin_owner_friends", "twin_owner_follows")


@hypothesis_settings(
    max_examples=30,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(steps=_STEPS)
@example(steps=[("tags", "add", 1, [1, 2]), ("tags", "set", 1, [2, 3]), ("tags", "set", 1, [3, 3])])
def test_any_changes_leave_the_same_links_and_send_the_same_signals(
    twin: Twin, session: Session, people: None, steps: list[Any]
) -> None:
    heard: dict[str, list[Any]] = {"ours": [], "theirs": []}

    def note(side: str) -> Any:
        def receive(action: str, reverse: bool, pk_set: Any, model: Any, **_: Any) -> None:
            heard[side].append((action, reverse, pk_set, model.__name__))

        return receive

    receivers = note("ours"), note("theirs")
    m2m_changed.connect(receivers[0])
    django_signals.m2m_changed.connect(receivers[1])
    try:
        with twin.undone_by_django():
            for step in steps:
                _theirs(twin, *step)
            expected = _links(twin.rows(*_TABLES))
        with twin.undone(session):
            for step in steps:
                _ours(session, *step)
            found = twin.our_rows(session)
    finally:
        m2m_changed.disconnect(receivers[0])
        django_signals.m2m_changed.disconnect(receivers[1])
    assert _links({name: found[name] for name in _TABLES}) == expected
    assert heard["ours"] == heard["theirs"]


@pytest.mark.parametrize("name", ["tags", "friends"])
def test_links_get_their_keys_in_djangos_order(
    twin: Twin, session: Session, people: None, name: str
) -> None:
    for model in (dj.Owner, dj.Tag):
        for number in range(4, 13):
            model.objects.using(twin.alias).create(name=f"n{number}")
    table, members = f"twin_owner_{name}", [2, 11, 10, 9, 12]
    _theirs(twin, name, "set", 1, members)
    expected = [row[1:] for row in sorted(twin.rows(table)[table])]
    _theirs(twin, name, "clear", 1, [])
    _ours(session, name, "set", 1, members)
    assert [row[1:] for row in sorted(twin.rows(table)[table])] == expected


def test_a_list_read_before_shows_the_change(twin: Twin, session: Session, people: None) -> None:
    owner, tag = session.get(our.Owner, 1), session.get(our.Tag, 2)
    assert owner is not None
    assert tag is not None
    assert (owner.tags, tag.owners) == ([], [])
    manytomany.m2m_add(session, owner, "tags", tag)
    assert (owner.tags, tag.owners) == ([tag], [owner])
    manytomany.m2m_clear(session, tag, "owners")
    assert (owner.tags, tag.owners) == ([], [])


def test_members_are_objects_keys_or_texts(twin: Twin, session: Session, people: None) -> None:
    owner, tag = session.get(our.Owner, 1), session.get(our.Tag, 2)
    assert owner is not None
    manytomany.m2m_set(session, owner, "tags", [tag, "1", 3, 3])
    assert [one.id for one in owner.tags] == [1, 2, 3]


def test_members_of_another_kind_are_refused(session: Session, people: None) -> None:
    owner = session.get(our.Owner, 1)
    assert owner is not None
    with pytest.raises(TypeError, match="'Tag' instance expected"):
        manytomany.m2m_add(session, owner, "tags", owner)
    with pytest.raises(ValueError, match="expected a number"):
        manytomany.m2m_add(session, owner, "tags", "x")


def test_an_unsaved_object_has_no_list(session: Session) -> None:
    with pytest.raises(ValueError, match='needs to have a value for field "id"'):
        manytomany.m2m_add(session, our.Owner(name="a"), "tags", 1)


def test_the_list_of_relations_is_known(twin: Twin) -> None:
    assert manytomany.names(our.Owner) == ("tags", "friends", "follows", "followers")
    assert orm.m2m_set is manytomany.m2m_set
