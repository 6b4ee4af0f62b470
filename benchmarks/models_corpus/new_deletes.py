"""What the converted application deletes of generated graphs: runs in its folder.

python new_deletes.py SEED APP... < nothing > JSON
"""

import functools
import importlib
import json
import sys
from collections.abc import Callable, Iterator
from typing import Any

from new_side import classes_by_label, table_of
from sqlalchemy import inspect, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from trials import read_all, subsets

_transactions = importlib.import_module("app.compat.transactions")
_deleting = importlib.import_module("app.compat.deleting")
_errors = importlib.import_module("app.compat.errors")


class _UndoneError(Exception):
    """Takes a trial back."""


def main(seed: str, apps: list[str]) -> Any:
    """`{trial: [answer, rows]}` of every trial, as `django_deletes.py delete` says it."""
    classes = classes_by_label()
    database = importlib.import_module("app.db").database
    with database.sync_sessions() as session:
        return {name: one for app in apps for name, one in _trials(seed, app, classes, session)}


def _trials(
    seed: str, app: str, classes: dict[str, Any], session: Session
) -> Iterator[tuple[str, Any]]:
    here = {label: model for label, model in classes.items() if label.startswith(f"{app}.")}
    names = [table_of(inspect(model)).name for model in here.values()]
    for label, model in here.items():
        if model.__auto_created__:
            continue
        known = sorted(session.scalars(select(_key(model))))
        for keys in subsets(label, known, seed):
            work = functools.partial(_deleted, session, model, keys)
            yield f"{label} {keys}", _undone(session, names, work)


def _key(model: Any) -> Any:
    mapper = inspect(model)
    column = next(iter(table_of(mapper).primary_key))
    return getattr(model, mapper.get_property_by_column(column).key)


def _undone(session: Session, names: list[str], work: Callable[[], Any]) -> Any:
    found: Any = None
    try:
        with _transactions.atomic(session):
            try:
                with _transactions.atomic(session):
                    answer = work()
            except _errors.ProtectedError as error:
                answer = ["ProtectedError", error.args[0], len(error.protected_objects)]
            except _errors.RestrictedError as error:
                answer = ["RestrictedError", error.args[0], len(error.restricted_objects)]
            except IntegrityError:
                answer = ["IntegrityError"]
            rows = read_all(functools.partial(_fetched, session), names)
            found = [answer, rows]
            raise _UndoneError
    except _UndoneError:
        session.expunge_all()
    return found


def _fetched(session: Session, sql: str) -> Any:
    connection = session.connection()
    mariadb = connection.dialect.name == "mariadb"
    return connection.exec_driver_sql(sql.replace('"', "`") if mariadb else sql).fetchall()


def _deleted(session: Session, model: Any, keys: list[int]) -> Any:
    statement = select(model).where(_key(model).in_(keys))
    if len(keys) == 1:
        answer = session.scalars(statement).one().delete(session)
    else:
        answer = _deleting.delete_matching(session, statement)
    _check(session)
    return list(answer)


def _check(session: Session) -> None:
    """Raise IntegrityError where a row points to none."""
    connection = session.connection()
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("SET CONSTRAINTS ALL IMMEDIATE")
        connection.exec_driver_sql("SET CONSTRAINTS ALL DEFERRED")
    elif connection.dialect.name == "mariadb":
        return  # it has checked already
    elif connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall():
        raise IntegrityError("", {}, Exception("a foreign key points to no row"))


if __name__ == "__main__":
    print(json.dumps(main(sys.argv[1], sys.argv[2:])))
