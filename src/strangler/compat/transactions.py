"""Transactions as Django has them: each write commits by itself unless `atomic` holds it.

The session is SQLAlchemy's own. What was assigned to an object but not saved is never written
by a commit made here, and a rollback leaves the objects in memory as they are.
"""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

from sqlalchemy.engine import Connection, NestedTransaction
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session, SessionTransactionOrigin

from . import shadow

Callback = Callable[[], object]


class TransactionManagementError(Exception):
    """An operation that the present state of the transaction does not allow."""


@dataclass
class _State:
    """What Django keeps on its connection: open blocks, and what to do after the commit."""

    blocks: list[NestedTransaction | None] = field(default_factory=list)
    needs_rollback: bool = False
    # each with the savepoints it was registered below: it is dropped with any of them
    callbacks: list[tuple[frozenset[int], Callback]] = field(default_factory=list)

    def savepoints(self) -> frozenset[int]:
        return frozenset(id(block) for block in self.blocks if block is not None)


def _state(session: Session) -> _State:
    state = session.info.get("transaction")
    if not isinstance(state, _State):
        state = session.info["transaction"] = _State()
    return state


def in_atomic(session: Session) -> bool:
    """Whether an `atomic` block is open."""
    return bool(_state(session).blocks)


def _commit(session: Session) -> None:
    """Commit what was sent to the database, and nothing that was only assigned."""
    unsaved = [*session.new, *(one for one in session.dirty if session.is_modified(one))]
    for one in unsaved:
        session.expunge(one)
    try:
        session.commit()
    finally:
        session.add_all(unsaved)


def _rollback(session: Session) -> None:
    """Roll back without expiring the objects in memory."""
    held = list(session)
    session.expunge_all()
    try:
        session.rollback()
    finally:
        session.add_all(held)


def begin(connection: Connection) -> None:
    """Start a real transaction, unless one runs or the connection is not one of `database`.

    Until then each statement stands for itself. On SQLite the write lock is taken at once: a
    transaction that has read could not become a writing one after somebody else's write.
    """
    if shadow.begin_read_only(connection):
        return
    if connection.info.get("begun") is False:
        sqlite = connection.dialect.name == "sqlite"
        connection.exec_driver_sql("BEGIN IMMEDIATE" if sqlite else "BEGIN")
        connection.info["begun"] = True


@contextmanager
def write(session: Session) -> Iterator[None]:
    """Statements that commit one by one outside `atomic`; an error inside dooms that block.

    In a transaction that was begun by hand they join it.
    """
    state = _state(session)
    if state.blocks:
        if state.needs_rollback:
            raise TransactionManagementError(
                "An error occurred in the current transaction. You can't execute queries until "
                "the end of the 'atomic' block."
            )
        try:
            yield
        except DBAPIError:
            state.needs_rollback = True
            raise
        return
    info = session.connection().info
    if info.get("begun") is not False or _begun_by_hand(session):
        yield
        return
    # no BEGIN is sent while one seems to have been
    info["begun"] = True
    try:
        yield
    finally:
        info["begun"] = False


def _begun_by_hand(session: Session) -> bool:
    transaction = session.get_transaction()
    return transaction is not None and transaction.origin is SessionTransactionOrigin.BEGIN


def on_commit(session: Session, callback: Callback, *, robust: bool = False) -> None:
    """Run `callback` after the outermost commit, or now when there is no `atomic` block."""
    if shadow.skips("on_commit callback"):
        return
    state = _state(session)
    if state.blocks:
        call = _forgiving(callback) if robust else callback
        state.callbacks.append((state.savepoints(), call))
    elif robust:
        _forgiving(callback)()
    else:
        callback()


def _forgiving(callback: Callback) -> Callback:
    def call() -> None:
        try:
            callback()
        except Exception:  # `robust` promises that one failing callback stops no other
            logging.getLogger(__name__).exception("A callback after the commit failed")

    return call


def set_rollback(session: Session, rollback: bool = True) -> None:
    """Doom the innermost `atomic` block, or spare it again."""
    state = _state(session)
    if not state.blocks:
        raise TransactionManagementError(
            "The rollback flag doesn't work outside of an 'atomic' block."
        )
    state.needs_rollback = rollback


class atomic:
    """`with atomic(session):` or `async with atomic(async_session):`; nested ones are savepoints.

    With `savepoint=False` an inner block has none: its failure dooms the outer block. With
    `durable=True` being inside another block is a RuntimeError.
    """

    def __init__(
        self, session: Session | AsyncSession, *, savepoint: bool = True, durable: bool = False
    ) -> None:
        self._session = session if isinstance(session, Session) else session.sync_session
        self._async = session if isinstance(session, AsyncSession) else None
        self._savepoint = savepoint
        self._durable = durable

    def __enter__(self) -> Self:
        state = _state(self._session)
        if self._durable and state.blocks:
            raise RuntimeError(
                "A durable atomic block cannot be nested within another atomic block."
            )
        if not state.blocks:
            state.needs_rollback = False
            begin(self._session.connection())
            state.blocks.append(None)
        elif self._savepoint and not state.needs_rollback:
            state.blocks.append(self._session.connection().begin_nested())
        else:
            state.blocks.append(None)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        state = _state(self._session)
        savepoint = state.blocks.pop()
        failed = kind is not None or state.needs_rollback
        if state.blocks:
            _leave_inner(state, savepoint, failed)
        elif failed:
            state.needs_rollback = False
            state.callbacks.clear()
            _rollback(self._session)
        else:
            _leave_outermost(self._session, state)

    async def __aenter__(self) -> Self:
        assert self._async is not None, "`async with` needs an AsyncSession"
        return await self._async.run_sync(lambda _: self.__enter__())

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        assert self._async is not None
        await self._async.run_sync(lambda _: self.__exit__(kind, error, trace))


def _leave_inner(state: _State, savepoint: NestedTransaction | None, failed: bool) -> None:
    if not failed:
        if savepoint is not None:
            savepoint.commit()
        return
    state.needs_rollback = savepoint is None
    if savepoint is not None:
        gone = id(savepoint)
        state.callbacks = [one for one in state.callbacks if gone not in one[0]]
        savepoint.rollback()


def _leave_outermost(session: Session, state: _State) -> None:
    callbacks, state.callbacks = state.callbacks, []
    try:
        _commit(session)
    except BaseException:
        _rollback(session)
        raise
    for _, callback in callbacks:
        callback()
