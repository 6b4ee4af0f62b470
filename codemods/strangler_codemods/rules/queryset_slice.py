"""A slice of a query is LIMIT and OFFSET; one row by its number is an IndexError where it is missing.

Before: queryset.order_by("-created_at")[5:10]
After:  statement.order_by(Post.created_at.desc()).offset(5).limit(5)
"""

from dataclasses import replace

import libcst as cst

from strangler_codemods.default_order import ordered
from strangler_codemods.evaluating import evaluated, require_place, row_of, run
from strangler_codemods.operation import Operation, Typed, code_of, parse
from strangler_codemods.rule import item, rewrites
from strangler_codemods.types import Constant, Plain, Query


@rewrites(item(Query))
def rewrite(operation: Operation) -> Typed:
    node = operation.node
    assert isinstance(node, cst.Subscript)
    part = node.slice[0].slice
    kind = operation.on.type
    assert isinstance(kind, Query)
    if isinstance(part, cst.Index):
        return _one(operation, part)
    if not isinstance(part, cst.Slice):
        operation.refuse("Q131", "this part of a query has no rule")
    if part.step is not None:
        return _stepped(operation, part)
    start = _bound(operation, part.lower)
    stop = _bound(operation, part.upper)
    first, _ = kind.bounds
    if kind.sliced:
        return _again(operation, kind, start or 0, stop)
    statement = ordered(operation.body, operation.on)
    return _cut(statement, start, stop, first)


def _cut(statement: Typed, start: int | str | None, stop: int | str | None, first: int) -> Typed:
    kind = statement.type
    assert isinstance(kind, Query)
    text = statement.code + (f".offset({start})" if start else "")
    bounds: tuple[int, int | None]
    if isinstance(start or 0, int) and isinstance(stop, int):
        text += f".limit({max(stop - (int(start or 0)), 0)})"
        bounds = (first + int(start or 0), first + stop)
    elif stop is not None:
        text += f".limit({stop})" if not start else f".limit(max({stop} - {start}, 0))"
        bounds = (-1, None)
    else:
        bounds = (
            (first + start, None) if isinstance(start, int) else (0 if start is None else -1, None)
        )
    return Typed(parse(text), replace(kind, sliced=True, bounds=bounds, related=None))


def _again(operation: Operation, kind: Query, start: int | str, stop: int | str | None) -> Typed:
    """A slice of a slice."""
    low, high = kind.bounds
    if low < 0 or not isinstance(start, int) or isinstance(stop, str):
        operation.refuse("Q131", "a slice of a slice has no rule")
    text = operation.on.code
    new_low = low + start if high is None else min(low + start, high)
    new_high = high if stop is None else (low + stop if high is None else min(low + stop, high))
    text += f".offset({new_low})"
    if new_high is not None:
        text += f".limit({max(new_high - new_low, 0)})"
    return Typed(parse(text), replace(kind, bounds=(new_low, new_high)))


def _one(operation: Operation, part: cst.Index) -> Typed:
    """`queryset[3]`."""
    require_place(operation)
    kind, body = operation.on.type, operation.body
    assert isinstance(kind, Query)
    number = _bound(operation, part.value)
    if kind.sliced or not isinstance(number, int):
        operation.refuse("Q131", "one row of a query by its number has no rule")
    statement = ordered(body, operation.on)
    text = statement.code + (f".offset({number})" if number else "") + ".limit(1)"
    if kind.values:
        inner = evaluated(operation, replace(statement, node=parse(text)))
        return Typed(parse(f"{_closed(inner.code)}[0]"), Plain())
    rows = run(body, "rows", text)
    return Typed(parse(f"{_closed(rows)}[0]"), row_of(kind))


def _stepped(operation: Operation, part: cst.Slice) -> Typed:
    """A slice with a step is a list."""
    assert part.step is not None
    step = operation.body.expr(part.step)
    if not isinstance(step.type, Constant) or not isinstance(step.type.value, int):
        operation.refuse("Q131", "a computed slice has no rule")
    plain = cst.Slice(lower=part.lower, upper=part.upper, step=None)
    inner = operation.node.with_changes(slice=[cst.SubscriptElement(plain)])
    rows = evaluated(operation, rewrite(replace(operation, node=inner)))
    return Typed(parse(f"{_closed(rows.code)}[::{step.code}]"), rows.type)


def _closed(text: str) -> str:
    return f"({text})" if text.startswith("await ") else text


def _bound(operation: Operation, node: cst.BaseExpression | None) -> int | str | None:
    """A bound as a number, or as text where it is one at run time."""
    if node is None:
        return None
    typed = operation.body.expr(node)
    found = typed.type
    value = found.value if isinstance(found, Constant) else None
    if value is not None and (not isinstance(value, int) or isinstance(value, bool) or value < 0):
        operation.refuse("Q131", "a slice from the end has no rule")
    if isinstance(found, Constant):
        return value
    operation.refuse("Q131", f"a slice to `{code_of(node)}` has no rule")
