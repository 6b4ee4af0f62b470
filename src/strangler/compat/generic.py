"""Generic foreign keys: a row that names its target by content type and primary key."""

from typing import Any

from sqlalchemy import insert, inspect, select
from sqlalchemy.orm import Session

from .errors import ObjectDoesNotExist
from .fetching import get, primary_key
from .relations import concrete, content_types
from .transactions import write
from .values import prepared


def content_type_id(session: Session, model: type[Any]) -> int:
    """The key of a model in `django_content_type`, which is made if it is missing."""
    table = content_types(model)
    label, _, name = concrete(model).django_label().partition(".")
    wanted = select(table.c.id).where(table.c.app_label == label, table.c.model == name.lower())
    found = session.scalar(wanted)
    if found is None:
        row = {"app_label": label, "model": name.lower()}
        with write(session):
            found = session.scalar(insert(table).values(row).returning(table.c.id))
    return int(found)


def target_of(
    session: Session, obj: Any, content_type: str = "content_type_id", object_id: str = "object_id"
) -> Any:
    """The object that `obj` points to; None if it names none, or one that is gone."""
    kind = getattr(obj, content_type)
    if kind is None:
        return None
    table = content_types(type(obj))
    row = session.execute(select(table.c.app_label, table.c.model).where(table.c.id == kind)).one()
    for mapper in inspect(type(obj)).registry.mappers:
        label, _, name = mapper.class_.django_label().partition(".")
        if (label, name.lower()) == tuple(row):
            key = primary_key(mapper.class_)
            wanted = prepared(key, getattr(obj, object_id), key.key)
            try:
                return get(session, select(mapper.class_).where(key == wanted))
            except ObjectDoesNotExist:
                return None
    return None


def pointing(
    session: Session,
    target: Any,
    content_type: str = "content_type_id",
    object_id: str = "object_id",
) -> dict[str, Any]:
    """The two columns of a row that names `target`, as arguments of its constructor."""
    return {content_type: content_type_id(session, type(target)), object_id: target.pk}


def point_to(
    session: Session,
    obj: Any,
    target: Any,
    content_type: str = "content_type_id",
    object_id: str = "object_id",
) -> None:
    """Make `obj` name `target`; None empties both columns."""
    setattr(obj, content_type, None if target is None else content_type_id(session, type(target)))
    setattr(obj, object_id, None if target is None else target.pk)
