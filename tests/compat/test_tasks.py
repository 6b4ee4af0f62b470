"""Messages of tasks are those that the project's Celery sends, whatever it is configured to."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from celery import Celery
from kombu import Exchange, Queue
from kombu.transport.memory import Channel
from sqlalchemy import create_engine
from sqlalchemy.orm import Session

from strangler.compat.tasks import Task, TaskSender
from strangler.compat.transactions import atomic

ROUTES = {
    "task_default_queue": "usual",
    "task_routes": {"shop.slow_*": {"queue": "slow", "priority": 3}, "shop.named": "named"},
}
QUEUES = {
    "task_default_queue": "usual",
    "task_create_missing_queues": False,
    "timezone": "Europe/Berlin",
    "task_compression": "gzip",
}
OPTIONS = {"queue": "own", "expires": 300, "priority": 7, "time_limit": 20}
pytestmark = pytest.mark.filterwarnings("ignore::celery.exceptions.CDeprecationWarning")

# What the sender of each message makes anew, or says of itself.
OWN = ("id", "root_id", "origin", "stamps", "group_index", "shadow")


def taken() -> list[Any]:
    """The messages in the memory of the broker, the queue's name before each, and no longer there."""
    found = []
    for name, queue in Channel.queues.items():
        while not queue.empty():
            message = queue.get()
            headers = {k: v for k, v in message["headers"].items() if k not in OWN}
            headers["eta"] = bool(headers["eta"])
            headers["expires"] = bool(headers["expires"])
            properties = message["properties"]
            kept = {n: properties.get(n) for n in ("priority", "delivery_mode", "expiration")}
            kept["route"] = properties["delivery_info"]
            body = message["body"]
            found.append((name, body, headers, kept, message["content-type"]))
    return found


def project(conf: dict[str, Any], options: dict[str, Any], name: str) -> Any:
    """A task of a project whose Celery is configured so."""
    app = Celery("project", broker="memory://", set_as_current=False)
    app.conf.update(conf)

    @app.task(name=name, **options)
    def task(*args: Any, **kwargs: Any) -> None: ...

    return task


CALLS: list[tuple[str, tuple[Any, ...], dict[str, Any]]] = [
    ("delay", (1, "x"), {"more": True}),
    ("delay", (Decimal("1.50"), datetime(2024, 5, 1, 10, tzinfo=UTC), date(2024, 5, 1)), {}),
    ("apply_async", (), {"args": [1], "kwargs": {"a": None}, "countdown": 60}),
    ("apply_async", (), {"args": (1,), "queue": "other", "expires": 30, "priority": 1}),
    ("apply_async", (), {"eta": datetime(2030, 5, 1, tzinfo=UTC), "ignore_result": True}),
    ("apply_async", ((2,), {"b": 3}), {"headers": {"mine": "x"}}),
]


@pytest.mark.parametrize(("method", "args", "kwargs"), CALLS)
@pytest.mark.parametrize("options", [{}, OPTIONS])
@pytest.mark.parametrize("name", ["shop.slow_one", "shop.named", "shop.other"])
@pytest.mark.parametrize("conf", [{}, ROUTES])
def test_a_message_is_the_one_that_celery_sends(
    conf: dict[str, Any],
    name: str,
    options: dict[str, Any],
    method: str,
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
) -> None:
    taken()
    getattr(project(conf, options, name), method)(*args, **kwargs)
    legacy = taken()
    getattr(Task(TaskSender("memory://", **conf), name, **options), method)(*args, **kwargs)
    assert len(legacy) == 1
    assert taken() == legacy


def test_named_queues_are_declared_as_the_project_declares_them() -> None:
    named = [
        Queue("usual", routing_key="usual"),
        Queue("high", Exchange("high", "topic"), routing_key="high.#", max_priority=9),
    ]
    plain = [
        {"name": "usual", "routing_key": "usual"},
        {
            "name": "high",
            "exchange": "high",
            "exchange_type": "topic",
            "routing_key": "high.#",
            "max_priority": 9,
        },
    ]
    taken()
    project({**QUEUES, "task_queues": named}, {}, "a").apply_async(queue="high")
    legacy = taken()
    sender = TaskSender("memory://", task_queues=plain, **QUEUES)
    Task(sender, "a").apply_async(queue="high")
    assert taken() == legacy
    declared = sender._app.amqp.queues
    assert [declared[each.name] for each in named] == named
    assert declared["high"].max_priority == 9


def test_a_task_waits_for_the_commit() -> None:
    taken()
    task = Task(TaskSender("memory://"), "a")
    with Session(create_engine("sqlite://")) as session:
        with atomic(session):
            task.delay_on_commit(session, 1)
            task.apply_async_on_commit(session, args=[2])
            assert taken() == []
        assert [each[2]["argsrepr"] for each in taken()] == ["(1,)", "[2]"]


def test_a_sender_loads_no_django(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DJANGO_SETTINGS_MODULE", "nobody.has.this")
    taken()
    Task(TaskSender("memory://"), "a").delay()
    assert len(taken()) == 1


def test_the_result_is_known_by_its_id() -> None:
    result = Task(TaskSender("memory://"), "a").apply_async(task_id="abc")
    assert (result.id, result.task_id, str(result)) == ("abc", "abc", "abc")
