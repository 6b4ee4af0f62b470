"""One object in one of its tables, written by an UPDATE or an INSERT of all its columns."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Column, Update, exists, insert, inspect, select
from sqlalchemy.orm import InstanceState, Session
from sqlalchemy.orm.attributes import flag_modified

from .clock import STAMPS
from .levels import Level
from .values import stored


class DatabaseError(Exception):
    """A save that had to update a row found none."""


class Row:
    """One object in one of its tables; `fields` are the attributes to update, None for all."""

    def __init__(
        self, session: Session, obj: Any, level: Level, fields: frozenset[str] | None
    ) -> None:
        self.session = session
        self.obj = obj
        self.level = level
        self.fields = fields
        # attributes that go on holding another value than what was written
        self.apart: set[str] = set()
        for own, above in level.links.items():
            setattr(obj, own, getattr(obj, above))

    def save(self, force_insert: bool, force_update: bool) -> bool:
        """Write the row; whether it was inserted."""
        has_key = self._find_key()
        if not has_key and (force_update or self.fields):
            raise ValueError("Cannot force an update in save() with no primary key.")
        adding = inspect(self.obj).key is None
        if adding and not force_update and self._key_has_default():
            force_insert = True
        if has_key and not force_insert:
            if self._update():
                return False
            if force_update:
                raise DatabaseError("Forced update did not affect any rows.")
            if self.fields:
                raise DatabaseError("Save with update_fields did not affect any rows.")
        self._insert(has_key)
        return True

    def keep_apart(self) -> None:
        """What the object goes on holding counts as assigned: a row that is read is another."""
        for key in self.apart:
            flag_modified(self.obj, key)

    def _find_key(self) -> bool:
        """Whether the object has a primary key, after its default was asked for one."""
        for key in self.level.keys:
            default: Any = self.level.columns[key].default
            if getattr(self.obj, key) is None and default is not None:
                value = default.arg(None) if default.is_callable else default.arg
                setattr(self.obj, key, value)
        return all(getattr(self.obj, key) is not None for key in self.level.keys)

    def _key_has_default(self) -> bool:
        columns = [self.level.columns[key] for key in self.level.keys]
        return all(
            column.default is not None
            or (column.server_default is not None and column.identity is None)
            for column in columns
        )

    def _update(self) -> bool:
        level = self.level
        where = [level.columns[key] == self._value(key) for key in level.keys]
        values = {
            level.columns[key]: self._stamped(key, level.columns[key].onupdate, adding=False)
            for key in level.others
            if self.fields is None or key in self.fields
        }
        if not values:
            if self.fields is not None:
                return True
            return bool(self.session.scalar(select(exists().where(*where))))
        return self._executed(level.update(where, values), self._renewed(values), where)

    def _renewed(self, values: dict[Column[Any], Any]) -> dict[str, Column[Any]]:
        """What the database computes of the columns that are written, where Django reads it again."""
        written = {key for key, column in self.level.columns.items() if column in values}
        return {
            key: column
            for key, column in self.level.generated.items()
            if not written.isdisjoint(column.info.get("renewed_by", ()))
        }

    def _executed(
        self, statement: Update, renewed: dict[str, Column[Any]], where: Sequence[Any]
    ) -> bool:
        """Whether the UPDATE found its row, of which the object then has what it computed."""
        if not renewed:
            return bool(self.session.execute(statement).rowcount)  # type: ignore[attr-defined]
        if self.session.get_bind().dialect.update_returning:
            row = self.session.execute(statement.returning(*renewed.values())).one_or_none()
        else:
            self.session.execute(statement)
            row = self.session.execute(select(*renewed.values()).where(*where)).one_or_none()
        if row is not None:
            self._take(renewed, row)
        return row is not None

    def values(self, has_key: bool) -> dict[Column[Any], Any]:
        """The columns of an INSERT; what the database fills in is left out."""
        state: InstanceState[Any] = inspect(self.obj)
        level = self.level
        return {
            column: self._stamped(key, column.default, adding=True)
            for key, column in level.columns.items()
            if (has_key or key not in level.keys or len(level.keys) > 1)
            and (key not in level.generated or state.dict.get(key) is not None)
        }

    def _insert(self, has_key: bool) -> None:
        values = self.values(has_key)
        returned = _returned(self.level, has_key, values)
        statement = insert(self.level.table).values(values)
        if not returned:
            self.session.execute(statement)
            return
        row = self.session.execute(statement.returning(*returned.values())).one()
        self._take(returned, row)

    def _take(self, returned: dict[str, Column[Any]], row: Sequence[Any]) -> None:
        for key, value in zip(returned, row, strict=True):
            setattr(self.obj, key, value)

    @staticmethod
    def insert_many(rows: "list[Row]", has_key: bool) -> None:
        """Insert rows of one table with few statements."""
        first = rows[0]
        values = [row.values(has_key) for row in rows]
        returned = _returned(first.level, has_key, values[0])
        statement = insert(first.level.table)
        named = [{column.key: value for column, value in one.items()} for one in values]
        if not returned:
            first.session.execute(statement, named)
            return
        found = first.session.execute(
            statement.returning(*returned.values(), sort_by_parameter_order=True), named
        ).all()
        for row, result in zip(rows, found, strict=True):
            row._take(returned, result)

    def _stamped(self, key: str, default: Any, *, adding: bool) -> Any:
        """The value to write, after what Django does to some fields before each save."""
        column = self.level.columns[key]
        hook, saved = column.info.get("pre_save"), column.info.get("saved")
        if saved is not None:  # the object keeps what it has, unless the function sets it
            written = stored(self.session, column, saved(self.obj, adding), key)
            if written != self._value(key):
                self.apart.add(key)
            return written
        if hook is not None:
            setattr(self.obj, key, hook(self.obj, getattr(self.obj, key), adding))
        elif default is not None and default.is_callable and default.arg in STAMPS:
            setattr(self.obj, key, default.arg(None))
        return self._value(key)

    def _value(self, key: str) -> Any:
        return stored(self.session, self.level.columns[key], getattr(self.obj, key), key)


def _returned(
    level: Level, has_key: bool, values: dict[Column[Any], Any]
) -> dict[str, Column[Any]]:
    """What an INSERT must report: the key, and columns that the database computes."""
    found = {key: column for key, column in level.generated.items() if column not in values}
    if not has_key and len(level.keys) == 1:
        found |= {key: level.columns[key] for key in level.keys}
    return found
