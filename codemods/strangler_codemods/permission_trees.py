"""Permissions as sources name them: classes, their operators, constants and `partial`."""

from __future__ import annotations

import ast
from typing import Literal, NoReturn

import libcst as cst

from strangler.facts import Permission

from .operation import code_of, parse
from .refusal import RefusalError
from .sources import Module
from .world import World

_DRF = "rest_framework.permissions."
_DEPTH = 20
_OPERATORS: dict[type[cst.BaseBinaryOp], Literal["and", "or"]] = {
    cst.BitAnd: "and",
    cst.BitOr: "or",
}


class GivenPermission(Permission):
    """A class of the project that is handed arguments; texts of them, and where they stand."""

    positional: tuple[str, ...] = ()
    named: tuple[tuple[str, str], ...] = ()
    module: str = ""


class ChosenPermission(Permission):
    """Permissions that a view's `get_permissions` chooses for each request: one of `of`, each an `and`.

    hook: dotted path of the method.
    """

    hook: str = ""


def permission_list(
    world: World, module: Module, node: cst.BaseExpression, *, made: bool = False
) -> tuple[Permission, ...]:
    """A list or tuple of permission classes; `made`: of instances of them.

    Raises:
        RefusalError: it is something else.
    """
    if not isinstance(node, cst.List | cst.Tuple):
        raise _refused(module, node)
    if any(not isinstance(element, cst.Element) for element in node.elements):
        raise _refused(module, node)
    read = _instance if made else permission_tree
    return tuple(read(world, module, element.value) for element in node.elements)


def permission_tree(
    world: World, module: Module, node: cst.BaseExpression, depth: int = _DEPTH
) -> Permission:
    """A permission class, or operators over classes.

    Raises:
        RefusalError: it is something else.
    """
    if not depth:
        raise _refused(module, node)
    if isinstance(node, cst.BinaryOperation) and type(node.operator) in _OPERATORS:
        sides = (node.left, node.right)
        of = tuple(permission_tree(world, module, side, depth - 1) for side in sides)
        return Permission(op=_OPERATORS[type(node.operator)], of=of)
    if isinstance(node, cst.UnaryOperation) and isinstance(node.operator, cst.BitInvert):
        inner = permission_tree(world, module, node.expression, depth - 1)
        return Permission(op="not", of=(inner,))
    if isinstance(node, cst.Call):
        return _partial(world, module, node)
    path = world.sources.resolve(module, code_of(node)) or ""
    found = _class(world, path)
    place = world.sources.split(path)
    if found is not None or place is None or "." in place[1]:
        return found or _raise(module, node)
    value = place[0].constant(place[1])
    if value is None:
        raise _refused(module, node)
    return permission_tree(world, place[0], parse(ast.unparse(value)), depth - 1)


def _instance(world: World, module: Module, node: cst.BaseExpression) -> Permission:
    """`IsOwner()`, `IsOwner(rows)` or `(IsOwner | IsEditor)()`."""
    if not isinstance(node, cst.Call):
        raise _refused(module, node)
    if not node.args:
        return permission_tree(world, module, node.func)
    return _given(world, module, node, code_of(node.func), list(node.args))


def _partial(world: World, module: Module, node: cst.Call) -> Permission:
    """`partial(IsOwner, rows)`."""
    path = world.sources.resolve(module, code_of(node.func))
    args = list(node.args)
    if path != "functools.partial" or not args or args[0].keyword is not None:
        raise _refused(module, node)
    return _given(world, module, node, code_of(args[0].value), args[1:])


def _given(
    world: World, module: Module, node: cst.Call, name: str, args: list[cst.Arg]
) -> Permission:
    found = _class(world, world.sources.resolve(module, name) or "")
    if found is None or found.package is not None or any(argument.star for argument in args):
        raise _refused(module, node)
    return GivenPermission(
        path=found.path,
        positional=tuple(code_of(a.value) for a in args if a.keyword is None),
        named=tuple((a.keyword.value, code_of(a.value)) for a in args if a.keyword is not None),
        module=module.name,
    )


def _class(world: World, path: str) -> Permission | None:
    if path.startswith(_DRF) and path.count(".") == _DRF.count("."):
        return Permission(path=path, package="rest_framework")
    known = any(facts.name == path for facts in world.facts.permissions)
    return Permission(path=path) if known else None


def _refused(module: Module, node: cst.BaseExpression) -> RefusalError:
    line = module.line_of(node)
    place = f"{module.path}:{line}" if line else ""
    return RefusalError("P107", f"`{code_of(node)}` names no permissions", place)


def _raise(module: Module, node: cst.BaseExpression) -> NoReturn:
    raise _refused(module, node)
