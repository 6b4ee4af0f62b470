"""Expressions: plain Python is carried as it is, operations go to their rules."""

from __future__ import annotations

import builtins
from collections.abc import Callable
from typing import cast

import libcst as cst
from libcst import matchers

from .arithmetic import combined, turned
from .body import Body
from .containers import comprehension, dictionary, is_empty, sequence
from .lattice import describe, join
from .manager_methods import require_djangos
from .mapped import as_comprehension
from .narrowing import known_when
from .operands import negate, operand, side
from .operation import Operation, Typed, code_of, parse
from .plain_values import lacks, operate, plain, plain_args, require_value
from .project_names import call_project
from .pure import is_pure
from .shown_texts import formatted, shown, texts_in_a_row
from .surrounding_types import Outgoing
from .types import Attrs, Constant, Instance, ModelClass, Plain, Query, Rows, Symbol, ValidData
from .walking import has

# Names of `builtins` that reach outside, or that depend on where they stand.
_REFUSED_BUILTINS = frozenset(
    [
        "__build_class__",
        "__import__",
        "breakpoint",
        "compile",
        "delattr",
        "eval",
        "exec",
        "globals",
        "input",
        "locals",
        "open",
        "super",
        "vars",
    ]
)


def rewrite_expression(body: Body, node: cst.BaseExpression) -> Typed:
    """Rewrite `node`; raises `RefusalError` where a part of it has no rule."""
    handler = _HANDLERS.get(type(node))
    if handler is None:
        body.refuse("B101", f"`{type(node).__name__}` expressions have no rule", node)
    return handler(body, node)


def _name(body: Body, node: cst.Name) -> Typed:
    name = node.value
    if name in ("True", "False", "None"):
        return Typed(node, Constant({"True": True, "False": False, "None": None}[name]))
    if name in body.env:
        kind = body.env[name]
        if isinstance(kind, Constant):
            return Typed(parse(repr(kind.value)), kind)
        if isinstance(kind, ModelClass):
            return Typed(parse(body.model(kind.model)), kind)
        if isinstance(kind, Symbol):
            return body.world.symbol(body, kind.path, node)
        if isinstance(kind, Query):
            body.queries.used(body, node)
        return Typed(cst.Name(body.renames.get(name, name)), kind)
    path = body.world.sources.resolve(body.module, name)
    if path is not None:
        return body.world.symbol(body, path, node)
    if hasattr(builtins, name) and name not in _REFUSED_BUILTINS:
        return Typed(node, Symbol(f"builtins.{name}"))
    body.refuse("B103", f"`{name}` is not known here", node)


def _literal(body: Body, node: cst.BaseExpression) -> Typed:
    if isinstance(node, cst.SimpleString | cst.Integer | cst.Float):
        return Typed(node, Constant(node.evaluated_value))
    return Typed(node, Plain())


def _attribute(body: Body, node: cst.Attribute) -> Typed:
    receiver = body.expr(node.value)
    name = node.attr.value
    operation = Operation(node, body, name, receiver)
    done = operate(body, "attribute", type(receiver.type), name, operation)
    if done is not None:
        return done
    if isinstance(receiver.type, Symbol):
        return body.world.symbol(body, f"{receiver.type.path}.{name}", node)
    if isinstance(receiver.type, Plain | Constant) and not lacks(receiver.type, name):
        return Typed(node.with_changes(value=operand(receiver)))
    body.refuse("B104", f"`.{name}` of {describe(receiver.type)} has no rule", node)


def _call(body: Body, node: cst.Call) -> Typed:
    if isinstance(node.func, cst.Attribute):
        if (done := _super_call(body, node)) is not None:
            return done
        name = node.func.attr.value
        receiver = _of_query(body, node.func.value, name) or body.expr(node.func.value)
        if not isinstance(receiver.type, Symbol):
            return _method(body, node, receiver, name)
    function = body.expr(node.func)
    if isinstance(function.type, Symbol):
        return _call_symbol(body, node, function)
    operation = Operation(node, body, describe(function.type), function, args=tuple(node.args))
    done = operate(body, "construct", type(function.type), "*", operation)
    if done is not None:
        return done
    body.refuse("B105", f"calling {describe(function.type)} has no rule", node)


def _of_query(body: Body, node: cst.BaseExpression, method: str) -> Typed | None:
    """A query in a variable of which a method is called, or None."""
    kind = body.env.get(node.value) if isinstance(node, cst.Name) else None
    if not isinstance(node, cst.Name) or not isinstance(kind, Query):
        return None
    body.queries.used(body, node, method)
    return Typed(cst.Name(body.renames.get(node.value, node.value)), kind)


