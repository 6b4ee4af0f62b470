"""A serializer over `request.data` is the endpoint's valid body; saving it writes the row.

Before: serializer = PaySerializer(data=request.data); serializer.is_valid(raise_exception=True)
After:  async def pay_order(session: Session, order: FoundOrder, data: Valid[PayWrite]) -> OrderRead: ...

Before: if not serializer.is_valid(): return Response({"wrong": serializer.errors}, status=422)
After:  if isinstance(data := await attempt(session, PayWrite), ValidationError): return Response({"wrong": data.detail}, status=422)
"""

from dataclasses import replace

import libcst as cst

from strangler_codemods.kept_values import reads_sent
from strangler_codemods.making import save_incoming
from strangler_codemods.narrowing import REFUSED, VALID
from strangler_codemods.operation import Operation, Typed, parse, string_value
from strangler_codemods.rule import attribute, item, method, rewrites
from strangler_codemods.types import (
    Checked,
    Constant,
    Incoming,
    Instance,
    Plain,
    SchemaData,
    Type,
    Unknown,
    UnsavedData,
    ValidData,
)


def _named(operation: Operation) -> tuple[str, Incoming]:
    """The variable that holds the serializer."""
    kind, node = operation.on.type, operation.on.node
    assert isinstance(kind, Incoming)
    if not isinstance(node, cst.Name):
        operation.refuse("B135", "a serializer without a name has no rule")
    return node.value, kind


@rewrites(method(Incoming, "is_valid"))
def is_valid(operation: Operation) -> Typed:
    name, kind = _named(operation)
    body, tools = operation.body, operation.body.owner.tools
    given = operation.take("raise_exception").get("raise_exception")
    raising = body.expr(given).type if given is not None else Constant(False)
    if kind.valid or tools is None or raising not in (Constant(True), Constant(False)):
        operation.refuse("B136", "`is_valid()` has no rule here")
    for other, known in body.env.items():
        if isinstance(known, Incoming) and known.valid and known.saved is None:
            body.env[other] = Unknown("another serializer was checked after it")
    body.env[name] = replace(kind, valid=True, tried=raising == Constant(False))
    schema = tools.write_schema(kind.name)
    schema = f"{body.compat('schemas', 'Partial')}[{schema}]" if kind.partial else schema
    if kind.many and reads_sent(body.world, kind.name):
        operation.refuse("B104", "`.initial_data` of an item of a list has no rule")
    schema = f"list[{schema}]" if kind.many else schema
    own = kind.data is None and kind.given is None
    if raising == Constant(False):
        return _tried(operation, kind, schema)
    if own and not body.acted and tools.valid(body, schema, kind.instance):
        return Typed(operation.node, Constant(True))
    function = body.compat("schemas", "checked")
    text = f"await {function}({body.session()}, {schema}{_extra(kind)})"
    return Typed(parse(text), Checked())


def _extra(kind: Incoming) -> str:
    """What is checked, where that is not the body of the request alone."""
    extra = f", data={kind.data}" if kind.data else ""
    extra += f", instance={kind.instance}" if kind.instance else ""
    return extra + (f", context={kind.given}" if kind.given else "")


def _tried(operation: Operation, kind: Incoming, schema: str) -> Typed:
    """`if serializer.is_valid():` binds `data` to the valid body, or to what is wrong with it."""
    body = operation.body
    function, error = body.compat("schemas", "attempt"), body.compat("errors", "ValidationError")
    body.narrowed -= {VALID, REFUSED}  # of another serializer
    asked = f"data := await {function}({body.session()}, {schema}{_extra(kind)})"
    return Typed(parse(f"not isinstance({asked}, {error})"), Plain("bool"))


def _require_valid(operation: Operation, kind: Incoming) -> None:
    if not kind.valid:
        operation.refuse("B136", f"`.{operation.name}` is read before `is_valid()`")
    if kind.tried and VALID not in operation.body.narrowed:
        operation.refuse("B136", f"`.{operation.name}` is read where the data may be wrong")


@rewrites(attribute(Incoming, "errors"))
def errors(operation: Operation) -> Typed:
    kind = operation.on.type
    assert isinstance(kind, Incoming)
    if not kind.tried or REFUSED not in operation.body.narrowed:
        operation.refuse("B136", "`.errors` is read where nothing may be wrong")
    return Typed(parse("data.detail"), Plain())


@rewrites(attribute(Incoming, "validated_data"))
def validated_data(operation: Operation) -> Typed:
    kind = operation.on.type
    assert isinstance(kind, Incoming)
    _require_valid(operation, kind)
    if kind.many:
        operation.refuse("B136", "`.validated_data` of a list has no rule")
    if kind.saved is not None:
        operation.refuse("B136", "`.validated_data` after `save()` has no rule")
    return Typed(parse("data"), ValidData(kind.name, kind.partial))


