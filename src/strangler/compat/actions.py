"""What endpoints do with one object: find, create, change, delete and show it.

All of it awaits the same work on the request's synchronous session, so that saves, receivers
and lazy loading are written once, without a colour.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Protocol, TypeVar

from sqlalchemy import Select, inspect
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session
from sqlalchemy.sql.elements import ColumnElement

from . import manytomany, orm, settings
from .admission import check_object_permissions
from .context import Context
from .errors import Http404, ObjectDoesNotExist
from .lookups import exact
from .models import Base
from .plans import given_of
from .transactions import atomic

T = TypeVar("T", bound=Base)
R_co = TypeVar("R_co", covariant=True)
R = TypeVar("R")
#: The DRF that saves a row before it sets lists.
_LISTS_LAST = (3, 10)


class Readable(Protocol[R_co]):
    """A read schema: renders an object of the database."""

    def of(self, obj: Any, context: Context[Any]) -> R_co: ...


class Attributes(Protocol):
    """Validated input: `attrs()` is DRF's `validated_data`."""

    def attrs(self) -> dict[str, Any]: ...


def found(session: Session, statement: Select[T], column: Any, value: Any) -> T:
    """The row whose `column` is `value`, permitted to this caller; raises Http404.

    A value that the column cannot hold is not found either; several rows are an error.
    """
    try:
        obj = orm.get(session, statement.where(exact(column, value)))
    except (TypeError, ValueError):
        raise Http404 from None
    except ObjectDoesNotExist:
        raise Http404(_no_match(orm.entity(statement))) from None
    check_object_permissions(Context.of(session), obj)
    return obj


def check_object(session: Session, obj: T) -> None:
    """Raise unless every permission of the route holds for a row that the view looked for itself."""
    check_object_permissions(Context.of(session), obj)


def _no_match(model: type[Base]) -> str:
    return f"No {model.django_label().rpartition('.')[2]} matches the given query."


async def get_object(session: AsyncSession, statement: Select[T], column: Any, value: Any) -> T:
    """The row of `statement` whose `column` is `value`, as DRF's `get_object()` finds it."""
    return await session.run_sync(found, statement, column, value)


def create_object(
    session: Session, model: type[T], data: Attributes | Mapping[str, Any], /, **extra: Any
) -> T:
    """Insert a row from validated input; lists of many-to-many relations are set after it.

    A write schema with a `create_object` of its own does it in its way.
    """
    values = _attrs(data) | extra
    own = getattr(type(data), "create_object", None)
    if own is not None:
        made: T = own(session, values, Context.of(session, given=given_of(data)))
        return made
    lists = {key: values.pop(key) for key in manytomany.names(model) if key in values}
    obj = orm.create(session, model, **values)
    for key, members in lists.items():
        manytomany.m2m_set(session, obj, key, members)
    return obj


def update_object(
    session: Session, obj: T, data: Attributes | Mapping[str, Any], /, **extra: Any
) -> T:
    """Assign validated input and save; lists of many-to-many relations are set after it.

    DRF before 3.10 sets them as it assigns, so that they stay set where the row cannot be saved.
    A write schema with an `update_object` of its own does it in its way.
    """
    values = _attrs(data) | extra
    own = getattr(type(data), "update_object", None)
    if own is not None:
        changed: T = own(session, obj, values, Context.of(session, obj, given_of(data)))
        forget_loaded_lists(session, changed)
        return changed
    names, lists = manytomany.names(type(obj)), dict[str, Any]()
    for key, value in values.items():
        if key not in names:
            setattr(obj, key, value)
        elif settings.DRF < _LISTS_LAST:
            manytomany.m2m_set(session, obj, key, value)
        else:
            lists[key] = value
    orm.save(session, obj)
    for key, members in lists.items():
        manytomany.m2m_set(session, obj, key, members)
    forget_loaded_lists(session, obj)
    return obj


def forget_loaded_lists(session: Session, obj: Base) -> None:
    """Drop what was loaded ahead, so that the answer shows what the update made of it."""
    state = inspect(obj)
    lists = [one.key for one in state.mapper.relationships if one.uselist and one.key in state.dict]
    if lists:
        session.expire(obj, lists)