# Methods of texts that give texts.
_GIVING_TEXT = frozenset(
    {
        "capitalize", "casefold", "center", "expandtabs", "join", "ljust", "lower", "lstrip",
        "removeprefix", "removesuffix", "replace", "rjust", "rstrip", "strip", "swapcase", "title",
        "translate", "upper", "zfill",
    }
)  # fmt: skip


_MOMENTS = (Plain("date"), Plain("datetime"), Plain("time"))


def _method(body: Body, node: cst.Call, receiver: Typed, name: str) -> Typed:
    operation = Operation(node, body, name, receiver, args=tuple(node.args))
    require_djangos(operation)
    done = operate(body, "method", type(receiver.type), name, operation)
    if done is not None:
        return done
    if isinstance(receiver.type, Plain | Constant | Attrs | Rows) and not lacks(
        receiver.type, name
    ):
        func = cast("cst.Attribute", node.func).with_changes(value=operand(receiver))
        given = receiver.type
        is_text = given == Plain("str") or (
            isinstance(given, Constant) and isinstance(given.value, str)
        )
        kind = Plain("str" if is_text and name in _GIVING_TEXT else "Any")
        if name == "replace" and given in _MOMENTS:
            kind = Plain(given.name)
        return Typed(node.with_changes(func=func, args=plain_args(body, node.args)), kind)
    body.refuse("B106", f"`.{name}()` of {describe(receiver.type)} has no rule", node)


def _call_symbol(body: Body, node: cst.Call, function: Typed) -> Typed:
    path = cast("Symbol", function.type).path
    if path == "builtins.list" and (mapped := as_comprehension(body, node)) is not None:
        return body.expr(mapped)
    operation = Operation(node, body, path, function, args=tuple(node.args))
    done = operate(body, "call", None, path, operation)
    if done is not None:
        return done
    if path == "builtins.str" and len(node.args) == 1 and not node.args[0].star:
        text = node.args[0].with_changes(value=shown(body, node.args[0].value))
        return Typed(node.with_changes(func=function.node, args=[text]), Plain("str"))
    if is_pure(path):
        args = plain_args(body, node.args)
        if path == "builtins.next" and args and isinstance(args[0].value, cst.ListComp):
            body.refuse("B105", "`next` of what has to be waited for has no rule", node)
        kind = Plain("timedelta" if path == "datetime.timedelta" else "Any")
        return Typed(node.with_changes(func=function.node, args=args), kind)
    return call_project(operation)


def _super_call(body: Body, node: cst.Call) -> Typed | None:
    func = cast("cst.Attribute", node.func)
    inner = func.value
    if not (isinstance(inner, cst.Call) and isinstance(inner.func, cst.Name)):
        return None
    if inner.func.value != "super" or inner.args or body.owner.call_super is None:
        return None
    return body.call(body.owner.call_super(body, func.attr.value, node), node)


def truth(body: Body, node: cst.BaseExpression) -> Typed:
    """An expression used as a condition."""
    if isinstance(node, cst.BooleanOperation):
        return _condition(body, node)
    typed = body.expr(node)
    done = operate(body, "truth", type(typed.type), "*", Operation(node, body, "", typed))
    if done is not None:
        return done
    require_value(body, typed, node)
    return typed


def _boolean(body: Body, node: cst.BooleanOperation) -> Typed:
    """`a and b` whose value is used: None where a row is missing, not false."""
    is_and = isinstance(node.operator, cst.And)
    left = body.expr(node.left)
    if isinstance(left.type, Instance):
        return _row_and(body, node, left) if is_and else _row_or(body, node, left)
    if not is_and and isinstance(left.type, Attrs | ValidData) and is_empty(node.right):
        return left  # without a value it is an empty dictionary, too
    if isinstance(left.type, Outgoing) and not is_and:
        return _answer_or(body, node, left)
    require_value(body, left, node)
    if isinstance(left.type, Constant) and bool(left.type.value) != is_and:
        return left
    if isinstance(left.type, Constant):
        return body.expr(node.right)
    with body.knowing(known_when(left.node, true=is_and)):
        right = body.expr(node.right)
    require_value(body, right, node)
    sides = [side(t, node.operator) for t in (left, right)]
    return Typed(node.with_changes(left=sides[0], right=sides[1]), join(left.type, right.type))


def _answer_or(body: Body, node: cst.BooleanOperation, left: Typed) -> Typed:
    """`response or other`: responses are true."""
    right = body.expr(node.right)
    if not isinstance(right.type, Outgoing):
        body.refuse("B112", f"`{code_of(node)}` may give a response or something else", node)
    sides = [side(t, node.operator) for t in (left, right)]
    return Typed(node.with_changes(left=sides[0], right=sides[1]), right.type)


