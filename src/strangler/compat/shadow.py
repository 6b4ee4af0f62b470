"""Requests that must leave no trace: the routing proxy sends them to compare answers.

The proxy marks them, signed with the key in STRANGLER_PROXY_KEY. Such a request reads in a
read-only transaction, counts for no throttle and saves no session. One that tries to write is
answered so that the proxy knows. Without the variable there are no such requests.
"""

import hmac
import json
import os
import re
import time
from collections.abc import Iterable, Iterator
from contextvars import ContextVar
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection, Engine, event
from sqlalchemy.engine import ExceptionContext
from starlette.middleware import Middleware
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

KEY_VARIABLE = "STRANGLER_PROXY_KEY"
HEADER = b"x-strangler-shadow"
MEDIA_TYPE = "application/vnd.strangler.write+json"

#: Seconds that a mark is good for, in both directions: clocks differ.
AGE = 60

#: Bytes of an answer that are kept back; the proxy compares none that are longer.
LONGEST = 2 * 1024 * 1024

# MariaDB's number for a write in a read-only transaction
_MARIADB_READ_ONLY = 1792

_MARK = re.compile(rb"(\d{1,12})\.([0-9a-f]{1,64})\.([0-9a-f]{64})")
_VERB = re.compile(r'\s*(?:WITH\b.*?\b)?(\w+(?:\s+(?:INTO|FROM))?)\s+["`]?([\w.]+)', re.DOTALL)


class Trace:
    """What a shadowed request tried to leave: verbs and tables, never values."""

    def __init__(self) -> None:
        self.writes: list[str] = []

    def add(self, what: str) -> None:
        """Note an attempt, once."""
        if what not in self.writes:
            self.writes.append(what)


_trace: ContextVar[Trace | None] = ContextVar("shadow", default=None)


def active() -> bool:
    """Whether the present request must leave no trace."""
    return _trace.get() is not None


def skips(what: str) -> bool:
    """Note what would leave a trace, for the caller to skip; False in other requests."""
    trace = _trace.get()
    if trace is None:
        return False
    trace.add(what)
    return True


def is_marked(key: bytes, mark: bytes, now: float, method: str, targets: Iterable[bytes]) -> bool:
    """Whether a mark is the proxy's, for this request, and not too old."""
    match = _MARK.fullmatch(mark)
    if match is None or abs(now - int(match[1])) > AGE:
        return False
    return any(
        hmac.compare_digest(
            hmac.digest(
                key,
                b"shadow|%b|%b|%b|%b" % (match[1], match[2], method.encode("latin-1"), target),
                sha256,
            )
            .hex()
            .encode(),
            match[3],
        )
        for target in targets
    )


def layers() -> list[Middleware]:
    """The outermost layer of the application; none unless the variable is set."""
    key = os.environ.get(KEY_VARIABLE, "")
    return [Middleware(ShadowRequests, key=key.encode())] if key else []


class ShadowRequests:
    """Finds the proxy's mark, and answers in the place of a request that tried to write."""

    def __init__(self, app: ASGIApp, key: bytes) -> None:
        self.app = app
        self.key = key

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the application answer; a mark that is not good is answered 403."""
        marks = []
        if scope["type"] == "http":
            marks = [value for name, value in scope["headers"] if name == HEADER]
        if not marks:
            await self.app(scope, receive, send)
            return
        safe = scope["method"] in ("GET", "HEAD") and len(marks) == 1
        if not safe or not is_marked(
            self.key, marks[0], time.time(), scope["method"], _targets(scope)
        ):
            await _problem(403, "the shadow mark is not valid")(scope, receive, send)
            return
        await self._shadowed(scope, receive, send)

    async def _shadowed(self, scope: Scope, receive: Receive, send: Send) -> None:
        trace = Trace()
        token = _trace.set(trace)
        answer = _Held(send)
        try:
            await self.app(scope, receive, answer)
        except Exception:  # what came of a refused write may be anything
            if not trace.writes:
                raise
        finally:
            _trace.reset(token)
        if trace.writes and answer.waits:
            await _problem(500, "; ".join(trace.writes), MEDIA_TYPE)(scope, receive, send)
        else:
            await answer.flush()


class _Held:
    """Keeps an answer back until it is known whether it stands; a long one goes as it comes."""

    def __init__(self, send: Send) -> None:
        self.waits = True
        self._send = send
        self._messages: list[Message] = []
        self._size = 0

    async def __call__(self, message: Message) -> None:
        self._messages.append(message)
        self._size += len(message.get("body", b""))
        if not self.waits or self._size > LONGEST:
            await self.flush()

    async def flush(self) -> None:
        self.waits = False
        messages, self._messages = self._messages, []
        for message in messages:
            await self._send(message)


def _targets(scope: Scope) -> Iterator[bytes]:
    """The request target as it came; an empty query may have had its question mark."""
    path = scope.get("raw_path") or scope["path"].encode()
    query = scope["query_string"]
    yield path + b"?" + query if query else path
    if not query:
        yield path + b"?"


def _problem(status: int, text: str, kind: str = "application/json") -> Response:
    body = json.dumps({"detail": text}).encode()
    return Response(body, status, headers={"content-type": kind})


# --- the database


def watch(engine: Engine) -> None:
    """Make the connections of shadowed requests read only, where there are such requests."""
    if not os.environ.get(KEY_VARIABLE):
        return
    if engine.dialect.name == "sqlite":
        event.listen(engine, "checkout", _query_only)
    event.listen(engine, "handle_error", _note_refusal)
    event.listen(engine, "before_cursor_execute", _read_only)


def _query_only(connection: Any, record: Any, _: object) -> None:
    wanted = active()
    if record.info.get("query_only", False) is not wanted:
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA query_only = {'ON' if wanted else 'OFF'}")
        cursor.close()
        record.info["query_only"] = wanted


def begin_read_only(connection: Connection) -> bool:
    """Start a read-only transaction instead of another one, in a shadowed request."""
    if not active():
        return False
    if connection.dialect.name != "sqlite" and not connection.info.get("read_only"):
        connection.info["read_only"] = connection.info["begun"] = True
        mariadb = connection.dialect.name == "mariadb"
        connection.exec_driver_sql(f"{'START TRANSACTION' if mariadb else 'BEGIN'} READ ONLY")
    return True


def ended(connection: Connection) -> None:
    """The transaction is over."""
    connection.info.pop("read_only", None)


def _read_only(
    connection: Connection, _: object, statement: str, __: object, ___: object, ____: object
) -> None:
    if active() and not statement.startswith(("BEGIN", "PRAGMA", "START TRANSACTION", "SET ")):
        begin_read_only(connection)


def _note_refusal(context: ExceptionContext) -> None:
    """Note what the database refused because nothing may be written."""
    if not active():
        return
    error = context.original_exception
    refused = (
        getattr(error, "sqlstate", None) == "25006"
        or getattr(error, "args", ())[:1] == (_MARIADB_READ_ONLY,)
        or "readonly database" in str(error)
    )
    if refused:
        match = _VERB.match(context.statement or "")
        skips(" ".join(f"{match[1]} {match[2]}".split()) if match else "a write")
