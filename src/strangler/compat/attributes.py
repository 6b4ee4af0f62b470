"""How output fields find their values on ORM objects, dictionaries and other objects."""

from collections.abc import Callable, Mapping
from functools import cache, partial
from inspect import isbuiltin, isfunction, ismethod, signature
from operator import attrgetter
from typing import Any, TypeVar, cast

from sqlalchemy import inspect
from sqlalchemy.exc import NoInspectionAvailable
from sqlalchemy.orm import Mapper, RelationshipDirection, RelationshipProperty

from .errors import ObjectDoesNotExist
from .fetching import session_of

Getter = Callable[[Any], Any]
F = TypeVar("F", bound=Callable[..., Any])


def once(function: F) -> F:
    """Compute each answer once, as `functools.cache` does, and keep the signature for checkers."""
    return cast(F, cache(function))


@once
def mapper_of(cls: type) -> Mapper[Any] | None:
    """Return the mapper of an ORM class; None for other classes."""
    try:
        found: Any = inspect(cls)
    except NoInspectionAvailable:
        return None
    return found if isinstance(found, Mapper) else None


@once
def pk_name(cls: type) -> str:
    """Return the attribute that holds the primary key: `pk` where it has several columns."""
    mapper = mapper_of(cls)
    if mapper is None:
        return "pk"
    if len(mapper.primary_key) > 1:
        return "pk"
    name: str = mapper.get_property_by_column(mapper.primary_key[0]).key
    return name


def pk_of(value: Any) -> Any:
    """Return an object's primary key; a value that has none is a key itself."""
    return getattr(value, pk_name(type(value)), value)


@once
def getter(cls: type, path: tuple[str, ...]) -> Getter:
    """Return the function that reads `path` from objects of `cls`.

    It gives None for a related object that does not exist, and raises AttributeError or KeyError
    for an attribute that is missing, or that None on the way cannot have.
    """
    if not path:
        return lambda instance: instance
    if len(path) == 1 and _is_mapped(cls, path[0]):
        if _is_computed(cls, path[0]):
            return lambda instance: vars(instance)[path[0]]  # rows of other queries lack it
        return attrgetter(path[0])
    if len(path) == 1:
        return _single(cls, path[0])
    steps = tuple(path)

    def walk(instance: Any) -> Any:
        for step in steps:
            try:
                value = instance[step] if isinstance(instance, Mapping) else getattr(instance, step)
            except ObjectDoesNotExist:
                return None
            if value is None and is_missing_relation(instance, step):
                return None
            instance = _called(value, step) if callable(value) else value
        return instance

    return walk


def _single(cls: type, name: str) -> Getter:
    keyed = issubclass(cls, Mapping)

    def read(instance: Any) -> Any:
        try:
            value = instance[name] if keyed else getattr(instance, name)
        except ObjectDoesNotExist:
            return None
        return _called(value, name) if callable(value) else value

    return read


def _is_mapped(cls: type, name: str) -> bool:
    mapper = mapper_of(cls)
    return mapper is not None and name in mapper.attrs


def _is_computed(cls: type, name: str) -> bool:
    """Whether only a query can give the attribute a value: `query_expression()`."""
    mapper = mapper_of(cls)
    return mapper is not None and ("query_expression", True) in mapper.attrs[name].strategy_key


def is_missing_relation(instance: Any, name: str) -> bool:
    """Tell whether None stands for a row that Django would look for in vain.

    That is the other side of a one-to-one relation, and a foreign key to a row that is gone.
    """
    relation = relation_of(type(instance), name)
    if relation is None:
        return False
    if relation.direction is not RelationshipDirection.MANYTOONE:
        return True
    key = foreign_key_name(type(instance), name)
    return key is not None and getattr(instance, key) is not None


@once
def relation_of(cls: type, name: str) -> RelationshipProperty[Any] | None:
    """Return the relationship called `name`, if the class has one."""
    mapper = mapper_of(cls)
    return None if mapper is None else mapper.relationships.get(name)


@once
def foreign_key_name(cls: type, name: str) -> str | None:
    """Return the attribute that holds the key of the related object: "owner" -> "owner_id"."""
    relation = relation_of(cls, name)
    if relation is None or relation.direction is not RelationshipDirection.MANYTOONE:
        return None
    (column, *more) = relation.local_columns
    if more:
        return None
    key: str = relation.parent.get_property_by_column(column).key
    return key


def _called(value: Any, name: str) -> Any:
    """Call a method that needs no arguments but its row's session; anything else is a value."""
    if isbuiltin(value):
        raise TypeError(f"`{name}` is a built-in function; wrap its call in a method")
    if not (isfunction(value) or ismethod(value) or isinstance(value, partial)):
        return value
    needed = [
        one.name
        for one in signature(value).parameters.values()
        if one.kind not in (one.VAR_POSITIONAL, one.VAR_KEYWORD) and one.default is one.empty
    ]
    row = value.__self__ if ismethod(value) else None
    asks = needed == ["session"] and mapper_of(type(row)) is not None
    if needed and not asks:
        return value
    try:
        return value(session_of(row)) if asks else value()
    except (AttributeError, KeyError) as error:
        # Not to be taken for a missing attribute, which would leave the field out.
        raise ValueError(f"`{name}` failed: {error}") from error