def _row_or(body: Body, node: cst.BooleanOperation, row: Typed) -> Typed:
    """`row or other`: rows are true, and so is an anonymous user."""
    kind = row.type
    assert isinstance(kind, Instance)
    if kind.user or not kind.optional:
        return row
    right = body.expr(node.right)
    if isinstance(right.type, Constant) and right.type.value is None:
        return row
    if not isinstance(right.type, Instance) or right.type.user or right.type.model != kind.model:
        body.refuse("B112", f"`{code_of(node)}` may give a row or something else", node)
    sides = [side(t, node.operator) for t in (row, right)]
    both = tuple(extra for extra in kind.extras if extra in right.type.extras)
    found = Instance(kind.model, optional=right.type.optional, extras=both)
    return Typed(node.with_changes(left=sides[0], right=sides[1]), found)


def _row_and(body: Body, node: cst.BooleanOperation, row: Typed) -> Typed:
    """`row and value`; an anonymous user is an object too, and so is true."""
    kind = row.type
    assert isinstance(kind, Instance)
    test = parse(f"{row.code} is not None")
    missing = kind.optional and not kind.user
    with body.knowing(known_when(test, true=True) if missing else frozenset()):
        right = body.expr(node.right)
    require_value(body, right, node)
    if not missing:
        return right
    either = cst.IfExp(test=test, body=operand(right), orelse=cst.Name("None"))
    return Typed(either, join(right.type, Constant(None)))


def _condition(body: Body, node: cst.BooleanOperation) -> Typed:
    """`a and b` where only its truth counts."""
    left = truth(body, node.left)
    is_and = isinstance(node.operator, cst.And)
    if isinstance(left.type, Constant) and bool(left.type.value) != is_and:
        return left
    with body.knowing(known_when(left.node, true=is_and)):
        right = truth(body, node.right)
    if isinstance(left.type, Constant):
        return right
    settled = isinstance(right.type, Constant) and bool(right.type.value) != is_and
    if settled and not has(left.node, cst.Call, cst.Await):
        return right  # whatever the left side says
    sides = [side(t, node.operator) for t in (left, right)]
    return Typed(node.with_changes(left=sides[0], right=sides[1]), join(left.type, right.type))


def _unary(body: Body, node: cst.UnaryOperation) -> Typed:
    if isinstance(node.operator, cst.Not):
        inner = truth(body, node.expression)
        if isinstance(inner.type, Constant):
            return body.constant(not inner.type.value)
        return negate(inner)
    inner = body.expr(node.expression)
    done = operate(body, "unary", type(inner.type), "*", Operation(node, body, "", inner))
    if done is not None:
        return done
    require_value(body, inner, node)
    kind = turned(node.operator, inner.type)
    return Typed(node.with_changes(expression=operand(inner)), kind)


def _links(body: Body, node: cst.Comparison) -> cst.BooleanOperation | None:
    """`a == b == c` of rows as `a == b and b == c`, where reading `b` twice changes nothing."""
    sides = [node.left, *(target.comparator for target in node.comparisons)]
    middle = matchers.Name() | matchers.Attribute()
    if len(sides) != 3 or not matchers.matches(sides[1], middle):  # two links
        return None
    if has(sides[1], cst.Call, cst.Subscript):
        return None
    if not any(isinstance(body.expr(side).type, Instance) for side in sides):
        return None
    first, second = (
        cst.Comparison(left, [target])
        for left, target in zip(sides, node.comparisons, strict=False)
    )
    return cst.BooleanOperation(left=first, operator=cst.And(), right=second)


def _comparison(body: Body, node: cst.Comparison) -> Typed:
    if len(node.comparisons) > 1 and (links := _links(body, node)) is not None:
        return body.expr(links)
    left = body.expr(node.left)
    values = [body.expr(target.comparator) for target in node.comparisons]
    if len(values) == 1:
        right = values[0]
        for place, one, other in (("left", left, right), ("right", right, left)):
            operation = Operation(node, body, place, one, other)
            done = operate(body, "compare", type(one.type), "*", operation)
            if done is not None:
                return done
        if isinstance(left.type, Constant) and isinstance(right.type, Constant):
            outcomes = [
                _fold(body, node, a, b)
                for a in (left.type.value, *left.type.others)
                for b in (right.type.value, *right.type.others)
            ]
            if len(set(map(bool, outcomes))) == 1:
                return body.constant(outcomes[0])
    targets = []
    for target, found in zip(node.comparisons, values, strict=True):
        value = _at_run_time(body, found)
        require_value(body, value, node)
        targets.append(target.with_changes(comparator=operand(value)))
    left = _at_run_time(body, left)
    require_value(body, left, node)
    return Typed(node.with_changes(left=operand(left), comparisons=targets), Plain("bool"))


