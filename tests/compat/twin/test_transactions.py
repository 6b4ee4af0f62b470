"""Each write commits by itself, `atomic` holds several, and objects keep what they have."""

import threading
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from sqlalchemy import event, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from strangler.compat import orm
from strangler.compat.transactions import (
    TransactionManagementError,
    atomic,
    in_atomic,
    on_commit,
    set_rollback,
)
from tests.compat.twin import django_models as dj
from tests.compat.twin import models as our
from tests.compat.twin.databases import Twin


def names(twin: Twin) -> list[str]:
    return list(dj.Tag.objects.using(twin.alias).order_by("id").values_list("name", flat=True))


def test_a_save_is_visible_to_others_at_once(twin: Twin, session: Session) -> None:
    orm.create(session, our.Tag, name="a")
    assert names(twin) == ["a"]


def test_an_error_after_a_save_leaves_the_row(twin: Twin) -> None:
    with pytest.raises(KeyError), twin.database.sync_sessions() as session:  # noqa: PT012
        orm.create(session, our.Tag, name="a")
        raise KeyError
    assert names(twin) == ["a"]


def test_atomic_keeps_all_or_nothing(twin: Twin, session: Session) -> None:
    with pytest.raises(KeyError), atomic(session):  # noqa: PT012
        orm.create(session, our.Tag, name="a")
        assert names(twin) == []
        raise KeyError
    assert names(twin) == []
    with atomic(session):
        orm.create(session, our.Tag, name="b")
    assert names(twin) == ["b"]


def test_a_rollback_leaves_objects_as_they_are(twin: Twin, session: Session) -> None:
    row = orm.create(session, our.Tag, name="a")
    with pytest.raises(KeyError), atomic(session):  # noqa: PT012
        row.name = "b"
        orm.save(session, row)
        new = orm.create(session, our.Tag, name="c")
        raise KeyError
    assert (row.name, new.name) == ("b", "c")
    assert new.id is not None
    assert names(twin) == ["a"]


def test_a_refused_write_can_be_caught_outside_atomic(twin: Twin, session: Session) -> None:
    orm.create(session, our.Coded, code="a", name="one")
    other = orm.create(session, our.Tag, name="t")
    with pytest.raises(IntegrityError):
        orm.create(session, our.Coded, code="b", name="one")
    assert other.name == "t"
    assert orm.count(session, select(our.Coded)) == 1
    orm.create(session, our.Coded, code="b", name="two")


def test_a_refused_write_dooms_the_block_around_it(twin: Twin, session: Session) -> None:
    """As in Django, also on SQLite, which could go on."""
    orm.create(session, our.Coded, code="a", name="one")
    with atomic(session):
        orm.create(session, our.Tag, name="gone")
        with pytest.raises(IntegrityError):
            orm.create(session, our.Coded, code="b", name="one")
        with pytest.raises(TransactionManagementError):
            orm.create(session, our.Tag, name="refused")
    assert names(twin) == []


def test_a_refused_write_in_a_savepoint_spares_the_rest(twin: Twin, session: Session) -> None:
    orm.create(session, our.Coded, code="a", name="one")
    with atomic(session):
        orm.create(session, our.Tag, name="kept")
        with pytest.raises(IntegrityError), atomic(session):
            orm.create(session, our.Coded, code="b", name="one")
        orm.create(session, our.Tag, name="also")
    assert names(twin) == ["kept", "also"]


def test_a_durable_block_stands_alone(session: Session) -> None:
    with (
        atomic(session),
        pytest.raises(RuntimeError, match="durable"),
        atomic(session, durable=True),
    ):
        pass


def test_the_rollback_flag_needs_a_block(twin: Twin, session: Session) -> None:
    with pytest.raises(TransactionManagementError):
        set_rollback(session)
    with atomic(session):
        orm.create(session, our.Tag, name="a")
        set_rollback(session)
    assert names(twin) == []


def test_saves_join_a_transaction_begun_by_hand(twin: Twin, session: Session) -> None:
    with session.begin():
        orm.create(session, our.Tag, name="a")
        session.add(our.Tag(name="b"))
        assert names(twin) == []
    assert names(twin) == ["a", "b"]
    session.add(our.Tag(name="c"))
    session.flush()
    orm.create(session, our.Tag, name="d")
    session.rollback()
    assert names(twin) == ["a", "b"]


