"""How a read schema writes objects: its fields compiled once per class of object."""

from collections.abc import Callable, Container, Iterator, Mapping
from inspect import signature
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple, get_args, get_origin

from pydantic import BaseModel, ConfigDict, model_serializer
from pydantic.fields import FieldInfo
from pydantic_core import MISSING, PydanticUndefined

from .attributes import getter, once
from .context import Context
from .fields import accepts_none
from .fields_numbers import truth
from .outputs import Method, Output, Writer
from .plans import Default, From, markers
from .steps import instance_of as made

Convert = Callable[[Any], Any]


# One field: its key; how its value is read; one of two ways to write it; what stands for a missing
# attribute, a value, MISSING to leave the key out, or nothing; what stands for it before that, but
# on PATCH. A plain tuple, since those are unpacked several times as fast as named ones.
Step = tuple[str, Convert, Convert | None, Writer | None, Any, Default | None]


class Shown(BaseModel):  # noqa: PLW1641 - without a hash, as every model
    """Base of read schemas: renders objects, never validates them."""

    model_config = ConfigDict(protected_namespaces=(), arbitrary_types_allowed=True)

    #: The names of the fields that are left for who asks; None for all of them.
    fields_for: ClassVar[Callable[[Context[Any]], Container[str]] | None] = None

    __slots__ = ("wire_",)
    if TYPE_CHECKING:
        wire_: dict[str, Any]
    else:

        def __getattr__(self, name):
            shape = shape_of(type(self))
            if name not in shape.keys or shape.keys[name] not in self.wire_:
                raise AttributeError(f"{type(self).__name__!r} shows no {name!r}")
            value = _typed(self.wire_[shape.keys[name]], shape.nested.get(name))
            self.__dict__[name] = value
            return value

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Shown) and type(self) is type(other) and self.wire_ == other.wire_

    def __repr_args__(self) -> Iterator[tuple[str, Any]]:
        yield from self.wire_.items()

    # Pydantic itself writes what the wire shows, too. Without annotations, or the document would
    # take the types from here.
    shown_ = model_serializer(mode="wrap")(lambda self, _: self.wire_)

    @classmethod
    def represent(cls, obj: Any, context: Context[Any]) -> dict[str, Any]:
        """Return what JSON shows of `obj`. Overrides change what super() gives."""
        shown: dict[str, Any] = {}
        steps = steps_of(cls, type(obj))
        if cls.fields_for is not None:
            left = cls.fields_for(context)
            steps = tuple(step for step in steps if step[0] in left)
        for key, get, convert, write, fallback, default in steps:
            try:
                value = get(obj)
            except (AttributeError, KeyError):
                if default is not None and not _is_partial(context):
                    shown[key] = _written(default.value, convert, write, context)
                    continue
                if fallback is PydanticUndefined:
                    raise
                if fallback is not MISSING:
                    shown[key] = _written(fallback, convert, write, context)
                continue
            if value is None:
                shown[key] = None
            elif convert is not None:
                shown[key] = convert(value)
            else:
                shown[key] = value if write is None else write(value, context)
        return shown


def _is_partial(context: Context[Any]) -> bool:
    return getattr(context.request.state, "partial", False)


def _typed(value: Any, nested: type[Shown] | None) -> Any:
    if nested is None or value is None:
        return value
    if isinstance(value, list):
        return [_typed(item, nested) for item in value]
    return instance_of(nested, value)


def _written(
    value: Any, convert: Convert | None, write: Writer | None, context: Context[Any]
) -> Any:
    if value is None:
        return None
    if convert is not None:
        return convert(value)
    return value if write is None else write(value, context)


@once
def steps_of(schema: type[Shown], cls: type) -> tuple[Step, ...]:
    """Return the work of `schema` on objects of `cls`."""
    if not schema.__pydantic_complete__:
        schema.model_rebuild()
    return tuple(_step(schema, cls, attr, info) for attr, info in schema.model_fields.items())


