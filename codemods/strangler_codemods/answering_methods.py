"""Methods of a view that answer for its actions, in pages: their statements in place of the call.

    return self._answer(Task.objects.filter(done=True))

becomes

    queryset = Task.objects.filter(done=True)
    page = self.paginate_queryset(queryset)
    ...
"""

from __future__ import annotations

import libcst as cst

from .class_bodies import loaded_names
from .operation import code_of
from .sources import FunctionSource

#: What only an action can do, so that such a method cannot become a function.
_PAGES = "self.paginate_queryset("


def called_method(line: cst.BaseStatement) -> tuple[str, cst.Call] | None:
    """`return self.name(...)`: the name, and the call."""
    alone = isinstance(line, cst.SimpleStatementLine) and len(line.body) == 1
    node = cst.ensure_type(line, cst.SimpleStatementLine).body[0] if alone else None
    call = node.value if isinstance(node, cst.Return) else None
    if not isinstance(call, cst.Call) or not isinstance(call.func, cst.Attribute):
        return None
    name = call.func.attr.value
    return (name, call) if code_of(call.func) == f"self.{name}" else None


def answers_in_pages(method: FunctionSource) -> bool:
    """Whether a method cuts pages for whoever calls it."""
    plain = isinstance(method.node.body, cst.IndentedBlock) and not method.node.decorators
    return plain and method.node.asynchronous is None and _PAGES in code_of(method.node.body)


def bound_arguments(method: FunctionSource, call: cst.Call) -> list[cst.BaseStatement] | None:
    """Assignments of the arguments to the method's parameters; None where that is not certain."""
    params = method.node.params
    others = (*params.kwonly_params, *params.posonly_params)
    if others or params.star_kwarg or not isinstance(params.star_arg, cst.MaybeSentinel):
        return None
    names = [param.name.value for param in params.params]
    if names[:1] != ["self"] or any(arg.star for arg in call.args):
        return None
    given: dict[str, cst.BaseExpression] = {}
    for place, arg in enumerate(call.args):
        name = arg.keyword.value if arg.keyword else names[place + 1 : place + 2] or ""
        given[name if isinstance(name, str) else name[0]] = arg.value
    if len(given) != len(call.args) or not given.keys() <= set(names[1:]):
        return None
    lines: list[cst.BaseStatement] = []
    bound: set[str] = set()
    for param in params.params[1:]:
        name = param.name.value
        value = given.get(name, param.default)
        if value is None or {each.value for each in loaded_names(value)} & bound:
            return None  # a value would be read from a name that has another by then
        if name not in given and not isinstance(value, cst.SimpleString | cst.Integer | cst.Name):
            return None
        if code_of(value) != name:
            lines.append(
                cst.SimpleStatementLine([cst.Assign([cst.AssignTarget(cst.Name(name))], value)])
            )
            bound.add(name)
    return lines
