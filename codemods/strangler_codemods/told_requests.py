"""Reading something of a request that a serializer may not have been told of."""

from __future__ import annotations

import libcst as cst

from .operation import Operation
from .types import Request


def require_told(operation: Operation) -> None:
    """Refuse to read of a request that may be None.

    `self.context.get("request").user` fails without one: such a serializer is made with a request
    everywhere (`reads_context`), so that there is nothing to ask about.

    Raises:
        RefusalError: the code may go on without a request, or is told of something else.
    """
    kind, body = operation.on.type, operation.body
    assert isinstance(kind, Request)
    if not kind.optional or f"{body.context()}.has_request" in body.narrowed:
        return
    node = operation.node.func if isinstance(operation.node, cst.Call) else operation.node
    told = body.owner.attributes.get("context")
    lacks = isinstance(told, dict) and told and "request" not in told
    if lacks or not (isinstance(node, cst.Attribute) and isinstance(node.value, cst.Call)):
        operation.refuse("B121", "the serializer may not be told of the request here")