def _step(schema: type[Shown], cls: type, attr: str, info: FieldInfo) -> Step:
    key = info.alias or attr
    found = markers(info.annotation, tuple(info.metadata))
    method = next((marker for marker in found if isinstance(marker, Method)), None)
    if method is not None:
        return key, lambda obj: obj, None, _method(schema, method.name), PydanticUndefined, None
    source = next((marker for marker in found if isinstance(marker, From)), None)
    output = next((marker for marker in found if isinstance(marker, Output)), None)
    path = (key,) if source is None else source.path
    kind = bare(info.annotation)
    many = get_origin(kind) is list
    fallback = info.get_default(call_default_factory=True, validated_data={})
    default = next((marker for marker in found if isinstance(marker, Default)), None)
    if output is None:
        convert, write = _by_annotation(kind)
        return key, getter(cls, path), convert, write, fallback, default
    write = output.writer()
    if many and not output.takes_lists:
        return key, getter(cls, path), None, _each(write), fallback, default
    return key, output.getter(cls, path), None, write, fallback, default


def bare(annotation: Any) -> Any:
    """Return the annotation without None and without `Annotated`."""
    if accepts_none(annotation):
        members = [item for item in get_args(annotation) if item is not type(None)]
        annotation = members[0] if len(members) == 1 else Any
    return annotation.__origin__ if hasattr(annotation, "__metadata__") else annotation


def _method(schema: type[Shown], name: str) -> Writer:
    function = getattr(schema, name)
    if len(signature(function).parameters) > 1:
        with_context: Writer = function
        return with_context
    return lambda obj, context: function(obj)


def _each(write: Writer) -> Writer:
    return lambda values, context: [
        None if value is None else write(value, context) for value in values
    ]


def _by_annotation(kind: Any) -> tuple[Convert | None, Writer | None]:
    """Choose the conversion of plain types: as DRF's fields for them do, else none."""
    if kind in _PLAIN:
        return _PLAIN[kind], None
    if isinstance(kind, type) and issubclass(kind, Shown):
        return None, kind.represent
    if get_origin(kind) is list:
        return _list_of(get_args(kind)[0])
    if get_origin(kind) is dict:
        convert, write = _of_member(get_args(kind)[1])
        return None, lambda value, context: _dict(value, convert, write, context)
    return None, None


def _list_of(item: Any) -> tuple[Convert | None, Writer | None]:
    inner = bare(item)
    written = getattr(item, "__metadata__", ())
    output = next((marker for marker in written if isinstance(marker, Output)), None)
    if output is not None:
        return None, _each(output.writer())
    if isinstance(inner, type) and issubclass(inner, Shown):
        return None, lambda values, context: [inner.represent(value, context) for value in values]
    convert, write = _by_annotation(inner)
    return None, lambda values, context: [
        _written(value, convert, write, context) for value in values
    ]


def _of_member(item: Any) -> tuple[Convert | None, Writer | None]:
    """Choose for a value of a dictionary, which may have metadata of its own."""
    written = getattr(item, "__metadata__", ())
    output = next((marker for marker in written if isinstance(marker, Output)), None)
    return _by_annotation(bare(item)) if output is None else (None, output.writer())


def _dict(
    value: Mapping[Any, Any],
    convert: Convert | None,
    write: Writer | None,
    context: Context[Any],
) -> dict[str, Any]:
    return {str(key): _written(item, convert, write, context) for key, item in value.items()}


_PLAIN: Mapping[Any, Convert] = {str: str, int: int, float: float, bool: truth}


class Shape(NamedTuple):
    """How attributes of a read schema are found: their keys, and which hold schemas."""

    keys: dict[str, str]
    nested: dict[str, type[Shown]]
    names: set[str]


@once
def shape_of(schema: type[Shown]) -> Shape:
    """Return the shape of a read schema's instances; `nested` are schemas and lists of them."""
    nested: dict[str, type[Shown]] = {}
    for attr, info in schema.model_fields.items():
        kind = bare(info.annotation)
        inner = bare(get_args(kind)[0]) if get_origin(kind) is list else kind
        if isinstance(inner, type) and issubclass(inner, Shown):
            nested[attr] = inner
    return Shape(
        keys={attr: info.alias or attr for attr, info in schema.model_fields.items()},
        nested=nested,
        names=set(schema.model_fields),
    )


def instance_of(schema: type[Shown], wire: dict[str, Any]) -> Any:
    """Wrap what the wire shows; attributes are made when they are asked for."""
    self = made(schema, {}, shape_of(schema).names)
    object.__setattr__(self, "wire_", wire)
    return self
