"""What endpoints do with one object, as DRF's generic views do it."""

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest
from django.db.models import QuerySet
from rest_framework import generics, serializers
from rest_framework.request import Request as DRFRequest
from rest_framework.test import APIRequestFactory
from rest_framework.views import exception_handler
from sqlalchemy import select
from sqlalchemy.orm import Session

from strangler.compat import actions, orm, settings
from strangler.compat.errors import Http404, NotFound, PermissionDenied
from tests.compat.twin import django_models as dj
from tests.compat.twin import models as our
from tests.compat.twin.databases import Twin


class Allow:
    def has_object_permission(self, context: Any, obj: Any) -> bool:
        return True


class Refuse:
    message = "not yours"
    code = "mine"

    def has_object_permission(self, context: Any, obj: Any) -> bool:
        return False


@pytest.fixture
def request_state(session: Session) -> Any:
    """The state that the router leaves on the request of the session."""
    state = SimpleNamespace(
        permissions=(Allow(),),
        authenticator=None,
        view=SimpleNamespace(authentication=(), hooks={}),
        user=None,
    )
    session.info["request"] = SimpleNamespace(state=state)
    return state


def drf_answer(queryset: "QuerySet[Any]", field: str, value: str) -> Any:
    """What a generic view finds, or the body of its refusal."""
    view = generics.GenericAPIView()
    view.request = DRFRequest(APIRequestFactory().get("/"))
    view.queryset, view.lookup_field, view.kwargs = queryset, field, {field: value}
    view.permission_classes = []
    try:
        return view.get_object().pk
    except Exception as error:
        response = exception_handler(error, {})
        return type(error).__name__ if response is None else response.data


def our_answer(session: Session, statement: Any, column: Any, value: str) -> Any:
    try:
        return actions.found(session, statement, column, value).pk
    except Http404 as error:
        named = error.args if settings.DRF >= (3, 15) else ()
        return {"detail": str(NotFound(*named).detail)}
    except Exception as error:
        return type(error).__name__


_CASES = [
    ("whole", "5"),
    ("whole", "6"),
    ("whole", "x"),
    ("whole", ""),
    ("whole", "5.0"),
    ("whole", str(2**31)),
    ("whole", str(-(2**70))),
    ("whole", "٥"),
    ("whole", "1_0"),
    ("key", "12345678-1234-5678-1234-567812345678"),
    ("key", "x"),
    ("name", "a"),
    ("name", "a\0b"),
    ("name", "zz"),
    ("day", "2024-01-01"),
    ("day", "2024-13-01"),
    ("day", "x"),
    ("moment", "x"),
    ("price", "1.5"),
    ("price", "x"),
    ("flag", "x"),
    ("slug", "twice"),
    ("ratio", "x"),
    ("clock", "x"),
    ("big", str(2**63)),
    ("small", "40000"),
    ("id", "1"),
    ("id", "0"),
]


@pytest.mark.parametrize(("name", "value"), _CASES)
def test_an_object_is_found_or_refused_as_by_drf(
    twin: Twin, session: Session, request_state: Any, name: str, value: str
) -> None:
    rows = dj.Kinds.objects.using(twin.alias)
    key = "12345678-1234-5678-1234-567812345678"
    rows.create(whole=5, key=key, name="a", day="2024-01-01", price="1.5", slug="twice")
    rows.create(slug="twice")
    expected = drf_answer(rows.all(), name, value)
    found = our_answer(session, select(our.Kinds), getattr(our.Kinds, name), value)
    assert found == expected


def test_older_drf_does_not_name_the_model(
    session: Session, request_state: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "DRF", (3, 14))
    assert our_answer(session, select(our.Tag), our.Tag.id, "9") == {"detail": "Not found."}


def test_the_permissions_of_the_route_decide_about_the_object(
    session: Session, request_state: Any
) -> None:
    row = orm.create(session, our.Tag, name="a")
    request_state.permissions = (Allow(), Refuse())
    with pytest.raises(PermissionDenied) as refused:
        actions.found(session, select(our.Tag), our.Tag.id, str(row.id))
    assert refused.value.detail == "not yours"
    assert refused.value.detail.code == "mine"


