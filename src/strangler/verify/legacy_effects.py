"""What a request does beside its answer and its rows: mails, tasks, cached values, SQL statements.

Loaded by path into both executors, the project's interpreter and the generated application's:
Python 3.6 grammar, other people's libraries reached by name, and only those that are there.
"""
# ruff: noqa: UP006, UP032, UP035

import email
import hashlib
import importlib
import json
import logging
import smtplib
import sys
from email.header import decode_header, make_header
from email.utils import getaddresses, parseaddr
from typing import Any, Dict, List

Message = Dict[str, Any]
#: Texts of statements that are kept for one request; all are counted.
_KEPT = 1000
#: What opens and ends transactions is no query.
_CONTROL = ("SAVEPOINT", "RELEASE", "ROLLBACK", "BEGIN", "COMMIT", "SET ", "START TRANSACTION")
#: Headers that say when, by which host and how a letter was packed.
_PACKING = frozenset(
    ["date", "message-id", "mime-version", "content-type", "content-transfer-encoding"]
)


class Effects:
    """Keeps what happens until it is taken; nothing of it leaves the process."""

    def __init__(self, beside: Any, guard: Any) -> None:
        """`beside` loads a file of this folder; the guard is told who stands in for Redis."""
        self._beside = beside
        caches, redis = beside("legacy_caches"), beside("legacy_redis")
        self._writes = caches.Writes()
        self._store = redis.Store(self._writes, caches.stored, guard.unanswered)
        guard.stand_in = redis.StandIn(self._store)
        #: Modules that hold caches in memory.
        self._local: List[Any] = []
        self._effects: List[Message] = []
        self._statements: List[str] = []
        self._count = 0

    def take(self) -> Message:
        """What happened since the last call: `effects` in order, `statements`, their `queries`."""
        for key, value in self._writes.take().items():
            self._note("cache", key, value)
        taken = {
            "effects": self._effects,
            "statements": self._statements,
            "queries": self._count,
        }
        self._effects, self._statements, self._count = [], [], 0
        return taken

    def statement(self, text: Any) -> None:
        """One statement that the database is to execute."""
        sql = str(text)
        if sql.lstrip().upper().startswith(_CONTROL):
            return
        self._count += 1
        if len(self._statements) < _KEPT:
            self._statements.append(" ".join(sql.split()))

    def mail(self, message: Any, sender: str, recipients: Any) -> None:
        """A letter: an `email.message.Message`, and who stands on the envelope."""
        headers = {
            name: str(make_header(decode_header(str(value))))
            for name, value in message.items()
            if name.lower() not in _PACKING
        }
        parts = [_part(each) for each in message.walk() if not each.is_multipart()]
        value = {
            "from": parseaddr(str(sender))[1],
            "recipients": sorted(address for _, address in getaddresses(list(recipients))),
            "headers": headers,
            "parts": parts,
        }
        self._note("mail", headers.get("Subject", ""), value)

    def task(self, name: str, arguments: Any, **options: Any) -> None:
        """A message to a queue of tasks."""
        given = {key: value for key, value in options.items() if value is not None}
        self._note("task", name, dict(given, arguments=arguments))

    def _note(self, kind: str, name: str, value: Any) -> None:
        plain = json.loads(json.dumps(value, default=str))
        self._effects.append({"kind": kind, "name": name, "value": plain})

    def watch_stores(self) -> None:
        """Follow the generated application's caches in memory, where it has some."""
        for name, module in list(sys.modules.items()):
            if name.endswith(".compat.stores"):
                self._local.append(module)
                self._beside("legacy_caches").watch_local(module, self._writes)

    def forget(self) -> None:
        """Begin with empty caches, which is no effect."""
        self._store.forget()
        for module in self._local:
            for store in module._LOCAL.values():
                store.clear()
        self._writes.take()

    def install(self) -> None:
        """Keep letters and messages to queues of tasks; call it when the code is imported."""
        _keep_letters(self)
        _keep_letters_async(self)
        self._beside("legacy_queues").keep_tasks(self)

    def watch_django(self) -> None:
        """Count the statements of Django's cursors, follow its caches; mail is in its outbox."""
        self._beside("legacy_caches").watch_django(self._writes)
        wrapper = importlib.import_module("django.db.backends.utils").CursorWrapper
        for name in ("execute", "executemany"):
            setattr(wrapper, name, _counted(getattr(wrapper, name), self.statement))
        # letters to ADMINS about a request that failed come from the server's logging
        for logger in [
            logging.getLogger(),
            *map(logging.getLogger, logging.root.manager.loggerDict),
        ]:
            for handler in list(logger.handlers):
                if type(handler).__name__ == "AdminEmailHandler":
                    logger.removeHandler(handler)

    def post(self) -> None:
        """Take Django's outbox."""
        mail: Any = importlib.import_module("django.core.mail")
        for each in getattr(mail, "outbox", ()):
            self.mail(each.message(), each.from_email, each.recipients())
        mail.outbox = []

    def keep_outbox(self) -> None:
        """Keep what the generated application gives to its mail backend, whichever that is."""

        def deliver(outbox: Any, letters: Any, *_: Any) -> int:
            for each in letters:
                self.mail(outbox.written(each), outbox.sender(each), each.recipients())
            return len(letters)

        for name, module in list(sys.modules.items()):
            if name.endswith(".compat.mail"):
                module.__dict__["deliver"] = deliver

    def watch_sqlalchemy(self) -> None:
        """Count the statements of every engine of the process; nothing to do without."""
        try:
            sqlalchemy = importlib.import_module("sqlalchemy")
        except ImportError:
            return

        def executed(connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
            self.statement(statement)

        sqlalchemy.event.listen(sqlalchemy.Engine, "before_cursor_execute", executed)


def _counted(method: Any, tell: Any) -> Any:
    def counted(cursor: Any, sql: Any, *rest: Any, **more: Any) -> Any:
        tell(sql)
        return method(cursor, sql, *rest, **more)

    return counted


def _part(part: Any) -> Message:
    """Texts as they read, other things by their bytes."""
    content = part.get_payload(decode=True) or b""
    kind = part.get_content_type()
    if kind.startswith("text/"):
        charset = part.get_content_charset() or "utf-8"
        text = content.decode(charset, "replace").replace("\r\n", "\n").rstrip("\n")
    else:
        text = "sha256:{} ({} bytes)".format(hashlib.sha256(content).hexdigest(), len(content))
    return {"type": kind, "name": part.get_filename(), "content": text}


def _keep_letters(effects: Effects) -> None:
    """`smtplib` without a server: every command passes, letters are kept."""
    done = (250, b"OK")

    def connect(client: Any, *_: Any, **__: Any) -> Any:
        client.ehlo_resp, client.esmtp_features = b"OK", {"size": ""}
        client.does_esmtp = True
        return 220, b"OK"

    def sendmail(client: Any, sender: Any, to: Any, content: Any, *_: Any, **__: Any) -> Any:
        raw = content.encode("ascii", "replace") if isinstance(content, str) else content
        recipients = [to] if isinstance(to, str) else list(to)
        effects.mail(email.message_from_bytes(raw), sender, recipients)
        return {}

    patched: Any = smtplib.SMTP
    patched.connect, patched.sendmail = connect, sendmail
    for name in ("ehlo", "helo", "starttls", "login", "quit", "noop", "rset"):
        setattr(patched, name, lambda *_, **__: done)
    patched.close = lambda *_: None
    patched.ehlo_or_helo_if_needed = lambda *_: None


def _keep_letters_async(effects: Effects) -> None:
    """The same for `aiosmtplib`."""
    try:
        client: Any = importlib.import_module("aiosmtplib").SMTP
    except ImportError:
        return

    def sendmail(self: Any, sender: Any, to: Any, content: Any, *_: Any, **__: Any) -> Any:
        raw = content.encode("ascii", "replace") if isinstance(content, str) else content
        recipients = [to] if isinstance(to, str) else list(to)
        effects.mail(email.message_from_bytes(raw), sender, recipients)
        return _later(({}, "OK"))

    client.sendmail = sendmail
    for name in ("connect", "ehlo", "helo", "starttls", "login", "quit", "noop", "rset"):
        setattr(client, name, lambda *_, **__: _later((250, "OK")))
    client.close = lambda *_: None
    client.is_connected = property(lambda _: True)


def _later(answer: Any) -> Any:
    """An awaitable that has its answer already."""
    import asyncio  # only where somebody sends letters so

    future = asyncio.get_event_loop().create_future()
    future.set_result(answer)
    return future
