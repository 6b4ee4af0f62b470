"""Where a handler answers with a serializer's data as it is, so that the read schema may stay.

Anywhere else the data is what it was for Django: a dictionary that code reads and changes.
"""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst
from libcst import matchers

from .answers import RESPONSES
from .body import Body
from .class_bodies import loaded_names
from .inlining import RESPONSE
from .operation import code_of


def _is_response(body: Body, function: cst.BaseExpression) -> bool:
    """DRF's class, and the view's method that makes a response of a page."""
    if code_of(function) == "self.get_paginated_response":
        return True
    name = function.value if isinstance(function, cst.Name) else ""
    path = body.world.sources.resolve(body.module, name) if name else None
    return name == RESPONSE or path in RESPONSES


def answered(function: cst.FunctionDef, body: Body) -> frozenset[int]:
    """The `id`s of responses that are returned at once, and of what only goes into their data."""
    responses = [call for call in _returned(function) if _is_response(body, call.func)]
    found = {id(call) for call in responses}
    found |= {id(leaf) for call in responses for data in _data(call) for leaf in _leaves(data)}
    assigned, targets = _assigned(function)
    loads = [name for name in loaded_names(function.body) if id(name) not in targets]
    while True:
        elsewhere = {load.value for load in loads if id(load) not in found}
        shown = assigned.keys() - elsewhere
        more = {id(leaf) for name in shown for value in assigned[name] for leaf in _leaves(value)}
        if more <= found:
            return frozenset(found)
        found |= more


def _returned(function: cst.FunctionDef) -> Iterator[cst.Call]:
    for line in matchers.findall(function.body, matchers.Return(value=matchers.Call())):
        assert isinstance(line, cst.Return)
        assert isinstance(line.value, cst.Call)
        yield line.value


def _data(call: cst.Call) -> Iterator[cst.BaseExpression]:
    for place, arg in enumerate(call.args):
        name = arg.keyword.value if arg.keyword is not None else None
        if arg.star == "" and (name == "data" or (name is None and place == 0)):
            yield arg.value


def _leaves(node: cst.BaseExpression) -> Iterator[cst.BaseExpression]:
    """What stands in a display of dictionaries and lists; any other expression itself."""
    if isinstance(node, cst.Call) and code_of(node.func) in ("OrderedDict", "dict"):
        for arg in node.args:  # what is no display is read by the call itself
            if arg.keyword is not None:
                yield from _leaves(arg.value)
            elif isinstance(arg.value, cst.List):
                pairs = (element.value for element in arg.value.elements)
                yield from (
                    leaf for pair in pairs if isinstance(pair, cst.Tuple) for leaf in _leaves(pair)
                )
        return
    if isinstance(node, cst.Dict | cst.List | cst.Tuple):
        for element in node.elements:
            if isinstance(element, cst.DictElement | cst.Element):
                yield from _leaves(element.value)
        return
    yield node


def _assigned(function: cst.FunctionDef) -> tuple[dict[str, list[cst.BaseExpression]], set[int]]:
    """The expressions of plain assignments to each name, and the `id`s of the targets."""
    found: dict[str, list[cst.BaseExpression]] = {}
    targets: set[int] = set()
    for line in matchers.findall(function.body, matchers.Assign()):
        assert isinstance(line, cst.Assign)
        for target in line.targets:
            if isinstance(target.target, cst.Name):
                found.setdefault(target.target.value, []).append(line.value)
                targets.add(id(target.target))
    return found, targets
