"""Deleting an object, or the rows of a statement, with everything that hangs on them."""

from typing import Any

from sqlalchemy import Select
from sqlalchemy.orm import Session, make_transient

from .collector import Collector, Deleted, Fast, can_fast_delete, name_of
from .fetching import entity, is_sliced, key_subquery, primary_key
from .keys import has_key, key_name
from .transactions import write


def delete_object(session: Session, obj: Any) -> Deleted:
    """Delete a row and what hangs on it; the object loses its primary key.

    Raises ProtectedError or RestrictedError before anything is deleted.
    """
    model = type(obj)
    if not has_key(obj):
        raise ValueError(
            f"{name_of(model)} object can't be deleted because its {key_name(model)} attribute "
            "is set to None."
        )
    collector = Collector(session, obj)
    collector.collect([obj], top=True)
    if collector.fast or collector.updates or len(collector.data) > 1 or not can_fast_delete(model):
        done = collector.delete()
    else:
        with write(session):
            number = collector.delete_rows(model, [obj])
        collector.forget([obj])
        done = number, {model.django_label(): number}
    make_transient(obj)
    setattr(obj, key_name(model), None)
    return done


def delete_matching(session: Session, statement: Select[Any]) -> Deleted:
    """Delete the rows of a statement and what hangs on them, as `QuerySet.delete()` does."""
    if is_sliced(statement):
        raise TypeError("Cannot use 'limit' or 'offset' with delete().")
    if statement._distinct_on:
        raise TypeError("Cannot call delete() after .distinct(*fields).")
    model = entity(statement)
    collector = Collector(session, statement)
    statement = statement.order_by(None)
    if can_fast_delete(model):
        where = primary_key(model).in_(key_subquery(statement))
        collector.fast.append(Fast(model, where))
    else:
        collector.collect(list(session.scalars(statement).unique()), top=True)
    return collector.delete()
