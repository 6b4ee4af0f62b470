"""The project's own middleware: the `__call__` form, as a function around the next layer."""

from __future__ import annotations

import libcst as cst

from strangler.facts import Ref

from .body import Body, Import, Owner
from .functions import is_docstring, rewrite_function
from .modules import Tree
from .names import as_docstring, snake
from .operation import Typed, code_of
from .refusal import RefusalError
from .sources import Module
from .surrounding_types import MiddlewareSelf, Outgoing
from .types import Request, Type
from .world import World

_AFTER = "process_response"
_HOOKS = (
    "process_request",
    "process_response",
    "process_view",
    "process_exception",
    "process_template_response",
)


def project_middleware(world: World, tree: Tree, ref: Ref) -> Import:
    """Write a middleware class as `async def name(request, call_next)`.

    Raises:
        RefusalError: it has another form, or an operation of it has no rule.
    """
    world.registry.declared("middleware")
    found = world.sources.class_node(ref.path)
    if found is None:
        raise RefusalError("W101", "its source is not in the project")
    node, module = found
    after = _only_looks_at_answers(world, module, node)
    if not after:
        _check_form(world, ref, node)
    source = world.sources.function(f"{ref.path}.{_AFTER if after else '__call__'}")
    if source is None or len(source.node.params.params) != (3 if after else 2):
        raise RefusalError("W101", "it has no `__call__`")
    body = Body(world, module, Owner("middleware", ref.path), colour="async")
    names = [p.name.value for p in source.node.params.params]
    body.renames[names[1]] = "request"
    env: dict[str, Type] = {names[0]: MiddlewareSelf(), names[1]: Request()}
    if after:
        env[names[2]] = Outgoing()

    def finish(inner: Body, value: Typed | None, at: cst.CSTNode) -> cst.BaseExpression:
        if value is None or not isinstance(value.type, Outgoing):
            inner.refuse("B207", "a middleware that answers itself has no rule", at)
        return value.node

    rewritten = rewrite_function(source, body, env, finish)
    if after:
        first = f"{body.renames.get(names[2], names[2])} = await call_next(request)"
        place = 1 if rewritten.lines and is_docstring(rewritten.lines[0]) else 0
        rewritten.lines.insert(place, cst.parse_statement(first))
    if body.parameters.keys() - {"request"}:
        body.refuse("B303", "a middleware cannot be given what this one needs", source.node)
    new = tree.module("app.middleware", "What every request passes through.")
    name = snake(ref.path.rpartition(".")[2].removesuffix("Middleware")) or "middleware"
    head = f"async def {name}(request: Request, call_next: CallNext) -> Response"
    imports = rewritten.imports | {
        ("starlette.requests", "Request"), ("starlette.responses", "Response"),
        ("app.compat.middleware", "CallNext"),
    }  # fmt: skip
    imports.discard(("fastapi", "Request"))
    for constant, text in body.definitions.items():
        new.add(constant, text, (), (1, module.path, 0))
    new.add(
        name, _with_docstring(rewritten.text(head), node), imports, (5, module.path, source.line)
    )
    return new.name, name


def _only_looks_at_answers(world: World, module: Module, node: cst.ClassDef) -> bool:
    """Whether all that a class does is `process_response`, in Django's older form."""
    methods = [n.name.value for n in node.body.body if isinstance(n, cst.FunctionDef)]
    bases = [world.sources.resolve(module, code_of(b.value)) for b in node.bases]
    return methods == [_AFTER] and bases == ["django.utils.deprecation.MiddlewareMixin"]


def _check_form(world: World, ref: Ref, node: cst.ClassDef) -> None:
    methods = [n.name.value for n in node.body.body if isinstance(n, cst.FunctionDef)]
    for hook in _HOOKS:
        if hook in methods:
            raise RefusalError("W101", f"its `{hook}` has no rule")
    bases = [code_of(b.value) for b in node.bases]
    if [b for b in bases if b != "object"]:
        raise RefusalError("W101", "it has a base class")
    init = world.sources.function(f"{ref.path}.__init__")
    if init is None or not isinstance(init.node.body, cst.IndentedBlock):
        raise RefusalError("W101", "it has no `__init__`")
    given = [p.name.value for p in init.node.params.params]
    lines = [code_of(line).strip() for line in init.node.body.body]
    if len(given) != 2 or lines != [
        f"{given[0]}.get_response = {given[1]}"
    ]:  # self and get_response
        raise RefusalError("W101", "its `__init__` does more than keep `get_response`")


def _with_docstring(text: str, node: cst.ClassDef) -> str:
    docstring = node.get_docstring()
    if not docstring:
        return text
    head, _, tail = text.partition("\n")
    return f"{head}\n    {as_docstring(docstring)}\n{tail}"
