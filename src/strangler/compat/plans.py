"""What a write schema's fields mean to DRF, read from the class once."""

from collections.abc import Callable, Container, Mapping
from functools import cache
from inspect import signature
from types import SimpleNamespace, UnionType
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, NamedTuple, Union, get_args, get_origin

from pydantic import BaseModel, ConfigDict, GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.fields import FieldInfo
from pydantic_core import MISSING, CoreSchema, PydanticOmit, core_schema

from .context import Context
from .fields import FieldType, FormRules
from .steps import Course, HookInfo, course_of

Maker = Callable[[Context[Any]], Any]
Hook = Callable[[Any, Context[Any]], Any]


class From:
    """The attribute that a field stands for, where its name differs: From("owner.email").

    `From("*")` takes the whole object, and gives several attributes at once.
    """

    def __init__(self, source: str) -> None:
        self.source = source

    @property
    def path(self) -> tuple[str, ...]:
        """Return the attribute names one by one; none for "*"."""
        return () if self.source == "*" else tuple(self.source.split("."))


class Default:
    """What a read schema shows where the attribute is missing: Default("none"); never on PATCH.

    The field itself is `= UNSET`.
    """

    def __init__(self, value: Any) -> None:
        self.value = value


class DefaultFrom:
    """The default of an absent field depends on the request: DefaultFrom(lambda c: c.user).

    create_only: there is no default when an object is changed. The field itself is `= UNSET`.
    """

    hidden = False

    def __init__(self, make: Maker, *, create_only: bool = False) -> None:
        self.make = make
        self.create_only = create_only

    def value(self, context: Context[Any]) -> Any:
        """Return the default, or UNSET."""
        skipped = self.create_only and context.instance is not None
        return MISSING if skipped else self.make(context)


class Hidden(DefaultFrom):
    """A field that ignores its input and always has the default (never on PATCH)."""

    hidden = True

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        return core_schema.any_schema()

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        raise PydanticOmit


class Planned(NamedTuple):
    """One field: its attribute, its name on the wire, and where its value goes."""

    attr: str
    wire: str
    path: tuple[str, ...]
    type: FieldType | None
    required: str
    form_rules: FormRules
    default: DefaultFrom | None
    hooks: tuple[Hook, ...]
    info: FieldInfo
    # Holds a write schema, or a list of them.
    nested: bool


class Plan(NamedTuple):
    """A write schema. `late` are fields whose absence Pydantic alone cannot settle."""

    fields: tuple[Planned, ...]
    by_wire: dict[str, Planned]
    late: tuple[Planned, ...]
    hidden: frozenset[str]
    # (attribute, path in `attrs()`, holds schemas)
    paths: tuple[tuple[str, tuple[str, ...], bool], ...]
    # Whether `attrs()` calls every field as the schema does.
    named_alike: bool
    # Attributes that may be UNSET, and those that hold schemas.
    optional: tuple[str, ...]
    nested: tuple[str, ...]
    sources: dict[str, str]
    # None where Pydantic has to do the work.
    course: Course | None
    validate_object: Callable[[dict[str, Any], Context[Any]], dict[str, Any] | None] | None


class Validated(BaseModel):
    """Base of write schemas: what the validation of an object leaves behind."""

    model_config = ConfigDict(extra="ignore", protected_namespaces=(), arbitrary_types_allowed=True)

    # Checks of the whole object, before `validate_object`; attrs hold the read-only defaults too.
    rules: ClassVar[tuple[Any, ...]] = ()
    read_only_defaults: ClassVar[Mapping[str, Any]] = {}
    #: The names of the fields that are left for who asks; None for all of them.
    fields_for: ClassVar[Callable[[Context[Any]], Container[str]] | None] = None
    # The schema of which this one is the PATCH variant.
    patches_: ClassVar[type["Validated"] | None] = None

    __slots__ = ("adopted_", "given_", "kept_")
    if TYPE_CHECKING:
        adopted_: dict[str, Any]
        given_: Mapping[str, Any]
        kept_: SimpleNamespace

    def attrs(self) -> dict[str, Any]:
        """Return the validated data by attribute of the object; absent fields are left out."""
        plan = plan_of(type(self))
        if plan.validate_object is None:
            return attrs_of(self, plan)
        adopted: dict[str, Any] = self.adopted_
        return dict(adopted)

    def adopt_(self, attrs: dict[str, Any]) -> None:
        """Take over what `validate_object` made of the attributes."""
        object.__setattr__(self, "adopted_", attrs)
        for field in plan_of(type(self)).fields:
            if len(field.path) == 1 and not field.nested:
                self.__dict__[field.attr] = attrs.get(field.path[0], MISSING)


def keep_given(data: Validated, given: Mapping[str, Any] | None) -> None:
    """Remember the context that a serializer was made with."""
    if given is not None:
        object.__setattr__(data, "given_", given)


