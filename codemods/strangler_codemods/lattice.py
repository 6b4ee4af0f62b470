"""What two values have in common, what a loop gives, and how types are called in messages."""

from __future__ import annotations

from dataclasses import replace

from .surrounding_types import Outgoing
from .types import (
    Attrs,
    Condition,
    Constant,
    EmptyList,
    Error,
    Given,
    Instance,
    ListOf,
    Manager,
    ModelClass,
    OneOf,
    Plain,
    Query,
    Rows,
    Symbol,
    Texts,
    Type,
    Unknown,
)


def join(left: Type, right: Type) -> Type:
    """The type of a value that is one or the other."""
    if left == right:
        return left
    left, right = _without_value(left), _without_value(right)
    for one, other in ((left, right), (right, left)):
        if isinstance(one, EmptyList) and isinstance(other, Rows):
            return other
    if isinstance(left, Plain) and isinstance(right, Plain):
        return Plain(left.name) if left.name == right.name else Plain()
    if isinstance(left, Query) and isinstance(right, Query):
        return _either_query(left, right)
    if isinstance(left, Condition) and isinstance(right, Condition) and left.model == right.model:
        empty = left.maybe_empty or right.maybe_empty
        guarded = left.guarded and right.guarded
        return Condition(left.model, empty, guarded, left.names | right.names)
    return _of_one_kind(left, right)


def _either_query(left: Query, right: Query) -> Type:
    """A query that one path narrowed further; which joins it has then, later lookups cannot tell."""
    same: dict[str, object] = {
        "joins": frozenset(),
        "paths": (),
        "related": None,
        "many": frozenset(),
    }
    if replace(left, **same) != replace(right, **same):  # type: ignore[arg-type]  # fields of both
        return Unknown("a query that has another order or form on another path")
    paths = tuple(pair for pair in left.paths if pair in right.paths)
    joins, many = left.joins | right.joins, left.many | right.many
    return replace(left, joins=joins, paths=paths, many=many, related=None)


def _of_one_kind(left: Type, right: Type) -> Type:
    """The type of errors, of validated data, or of a row that may be None."""
    if isinstance(left, Error) and isinstance(right, Error):
        return Error()
    if isinstance(left, Attrs) and isinstance(right, Attrs):
        return _either(left, right)
    if isinstance(left, Given) and isinstance(right, Given):
        return _either_context(left, right)
    return _optional(left, right)


def _without_value(kind: Type) -> Type:
    return Plain(type(kind.value).__name__) if isinstance(kind, Constant) else kind


def _either(left: Attrs, right: Attrs) -> Type:
    """Validated data from which one path took something, or to which it added."""
    one, other = dict(left.fields), dict(right.fields)
    if any(one[name] != other[name] for name in one.keys() & other.keys()):
        return Unknown("its values are of other types on another path")
    maybe = left.maybe | right.maybe | (one.keys() ^ other.keys())
    return Attrs(tuple(sorted((one | other).items())), frozenset(maybe))


def _either_context(left: Given, right: Given) -> Type:
    """A context to which one path added."""
    one, other = dict(left.fields), dict(right.fields)
    fields = {key: join(kind, other.get(key, kind)) for key, kind in {**other, **one}.items()}
    if any(isinstance(kind, Unknown) for kind in fields.values()):
        return Unknown("its values are of other types on another path")
    maybe = left.maybe | right.maybe | (one.keys() ^ other.keys())
    return Given(tuple(fields.items()), frozenset(maybe))


def _optional(left: Type, right: Type) -> Type:
    """A row that may be None, where that is what the two make."""
    none = (Plain("NoneType"), Plain("None"))
    for one, other in ((left, right), (right, left)):
        if isinstance(one, Instance) and other in none:
            return _stranger(one) or replace(one, optional=True, user=False)
        if isinstance(one, Outgoing) and (other in none or isinstance(other, Outgoing)):
            return Outgoing(optional=True)
    if isinstance(left, Instance) and isinstance(right, Instance) and left.model == right.model:
        return _either_row(left, right)
    return Unknown(f"it is {describe(left)} on one path and {describe(right)} on another")


def _either_row(left: Instance, right: Instance) -> Type:
    """One row or another, with what both have beside their columns."""
    if left.user != right.user and (found := _stranger(left) or _stranger(right)):
        return found
    extras = tuple(extra for extra in left.extras if extra in right.extras)
    optional, user = left.optional or right.optional, left.user and right.user
    return replace(left, optional=optional, user=user, extras=extras)


def _stranger(row: Instance) -> Unknown | None:
    """An anonymous user is None here, but an object in Django: beside None nothing tells them apart."""
    if row.user and row.optional:
        return Unknown("it may be an anonymous user on one path, and is not on another")
    return None


def item_of(kind: Type) -> Type:
    """What a loop over a value gives, one after the other."""
    match kind:
        case Rows(model):
            return Instance(model, extras=kind.extras)
        case ListOf(item):
            return item
        case Texts():
            return OneOf(values=kind.values)
        case Constant(tuple() as values) if values and all(isinstance(v, str) for v in values):
            return OneOf(values=tuple(map(str, values)))
        case _:
            return Plain()


def describe(kind: Type) -> str:
    """A short noun for messages."""
    match kind:
        case Plain(name):
            return name
        case Instance(model) | Query(model) | Manager(model) | ModelClass(model) | Rows(model):
            return f"{type(kind).__name__.lower()} of {model}"
        case Symbol(path):
            return f"`{path}`"
        case Unknown(reason):
            return reason
        case _:
            return type(kind).__name__.lower()