def _at_run_time(body: Body, typed: Typed) -> Typed:
    """The method of the request, where HEAD goes another way than GET."""
    if not isinstance(typed.type, Constant) or not typed.type.others:
        return typed
    return Typed(parse(f"{body.request()}.method"), Plain("str"))


_FOLDS: dict[type, Callable[[object, object], object]] = {
    cst.Equal: lambda a, b: a == b,
    cst.NotEqual: lambda a, b: a != b,
    cst.In: lambda a, b: a in b,  # type: ignore[operator]  # both sides are literals here
    cst.NotIn: lambda a, b: a not in b,  # type: ignore[operator]  # both sides are literals here
    cst.Is: lambda a, b: a is b,
    cst.IsNot: lambda a, b: a is not b,
}


def _fold(body: Body, node: cst.Comparison, left: object, right: object) -> object:
    operator = type(node.comparisons[0].operator)
    if operator not in _FOLDS:
        body.refuse("B107", "this comparison of constants has no rule", node)
    return _FOLDS[operator](left, right)


def _conditional(body: Body, node: cst.IfExp) -> Typed:
    test = truth(body, node.test)
    if isinstance(test.type, Constant):
        return body.expr(node.body if test.type.value else node.orelse)
    with body.knowing(known_when(test.node, true=True)):
        first = body.expr(node.body)
    with body.knowing(known_when(test.node, true=False)):
        second = body.expr(node.orelse)
    kind = join(first.type, second.type)
    changed = node.with_changes(test=test.node, body=first.node, orelse=second.node)
    return Typed(changed, kind)


def _binary(body: Body, node: cst.BinaryOperation) -> Typed:
    left, right = body.expr(node.left), body.expr(node.right)
    for one, other in ((left, right), (right, left)):
        operation = Operation(node, body, "", one, other)
        done = operate(body, "binary", type(one.type), "*", operation)
        if done is not None:
            return done
    require_value(body, left, node)
    require_value(body, right, node)
    kind = combined(node.operator, left.type, right.type)
    return Typed(node.with_changes(left=left.node, right=right.node), kind)


def _subscript(body: Body, node: cst.Subscript) -> Typed:
    receiver = body.expr(node.value)
    operation = Operation(node, body, "", receiver)
    done = operate(body, "item", type(receiver.type), "*", operation)
    if done is not None:
        return done
    if not isinstance(receiver.type, Plain | Constant):
        body.refuse("B109", f"subscribing {describe(receiver.type)} has no rule", node)
    slices = []
    for element in node.slice:
        inner = element.slice
        if isinstance(inner, cst.Index):
            inner = inner.with_changes(value=plain(body, inner.value))
        elif isinstance(inner, cst.Slice):
            bounds = {"lower": inner.lower, "upper": inner.upper, "step": inner.step}
            inner = inner.with_changes(
                **{k: plain(body, v) if v is not None else None for k, v in bounds.items()}
            )
        slices.append(element.with_changes(slice=inner))
    return Typed(node.with_changes(value=operand(receiver), slice=slices))


def _walrus(body: Body, node: cst.NamedExpr) -> Typed:
    name = cast("cst.Name", node.target).value
    body.binding = (name, node.value)
    value = body.expr(node.value)
    body.binding = None
    if not isinstance(value.type, Instance):
        require_value(body, value, node)
    body.env[name] = Plain() if isinstance(value.type, Constant) else value.type
    local = body.local(name)
    if value.code == local:
        return value
    return Typed(node.with_changes(target=cst.Name(local), value=value.node), body.env[name])


_HANDLERS: dict[type, Callable[[Body, object], Typed]] = cast(
    "dict[type, Callable[[Body, object], Typed]]",
    {
        cst.Name: _name,
        cst.Attribute: _attribute,
        cst.Call: _call,
        cst.SimpleString: _literal,
        cst.ConcatenatedString: texts_in_a_row,
        cst.Integer: _literal,
        cst.Float: _literal,
        cst.Ellipsis: _literal,
        cst.BooleanOperation: _boolean,
        cst.UnaryOperation: _unary,
        cst.Comparison: _comparison,
        cst.IfExp: _conditional,
        cst.List: sequence,
        cst.Tuple: sequence,
        cst.Set: sequence,
        cst.Dict: dictionary,
        cst.FormattedString: formatted,
        cst.BinaryOperation: _binary,
        cst.Subscript: _subscript,
        cst.NamedExpr: _walrus,
        cst.ListComp: comprehension,
        cst.SetComp: comprehension,
        cst.DictComp: comprehension,
        cst.GeneratorExp: comprehension,
    },
)
