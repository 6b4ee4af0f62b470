"""Column types that hold on PostgreSQL, SQLite and MariaDB exactly what Django's fields hold there.

Values read are those Django reads, and what is written is byte for byte what Django writes,
so that both apps can work on one database.
"""

import json
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from decimal import ROUND_HALF_EVEN, Context, Decimal
from typing import Any, TypeVar

from sqlalchemy import (
    CHAR,
    BigInteger,
    Boolean,
    DateTime,
    Dialect,
    Double,
    Integer,
    Interval,
    LargeBinary,
    Numeric,
    SmallInteger,
    String,
    Text,
    Time,
)
from sqlalchemy.dialects import mysql, postgresql
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql import operators
from sqlalchemy.sql.type_api import TypeDecorator, TypeEngine
from sqlalchemy.types import JSON, UserDefinedType

from . import settings
from .clock import aware

T = TypeVar("T")

# SQLite reads a float back with this precision, as Django does.
_SQLITE_FLOAT = Context(prec=15)


class SqliteWord(UserDefinedType[Any]):
    """A type of SQLite under the name that Django gives it there."""

    cache_ok = True

    def __init__(self, word: str) -> None:
        self.word = word

    def get_col_spec(self, **_: Any) -> str:
        return self.word


class SqliteInteger(Integer):
    """A whole number on SQLite whose type has another name than `integer`."""

    def __init__(self, word: str) -> None:
        super().__init__()
        self.word = word


@compiles(SqliteInteger, "sqlite")
def _sqlite_integer(kind: SqliteInteger, *_: Any, **__: Any) -> str:
    return kind.word


@compiles(Boolean, "sqlite")
def _sqlite_boolean(*_: Any, **__: Any) -> str:
    return "bool"


@compiles(JSON, "sqlite")
def _sqlite_json(*_: Any, **__: Any) -> str:
    return "text"


@compiles(Double, "sqlite")
def _sqlite_double(*_: Any, **__: Any) -> str:
    return "real"


@compiles(Text, "mariadb")
def _mariadb_text(kind: Text, *_: Any, **__: Any) -> str:
    return f"longtext COLLATE {kind.collation}" if kind.collation else "longtext"


@compiles(LargeBinary, "mariadb")
def _mariadb_binary(*_: Any, **__: Any) -> str:
    return "longblob"


# SQLite numbers the rows of `integer` keys only, so every automatic key is one there.
AutoInteger = Integer()
BigAutoInteger = BigInteger().with_variant(Integer(), "sqlite")
SmallAutoInteger = SmallInteger().with_variant(Integer(), "sqlite")

PositiveInteger = (
    Integer()
    .with_variant(SqliteInteger("integer unsigned"), "sqlite")
    .with_variant(mysql.INTEGER(unsigned=True), "mariadb")
)
PositiveBigInteger = (
    BigInteger()
    .with_variant(SqliteInteger("bigint unsigned"), "sqlite")
    .with_variant(mysql.BIGINT(unsigned=True), "mariadb")
)
PositiveSmallInteger = (
    SmallInteger()
    .with_variant(SqliteInteger("smallint unsigned"), "sqlite")
    .with_variant(mysql.SMALLINT(unsigned=True), "mariadb")
)


# What Django's field prepares a value for; for LIKE and regular expressions it does not.
_PREPARED = frozenset(
    {
        *(operators.eq, operators.ne, operators.lt, operators.le, operators.gt, operators.ge),
        *(operators.in_op, operators.not_in_op, operators.between_op, operators.not_between_op),
        *(operators.is_distinct_from, operators.is_not_distinct_from),
    }
)


