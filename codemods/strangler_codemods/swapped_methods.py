"""Handlers that let DRF's methods call another method of theirs.

    self.get_object = self.get_current_user
    return self.retrieve(request, *args, **kwargs)

Once the statements of `retrieve` stand there, what they call is known.
"""

from __future__ import annotations

from dataclasses import replace

import libcst as cst

from strangler.facts import Endpoint

from .functions import is_docstring
from .operation import code_of
from .refusal import RefusalError
from .sources import FunctionSource, Sources
from .walking import walk


def swapped(source: FunctionSource, endpoint: Endpoint) -> tuple[FunctionSource, dict[str, str]]:
    """The handler without assignments of methods at its beginning, and those by name."""
    suite, found = source.node.body, dict[str, str]()
    if not isinstance(suite, cst.IndentedBlock):
        return source, found
    lines = list(suite.body)
    place = 1 if lines and is_docstring(lines[0]) else 0
    while place < len(lines) and (pair := _pair(lines[place], endpoint)):
        found[pair[0]] = pair[1]
        del lines[place]
    if not found:
        return source, found
    node = source.node.with_changes(body=suite.with_changes(body=lines))
    return replace(source, node=node), found


def _pair(line: cst.BaseStatement, endpoint: Endpoint) -> tuple[str, str] | None:
    """`get_object` and `get_current_user`, of an assignment of the one to the other."""
    small = line.body[0] if isinstance(line, cst.SimpleStatementLine) else None
    if not isinstance(small, cst.Assign) or len(small.targets) != 1:
        return None
    target, value = code_of(small.targets[0].target), code_of(small.value)
    one, other = target.removeprefix("self."), value.removeprefix("self.")
    both = f"self.{one}" == target and f"self.{other}" == value
    known = one == "get_object" and other.isidentifier() and other in endpoint.methods
    return (one, other) if both and known else None


def with_swapped(
    sources: Sources, source: FunctionSource, endpoint: Endpoint, pairs: dict[str, str]
) -> FunctionSource:
    """The handler with calls of the methods that stand in.

    Raises:
        RefusalError: it calls a method whose statements are not here, and which may call them, too.
    """
    if not pairs:
        return source
    for call in walk(source.node):
        name = code_of(call.func).removeprefix("self.") if isinstance(call, cst.Call) else ""
        ref = endpoint.methods.get(name)
        own = sources.function(ref.path) if ref is not None else None
        if own is not None and name not in pairs.values() and "self." in code_of(own.node):
            text = f"`self.{name}` may call what the handler swapped"
            raise RefusalError("B302", text, source.source)

    class Swap(cst.CSTTransformer):
        def leave_Attribute(
            self, original_node: cst.Attribute, updated_node: cst.Attribute
        ) -> cst.BaseExpression:
            name = pairs.get(original_node.attr.value)
            if name is None or code_of(original_node.value) != "self":
                return updated_node
            return updated_node.with_changes(attr=cst.Name(name))

    node = source.node.visit(Swap())
    assert isinstance(node, cst.FunctionDef)
    return replace(source, node=node)
