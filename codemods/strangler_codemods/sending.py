"""Tasks of Celery: which have a rule, and what the new app sends them by."""

from __future__ import annotations

from inspect import Parameter, Signature
from typing import TYPE_CHECKING

from strangler.facts import Celery, release
from strangler.facts import Task as TaskFacts

from .names import quoted
from .operation import Operation
from .types import Constant, Plain, Type

if TYPE_CHECKING:
    from .body import Body

MODULE = "app.celery"
_SETTINGS = """class CelerySettings(BaseSettings):
    \"\"\"Read from the environment.\"\"\"

    celery_broker_url: SecretStr = SecretStr("")
"""
#: From this release of kombu on, JSON carries dates, decimals and the like as such.
_TYPED_JSON = (5, 3)
_OLDEST = (4, 0)
# Types of values that any release writes to JSON alike.
_JSON = frozenset(["str", "int", "bool", "float", "None", "NoneType"])


def require_celery(operation: Operation) -> Celery:
    """The project's Celery, where its messages can be made by its settings alone.

    Raises:
        RefusalError: they cannot.
    """
    celery = operation.body.world.facts.celery
    if celery is None:
        operation.refuse("X101", "the project's Celery application was not found")
    problem = next(iter(celery.obstacles), None)
    if celery.conf.get("task_always_eager"):
        problem = "its tasks run inside the request (`task_always_eager`)"
    elif celery.conf.get("task_serializer", "json") != "json":
        problem = "its messages are not JSON (`task_serializer`)"
    elif release(celery.version) < _OLDEST:
        problem = f"it is release {celery.version}"
    elif "***" in str(celery.conf):
        problem = "its settings hold secrets beside the broker's address"
    if problem is not None:
        operation.refuse("X101", f"Celery has no rule here: {problem}")
    return celery


def sender(body: Body, celery: Celery) -> str:
    """The name of what sends messages, written and imported."""
    define = body.world.define
    assert define is not None
    docstring = "Tasks of the Django project's workers."
    imports = {("pydantic", "SecretStr"), ("pydantic_settings", "BaseSettings")}
    define(MODULE, docstring, "CelerySettings", _SETTINGS, imports, (1, "", 0))
    lines = ["CelerySettings().celery_broker_url.get_secret_value()"]
    lines += [f"{name}={value!r}" for name, value in sorted(celery.conf.items())]
    text = "celery = TaskSender(\n" + "".join(f"    {line},\n" for line in lines) + ")"
    define(MODULE, docstring, "celery", text, {("app.compat.tasks", "TaskSender")}, (2, "", 0))
    return body.use(MODULE, "celery")


def task_of(operation: Operation, path: str) -> tuple[TaskFacts, str]:
    """A task, and the name of what stands for it in the new app, written and imported.

    Raises:
        RefusalError: its messages are not those that Celery makes by itself.
    """
    body, celery = operation.body, require_celery(operation)
    task = next(t for t in celery.tasks if t.path == path)
    problem = next(iter(task.obstacles), None)
    if task.options.get("serializer", "json") != "json":
        problem = "its messages are not JSON"
    if problem is not None:
        operation.refuse("X101", f"the task `{task.name}` has no rule: {problem}")
    sender(body, celery)
    app = body.world.app_of(path) or "core"
    name = path.rpartition(".")[2]
    options = {n: v for n, v in sorted(task.options.items()) if n != "serializer"}
    given = ["celery", quoted(task.name)]
    given += ["ignore_result=True"] if task.ignore_result else []
    given += [f"{n}={v!r}" for n, v in options.items()]
    text = f"{name} = Task({', '.join(given)})"
    found = body.world.sources.split(path)
    place = (5, found[0].path if found else "", 0)
    define = body.world.define
    assert define is not None
    module = f"app.{app}.tasks"
    imports = {(MODULE, "celery"), ("app.compat.tasks", "Task")}
    define(
        module, "Tasks by name; the Django project's workers run them.", name, text, imports, place
    )
    return task, body.use(module, name)


def require_fitting(operation: Operation, task: TaskFacts, count: int, names: list[str]) -> None:
    """Refuse arguments that the task does not take: Celery raises TypeError for them."""
    if task.parameters is None:
        return
    parameters = [
        Parameter(
            name,
            _KINDS[kind],
            default=None if has_default else Parameter.empty,
        )
        for name, kind, has_default in task.parameters
    ]
    try:
        Signature(parameters).bind(*range(count), **dict.fromkeys(names))
    except TypeError as error:
        operation.refuse("X101", f"the task `{task.name}` is called with other arguments: {error}")


_KINDS = (
    Parameter.POSITIONAL_ONLY,
    Parameter.POSITIONAL_OR_KEYWORD,
    Parameter.VAR_POSITIONAL,
    Parameter.KEYWORD_ONLY,
    Parameter.VAR_KEYWORD,
)


def require_plain_json(operation: Operation, kind: Type, text: str) -> None:
    """Refuse a value that the project's kombu may write otherwise than a newer one."""
    version = operation.body.world.facts.legacy.package("kombu")
    if release(version) >= _TYPED_JSON:
        return
    known = isinstance(kind, Constant) or (
        isinstance(kind, Plain) and set(kind.name.split(" | ")) <= _JSON
    )
    if not known:
        operation.refuse(
            "X101", f"`{text}` is not known to be a text or a number, in kombu {version or ''}"
        )
