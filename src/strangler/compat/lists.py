"""Lists of related rows that were loaded by being looked at, forgotten when they may change.

Django's related managers ask the database each time. What a query loaded ahead stays as it
was, as Django's prefetched lists do.
"""

from typing import Any
from weakref import ref

from sqlalchemy import inspect
from sqlalchemy.orm import (
    ORMExecuteState,
    RelationshipDirection,
    RelationshipProperty,
    Session,
)

# by the model listed: whose list it is, and which of its relations
Noted = dict[type[Any], list[tuple["ref[Any]", RelationshipProperty[Any]]]]


def _noted(session: Session) -> Noted:
    known: Noted = session.info.setdefault("lists", {})
    return known


def note_lazy_load(execute: ORMExecuteState) -> None:
    """Remember a list that is being loaded because somebody reads the attribute."""
    state, path = execute.lazy_loaded_from, execute.loader_strategy_path
    if state is None or path is None:
        return
    relation, owner = path[-1], state.obj()
    if not isinstance(relation, RelationshipProperty) or owner is None:
        return
    if relation.direction is not RelationshipDirection.MANYTOONE:
        entries = _noted(execute.session).setdefault(relation.mapper.class_, [])
        entries.append((ref(owner), relation))


def forget_lists(session: Session, model: type[Any]) -> None:
    """Rows of `model` were written: the lists of them are read again when next looked at."""
    noted = _noted(session)
    for listed in model.__mro__:
        if listed in noted:
            _expire(session, noted.pop(listed))


def forget_links(session: Session, owner: Any, name: str, table: Any) -> None:
    """Rows of a table between two models were written, through the list `name` of `owner`."""
    if name in inspect(owner).dict:
        session.expire(owner, [name])
    noted = _noted(session)
    for listed, entries in tuple(noted.items()):
        noted[listed] = [entry for entry in entries if entry[1].secondary is not table]
        _expire(session, [entry for entry in entries if entry[1].secondary is table])


def _expire(session: Session, entries: list[tuple["ref[Any]", RelationshipProperty[Any]]]) -> None:
    for reference, relation in entries:
        owner = reference()
        if owner is not None and owner in session and relation.key in inspect(owner).dict:
            session.expire(owner, [relation.key])
