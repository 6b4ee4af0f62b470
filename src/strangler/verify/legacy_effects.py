"""What a request does beside its answer and its rows: mails, tasks, SQL statements.

Loaded by path into both executors, the project's interpreter and the generated application's:
Python 3.6 grammar, other people's libraries reached by name, and only those that are there.
"""
# ruff: noqa: UP006, UP032, UP035

import email
import hashlib
import importlib
import json
import smtplib
from email.header import decode_header, make_header
from email.utils import getaddresses, parseaddr
from typing import Any, Dict, List

Message = Dict[str, Any]
#: Texts of statements that are kept for one request; all are counted.
_KEPT = 1000
#: What opens and ends transactions is no query.
_CONTROL = ("SAVEPOINT", "RELEASE", "ROLLBACK", "BEGIN", "COMMIT", "SET ", "START TRANSACTION")
#: Backends of Celery that connect for a task's result when the task is sent.
_ASKING = (("base", "Backend"), ("rpc", "RPCBackend"), ("redis", "RedisBackend"))
#: Headers that say when, by which host and how a letter was packed.
_PACKING = frozenset(
    ["date", "message-id", "mime-version", "content-type", "content-transfer-encoding"]
)


class Effects:
    """Keeps what happens until it is taken; nothing of it leaves the process."""

    def __init__(self) -> None:
        self._effects: List[Message] = []
        self._statements: List[str] = []
        self._count = 0

    def take(self) -> Message:
        """What happened since the last call: `effects` in order, `statements`, their `queries`."""
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

    def install(self) -> None:
        """Keep letters of `smtplib` and messages of Celery; call it when the code is imported."""
        _keep_letters(self)
        _keep_tasks(self)

    def watch_django(self) -> None:
        """Count the statements of Django's cursors; executors have mail in Django's outbox."""
        wrapper = importlib.import_module("django.db.backends.utils").CursorWrapper
        for name in ("execute", "executemany"):
            setattr(wrapper, name, _counted(getattr(wrapper, name), self.statement))

    def post(self) -> None:
        """Take Django's outbox."""
        mail: Any = importlib.import_module("django.core.mail")
        for each in getattr(mail, "outbox", ()):
            self.mail(each.message(), each.from_email, each.recipients())
        mail.outbox = []

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


def _keep_tasks(effects: Effects) -> None:
    """Celery's messages are kept where its library gives them to the broker."""
    try:
        producer = importlib.import_module("kombu.messaging").Producer
    except ImportError:
        return

    def publish(self: Any, body: Any, routing_key: Any = None, **options: Any) -> None:
        headers = options.get("headers") or {}
        old = body if isinstance(body, dict) else {}  # the first protocol had all in the body
        name = headers.get("task") or old.get("task") or routing_key or ""
        arguments = [old.get("args"), old.get("kwargs")] if old else list(body)[:2]
        exchange = options.get("exchange")
        effects.task(
            name,
            arguments,
            queue=routing_key,
            exchange=getattr(exchange, "name", exchange) or None,
            eta=headers.get("eta") or old.get("eta"),
            expires=headers.get("expires") or old.get("expires"),
            priority=options.get("priority"),
        )

    producer.publish = publish
    for module, name in _ASKING:
        try:
            backend = getattr(importlib.import_module("celery.backends." + module), name)
        except (ImportError, AttributeError):
            continue
        backend.on_task_call = lambda *_, **__: None
