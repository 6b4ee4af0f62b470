"""The files of a request are those of its parsed body.

Before: picture = request.FILES["picture"]
After:  picture = (await request_files(request))["picture"]
"""

from strangler_codemods.operands import operand
from strangler_codemods.operation import Operation, Typed, code_of, parse
from strangler_codemods.plain_values import plain
from strangler_codemods.rule import attribute, method, rewrites
from strangler_codemods.surrounding_types import RequestFiles
from strangler_codemods.types import Plain, Request


@rewrites(attribute(Request, "FILES"))
def files(operation: Operation) -> Typed:
    body = operation.body
    if body.owner.kind != "view" or body.colour != "async":
        operation.refuse("B142", "`.FILES` of the request has no rule here")
    function = body.compat("bodies", "request_files")
    return Typed(parse(f"await {function}({body.request()})"), RequestFiles())


@rewrites(method(RequestFiles, "get"), method(RequestFiles, "getlist"))
def get(operation: Operation) -> Typed:
    names = ("key", "default") if operation.name == "get" else ("key",)
    texts = [code_of(plain(operation.body, node)) for node in operation.take(*names).values()]
    text = f"{code_of(operand(operation.on))}.{operation.name}({', '.join(texts)})"
    return Typed(parse(text), Plain())
