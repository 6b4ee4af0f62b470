"""What models can be: proxies, abstract parents, hooks, generic keys; and how they compare."""

import os
import time
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.contrib.contenttypes.models import ContentType
from sqlalchemy import Identity, MetaData, String, select
from sqlalchemy.orm import Mapped, Session, mapped_column, registry, selectinload

from strangler.compat import clock, generic, orm, settings
from strangler.compat.application import create_app
from strangler.compat.columns import BigAutoInteger
from strangler.compat.models import Base
from tests.compat.twin import django_models as dj
from tests.compat.twin import models as our
from tests.compat.twin.databases import Twin
from tests.compat.twin.test_saving import statements


class Apart(Base):
    """Classes that no other test should see."""

    __abstract__ = True
    metadata = MetaData()
    registry = registry(metadata=metadata)
    _sa_registry = registry


class Named(Apart):
    __abstract__ = True

    id: Mapped[int] = mapped_column(BigAutoInteger, Identity(), primary_key=True)
    name: Mapped[str] = mapped_column(
        String(20), info={"pre_save": lambda obj, value, adding: f"{value}{'+' if adding else '-'}"}
    )

    def greeting(self) -> str:
        return f"I am {self.name}"


class Label(Named):
    __tablename__ = "twin_tag"
    __label__ = "twin.Tag"


class LoudLabel(Label):
    """A proxy: the same table, another class."""

    __label__ = "twin.LoudTag"

    def greeting(self) -> str:
        return super().greeting().upper()


def test_abstract_parents_give_columns_and_methods(twin: Twin, session: Session) -> None:
    row = orm.create(session, Label, name="a")
    assert row.greeting() == "I am a+"
    orm.save(session, row)
    assert dj.Tag.objects.using(twin.alias).get().name == "a+-"


def test_a_proxy_reads_and_writes_its_parents_rows(twin: Twin, session: Session) -> None:
    made = orm.create(session, LoudLabel, name="a")
    assert made.greeting() == "I AM A+"
    assert type(orm.get(session, select(Label))) is Label
    again = orm.get(session, select(LoudLabel))
    assert again.greeting() == "I AM A+"
    orm.save(session, again)
    assert orm.count(session, select(LoudLabel)) == 1
    assert orm.delete(session, again) == (1, {"twin.LoudTag": 1})


def test_names_come_from_the_module_or_are_given() -> None:
    assert our.Owner.django_label() == "twin.Owner"
    assert our.OwnerTags.django_label() == "twin.Owner_tags"
    assert LoudLabel.django_label() == "twin.LoudTag"


def test_rows_are_equal_by_model_and_key(session: Session) -> None:
    row = orm.create(session, our.Tag, name="a")
    copy = orm.get_copy(session, select(our.Tag))
    assert copy is not row
    assert copy == row
    assert {copy} == {row}
    assert our.Tag(name="a") != our.Tag(name="a")
    assert row != our.Owner(id=row.id)
    assert row != row.id


def test_a_copy_keeps_what_the_database_holds(twin: Twin, session: Session) -> None:
    row = orm.create(session, our.Tag, name="a")
    row.name = "b"
    assert orm.get_copy(session, select(our.Tag).where(our.Tag.id == row.id)).name == "a"
    assert row.name == "b"
    orm.save(session, row)
    assert dj.Tag.objects.using(twin.alias).get().name == "b"


def test_generic_keys_name_their_target(twin: Twin, session: Session) -> None:
    owner = orm.create(session, our.Owner, name="a")
    comment = our.Comment(text="hi")
    generic.point_to(session, comment, owner)
    orm.save(session, comment)
    assert dj.Comment.objects.using(twin.alias).get().target.pk == owner.id
    assert generic.target_of(session, comment) is owner
    dj.Owner.objects.using(twin.alias).all()._raw_delete(twin.alias)
    assert generic.target_of(session, comment) is None
    generic.point_to(session, comment, None)
    assert generic.target_of(session, comment) is None


