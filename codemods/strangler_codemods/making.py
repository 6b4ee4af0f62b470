"""Serializers that bodies make, over rows or over the request's data, and how they save."""

from __future__ import annotations

import re
from dataclasses import replace

import libcst as cst

from .annotations import widened
from .answer_types import PageOf
from .default_order import ordered
from .empty_shapes import empty_shape
from .names import snake
from .operation import Operation, Typed, parse
from .row_names import row_name
from .saving_options import saving_options
from .serializer_contexts import made_with
from .types import (
    Constant,
    Incoming,
    Instance,
    Plain,
    Query,
    QueryParams,
    RequestData,
    Rows,
    Saved,
    Shown,
    Type,
)
from .writability import serializer_obstacle


def make(operation: Operation, name: str | None, *, own: bool = False) -> Typed:
    """A serializer over rows, or over data.

    own: whether `get_serializer` of the view makes it, which gives it DRF's context.
    """
    arguments = operation.take("instance", "data", "many", "partial", "context")
    tools, body = operation.body.owner.tools, operation.body
    shows = "shows" in body.owner.attributes and "data" not in arguments
    if name is None or (tools is None and not shows):
        operation.refuse("B302", "this serializer is not known")
    many = _flag(operation, arguments, "many")
    rows = body.expr(arguments["instance"]) if "instance" in arguments else None
    if "data" in arguments:
        return _incoming(operation, name, arguments, rows, own=own)
    given, _ = made_with(operation, arguments.get("context"), name, own=own)
    if rows is not None and isinstance(rows.type, PageOf):
        _require_early(operation, given)
    if rows is None and shows and not many:
        return Typed(operation.node, Shown(name, "", "", given=given))
    if rows is None:
        operation.refuse("B135", "a serializer of nothing has no rule")
    if isinstance(rows.type, PageOf) and rows.type.text and many:
        page = rows.type
        shown = Shown(name, page.model, page.text, many=True, given=given, paged=True)
        return Typed(operation.node, replace(shown, made=page.made))
    if isinstance(rows.type, Query | Rows) and many:
        rows = ordered(body, rows)
        assert isinstance(rows.type, Query | Rows)
        shown = Shown(name, rows.type.model, rows.code, True, given)
        is_query = isinstance(rows.type, Query)
        return Typed(operation.node, replace(shown, statement=is_query))
    if not isinstance(rows.type, Instance) or many:
        operation.refuse("B135", f"`{rows.code}` cannot be shown")
    return Typed(operation.node, _one(operation, name, rows, given))


def _one(operation: Operation, name: str, row: Typed, given: str | None) -> Shown:
    """A serializer over one row, or over what may be None."""
    kind = row.type
    assert isinstance(kind, Instance)
    shown = Shown(name, kind.model, row.code, given=given)
    if not kind.optional:
        return shown
    empty = empty_shape(operation.body.world, name)
    if empty is None or kind.user or not re.fullmatch(r"[\w.]+", row.code):
        operation.refuse("B135", f"`{row.code}` cannot be shown where it is None")
    return replace(shown, empty=empty)


def _incoming(
    operation: Operation,
    name: str,
    arguments: dict[str, cst.BaseExpression],
    rows: Typed | None,
    *,
    own: bool,
) -> Typed:
    """A serializer over the request's data, or over data at hand."""
    tools, body, node = operation.body.owner.tools, operation.body, arguments["data"]
    assert tools is not None
    many = _flag(operation, arguments, "many")
    if rows is not None and (many or not isinstance(rows.type, Instance) or rows.type.optional):
        operation.refuse("B135", "this serializer over data has no rule")
    label = rows.type.model if rows is not None and isinstance(rows.type, Instance) else None
    instance = rows.code if rows is not None else None
    if rows is not None and not isinstance(rows.node, cst.Name):
        operation.refuse("B135", "a serializer over a row without a name has no rule")
    given, context = made_with(operation, arguments.get("context"), name, own=own)
    text: str | None = None
    if not tools.is_request_data(body, node):
        typed = body.expr(node)
        if isinstance(typed.type, QueryParams):
            typed = Typed(parse(f"{body.compat('bodies', 'query_data')}({body.request()})"))
        if not isinstance(typed.type, Plain | Constant | RequestData):
            operation.refuse("B135", "this serializer over data has no rule")
        text = typed.code
    partial = _flag(operation, arguments, "partial")
    kind = Incoming(name, label or tools.model_of(name), instance, partial)
    if many:
        if partial or body.world.require_lists is None:
            operation.refuse("B135", "this serializer over a list has no rule")
        body.world.require_lists(name, written=True)
    return Typed(operation.node, replace(kind, data=text, given=given, context=context, many=many))