def test_a_single_write_is_one_statement(session: Session) -> None:
    seen: list[str] = []

    def note(_: Any, __: Any, statement: str, *___: Any) -> None:
        seen.append(statement.split(maxsplit=1)[0])

    event.listen(session.get_bind(), "before_cursor_execute", note)
    try:
        row = orm.create(session, our.Tag, name="a")
        orm.save(session, row)
        orm.update_query(session, our.Tag, name="b")
        with atomic(session):
            orm.save(session, row)
    finally:
        event.remove(session.get_bind(), "before_cursor_execute", note)
    assert seen == ["INSERT", "UPDATE", "UPDATE", "BEGIN", "UPDATE"]


def test_locking_rows_needs_a_block(twin: Twin, session: Session) -> None:
    orm.create(session, our.Tag, name="a")
    with pytest.raises(TransactionManagementError, match="select_for_update"):
        session.scalars(select(our.Tag).with_for_update())
    with atomic(session):
        assert len(session.scalars(select(our.Tag).with_for_update()).all()) == 1


def test_deferred_constraints_fail_at_the_end_and_undo_everything(
    twin: Twin, session: Session
) -> None:
    with pytest.raises(IntegrityError), atomic(session):  # noqa: PT012 - the exit raises
        orm.create(session, our.Tag, name="a")
        orm.create(session, our.Cascading, owner_id=99)
    assert names(twin) == []
    assert not in_atomic(session)
    with pytest.raises(IntegrityError):
        orm.create(session, our.Cascading, owner_id=99)
    assert dj.Cascading.objects.using(twin.alias).count() == 0


_ACTIONS = st.recursive(
    st.sampled_from(["create", "refused", "hook"]),
    lambda inner: st.tuples(
        st.booleans(), st.sampled_from(["pass", "raise", "doom"]), st.lists(inner, max_size=3)
    ),
    max_leaves=7,
)


class StopError(Exception):
    """What a block of the generated programs ends with."""


class Program:
    """A nest of blocks, run with the operations of one side."""

    def __init__(self, create: Any, refused: Any, hook: Any, block: Any, doom: Any) -> None:
        self.operations = {"create": create, "refused": refused, "hook": hook}
        self.block = block
        self.doom = doom
        self.log: list[str] = []

    def run(self, steps: list[Any]) -> None:
        for step in steps:
            try:
                if isinstance(step, str):
                    self.operations[step](self.log)
                else:
                    self.nested(*step)
            except Exception as error:  # every error is part of the behaviour
                self.log.append(type(error).__name__)

    def nested(self, savepoint: bool, end: str, steps: list[Any]) -> None:
        with self.block(savepoint):
            for step in steps:
                if isinstance(step, str):
                    self.operations[step](self.log)
                else:
                    self.nested(*step)
            if end == "raise":
                raise StopError
            if end == "doom":
                self.doom()


@hypothesis_settings(
    max_examples=60,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(steps=st.lists(_ACTIONS, max_size=4))
def test_any_nest_of_blocks_does_what_it_does_in_django(
    twin: Twin, session: Session, steps: list[Any]
) -> None:
    alias = twin.alias
    theirs = Program(
        lambda log: dj.Tag.objects.using(alias).create(name=f"n{len(log)}"),
        lambda log: dj.Coded.objects.using(alias).create(code=f"b{len(log)}", name="one"),
        lambda log: transaction.on_commit(lambda: log.append("ran"), using=alias),
        lambda savepoint: transaction.atomic(using=alias, savepoint=savepoint),
        lambda: transaction.set_rollback(True, using=alias),
    )
    ours = Program(
        lambda log: orm.create(session, our.Tag, name=f"n{len(log)}"),
        lambda log: orm.create(session, our.Coded, code=f"b{len(log)}", name="one"),
        lambda log: on_commit(session, lambda: log.append("ran")),
        lambda savepoint: atomic(session, savepoint=savepoint),
        lambda: set_rollback(session),
    )
    left = []
    for program in (theirs, ours):
        twin.empty()
        dj.Coded.objects.using(alias).create(code="a", name="one")
        program.run(steps)
        left.append(names(twin))
        assert not in_atomic(session)
    assert ours.log == theirs.log
    assert left[0] == left[1]


def test_many_threads_write_without_being_locked_out(twin: Twin) -> None:
    """Each reads before it writes, which SQLite would refuse in one transaction."""
    errors: list[Exception] = []

    def work(number: int) -> None:
        try:
            with twin.database.sync_sessions() as session:
                for turn in range(10):
                    orm.count(session, select(our.Tag))
                    orm.create(session, our.Tag, name=f"{number}-{turn}")
                    with atomic(session):
                        orm.count(session, select(our.Tag))
                        orm.create(session, our.Tag, name=f"{number}-{turn}-a")
        except Exception as error:  # whatever it is, the test shows it
            errors.append(error)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert len(names(twin)) == 120
