"""Celery's tasks are sent by name through the same broker; the legacy workers run them.

Before: send_receipt.delay(order.id); app.send_task("shop.tasks.count", args=[order.id])
After:  await to_thread(send_receipt.delay, order.id); ...celery.send_task, "shop.tasks.count", args=[...]
"""

import libcst as cst

from strangler_codemods.effect_types import CeleryApp, Task, TaskResult
from strangler_codemods.operands import operand
from strangler_codemods.operation import Operation, Typed, code_of, parse, string_value
from strangler_codemods.plain_values import require_value
from strangler_codemods.rule import attribute, method, rewrites
from strangler_codemods.sending import (
    require_celery,
    require_fitting,
    require_plain_json,
    sender,
    task_of,
)
from strangler_codemods.threads import in_thread
from strangler_codemods.types import Plain

#: Options of one message that are plain values.
_OPTIONS = (
    *("countdown", "eta", "expires", "queue", "routing_key", "exchange", "priority", "task_id"),
    *("time_limit", "soft_time_limit", "ignore_result", "retry", "compression", "headers"),
)


def _value(operation: Operation, node: cst.BaseExpression) -> str:
    """One argument of a task, which has to be a plain value."""
    typed = operation.body.expr(node)
    require_value(operation.body, typed, node)
    require_plain_json(operation, typed.type, code_of(node))
    return typed.code


def _elements(operation: Operation, node: cst.BaseExpression) -> list[cst.BaseExpression]:
    """The members of a list or tuple that is written out."""
    if not isinstance(node, cst.List | cst.Tuple) or any(
        isinstance(e, cst.StarredElement) for e in node.elements
    ):
        operation.refuse("X101", "arguments of a task that are not written out have no rule")
    return [element.value for element in node.elements]


def _items(operation: Operation, node: cst.BaseExpression) -> list[tuple[str, cst.BaseExpression]]:
    """Keys and values of a dictionary that is written out, or of `dict(...)`."""
    found: list[tuple[str, cst.BaseExpression]] = []
    for element in node.elements if isinstance(node, cst.Dict) else ():
        key = string_value(element.key) if isinstance(element, cst.DictElement) else None
        if key is None:
            operation.refuse("X101", "arguments of a task that are not written out have no rule")
        found.append((key, element.value))
    if not isinstance(node, cst.Dict):
        operation.refuse("X101", "arguments of a task that are not written out have no rule")
    return found


def _named(operation: Operation, texts: list[str], node: cst.BaseExpression | None) -> list[str]:
    """Adds the text of `kwargs`; its keys."""
    if node is None or code_of(node) == "None":
        return []
    items = _items(operation, node)
    pairs = ", ".join(f"{key!r}: {_value(operation, value)}" for key, value in items)
    texts.append(f"kwargs={{{pairs}}}")
    return [key for key, _ in items]


def _message(operation: Operation) -> tuple[list[str], int, list[str]]:
    """The arguments of `apply_async` as texts; how many the task gets, and which by name."""
    given = operation.take("args", "kwargs", *_OPTIONS)
    texts: list[str] = []
    count = 0
    if "args" in given and code_of(given["args"]) != "None":
        values = [_value(operation, each) for each in _elements(operation, given["args"])]
        count = len(values)
        texts.append(f"args=[{', '.join(values)}]")
    names = _named(operation, texts, given.get("kwargs"))
    for option in _OPTIONS:
        if option in given:
            typed = operation.body.expr(given[option])
            require_value(operation.body, typed, given[option])
            texts.append(f"{option}={typed.code}")
    return texts, count, names


@rewrites(method(Task, "delay"), method(Task, "delay_on_commit"))
def delay(operation: Operation) -> Typed:
    task, name = _task(operation)
    positional, named = operation.positional(), operation.keywords()
    require_fitting(operation, task, len(positional), list(named))
    texts = [_value(operation, each) for each in positional]
    texts += [f"{key}={_value(operation, each)}" for key, each in named.items()]
    return _send(operation, name, texts)


@rewrites(method(Task, "apply_async"), method(Task, "apply_async_on_commit"))
def apply_async(operation: Operation) -> Typed:
    task, name = _task(operation)
    texts, count, names = _message(operation)
    require_fitting(operation, task, count, names)
    return _send(operation, name, texts)


@rewrites(method(CeleryApp, "send_task"))
def send_task(operation: Operation) -> Typed:
    celery = require_celery(operation)
    first = operation.args[0] if operation.args else None
    name = string_value(first.value) if first is not None and first.keyword is None else None
    if name is None:
        operation.refuse("X101", "a task whose name is computed has no rule")
    task = next((t for t in celery.tasks if t.name == name), None)
    if task is not None and task.options.keys() - {"serializer"}:
        # newer releases of Celery look these up, older ones do not
        operation.refuse("X101", f"`send_task` of `{name}`, which has options, has no rule")
    rest = Operation(operation.node, operation.body, operation.name, args=operation.args[1:])
    texts, _, _ = _message(rest)
    return _send(operation, sender(operation.body, celery), [repr(name), *texts])


@rewrites(attribute(Task, "name"))
def task_name(operation: Operation) -> Typed:
    assert isinstance(operation.on.type, Task)
    return operation.body.constant(operation.on.type.name)


@rewrites(
    method(Task, "*"), attribute(Task, "*"), method(CeleryApp, "*"), attribute(CeleryApp, "*")
)
def other(operation: Operation) -> Typed:
    operation.refuse("X101", f"`.{operation.name}` of Celery has no rule")


@rewrites(attribute(TaskResult, "id"), attribute(TaskResult, "task_id"))
def identifier(operation: Operation) -> Typed:
    return Typed(parse(f"{code_of(operand(operation.on))}.id"), Plain("str"))


@rewrites(method(TaskResult, "*"), attribute(TaskResult, "*"))
def outcome(operation: Operation) -> Typed:
    operation.refuse("X101", f"`.{operation.name}` of a task's result has no rule")


def _task(operation: Operation):  # type: ignore[no-untyped-def]  # as `task_of`
    assert isinstance(operation.on.type, Task)
    return task_of(operation, operation.on.type.path)


def _send(operation: Operation, name: str, texts: list[str]) -> Typed:
    body, function = operation.body, f"{name}.{operation.name}"
    if operation.name.endswith("_on_commit"):
        if body.colour == "build":
            operation.refuse("Q107", "a task is sent where nothing may be done")
        if body.colour == "async":
            text = ", ".join([function, *texts])
            return Typed(parse(f"await {body.session()}.run_sync({text})"), Plain("None"))
        text = ", ".join([body.session(), *texts])
        return Typed(parse(f"{function}({text})"), Plain("None"))
    return in_thread(operation, function, texts, TaskResult())
