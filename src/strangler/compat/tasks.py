"""Tasks of the Django project's workers, sent by their names through the same broker.

    celery = TaskSender(broker_url, task_default_queue="shop")
    send_welcome = Task(celery, "accounts.tasks.send_welcome", queue="mail")
    send_welcome.delay(user.id)

Sending waits for the broker: below `session.run_sync` it runs in a thread while other requests go
on; async code calls it by `asyncio.to_thread`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from typing import Any
from uuid import uuid4

from sqlalchemy.orm import Session

from . import shadow
from .crypto import in_thread
from .transactions import on_commit

#: What Celery asks of a task's class for each message, None where that says nothing.
OPTIONS = (
    *("queue", "routing_key", "exchange", "priority", "expires", "serializer", "delivery_mode"),
    *("compression", "time_limit", "soft_time_limit", "immediate", "mandatory"),
)


@dataclass(frozen=True)
class TaskResult:
    """A task that was sent; what comes of it is not asked for."""

    id: str

    @property
    def task_id(self) -> str:
        """The same."""
        return self.id

    def __str__(self) -> str:
        return self.id


def _queue(kombu: Any, name: str, exchange: str = "", exchange_type: str = "", **more: Any) -> Any:
    made = kombu.Exchange(exchange, exchange_type) if exchange else None
    return kombu.Queue(name, made, **more)


class TaskSender:
    """A Celery application without tasks of its own; `conf` are settings of the project's one.

    `task_queues` are given as dictionaries of what `kombu.Queue` takes, `exchange` and
    `exchange_type` by name. Celery's Django support is left out: it would import the project.
    """

    def __init__(
        self, broker: str, *, task_queues: Sequence[Mapping[str, Any]] = (), **conf: Any
    ) -> None:
        self._is_known = bool(broker)
        celery: Any = import_module("celery")
        kombu: Any = import_module("kombu")
        base: Any = type("Sender", (celery.Celery,), {"builtin_fixups": frozenset()})
        self._app: Any = base("sender", broker=broker or None, set_as_current=False)
        self._app.conf.update(conf)
        if task_queues:
            self._app.conf.task_queues = [_queue(kombu, **each) for each in task_queues]

    def send_task(
        self, name: str, args: Any = None, kwargs: Any = None, **options: Any
    ) -> TaskResult:
        """Send a message for the task `name`; `options` are those of Celery's method."""
        if shadow.skips(f"task {name}"):
            return TaskResult(str(uuid4()))
        if not self._is_known:
            raise RuntimeError(f"CELERY_BROKER_URL is not set: where does {name} go?")
        sent: Any = in_thread(self._app.send_task, name, args, kwargs, **options)
        return TaskResult(str(sent.id))


class Task:
    """One task by name; `options` go with each message unless a call says otherwise."""

    def __init__(
        self, sender: TaskSender, name: str, *, ignore_result: bool = False, **options: Any
    ) -> None:
        self.name = name
        self._sender = sender
        self._options = {**dict.fromkeys(OPTIONS), **options}
        self._ignore_result = ignore_result

    def delay(self, *args: Any, **kwargs: Any) -> TaskResult:
        """Send the task with these arguments."""
        return self.apply_async(args, kwargs)

    def apply_async(self, args: Any = None, kwargs: Any = None, **options: Any) -> TaskResult:
        """Send the task with `options` such as `countdown`, `eta`, `expires`, `queue`."""
        given = {**self._options, "ignore_result": self._ignore_result, **options}
        return self._sender.send_task(self.name, args, kwargs, **given)

    def delay_on_commit(self, session: Session, *args: Any, **kwargs: Any) -> None:
        """Send the task once the transaction is committed."""
        self._later(session, partial(self.delay, *args, **kwargs))

    def apply_async_on_commit(self, session: Session, *args: Any, **kwargs: Any) -> None:
        """Send the task with options once the transaction is committed."""
        self._later(session, partial(self.apply_async, *args, **kwargs))

    def _later(self, session: Session, callback: Callable[[], object]) -> None:
        on_commit(session, callback)