def _value(operation: Operation, kind: Type, key: str | None) -> tuple[str | None, Type, bool]:
    """The attribute that holds a value, its type, and whether it is always there."""
    find = operation.body.world.valid_value
    assert isinstance(kind, ValidData)
    found = find(kind.name, key) if find is not None and key is not None else None
    if found is None:
        operation.refuse("B132", "this key of the validated data is not known")
    name, value, always = found
    return name, value, always and not kind.partial


@rewrites(item(ValidData))
def subscript(operation: Operation) -> Typed:
    node = operation.node
    assert isinstance(node, cst.Subscript)
    index = node.slice[0].slice
    key = string_value(index.value) if isinstance(index, cst.Index) else None
    name, kind, always = _value(operation, operation.on.type, key)
    plain = name is not None and always
    return Typed(parse(f"data.{name}" if plain else f"data.attrs()[{key!r}]"), kind)


@rewrites(method(ValidData, "get"))
def get(operation: Operation) -> Typed:
    arguments = operation.take("key", "default")
    key = string_value(arguments["key"])
    _, kind, _ = _value(operation, operation.on.type, key)
    default = operation.body.expr(arguments["default"]) if "default" in arguments else None
    if default is None or default.type == Constant(None):
        optional = replace(kind, optional=True) if isinstance(kind, Instance) else Plain()
        return Typed(parse(f"data.attrs().get({key!r})"), optional)
    if isinstance(kind, Instance) or not isinstance(default.type, Plain | Constant):
        operation.refuse("B132", "this default has no rule")
    return Typed(parse(f"data.attrs().get({key!r}, {default.code})"), Plain())


@rewrites(method(Incoming, "save"))
def save(operation: Operation) -> Typed:
    name, kind = _named(operation)
    _require_valid(operation, kind)
    return save_incoming(operation, name, kind, operation)


@rewrites(attribute(Incoming, "data"))
def data(operation: Operation) -> Typed:
    kind, body, tools = operation.on.type, operation.body, operation.body.owner.tools
    assert isinstance(kind, Incoming)
    if kind.tried and kind.saved is None:
        _require_valid(operation, kind)
    if tools is None or not kind.valid or (kind.saved is None and kind.instance is not None):
        operation.refuse("B136", "`.data` of a serializer that has not saved has no rule")
    if kind.many and kind.saved is None:
        operation.refuse("B136", "`.data` of a list that was not saved has no rule")
    if kind.saved is None and any(s.name == kind.name and s.model for s in tools.serializers()):
        if kind.partial:
            operation.refuse("B136", "`.data` of a serializer that has not saved has no rule")
        return Typed(operation.node, UnsavedData(kind.name))
    schema = tools.read_schema(kind.name, kind.model if kind.saved is not None else None)
    function = body.compat("actions", "read")
    given = f", context={kind.given}" if kind.given else ""
    if kind.many:
        if body.world.require_lists is not None:
            body.world.require_lists(kind.name)
        every = body.compat("actions", "read_all")
        text = f"await {every}({body.session()}, {schema}, {kind.saved}{given})"
        return Typed(parse(text), SchemaData("list[dict[str, Any]]", schema, many=True))
    text = f"await {function}({body.session()}, {schema}, {kind.saved or 'data.attrs()'}{given})"
    return Typed(parse(text), SchemaData(schema=schema))


#: Fields that show the text that they took.
_TEXTS = frozenset({"CharField", "EmailField", "RegexField", "SlugField", "URLField"})


@rewrites(item(UnsavedData))
def shown_value(operation: Operation) -> Typed:
    """One text of what was checked, as its field shows it: as it is."""
    node, kind, tools = operation.node, operation.on.type, operation.body.owner.tools
    assert isinstance(node, cst.Subscript)
    assert isinstance(kind, UnsavedData)
    assert tools is not None
    index = node.slice[0].slice
    key = string_value(index.value) if isinstance(index, cst.Index) else None
    fields = (f for s in tools.serializers() if s.name == kind.name for f in s.fields)
    found = next((each for each in fields if each.name == key), None)
    plain = found is not None and (found.cls or "").rpartition(".")[2] in _TEXTS
    if found is None or not plain or found.write_only or found.read_only or not found.required:
        operation.refuse("B136", "this value of a serializer that has not saved has no rule")
    value = _value(operation, ValidData(kind.name), found.source)
    if found.allow_null or not isinstance(value[1], Plain) or value[0] is None:
        operation.refuse("B136", "this value of a serializer that has not saved has no rule")
    return Typed(parse(f"data.{value[0]}"), value[1])


@rewrites(attribute(Incoming, "instance"))
def instance(operation: Operation) -> Typed:
    kind = operation.on.type
    assert isinstance(kind, Incoming)
    if kind.saved is None or kind.model is None or kind.many:
        operation.refuse("B136", "`.instance` of a serializer that has not saved has no rule")
    return Typed(parse(kind.saved), Instance(kind.model))
