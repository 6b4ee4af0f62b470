"""How the arguments of a call meet the parameters of a project's function, stars included."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field

import libcst as cst

from .annotations import widened
from .answer_types import Response
from .lattice import join
from .operation import Operation, Typed, parse
from .surrounding_types import HandlerContext, Outgoing
from .types import (
    Attrs,
    Constant,
    DictOf,
    Error,
    Headers,
    Instance,
    ListOf,
    ModelClass,
    Plain,
    Query,
    Request,
    Rows,
    Symbol,
    TupleOf,
    Type,
    Unknown,
    ValidData,
)
from .unrolling import known_names

# What a converted function can be handed.
PASSED = (
    *(Plain, Constant, Instance, Query, Rows, Attrs, ListOf, DictOf, TupleOf),
    *(Error, HandlerContext, Headers, Outgoing, Response),
    *(Request, ModelClass, Symbol),
)
# What the new function knows itself: the request comes with what is read of it, a class by its name.
_IMPLIED = (Request, ModelClass, Symbol)


@dataclass
class Shape:
    """The parameters of a function: by position, by name only, and what collects the rest."""

    names: list[str]
    only_named: list[str] = field(default_factory=list)
    star: str | None = None
    double: str | None = None

    @classmethod
    def of(cls, node: cst.FunctionDef, skipped: int = 0) -> Shape:
        """The shape of a function, without the first `skipped` parameters."""
        params = node.params
        star = params.star_arg.name.value if isinstance(params.star_arg, cst.Param) else None
        double = params.star_kwarg.name.value if params.star_kwarg is not None else None
        named = [p.name.value for p in params.kwonly_params]
        return cls([p.name.value for p in params.params][skipped:], named, star, double)


@dataclass
class Bound:
    """The arguments of one call: `named` by parameter, the rest as `*` and `**` collect them.

    `unpacked` are dictionaries handed over whole; what they hold is in `kinds` as well.
    """

    named: dict[str, Typed] = field(default_factory=dict)
    star: list[Typed] = field(default_factory=list)
    double: dict[str, Typed] = field(default_factory=dict)
    unpacked: list[Typed] = field(default_factory=list)
    kinds: dict[str, Type] = field(default_factory=dict)
    rest: dict[str, Type] = field(default_factory=dict)
    maybe: set[str] = field(default_factory=set)
    #: Parameters that are handed names which are known while converting.
    names: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def of_request(self) -> bool:
        """Whether the request is handed over."""
        return any(isinstance(kind, Request) for kind in self.kinds.values())

    def implied(self) -> set[str]:
        """Names of what is handed over and needs no parameter."""
        return {name for name, kind in self.kinds.items() if isinstance(kind, _IMPLIED)}


def bind(operation: Operation, shape: Shape, path: str) -> Bound:
    """Bind a call's arguments as Python does.

    Raises:
        RefusalError: an argument fits no parameter, or has no rule.
    """
    bound = Bound()
    for position, argument in enumerate(a for a in operation.args if a.keyword is None):
        if argument.star == "**":
            _unpack(operation, shape, bound, argument.value)
            continue
        if argument.star:
            operation.refuse("B110", f"`{path}` is called with `*`")
        value = _value(operation, argument.value, path)
        if position < len(shape.names):
            bound.named[shape.names[position]] = value
            bound.names |= _names(operation, shape.names[position], argument.value)
        elif shape.star is not None:
            bound.star.append(value)
        else:
            operation.refuse("B111", f"`{path}` is called with too many arguments")
    for argument in operation.args:
        if argument.keyword is not None:
            _by_name(operation, shape, bound, argument, path)
    bound.kinds |= {name: widened(value.type) for name, value in bound.named.items()}
    bound.named = {n: v for n, v in bound.named.items() if not isinstance(v.type, _IMPLIED)}
    others = [*bound.star, *bound.double.values()]
    if any(isinstance(value.type, _IMPLIED) for value in others):
        operation.refuse("B144", f"`{path}` collects the request, or a class")
    bound.rest |= {name: widened(value.type) for name, value in bound.double.items()}
    return bound


def _value(operation: Operation, node: cst.BaseExpression, path: str) -> Typed:
    value = unpackable(operation.body.expr(node), operation)
    error = ("app.compat.errors", value.code) in operation.body.imports
    if not isinstance(value.type, PASSED) or (isinstance(value.type, Symbol) and not error):
        operation.refuse("B144", f"the argument `{value.code}` of `{path}` has no rule")
    return value


def _names(
    operation: Operation, parameter: str, node: cst.BaseExpression
) -> dict[str, tuple[str, ...]]:
    """The names that a literal, or a constant of a module, hands a parameter."""
    body = operation.body
    if isinstance(node, cst.Name) and node.value not in body.env:
        path = body.world.sources.resolve(body.module, node.value)
        found = body.world.sources.split(path) if path is not None else None
        value = found[0].constant(found[1]) if found is not None and found[1] else None
        node = parse(ast.unparse(value)) if value is not None else node
    names = known_names(node)
    return {} if names is None else {parameter: names}


def _by_name(
    operation: Operation, shape: Shape, bound: Bound, argument: cst.Arg, path: str
) -> None:
    assert argument.keyword is not None
    name = argument.keyword.value
    value = _value(operation, argument.value, path)
    if name in shape.names or name in shape.only_named:
        bound.named[name] = value
        bound.names |= _names(operation, name, argument.value)
    elif shape.double is not None and name != "session":
        bound.double[name] = value
    else:
        operation.refuse("B111", f"`{path}` is called with an unknown `{name}`")


def _unpack(operation: Operation, shape: Shape, bound: Bound, node: cst.BaseExpression) -> None:
    """`**attrs`: each key meets its parameter, the others go where `**` collects them."""
    value = unpackable(operation.body.expr(node), operation)
    if not isinstance(value.type, Attrs):
        operation.refuse("B110", f"`{operation.name}` is called with `**`")
    bound.unpacked.append(value)
    for key, kind in value.type.fields:
        if key in shape.names or key in shape.only_named:
            bound.kinds[key] = kind
            if key in value.type.maybe:
                bound.maybe.add(key)
        elif shape.double is not None:
            bound.rest[key] = kind
            if key in value.type.maybe:
                bound.maybe.add(key)
        else:
            operation.refuse("B111", f"`{operation.name}` is called with an unknown `{key}`")


def unpackable(value: Typed, operation: Operation) -> Typed:
    """Validated data as the dictionary whose keys are known; anything else as it is."""
    tools = operation.body.owner.tools
    if not isinstance(value.type, ValidData) or tools is None:
        return value
    attrs = tools.attrs(value.type.name, partial=value.type.partial)
    return value if attrs is None else Typed(parse(f"{value.code}.attrs()"), attrs)


def with_default(kind: Type | None, default: Type) -> Type:
    """The type of a parameter that a call may leave out."""
    wide = widened(default)
    if kind is None:
        return wide
    joined = join(kind, wide)
    return kind if isinstance(joined, Unknown) else joined
