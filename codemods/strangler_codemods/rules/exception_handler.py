"""The project's exception handler asks compat's, and changes what it answers.

Before: response = drf_exception_handler(exc, context)
After:  response = exception_handler(exc, context)
"""

from strangler_codemods.operation import Operation, Typed, parse
from strangler_codemods.rule import Key, attribute, call, declaration, rewrites
from strangler_codemods.types import Constant, Error, HandlerContext, Plain, Response


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


@rewrites(attribute(Response, "data"), attribute(Response, "status_code"))
def read(operation: Operation) -> Typed:
    kind = operation.on.type
    if not isinstance(kind, Response) or kind.optional:
        operation.refuse("W102", "there may be no response here")
    name = "int" if operation.name == "status_code" else "Any"
    return Typed(parse(f"{operation.on.code}.{operation.name}"), Plain(name))


@rewrites(Key("assign", Response, "data"), Key("assign", Response, "status_code"))
def write(operation: Operation) -> Typed:
    kind = operation.on.type
    if not isinstance(kind, Response) or kind.optional:
        operation.refuse("W102", "there may be no response here")
    return Typed(parse(f"{operation.on.code}.{operation.name}"))


@rewrites(Key("compare", Response, "*"))
def compare(operation: Operation) -> Typed:
    import libcst as cst

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


@rewrites(attribute(Error, "status_code"), attribute(Error, "args"))
def told(operation: Operation) -> Typed:
    return Typed(parse(f"{operation.on.code}.{operation.name}"), Plain())