class OwnValue(TypeDecorator[Any]):
    """Values in a form of their own: `read` makes them of the column's, `write` the reverse.

    `nulls`: whether they are given None as well, or keep off it.
    """

    impl = String
    cache_ok = True

    def __init__(
        self,
        inner: TypeEngine[Any],
        *,
        read: Callable[[Any], Any] | None = None,
        write: Callable[[Any], Any] | None = None,
        nulls: bool = True,
    ) -> None:
        super().__init__()
        self.inner = inner
        self.read = read
        self.write = write
        self.nulls = nulls

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return self.inner  # adapted here already, PostgreSQL's Text would be a varchar

    def coerce_compared_value(self, op: Any, value: Any) -> TypeEngine[Any]:
        return self if op in _PREPARED else self.inner.coerce_compared_value(op, value)

    def process_bind_param(self, value: Any, dialect: Dialect) -> Any:
        if self.write is None or (value is None and not self.nulls):
            return value
        return self.write(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> Any:
        if self.read is None or (value is None and not self.nulls):
            return value
        return self.read(value)


class OwnText(OwnValue):
    """The same of a column that stores a text."""


class _NativeOnPostgresql(TypeDecorator[T]):
    """A type whose values PostgreSQL's driver already reads as Django shows them."""

    def result_processor(self, dialect: Dialect, coltype: Any) -> Callable[[Any], Any] | None:
        if dialect.name == "postgresql" and settings.USE_TZ:
            return self.impl_instance.result_processor(dialect, coltype)
        return super().result_processor(dialect, coltype)


class DjangoDateTime(_NativeOnPostgresql[datetime]):
    """An instant: `timestamptz`; on SQLite text in UTC, with a fraction only if there is one.

    On MariaDB `datetime(6)` in UTC.
    """

    impl = DateTime
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        if dialect.name == "sqlite":
            return SqliteWord("datetime")
        if dialect.name == "mariadb":
            return dialect.type_descriptor(mysql.DATETIME(fsp=6))
        return dialect.type_descriptor(DateTime(timezone=True))

    def coerce_compared_value(self, op: Any, value: Any) -> TypeEngine[Any]:
        return DjangoInterval() if isinstance(value, timedelta) else self

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        if not isinstance(value, datetime):
            return value
        if settings.USE_TZ:
            value = aware(value)
        if dialect.name == "postgresql":
            return value
        if value.tzinfo is not None:
            value = value.astimezone(UTC).replace(tzinfo=None)
        return str(value) if dialect.name == "sqlite" else value

    def process_result_value(self, value: Any, dialect: Dialect) -> Any:
        if isinstance(value, str):
            value = datetime.fromisoformat(value)
        if isinstance(value, datetime):
            if settings.USE_TZ and value.tzinfo is None:
                return value.replace(tzinfo=UTC)
            if not settings.USE_TZ and value.tzinfo:
                # The session's time zone is the app's, so the wall clock is what Django shows.
                return value.replace(tzinfo=None)
        return value


class DjangoTime(_NativeOnPostgresql[time]):
    """A time of day; on SQLite text with a fraction only if there is one."""

    impl = Time
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        if dialect.name == "sqlite":
            return SqliteWord("time")
        kind = mysql.TIME(fsp=6) if dialect.name == "mariadb" else Time()
        return dialect.type_descriptor(kind)

    def process_bind_param(self, value: time | None, dialect: Dialect) -> Any:
        return str(value) if dialect.name == "sqlite" and isinstance(value, time) else value

    def process_result_value(self, value: Any, dialect: Dialect) -> time | None:
        return time.fromisoformat(value) if isinstance(value, str) else value


class DjangoDecimal(_NativeOnPostgresql[Decimal]):
    """A decimal with fixed places; on SQLite a float, read and rounded as Django does."""

    impl = Numeric
    cache_ok = True

    def __init__(self, precision: int | None = None, scale: int | None = None) -> None:
        super().__init__(precision, scale)
        self.precision = precision
        self.scale = scale
        self._context = Context(prec=precision or 28, rounding=ROUND_HALF_EVEN)

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        if dialect.name == "sqlite":
            return SqliteWord("decimal")
        return dialect.type_descriptor(Numeric(self.precision, self.scale))

    def coerce_compared_value(self, op: Any, value: Any) -> TypeEngine[Any]:
        # What is compared or added need not fit the column: it must not be cut to its places.
        return self if self.scale is None else DjangoDecimal()

    def stored(self, number: Decimal, dialect: str) -> Decimal:
        """The number as a save writes it: Django before 5.2 cuts it for SQLite.

        Raises:
            decimal.InvalidOperation: it has more digits than the column.
        """
        if dialect != "sqlite" or settings.DJANGO >= (5, 2) or self.scale is None:
            return number
        return number.quantize(Decimal(1).scaleb(-self.scale), context=self._context)

    def process_bind_param(self, value: Any, dialect: Dialect) -> Any:
        if dialect.name != "sqlite" or not isinstance(value, Decimal):
            return value
        return str(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> Decimal | None:
        if dialect.name != "sqlite" or value is None:
            return value  # type: ignore[no-any-return]  # the driver's own Decimal
        if isinstance(value, float):
            number = _SQLITE_FLOAT.create_decimal_from_float(value)
        else:
            number = _SQLITE_FLOAT.create_decimal(value)
        if self.scale is None:
            return number
        return number.quantize(Decimal(1).scaleb(-self.scale), context=self._context)


class DjangoInterval(_NativeOnPostgresql[timedelta]):
    """A span of time: `interval`; on SQLite and MariaDB a whole number of microseconds."""

    impl = Interval
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        if dialect.name != "postgresql":
            return BigInteger()
        return dialect.type_descriptor(postgresql.INTERVAL())

    def coerce_compared_value(self, op: Any, value: Any) -> TypeEngine[Any]:
        return DjangoDateTime() if isinstance(value, date) else self

    def process_bind_param(self, value: timedelta | None, dialect: Dialect) -> Any:
        if dialect.name != "postgresql" and isinstance(value, timedelta):
            return value // timedelta(microseconds=1)
        return value

    def process_result_value(self, value: Any, dialect: Dialect) -> timedelta | None:
        return timedelta(microseconds=value) if isinstance(value, int) else value


class DjangoJSON(TypeDecorator[Any]):
    """JSON: `jsonb`; on SQLite and MariaDB text. None is SQL's NULL, never JSON's.

    `encoder` is the `json.JSONEncoder` class that writes values JSON has no form for.
    """

    impl = JSON
    cache_ok = True

    def __init__(self, encoder: type[json.JSONEncoder] | None = None) -> None:
        super().__init__(none_as_null=True)
        self.encoder = encoder

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        if dialect.name != "postgresql":
            return dialect.type_descriptor(JSON(none_as_null=True))
        return dialect.type_descriptor(postgresql.JSONB(none_as_null=True))

    def process_bind_param(self, value: Any, dialect: Dialect) -> Any:
        # Only an encoder's own kinds need the detour: its output is plain JSON again.
        return value if self.encoder is None else json.loads(json.dumps(value, cls=self.encoder))


class DjangoInet(TypeDecorator[str]):
    """An IP address as text: `inet`; on SQLite and MariaDB `char(39)`."""

    impl = String
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        if dialect.name == "sqlite":
            return SqliteWord("char(39)")
        if dialect.name == "mariadb":
            return dialect.type_descriptor(CHAR(39))
        return dialect.type_descriptor(postgresql.INET())

    def process_result_value(self, value: Any, dialect: Dialect) -> str | None:
        return None if value is None else str(value)


class Caseless(postgresql.CITEXT):
    """PostgreSQL's text without case; `contains` and the like do not count it either."""

    cache_ok = True


class NamedType(UserDefinedType[Any]):
    """A type that the database knows by name; values are those of the driver."""

    cache_ok = True

    def __init__(self, name: str) -> None:
        self.name = name

    def get_col_spec(self, **_: Any) -> str:
        return self.name
