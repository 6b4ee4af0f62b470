"""Data and responses that a handler keeps and changes before it answers with them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .answer_types import Response
from .operands import operand
from .operation import Typed, code_of, parse
from .types import Plain, SchemaData

if TYPE_CHECKING:
    from .body import Body


def held(body: Body, typed: Typed) -> Typed:
    """A value that code goes on with, as it was for Django: dictionaries and response objects."""
    kind = typed.type
    if isinstance(kind, SchemaData):
        return Typed(parse(dumped(typed, many=kind.many)), Plain(kind.name))
    if isinstance(kind, Response) and kind.status is not None:
        data = kind.data
        if kind.schema is not None:  # a page, or all rows where the client may ask for that
            data = f"{body.compat('responses', 'data_of')}({data})"
        return response(body, data, str(kind.status), None, kind.status)
    return typed


def dumped(typed: Typed, *, many: bool) -> str:
    """What a read schema shows as a dictionary, or each of `many` in a list."""
    if many:
        return f"[row.model_dump() for row in {typed.code}]"
    return f"{code_of(operand(typed))}.model_dump()"


def response(body: Body, data: str | None, status: str, headers: str | None, usual: int) -> Typed:
    """A response as an object. usual: the status by which the route is documented."""
    name = body.compat("responses", "Response")
    given = [data or "", f"status={status}" if status != "200" else ""]
    given.append(f"headers={headers}" if headers else "")
    return Typed(parse(f"{name}({', '.join(filter(None, given))})"), Response(usual=usual))
