"""Static methods of serializers that DRF calls on an instance."""

from __future__ import annotations

from dataclasses import replace

import libcst as cst

from .operation import code_of
from .sources import FunctionSource


def with_self(source: FunctionSource) -> FunctionSource:
    """A static method as one that is given its serializer, which it does not look at."""
    node = source.node
    if [code_of(each.decorator) for each in node.decorators] != ["staticmethod"]:
        return source
    own = cst.Param(
        cst.Name("self"), comma=cst.Comma(cst.SimpleWhitespace(""), cst.SimpleWhitespace(" "))
    )
    params = node.params.with_changes(params=[own, *node.params.params])
    return replace(source, node=node.with_changes(params=params, decorators=[]))
