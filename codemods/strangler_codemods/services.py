"""Objects of the project's plain classes: what they keep is handed to their methods as arguments.

    service = LoanService(request.user)          loan = await session.run_sync(
    loan = service.lend(book=book)                   loan_service_lend, user=user, book=book)

`__init__` may only keep what it is given, so that the object is nothing but these values.
"""

from __future__ import annotations

import keyword
from dataclasses import replace

import libcst as cst

from .arguments import Shape, bind
from .body import Body, Owner
from .class_bodies import bound_names, loaded_names
from .operation import Operation, Typed, code_of
from .sources import FunctionSource
from .surrounding_types import ServiceField, ServiceObject
from .types import Constant, Instance, Plain, Rows
from .walking import statements_of
from .world import World

_KEPT = (Plain, Constant, Instance, Rows)


def make_service(world: World, operation: Operation) -> Typed | None:
    """An object of the class that an operation calls; None where that is none of these."""
    found = world.sources.class_node(operation.name)
    if found is None or operation.name in world.model_paths:
        return None
    node, _ = found
    bases = [code_of(base.value) for base in node.bases]
    if [base for base in bases if base != "object"] or node.decorators or node.keywords:
        return None
    kept = _kept(node)
    if kept is None:
        return None
    fields = []
    if "__init__" in _functions(node):
        source = world.sources.function(f"{operation.name}.__init__")
        assert source is not None  # it is among the functions of the class
        bound = bind(operation, Shape.of(source.node, 1), operation.name)
        if bound.star or bound.double or bound.unpacked:
            operation.refuse("B110", f"`{operation.name}` is made with `*` or `**`")
        defaults = {p.name.value: p.default for p in source.node.params.params}
        for name, parameter in kept.items():
            value = bound.named.get(parameter)
            default = defaults.get(parameter)
            if value is None and default is not None:
                value = Body(world, source.module, Owner("function", operation.name)).expr(default)
            fields.append(_field(operation, name, value))
    return Typed(operation.node, ServiceObject(operation.name, tuple(fields)))


def with_names(world: World, source: FunctionSource) -> FunctionSource:
    """A function in which what such an object is made of has names: it is read where it stands.

    `service = Uploads(request.FILES["file"])` is `file_obj = request.FILES["file"]` and then
    `service = Uploads(file_obj)`, where `__init__` calls it that.
    """
    taken = bound_names([source.node]) | {name.value for name in loaded_names(source.node)}
    taken |= bound_names(statements_of(source.node)) | {
        p.name.value for p in source.node.params.params
    }
    changed = False

    class Named(cst.CSTTransformer):
        def leave_SimpleStatementLine(
            self, original_node: cst.SimpleStatementLine, updated_node: cst.SimpleStatementLine
        ) -> cst.SimpleStatementLine | cst.FlattenSentinel[cst.BaseStatement]:
            small = updated_node.body[0]
            call = small.value if isinstance(small, cst.Assign) else None
            if len(updated_node.body) != 1 or not isinstance(call, cst.Call):
                return updated_node
            names = _names_of(world, source, call)
            if names is None:
                return updated_node
            lines, args = [], []
            for argument, name in zip(call.args, names, strict=True):
                if not isinstance(argument.value, cst.Subscript | cst.Call):
                    args.append(argument)
                elif name in taken or keyword.iskeyword(name):
                    return updated_node
                else:
                    lines.append(cst.parse_statement(f"{name} = {code_of(argument.value)}"))
                    args.append(argument.with_changes(value=cst.Name(name)))
            nonlocal changed
            changed = changed or bool(lines)
            made = small.with_changes(value=call.with_changes(args=args))
            return cst.FlattenSentinel([*lines, updated_node.with_changes(body=[made])])

    node = source.node.visit(Named())
    assert isinstance(node, cst.FunctionDef)
    return replace(source, node=node) if changed else source


def _names_of(world: World, source: FunctionSource, call: cst.Call) -> list[str] | None:
    """What `__init__` of the class that is called keeps its arguments as; None for other calls."""
    path = world.sources.resolve(source.module, code_of(call.func))
    found = world.sources.class_node(path) if path is not None else None
    init = _functions(found[0]).get("__init__") if found is not None else None
    if found is None or init is None or found[0].bases or not _kept(found[0]):
        return None
    names = [p.name.value for p in init.params.params][1:]
    if any(argument.star for argument in call.args) or len(call.args) > len(names):
        return None
    return [
        argument.keyword.value if argument.keyword is not None else name
        for argument, name in zip(call.args, names, strict=False)
    ]


def _field(operation: Operation, name: str, value: Typed | None) -> ServiceField:
    """One value, which is read again wherever the object is used."""
    if value is None or not isinstance(value.type, _KEPT):
        operation.refuse("B144", f"what `{operation.name}` keeps as `{name}` has no rule")
    lasting = isinstance(value.type, Constant) or isinstance(value.node, cst.Name)
    if not lasting:
        operation.refuse("B144", f"`{value.code}` would be read again: give it a name first")
    return ServiceField(name, value.code, value.type)


def _functions(node: cst.ClassDef) -> dict[str, cst.FunctionDef]:
    return {line.name.value: line for line in node.body.body if isinstance(line, cst.FunctionDef)}


def _kept(node: cst.ClassDef) -> dict[str, str] | None:
    """What `__init__` keeps: the attribute and the parameter; None where it does anything else."""
    for line in node.body.body:
        if not isinstance(line, cst.FunctionDef) and not _is_text(line):
            return None
    init = _functions(node).get("__init__")
    if init is None:
        return {}
    params = [p.name.value for p in init.params.params]
    found: dict[str, str] = {}
    for line in init.body.body:
        small = line.body[0] if isinstance(line, cst.SimpleStatementLine) else line
        if _is_text(line):
            continue
        if not isinstance(small, cst.Assign) or len(small.targets) != 1:
            return None
        target, value = code_of(small.targets[0].target), code_of(small.value)
        name = target.removeprefix(f"{params[0]}.")
        if name == target or not name.isidentifier() or value not in params[1:]:
            return None
        found[name] = value
    return found


def _is_text(line: cst.CSTNode) -> bool:
    """Whether a statement is documentation, or nothing."""
    small = line.body[0] if isinstance(line, cst.SimpleStatementLine) else line
    return isinstance(small, cst.Pass) or (
        isinstance(small, cst.Expr)
        and isinstance(small.value, cst.SimpleString | cst.ConcatenatedString)
    )
