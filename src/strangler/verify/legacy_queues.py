"""Messages to queues of tasks, kept where a queue's library gives them to its broker.

Loaded by path into both executors: Python 3.6 grammar, other people's libraries reached by name,
and only those that are there. Queues without a place here reach for a broker and are refused.
"""
# ruff: noqa: UP028, UP035, UP045

import importlib
from typing import Any, Callable, Iterator, Optional

#: Backends of Celery that connect for a task's result when the task is sent.
_ASKING = (("base", "Backend"), ("rpc", "RPCBackend"), ("redis", "RedisBackend"))


def keep_tasks(effects: Any) -> None:
    """Keep the messages of every known queue; call it when the code is imported."""
    for keep in (_celery, _rq, _dramatiq, _huey, _django_q):
        keep(effects)


def _module(name: str) -> Any:
    try:
        return importlib.import_module(name)
    except Exception:  # missing; or django-q without its settings: then nobody uses it here
        return None


def _celery(effects: Any) -> None:
    messaging = _module("kombu.messaging")
    if messaging is None:
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

    messaging.Producer.publish = publish
    for module, name in _ASKING:
        backend = getattr(_module("celery.backends." + module), name, None)
        if backend is not None:
            backend.on_task_call = lambda *_, **__: None


def _rq(effects: Any) -> None:
    module = _module("rq.queue")
    if module is None:
        return

    def kept(queue: Any, job: Any, eta: Any = None) -> Any:
        effects.task(
            job.func_name,
            [list(job.args or ()), dict(job.kwargs or {})],
            queue=queue.name,
            eta=eta,
            timeout=job.timeout,
        )
        return job

    def enqueue(queue: Any, job: Any, *_: Any, **__: Any) -> Any:
        return kept(queue, job)

    def schedule(queue: Any, job: Any, moment: Any, *_: Any, **__: Any) -> Any:
        return kept(queue, job, moment.isoformat())

    module.Queue.enqueue_job = enqueue
    if hasattr(module.Queue, "_enqueue_job"):  # newer versions: the part after the dependencies
        module.Queue._enqueue_job = enqueue
    module.Queue.schedule_job = schedule


def _dramatiq(effects: Any) -> None:
    broker = _module("dramatiq.broker")
    if broker is None:
        return
    for name in ("redis", "rabbitmq", "stub"):
        _module("dramatiq.brokers." + name)

    def enqueue(self: Any, message: Any, delay: Any = None) -> Any:
        effects.task(
            message.actor_name,
            [list(message.args), dict(message.kwargs)],
            queue=message.queue_name,
            delay=delay,
        )
        return message

    for each in _below(broker.Broker):
        if "enqueue" in vars(each):
            each.enqueue = enqueue


def _huey(effects: Any) -> None:
    module = _module("huey.api")
    if module is None:
        return
    original: Callable[..., Any] = module.Huey.enqueue

    def enqueue(self: Any, task: Any) -> Any:
        if self.immediate:
            return original(self, task)  # it runs here and now, in legacy as well
        eta: Optional[Any] = task.eta.isoformat() if task.eta else None
        effects.task(
            task.name,
            [list(task.args or ()), dict(task.kwargs or {})],
            queue=self.name,
            eta=eta,
            priority=task.priority,
        )
        return module.Result(self, task) if self.results else None

    module.Huey.enqueue = enqueue


def _django_q(effects: Any) -> None:
    module, signing = _module("django_q.brokers"), _module("django_q.signing")
    if module is None or signing is None:
        return
    for name in ("redis_broker", "orm", "disque", "aws_sqs", "mongo", "ironmq"):
        _module("django_q.brokers." + name)

    def enqueue(self: Any, package: Any) -> Any:
        task = signing.SignedPackage.loads(package)
        function = task["func"]
        name = function if isinstance(function, str) else _path(function)
        arguments = [list(task.get("args") or ()), dict(task.get("kwargs") or {})]
        effects.task(name, arguments, queue=self.list_key)
        return task["id"]

    for each in _below(module.Broker):
        if "enqueue" in vars(each):
            each.enqueue = enqueue


def _path(function: Any) -> str:
    return "{}.{}".format(function.__module__, getattr(function, "__qualname__", "?"))


def _below(base: Any) -> Iterator[Any]:
    """A class with all that are built on it."""
    yield base
    for each in base.__subclasses__():
        for found in _below(each):
            yield found
