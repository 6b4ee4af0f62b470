"""The project's exception handler asks compat's, and changes what it answers.

Before: response = drf_exception_handler(exc, context)
After:  response = exception_handler(exc, context)
"""

import libcst as cst

from strangler_codemods.answer_types import Response
from strangler_codemods.operation import Operation, Typed, parse, string_value
from strangler_codemods.rule import Key, attribute, call, declaration, item, method, rewrites
from strangler_codemods.surrounding_types import ErrorClass, HandlerContext, HandlerView
from strangler_codemods.types import Constant, Error, Plain


@rewrites(declaration("exception handler"))
def carried() -> None:
    """Exception handlers are carried."""


@rewrites(call("rest_framework.views.exception_handler"))
def ask(operation: Operation) -> Typed:
    arguments = operation.take("exc", "context")
    exc, context = (operation.body.expr(arguments[name]) for name in ("exc", "context"))
    if not isinstance(exc.type, Error) or not isinstance(context.type, HandlerContext):
        operation.refuse("W102", "DRF's handler is asked about something else")
    function = operation.body.compat("handlers", "exception_handler")
    return Typed(parse(f"{function}({exc.code}, {context.code})"), Response(optional=True))


def _present(operation: Operation) -> str:
    """The response; where there may be none, the AttributeError that None raises as well."""
    kind, code = operation.on.type, operation.on.code
    assert isinstance(kind, Response)
    if not kind.optional:
        return code
    return f"{operation.body.compat('handlers', 'present')}({code})"


@rewrites(attribute(Response, "data"), attribute(Response, "status_code"))
def read(operation: Operation) -> Typed:
    kind = operation.on.type
    if not isinstance(kind, Response) or not kind.is_drf:
        operation.refuse("B104", f"`.{operation.name}` of Django's own response has no rule")
    name = "int" if operation.name == "status_code" else "Any"
    return Typed(parse(f"{_present(operation)}.{operation.name}"), Plain(name))


@rewrites(Key("assign", Response, "data"), Key("assign", Response, "status_code"))
def write(operation: Operation) -> Typed:
    return Typed(parse(f"{_present(operation)}.{operation.name}"))


@rewrites(Key("compare", Response, "*"))
def compare(operation: Operation) -> Typed:
    node, other = operation.node, operation.other
    if other is None or other.type != Constant(None) or not isinstance(node, cst.Comparison):
        operation.refuse("W102", "this comparison of a response has no rule")
    same = isinstance(node.comparisons[0].operator, cst.Is | cst.Equal)
    test = "is" if same else "is not"
    return Typed(parse(f"{operation.on.code} {test} None"), Plain("bool"))


_AS_ERROR = "rest_framework.serializers.as_serializer_error"


@rewrites(call(_AS_ERROR), call("rest_framework.fields.as_serializer_error"))
def as_error(operation: Operation) -> Typed:
    exc = operation.body.expr(operation.take("exc")["exc"])
    if not isinstance(exc.type, Error):
        operation.refuse("W102", f"`{exc.code}` is no exception")
    function = operation.body.compat("values", "as_serializer_error")
    return Typed(parse(f"{function}({exc.code})"), Plain("dict"))


@rewrites(attribute(Error, "detail"))
def detail(operation: Operation) -> Typed:
    kind = operation.on.type
    if isinstance(kind, Error) and kind.path.startswith("rest_framework."):
        return Typed(parse(f"{operation.on.code}.detail"), Plain())
    function = operation.body.compat("errors", "detail_of")
    return Typed(parse(f"{function}({operation.on.code})"), Plain())


@rewrites(method(Error, "get_full_details"), method(Error, "get_codes"))
def in_full(operation: Operation) -> Typed:
    """The texts with their codes; what is none of DRF's exceptions has no such method on either side."""
    if operation.args:
        operation.refuse("B111", f"`.{operation.name}` takes no arguments")
    return Typed(parse(f"{operation.on.code}.{operation.name}()"), Plain())


@rewrites(Key("assign", Error, "detail"))
def set_detail(operation: Operation) -> Typed:
    if operation.other is None or not isinstance(operation.other.type, Plain):
        operation.refuse("B203", "assigning `.detail` of an error something else has no rule")
    return Typed(parse(f"{operation.on.code}.detail"), Plain())


@rewrites(attribute(Error, "status_code"), attribute(Error, "args"))
def told(operation: Operation) -> Typed:
    return Typed(parse(f"{operation.on.code}.{operation.name}"), Plain())


@rewrites(attribute(Error, "__class__"))
def class_of(operation: Operation) -> Typed:
    return Typed(operation.on.node, ErrorClass())


@rewrites(attribute(ErrorClass, "__name__"))
def class_name(operation: Operation) -> Typed:
    function = operation.body.compat("errors", "legacy_name")
    return Typed(parse(f"{function}({operation.on.code})"), Plain("str"))


@rewrites(method(HandlerContext, "get"), item(HandlerContext))
def told_of(operation: Operation) -> Typed:
    node = operation.node
    if isinstance(node, cst.Subscript):
        index = node.slice[0].slice
        key = string_value(index.value) if isinstance(index, cst.Index) else None
    else:
        key = string_value(operation.take("key", "default")["key"])
    if key != "view":
        operation.refuse("W102", "only the view is known of a handler's context")
    return Typed(parse(f"{operation.on.code}.view"), HandlerView())


@rewrites(Key("truth", HandlerView, "*"))
def view_truth(operation: Operation) -> Typed:
    kind = operation.on.type
    if kind != HandlerView():
        operation.refuse("W102", "this use of the view has no rule")
    return operation.body.constant(True)


@rewrites(attribute(HandlerView, "*"))
def of_view(operation: Operation) -> Typed:
    kind, body = operation.on.type, operation.body
    assert isinstance(kind, HandlerView)
    path = f"{kind.part}.{operation.name}".lstrip(".")
    if path == _NAME:
        body.world.shows_names = True
        return Typed(parse(f"{operation.on.code}.rows_name"), Plain("str"))
    if not _NAME.startswith(f"{path}."):
        operation.refuse("W102", f"`.{path}` of the view has no rule")
    return Typed(operation.on.node, HandlerView(path))


@rewrites(Key("compare", HandlerView, "*"))
def compare_view(operation: Operation) -> Typed:
    node, other, kind = operation.node, operation.other, operation.on.type
    assert isinstance(node, cst.Comparison)
    same = isinstance(node.comparisons[0].operator, cst.Is | cst.Equal)
    if other is None or other.type != Constant(None):
        operation.refuse("W102", "this comparison of the view has no rule")
    if kind == HandlerView():
        return operation.body.constant(not same)
    if kind != HandlerView("queryset"):
        operation.refuse("W102", "this comparison of the view has no rule")
    operation.body.world.shows_names = True
    test = "==" if same else "!="
    return Typed(parse(f'{operation.on.code}.queryset_name {test} ""'), Plain("bool"))


#: What handlers read of a view's rows; anything else has no rule.
_NAME = "queryset.model._meta.verbose_name"