def _require_early(operation: Operation, given: str | None) -> None:
    """Refuse a context that is asked for where the body, or the page, would have to be looked at first."""
    if given is not None and "await " in given:
        operation.refuse("B135", "a context that asks the database has no rule here")


def _flag(operation: Operation, arguments: dict[str, cst.BaseExpression], name: str) -> bool:
    if name not in arguments:
        return False
    found = operation.body.expr(arguments[name]).type
    if not isinstance(found, Constant):
        operation.refuse("B135", f"a computed `{name}` has no rule")
    return bool(found.value)


def save_incoming(
    operation: Operation, name: str, kind: Incoming, extra: Operation | None
) -> Typed:
    """`serializer.save()`: the row that the body creates or changes; `extra` holds its arguments."""
    body = operation.body
    if kind.saved is not None or not kind.valid:
        operation.refuse("B136", "this `save()` has no rule")
    method = "create" if kind.instance is None else "update"
    context = dict(kind.context)
    model, options = written_row(operation, kind.name, kind.model, method, extra, context)
    session = body.session()
    if kind.many:
        return _save_each(operation, name, kind, model, options)
    if kind.instance is None:
        target = row_name(body.world.model_names[model])
        function = body.compat("actions", "create")
        call = f"await {function}({session}, {body.model(model)}, data{options})"
    else:
        target = kind.instance
        function = body.compat("actions", "update")
        call = f"await {function}({session}, {target}, data{options})"
    body.saved_as = body.local(target)
    body.env[target] = Instance(model)
    body.env[name] = replace(kind, saved=body.saved_as, model=model)
    return Typed(parse(call), Saved(model))


def _save_each(operation: Operation, name: str, kind: Incoming, model: str, options: str) -> Typed:
    """A row for each item of a list, in their order."""
    body = operation.body
    # `save` takes what it is given once, each row takes it again
    if "(" in options or "await " in options:
        operation.refuse("B136", "values that are computed for the rows of a list have no rule")
    function, item = body.compat("actions", "create"), body.local("item")
    row = f"await {function}({body.session()}, {body.model(model)}, {item}{options})"
    body.saved_as = body.local(f"{snake(body.world.model_names[model])}_rows")
    body.env[body.saved_as] = Rows(model)
    body.env[name] = replace(kind, saved=body.saved_as, model=model)
    return Typed(parse(f"[{row} for {item} in data]"), Saved(model, many=True))


def written_row(
    operation: Operation,
    name: str,
    label: str | None,
    method: str,
    extra: Operation | None,
    context: dict[str, Type] | None = None,
) -> tuple[str, str]:
    """The model of the row that a serializer saves, and the arguments beside the validated data.

    Raises:
        RefusalError: the model is not known, or its rows cannot be written here.
    """
    body, saver = operation.body, operation.body.owner.saver
    if saver is None:
        operation.refuse("B136", "a serializer is saved where that has no rule")
    given = extra.keywords() if extra is not None else {}
    if extra is not None and extra.positional():
        operation.refuse("B133", "`save` with these arguments has no rule")
    kinds = {key: widened(body.expr(node).type) for key, node in given.items()}
    own = saver(name, method, kinds, context)
    if isinstance(own, Instance):
        values = [f", {key}={body.expr(node).code}" for key, node in given.items()]
        return own.model, "".join(values)
    if label is None or own is not None:
        operation.refuse("B136", "this `save()` has no rule")
    for obstacle in ("save", "m2m"):
        body.world.require_writable(body, label, operation.node, obstacle)
    reason = serializer_obstacle(body.world, label, name)
    if reason is not None:
        operation.refuse("Q113", reason)
    return label, saving_options(extra, label) if extra is not None else ""