def keep_left(data: Validated, kept: SimpleNamespace) -> None:
    """Remember what the methods of the schema left in the context."""
    object.__setattr__(data, "kept_", kept)


def given_of(data: Any) -> Mapping[str, Any] | None:
    """The context that a serializer was made with; None for DRF's own."""
    found: Mapping[str, Any] | None = getattr(data, "given_", None)
    return found


@cache
def plan_of(schema: type[Validated]) -> Plan:
    """Return the plan of a write schema."""
    hooks = _hooks(schema)
    fields = tuple(
        _planned(schema, attr, info, hooks.get(attr, ()))
        for attr, info in schema.model_fields.items()
    )
    hidden = frozenset(f.wire for f in fields if f.default and f.default.hidden)
    return Plan(
        fields=fields,
        by_wire={field.wire: field for field in fields},
        late=tuple(f for f in fields if f.default or (f.hooks and f.form_rules.defaulted)),
        hidden=hidden,
        paths=tuple((field.attr, field.path, field.nested) for field in fields),
        named_alike=all(field.path == (field.attr,) for field in fields),
        optional=tuple(field.attr for field in fields if field.info.default is MISSING),
        nested=tuple(field.attr for field in fields if field.nested),
        sources={field.wire: ".".join(field.path) or "*" for field in fields},
        course=course_of(schema, {field.wire: field.required for field in fields}, hidden),
        validate_object=getattr(schema, "validate_object", None),
    )


def attrs_of(result: Validated, plan: Plan) -> dict[str, Any]:
    """Collect the values of the fields by attribute of the object."""
    values = result.__dict__
    if plan.named_alike:
        attrs = values.copy()
        for attr in plan.optional:
            if attrs[attr] is MISSING:
                del attrs[attr]
        for attr in plan.nested:
            if attr in attrs:
                value = attrs[attr]
                attrs[attr] = value.attrs() if hasattr(value, "attrs") else _plain(value)
        return attrs
    attrs = {}
    for attr, path, nested in plan.paths:
        if (value := values[attr]) is not MISSING:
            _put(attrs, path, _plain(value) if nested else value)
    return attrs


def _put(attrs: dict[str, Any], path: tuple[str, ...], value: Any) -> None:
    if not path:
        attrs.update(value)
        return
    for key in path[:-1]:
        attrs = attrs.setdefault(key, {})
    attrs[path[-1]] = value


def _plain(value: Any) -> Any:
    if Validated in type(value).__mro__:  # `isinstance` is slow where classes are abstract
        return value.attrs()
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    return value


def _planned(
    schema: type[Validated], attr: str, info: FieldInfo, hooks: tuple[Hook, ...]
) -> Planned:
    wire = info.alias or attr
    found = markers(info.annotation, tuple(info.metadata))
    kind = next((marker for marker in found if isinstance(marker, FieldType)), None)
    null = _null(kind, info.annotation)
    source = next((marker for marker in found if isinstance(marker, From)), None)
    declared = (schema.patches_ or schema).model_fields[attr]
    required = declared.is_required()
    unset = declared.default is MISSING
    rules = FormRules(
        required=required,
        null=null,
        partial=schema.patches_ is not None,
        defaulted=not required and not unset,
    )
    text = kind.messages["required"] if kind else FieldType.default_messages["required"]
    return Planned(
        attr=attr,
        wire=wire,
        path=(wire,) if source is None else source.path,
        type=kind and kind.bound(info.annotation, null),
        required=text,
        form_rules=rules,
        default=next((marker for marker in found if isinstance(marker, DefaultFrom)), None),
        hooks=hooks,
        info=info,
        nested=kind is not None and kind.nests,
    )


def _null(kind: FieldType | None, annotation: Any) -> bool:
    if kind is not None and kind.allow_null is not None:
        return kind.allow_null
    return type(None) in get_args(annotation)


def markers(annotation: Any, metadata: tuple[Any, ...]) -> list[Any]:
    """Return what `Annotated` carries, also inside a union with None."""
    found = list(metadata)
    if get_origin(annotation) in (Union, UnionType):
        for member in get_args(annotation):
            if get_origin(member) is Annotated:
                found += member.__metadata__
    return found


def _hooks(schema: type[BaseModel]) -> dict[str, tuple[Hook, ...]]:
    """Collect the `@field_validator`s that run after conversion, by field."""
    found: dict[str, tuple[Hook, ...]] = {}
    for decorator in schema.__pydantic_decorators__.field_validators.values():
        if decorator.info.mode == "after":
            for attr in decorator.info.fields:
                hook = _as_hook(attr, decorator.func)
                found[attr] = (*found.get(attr, ()), hook)
    return found


def _as_hook(attr: str, function: Callable[..., Any]) -> Hook:
    takes_info = len(signature(function).parameters) > 1

    def hook(value: Any, context: Context[Any]) -> Any:
        if not takes_info:
            return function(value)
        return function(value, HookInfo({"context": context}, attr, {}))

    return hook
