"""The database of the app: engines, and one session for each request."""

import re
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from functools import cached_property
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, exc
from sqlalchemy.engine import URL, ExceptionContext, make_url
from sqlalchemy.ext.asyncio import (
    AsyncEngine,
    AsyncSession,
    async_sessionmaker,
    create_async_engine,
)
from sqlalchemy.orm import ORMExecuteState, Session, sessionmaker
from starlette.requests import Request

from . import mariadb, settings, shadow
from .dialects import register
from .lists import note_lazy_load
from .transactions import TransactionManagementError, atomic, begin, in_atomic

# How long a writer waits for another one on SQLite, in seconds.
SQLITE_PATIENCE = 30.0


class RequestSession(Session):
    """The session of one request: reading a row again shows what the database holds now."""


class Database:
    """One database: `sqlite:////path`, `postgresql://…` or `mysql://…`, engines made at first use.

    `database.session` is the dependency of `async def` endpoints, `database.sync_session` that
    of plain ones. With `atomic_requests` a request is one transaction, rolled back on errors.
    Reads run without a transaction, each for itself, as in Django; the first write starts one.
    Emit the dependency with `Depends(database.session, scope="function")`: it then ends before
    the response is sent. `options` by kind of database (`{"postgresql": {"sslmode": …}}`) are
    for its driver, but for what the query of `url` says; `init_command` holds SQLite's pragmas
    and MariaDB's statements, `isolation_level` is MariaDB's too.
    """

    def __init__(
        self,
        url: str,
        *,
        atomic_requests: bool = False,
        options: Mapping[str, Mapping[str, Any]] | None = None,
        **engine: Any,
    ) -> None:
        self.url = make_url(_KNOWN_AS.sub(lambda match: _NAMES[match[1]], url))
        self.atomic_requests = atomic_requests
        given = (options or {}).get(self.url.get_backend_name(), {})
        self._driver = {name: v for name, v in given.items() if name not in self.url.query}
        self._commands = str(self._driver.pop("init_command", "")).split(";")
        self._isolation_level = str(self._driver.pop("isolation_level", "read committed"))
        self._options = engine

    @cached_property
    def engine(self) -> AsyncEngine:
        engine = create_async_engine(
            _driven(self.url, {"sqlite": "aiosqlite", "mariadb": "asyncmy"}), **self._arguments()
        )
        _listen(engine.sync_engine, self._isolation_level)
        event.listen(engine.sync_engine, "connect", self._prepare)
        return engine

    @cached_property
    def sync_engine(self) -> Engine:
        engine = create_engine(
            _driven(self.url, {"sqlite": "pysqlite", "mariadb": "pymysql"}), **self._arguments()
        )
        _listen(engine, self._isolation_level)
        event.listen(engine, "connect", self._prepare)
        return engine

    def _arguments(self) -> dict[str, Any]:
        if self.url.get_backend_name() == "sqlite":
            return {"connect_args": {"timeout": SQLITE_PATIENCE} | self._driver} | self._options
        if self.url.get_backend_name() == "mariadb":
            charset = "utf8mb4" if settings.DJANGO >= (5, 2) else "utf8"
            return {"connect_args": {"charset": charset} | self._driver} | self._options
        # Prepared statements do not survive a pooler that changes the server's connection.
        chosen = {"prepare_threshold": None} | self._driver
        return {"connect_args": chosen, "native_inet_types": False} | self._options

    def _prepare(self, connection: Any, _: object) -> None:
        """Run what `init_command` says on a new connection."""
        for command in filter(None, map(str.strip, self._commands)):
            cursor = connection.cursor()
            cursor.execute(command)
            cursor.close()

    @cached_property
    def sessions(self) -> async_sessionmaker[AsyncSession]:
        return async_sessionmaker(
            self.engine,
            sync_session_class=RequestSession,
            autoflush=False,
            expire_on_commit=False,
        )

    @cached_property
    def sync_sessions(self) -> sessionmaker[RequestSession]:
        return sessionmaker(
            self.sync_engine, class_=RequestSession, autoflush=False, expire_on_commit=False
        )

    async def session(self, request: Request) -> AsyncIterator[AsyncSession]:
        """The request's session, also found in `request.state.session`."""
        async with self.sessions(info={"request": request}) as session:
            request.state.session = session
            if self.atomic_requests:
                async with atomic(session):
                    yield session
            else:
                yield session

    def sync_session(self, request: Request) -> Iterator[Session]:
        """The request's session for an endpoint that runs in a thread."""
        with self.sync_sessions(info={"request": request}) as session:
            request.state.sync_session = session
            if self.atomic_requests:
                with atomic(session):
                    yield session
            else:
                yield session

    async def dispose(self) -> None:
        """Close every pooled connection."""
        if "engine" in self.__dict__:
            await self.engine.dispose()
        if "sync_engine" in self.__dict__:
            self.sync_engine.dispose()


