"""`list(map(f, values))` of a function of the project: `[f(each) for each in values]`."""

from __future__ import annotations

import libcst as cst

from .body import Body
from .operation import code_of

_NAMES = ("each", "one", "item", "entry")


def as_comprehension(body: Body, node: cst.Call) -> cst.ListComp | None:
    """The comprehension that a call of `list` stands for; None where it is another one."""
    mapped = node.args[0].value if len(node.args) == 1 else None
    if not isinstance(mapped, cst.Call) or node.args[0].star or node.args[0].keyword:
        return None
    known = code_of(mapped.func) == "map" and "map" not in body.env
    if not known or body.world.sources.resolve(body.module, "map") is not None:
        return None
    if len(mapped.args) != 2 or any(a.star or a.keyword for a in mapped.args):  # function, values
        return None
    function, values = (argument.value for argument in mapped.args)
    name = next((each for each in _NAMES if each not in {*body.env, *body.assigned}), None)
    path = body.world.sources.resolve(body.module, code_of(function))
    if name is None or path is None or body.world.sources.function(path) is None:
        return None
    made = cst.Call(function, [cst.Arg(cst.Name(name))])
    return cst.ListComp(made, cst.CompFor(cst.Name(name), values))