def _attrs(data: Attributes | Mapping[str, Any]) -> dict[str, Any]:
    return dict(data) if isinstance(data, Mapping) else dict(data.attrs())


async def create(
    session: AsyncSession, model: type[T], data: Attributes | Mapping[str, Any], /, **extra: Any
) -> T:
    """Insert a row from validated input, with `extra` attributes."""
    return await session.run_sync(lambda sync: create_object(sync, model, data, **extra))


async def update(
    session: AsyncSession, obj: T, data: Attributes | Mapping[str, Any], /, **extra: Any
) -> T:
    """Change a row by validated input, with `extra` attributes."""
    return await session.run_sync(lambda sync: update_object(sync, obj, data, **extra))


async def save(session: AsyncSession, obj: Base, **options: Any) -> None:
    """Save an object; see `orm.save`."""
    await session.run_sync(orm.save, obj, **options)


async def destroy(session: AsyncSession, obj: Base) -> tuple[int, dict[str, int]]:
    """Delete an object and what hangs on it: the number of rows, and the number per model."""
    return await session.run_sync(orm.delete, obj)


async def read(
    session: AsyncSession,
    schema: Readable[R],
    obj: Any,
    *,
    context: Mapping[str, Any] | None = None,
) -> R:
    """Render one object; what it touches may be loaded meanwhile.

    context: what the serializer was given, where that is not what DRF gives it.
    """
    return await session.run_sync(lambda sync: schema.of(obj, Context.of(sync, given=context)))


async def read_many(
    session: AsyncSession,
    schema: Readable[R],
    rows: Iterable[Any],
    given: Mapping[str, Any] | None = None,
) -> list[R]:
    """Render rows in their order."""

    def render(sync: Session) -> list[R]:
        context: Context[Any] = Context.of(sync, given=given)
        return [schema.of(row, context) for row in rows]

    return await session.run_sync(render)


async def read_all(
    session: AsyncSession,
    schema: Readable[R],
    rows: Select[Any] | Iterable[Any],
    *,
    context: Mapping[str, Any] | None = None,
) -> list[R]:
    """Render every row of a statement, or rows at hand; for `context` see `read`."""
    if isinstance(rows, Select):
        rows = (await session.scalars(rows)).all()
    return await read_many(session, schema, rows, context)


async def get(session: AsyncSession, statement: Select[T]) -> T:
    """The one row of a statement; see `orm.get`."""
    return await session.run_sync(orm.get, statement)


async def get_or_404(
    session: AsyncSession,
    statement: Select[T],
    narrowed: Callable[[Select[T]], Select[T]] | None = None,
) -> T:
    """The one row of a statement; see `orm.get_or_404`."""
    return await session.run_sync(orm.get_or_404, statement, narrowed)


async def rows(session: AsyncSession, statement: Select[T]) -> list[T]:
    """All rows of a statement; see `orm.rows`."""
    return await session.run_sync(orm.rows, statement)


async def first(session: AsyncSession, statement: Select[T]) -> T | None:
    """The first row of a statement; see `orm.first`."""
    return await session.run_sync(orm.first, statement)


async def last(session: AsyncSession, statement: Select[T]) -> T | None:
    """The last row of a statement; see `orm.last`."""
    return await session.run_sync(orm.last, statement)


async def exists(session: AsyncSession, statement: Select[Any]) -> bool:
    """Whether a statement has rows."""
    return await session.run_sync(orm.exists, statement)


async def count(session: AsyncSession, statement: Select[Any]) -> int:
    """The number of rows of a statement."""
    return await session.run_sync(orm.count, statement)


async def aggregate(
    session: AsyncSession, statement: Select[Any], **expressions: ColumnElement[Any]
) -> dict[str, Any]:
    """The values of aggregate functions over the rows of a statement, by name."""
    return await session.run_sync(lambda sync: orm.aggregate(sync, statement, **expressions))


__all__ = [
    "aggregate",
    "atomic",
    "count",
    "create",
    "create_object",
    "destroy",
    "exists",
    "first",
    "forget_loaded_lists",
    "found",
    "get",
    "get_object",
    "get_or_404",
    "last",
    "read",
    "read_all",
    "read_many",
    "rows",
    "save",
    "update",
    "update_object",
]