# Of the two names that SQLAlchemy has for it, this one refuses servers that are no MariaDB.
_KNOWN_AS = re.compile(r"^(postgres|mysql)(?=:)")
_NAMES = {"postgres": "postgresql", "mysql": "mariadb"}


def _driven(url: URL, drivers: Mapping[str, str]) -> URL:
    if "+" in url.drivername:
        return url
    driver = drivers.get(url.drivername, "psycopg")
    return url.set(drivername=f"{url.drivername}+{driver}")


@event.listens_for(RequestSession, "do_orm_execute")
def _read_afresh(execute: ORMExecuteState) -> None:
    """Let a query refresh objects already loaded, unless one holds unsaved assignments."""
    if execute.is_relationship_load:
        note_lazy_load(execute)
        return
    if not execute.is_select or execute.is_column_load:
        return
    session = execute.session
    if getattr(execute.statement, "_for_update_arg", None) is not None and not in_atomic(session):
        raise TransactionManagementError(
            "select_for_update cannot be used outside of a transaction."
        )
    if not any(session.is_modified(one) for one in session.dirty):
        execute.update_execution_options(populate_existing=True)


# Words of the databases' that SQLAlchemy does not know; a column may have such a name.
_WORDS = frozenset({"nothing", "returning", "collation", "concurrently", "lateral", "tablesample"})


def _listen(engine: Engine, isolation_level: str) -> None:
    open_connection: Callable[[Any, Any], None] = _open_postgresql
    if engine.dialect.name == "sqlite":
        open_connection = _open_sqlite
    elif engine.dialect.name == "mariadb":
        open_connection = mariadb.prepare(engine, isolation_level)
    names = engine.dialect.identifier_preparer
    names.reserved_words = names.reserved_words | _WORDS
    event.listen(engine, "connect", open_connection)
    for end in ("begin", "commit", "rollback"):
        event.listen(engine, end, _no_transaction)
    event.listen(engine, "savepoint", lambda connection, _: begin(connection))
    event.listen(engine, "before_cursor_execute", _begin_before_writes)
    if engine.dialect.name == "postgresql":
        event.listen(engine, "handle_error", _refuse_nul)
    event.listen(engine, "handle_error", _told_as_django)
    shadow.watch(engine)


# The drivers leave transactions alone: reads need none, and `begin` starts one before writes.


def _open_sqlite(connection: Any, record: Any) -> None:
    connection.isolation_level = None
    record.info["begun"] = False
    register(connection)
    cursor = connection.cursor()
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.execute("PRAGMA journal_mode = WAL")
    cursor.close()


def _open_postgresql(connection: Any, record: Any) -> None:
    connection.autocommit = True
    record.info["begun"] = False
    wanted = "UTC" if settings.USE_TZ else settings.TIME_ZONE
    cursor = connection.cursor()
    cursor.execute("SELECT set_config('TimeZone', %s, false)", (wanted,))
    cursor.close()


def _refuse_nul(context: ExceptionContext) -> None:
    """NUL in a text is a ValueError where Django's driver is psycopg2, which does not send it."""
    if settings.PSYCOPG2 and "cannot contain NUL" in str(context.original_exception):
        raise ValueError("A string literal cannot contain NUL (0x00) characters.")


class IntegrityError(exc.IntegrityError):
    """What the database refuses, in the words of its driver alone, which code may show clients."""

    def __str__(self) -> str:
        return f"{self.orig}\n" if settings.PSYCOPG2 else str(self.orig)


def _told_as_django(context: ExceptionContext) -> BaseException | None:
    error = context.sqlalchemy_exception
    if type(error) is not exc.IntegrityError or error.orig is None:
        return None
    return IntegrityError(error.statement, error.params, error.orig)


def _no_transaction(connection: Connection) -> None:
    connection.info["begun"] = False
    shadow.ended(connection)


_READS = re.compile(
    r"\s*(SELECT|VALUES|SHOW|EXPLAIN|PRAGMA|SET|BEGIN|SAVEPOINT|RELEASE|ROLLBACK|COMMIT)\b", re.I
)


def _begin_before_writes(
    connection: Connection, _: object, statement: str, __: object, context: Any, *___: object
) -> None:
    """Whatever may write starts a transaction; so does a cursor that stays open on the server."""
    streams = context is not None and context.execution_options.get("stream_results", False)
    if streams or not _READS.match(statement):
        begin(connection)