class OwnerSerializer(serializers.ModelSerializer):
    class Meta:
        model = dj.Owner
        fields = ("name", "boss", "tags")


def test_input_is_created_and_changed_as_by_a_model_serializer(
    twin: Twin, session: Session
) -> None:
    tags = [orm.create(session, our.Tag, name=str(number)) for number in range(3)]
    boss = orm.create(session, our.Owner, name="boss")
    owner = actions.create_object(session, our.Owner, {"name": "a", "tags": tags[:2]}, boss=boss)
    assert [tag.id for tag in owner.tags] == [1, 2]
    actions.update_object(session, owner, {"name": "b", "boss": None, "tags": [tags[2]]})
    theirs = dj.Owner.objects.using(twin.alias).get(pk=owner.id)
    shown = OwnerSerializer(theirs).data
    assert shown == {"name": "b", "boss": None, "tags": [3]}
    assert [tag.id for tag in owner.tags] == [3]


@pytest.mark.parametrize(("version", "left"), [((3, 9), [2]), ((3, 10), [1])])
def test_older_drf_sets_lists_before_a_row_that_cannot_be_saved(
    session: Session, monkeypatch: pytest.MonkeyPatch, version: tuple[int, int], left: list[int]
) -> None:
    """Outside a transaction they stay set."""
    monkeypatch.setattr(settings, "DRF", version)
    tags = [orm.create(session, our.Tag, name=str(number)) for number in range(2)]
    owner = actions.create_object(session, our.Owner, {"name": "a", "tags": tags[:1]})
    stranger = our.Owner(name="never saved")
    with pytest.raises(ValueError, match="save\\(\\) prohibited"):
        actions.update_object(session, owner, {"boss": stranger, "tags": tags[1:]})
    links = select(our.Tag.id).where(our.Tag.owners.any(our.Owner.id == owner.id))
    assert list(session.execute(links).scalars()) == left


def test_input_may_be_a_validated_schema(session: Session) -> None:
    data = SimpleNamespace(attrs=lambda: {"name": "a"})
    assert actions.create_object(session, our.Tag, data).name == "a"


def test_the_overridden_save_of_a_model_is_used(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    def save(self: our.Tag, session: Session, **options: Any) -> None:
        self.name = self.name.upper()
        super(our.Tag, self).save(session, **options)

    monkeypatch.setattr(our.Tag, "save", save, raising=False)
    row = actions.create_object(session, our.Tag, {"name": "a"})
    assert row.name == "A"
    assert actions.update_object(session, row, {"name": "b"}).name == "B"


class Shown:
    """A read schema: text from a row."""

    @classmethod
    def of(cls, obj: Any, context: Any) -> str:
        return f"{obj.name}:{len(obj.tags)}:{context.given}"


def test_endpoints_await_all_of_it(twin: Twin) -> None:
    """Relations may load while a row is rendered: that happens below the async session."""

    async def work() -> Any:
        database = twin.database
        try:
            async with database.sessions(
                info={"request": SimpleNamespace(state=SimpleNamespace())}
            ) as session:
                session.info["request"].state.permissions = ()
                tag = await actions.create(session, our.Tag, {"name": "t"})
                owner = await actions.create(session, our.Owner, {"name": "a", "tags": [tag]})
                session.expunge_all()
                found = await actions.get_object(session, select(our.Owner), our.Owner.id, "1")
                shown = [await actions.read(session, Shown, found)]
                await actions.update(session, found, {"name": "b"})
                shown += await actions.read_all(session, Shown, select(our.Owner))
                shown += await actions.read_many(session, Shown, [found])
                found.name = "c"
                await actions.save(session, found)
                assert (await actions.get(session, select(our.Owner))).name == "c"
                assert await actions.exists(session, select(our.Owner))
                await actions.destroy(session, found)
                assert await actions.count(session, select(our.Owner)) == 0
                assert await actions.first(session, select(our.Owner)) is None
                assert await actions.last(session, select(our.Tag)) is not None
                assert owner.id == 1
                return shown
        finally:
            await database.engine.dispose()

    assert asyncio.run(work()) == ["a:1:None", "b:1:None", "b:1:None"]
