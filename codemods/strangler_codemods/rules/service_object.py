"""An object that only keeps values hands them to its methods, which become functions.

Before: service = LoanService(request.user); loan = service.lend(book=book)
After:  loan = await session.run_sync(loan_service_lend, user=user, book=book)
"""

from dataclasses import replace
from typing import cast

from strangler_codemods.annotations import annotation_of, widened
from strangler_codemods.body import Parameter
from strangler_codemods.operation import Operation, Typed, parse
from strangler_codemods.rule import attribute, method, rewrites
from strangler_codemods.surrounding_types import ServiceObject
from strangler_codemods.types import Type


@rewrites(attribute(ServiceObject, "*"))
def kept(operation: Operation) -> Typed:
    """What it keeps; inside of its methods that is a parameter."""
    body, service = operation.body, operation.on.type
    assert isinstance(service, ServiceObject)
    found = next((one for one in service.fields if one.name == operation.name), None)
    if found is None:
        operation.refuse("B104", f"`.{operation.name}` of `{service.path}` has no rule")
    kind = cast("Type", found.kind)
    if not service.inner:
        return Typed(parse(found.text), kind)
    kind = widened(kind)
    text = annotation_of(body.world, kind, body.imports)
    return Typed(parse(body.need(Parameter(found.name, text, "field"))), kind)


@rewrites(method(ServiceObject, "*"))
def call(operation: Operation) -> Typed:
    body, service = operation.body, operation.on.type
    assert isinstance(service, ServiceObject)
    path = f"{service.path}.{operation.name}"
    if body.colour == "build" or body.world.call_helper is None:
        operation.refuse("Q107", f"`{path}` may ask the database where nothing may")
    if body.world.sources.function(path) is None:
        operation.refuse("B106", f"`{path}` has no source")
    return body.world.call_helper(operation, path, None, replace(service, inner=True))