def test_a_missing_content_type_is_made(twin: Twin, session: Session) -> None:
    ContentType.objects.using(twin.alias).filter(model="place").delete()
    key = generic.content_type_id(session, our.Place)
    theirs = ContentType.objects.using(twin.alias).get(pk=key)
    assert (theirs.app_label, theirs.model) == ("twin", "place")
    assert generic.content_type_id(session, our.Place) == key


def test_lists_loaded_ahead_stay_as_django_leaves_them(twin: Twin, session: Session) -> None:
    orm.create(session, our.Owner, name="a")
    found = select(our.Owner).options(selectinload(our.Owner.cascading))
    ours = orm.get(session, found)
    theirs = dj.Owner.objects.using(twin.alias).prefetch_related("cascading").get()
    orm.create(session, our.Cascading, owner_id=ours.id)
    assert len(ours.cascading) == len(theirs.cascading.all()) == 0
    session.expire(ours, ["cascading"])
    assert len(ours.cascading) == dj.Owner.objects.using(twin.alias).get().cascading.count() == 1


def test_saving_many_rows_costs_a_statement_each(session: Session) -> None:
    rows = orm.bulk_create(session, [our.Tag(name="a") for _ in range(200)])
    with statements(session) as seen:
        for row in rows:
            orm.save(session, row)
    assert len(seen) == 200


def test_the_clock_follows_the_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "TIME_ZONE", "Asia/Tokyo")
    moment = datetime(2024, 1, 1, 20, tzinfo=UTC)
    assert clock.local(moment).date() == date(2024, 1, 2)
    assert clock.midnight(date(2024, 1, 2)) == datetime(2024, 1, 1, 15, tzinfo=UTC)
    assert clock.aware(datetime(2024, 1, 2)) == datetime(2024, 1, 1, 15, tzinfo=UTC)
    assert clock.now().utcoffset() == timedelta(0)
    monkeypatch.setattr(settings, "USE_TZ", False)
    assert clock.now().tzinfo is None
    assert clock.midnight(date(2024, 1, 2)) == datetime(2024, 1, 2)


def test_naive_projects_keep_naive_values(
    twin: Twin, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    if twin.vendor != "sqlite":
        pytest.skip("the connection's zone is set when it is opened")
    monkeypatch.setattr(settings, "USE_TZ", False)
    moment = datetime(2024, 1, 2, 3, 4, 5)
    row = orm.create(session, our.Kinds, moment=moment)
    session.expunge_all()
    found: Any = orm.get(session, select(our.Kinds).where(our.Kinds.id == row.id))
    assert found.moment == moment


def test_the_day_of_the_process_is_the_one_of_the_apps_zone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    before = os.environ.get("TZ")
    try:
        days = set()
        for zone in ("Pacific/Kiritimati", "Etc/GMT+12"):  # 26 hours apart
            monkeypatch.setattr(settings, "TIME_ZONE", zone)
            create_app()
            days.add(clock.today())
            assert clock.today() == clock.local_today()
        assert len(days) == 2
    finally:
        os.environ["TZ"] = before or "UTC"
        time.tzset()


def test_days_and_times_are_those_of_the_apps_zone_without_an_app(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    days, moments = set(), set()
    for zone in ("Pacific/Kiritimati", "Etc/GMT+12"):
        monkeypatch.setattr(settings, "TIME_ZONE", zone)
        days |= {clock.today(), clock.auto_today(None), clock.naive_now().date()}
        moments.add(clock.auto_time(None).hour)
    assert len(days) == len(moments) == 2


def test_a_column_may_be_called_as_a_parameter(twin: Twin, session: Session) -> None:
    with pytest.raises(TypeError, match="got unexpected keyword arguments: 'session'"):
        orm.create(session, our.Tag, session=1)


class Lacking(Apart):
    __tablename__ = "twin_lacking"

    id: Mapped[int] = mapped_column(BigAutoInteger, Identity(), primary_key=True)
    name: Mapped[str] = mapped_column(String(20), info={"starts_none": True})
    other: Mapped[str] = mapped_column(String(20))


def test_a_text_starts_off_empty_unless_its_field_says_none() -> None:
    assert (Lacking().name, Lacking().other) == (None, "")
