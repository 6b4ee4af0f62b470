"""DRF's own `perform_create` saves the serializer; its success headers only name an address.

Before: self.perform_create(serializer); headers = self.get_success_headers(serializer.data)
After:  book = await create(session, Book, data)
"""

import libcst as cst

from strangler_codemods.answer_types import SuccessHeaders
from strangler_codemods.making import save_incoming
from strangler_codemods.operation import Operation, Typed
from strangler_codemods.rule import method, rewrites
from strangler_codemods.types import Incoming, View


@rewrites(method(View, "perform_create"), method(View, "perform_update"))
def perform(operation: Operation) -> Typed:
    tools, body = operation.body.owner.tools, operation.body
    node = operation.take("serializer").get("serializer")
    kind = body.expr(node).type if node is not None else None
    if tools is None or tools.overrides(operation.name):
        operation.refuse("B302", f"`self.{operation.name}` has no rule here")
    if not isinstance(node, cst.Name) or not isinstance(kind, Incoming):
        operation.refuse("B302", f"`self.{operation.name}` has no rule here")
    if (kind.instance is None) != (operation.name == "perform_create"):
        operation.refuse("B302", f"`self.{operation.name}` has no rule here")
    return save_incoming(operation, node.value, kind, None)


@rewrites(method(View, "get_success_headers"))
def headers(operation: Operation) -> Typed:
    tools = operation.body.owner.tools
    operation.body.expr(operation.take("data")["data"])
    if tools is None or tools.overrides(operation.name) or tools.names_address():
        operation.refuse("B302", "`get_success_headers` has no rule here")
    return Typed(operation.node, SuccessHeaders())
