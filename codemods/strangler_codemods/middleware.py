"""The project's own middleware, as functions around the next layer.

A class with `__call__`, a function that makes one, or Django's older form of hooks before and after.
"""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass, replace

import libcst as cst
from libcst import matchers

from strangler.facts import Ref

from .body import Body, Import, Owner
from .functions import Rewritten, is_docstring, rewrite_function
from .modules import NewModule, Tree
from .names import as_docstring, snake
from .operation import Typed, code_of
from .refusal import RefusalError
from .sources import FunctionSource, Module
from .statements import Finish
from .surrounding_types import MiddlewareSelf, Outgoing
from .types import Constant, Request, Type
from .walking import walk
from .world import World

_MIXIN = "django.utils.deprecation.MiddlewareMixin"
_BEFORE, _AFTER = "process_request", "process_response"
#: Hooks that Django calls of every middleware, whatever form it has.
_HOOKS = ("process_view", "process_exception", "process_template_response")
_NEEDS = frozenset(
    {
        ("starlette.requests", "Request"), ("starlette.responses", "Response"),
        ("app.compat.middleware", "CallNext"),
    }
)  # fmt: skip


def project_middleware(world: World, tree: Tree, ref: Ref, told: dict[str, Type]) -> Import:
    """Write a middleware as `async def name(request, call_next)`.

    told: what middleware around it says of requests as attributes; those of this one are added.

    Raises:
        RefusalError: it has another form, or an operation of it has no rule.
    """
    world.registry.declared("middleware")
    writer = _Writer(
        world, tree.module("app.middleware", "What every request passes through."), ref.path, told
    )
    maker = world.sources.function(ref.path)
    if maker is not None:
        return writer.around(_made(maker), maker.node.get_docstring())
    found = world.sources.class_node(ref.path)
    if found is None:
        raise RefusalError("W101", "its source is not in the project")
    node, module = found
    methods = {n.name.value: n for n in node.body.body if isinstance(n, cst.FunctionDef)}
    is_mixed = _require_form(world, module, node, methods)
    source = world.sources.function(f"{ref.path}.__call__")
    if source is not None:
        return writer.around(source, node.get_docstring())
    if not is_mixed or not methods.keys() & {_BEFORE, _AFTER}:
        raise RefusalError("W101", "it has no `__call__`")
    return writer.in_two(methods, node.get_docstring())


def _require_form(
    world: World, module: Module, node: cst.ClassDef, methods: dict[str, cst.FunctionDef]
) -> bool:
    """Whether the class is of Django's older form.

    Raises:
        RefusalError: it has another base, or a hook or an `__init__` that does something.
    """
    bases = [
        world.sources.resolve(module, code_of(b.value)) or code_of(b.value) for b in node.bases
    ]
    if [b for b in bases if b not in ("object", _MIXIN)] or node.decorators or node.keywords:
        raise RefusalError("W101", "it has a base class")
    for hook in _HOOKS:
        if hook in methods and not _does_nothing(methods[hook]):
            raise RefusalError("W101", f"its `{hook}` has no rule")
    is_mixed = _MIXIN in bases
    init = methods.get("__init__")
    if init is None and not is_mixed:
        raise RefusalError("W101", "it has no `__init__`")
    if init is not None and not _only_keeps(init, is_mixed):
        raise RefusalError("W101", "its `__init__` does more than keep `get_response`")
    return is_mixed


def _only_keeps(init: cst.FunctionDef, is_mixed: bool) -> bool:
    """Whether `__init__` keeps `get_response`, and values for `self` that its methods read."""
    params = [p.name.value for p in init.params.params]
    if len(params) != 2 or not isinstance(init.body, cst.IndentedBlock):  # self and get_response
        return False
    keeps = False
    for line in init.body.body:
        text = code_of(line).split("#")[0].strip() if not is_docstring(line) else ""
        small = line.body[0] if isinstance(line, cst.SimpleStatementLine) else None
        if not text or isinstance(small, cst.Pass):
            continue
        if text == f"{params[0]}.get_response = {params[1]}" or (
            is_mixed
            and text
            in (
                f"super().__init__({params[1]})",
                f"super().__init__(get_response={params[1]})",
            )
        ):
            keeps = True
        elif not isinstance(small, cst.Assign) or not _is_member(small, params[0]):
            return False
    return keeps


def _is_member(line: cst.Assign, own: str) -> bool:
    """`self.name = value`, of which the value is read where the name is."""
    target = line.targets[0].target
    return (
        len(line.targets) == 1
        and isinstance(target, cst.Attribute)
        and isinstance(target.value, cst.Name)
        and target.value.value == own
        and target.attr.value != "get_response"
    )


def _does_nothing(node: cst.FunctionDef) -> bool:
    """Whether a hook only returns None."""
    smalls = [
        small
        for line in node.body.body
        for small in (line.body if isinstance(line, cst.SimpleStatementLine) else [line])
    ]
    return all(
        isinstance(s, cst.Pass)
        or (isinstance(s, cst.Expr) and isinstance(s.value, cst.SimpleString))
        or (isinstance(s, cst.Return) and (s.value is None or code_of(s.value) == "None"))
        for s in smalls
    )


def _made(maker: FunctionSource) -> FunctionSource:
    """The inner function of one that makes a middleware, as the method of a class.

    Raises:
        RefusalError: it does more than that.
    """
    params, body = [p.name.value for p in maker.node.params.params], maker.node.body
    lines = [line for line in body.body if isinstance(line, cst.BaseStatement)]
    lines = [line for line in lines if not is_docstring(line)]
    odd = len(params) != 1 or maker.node.decorators or len(lines) != 2  # the function, the return
    inner = lines[0] if lines else None
    if odd or not isinstance(inner, cst.FunctionDef) or inner.decorators:
        raise RefusalError("W101", "it does more than make a function")
    if code_of(lines[1]).strip() != f"return {inner.name.value}":
        raise RefusalError("W101", "it does more than make a function")
    own = cst.Param(
        cst.Name("self"), comma=cst.Comma(cst.SimpleWhitespace(""), cst.SimpleWhitespace(" "))
    )
    call = matchers.Call(func=matchers.Name(params[0]))
    changed = matchers.replace(
        inner,
        call,
        lambda node, _: node.with_changes(func=cst.parse_expression("self.get_response")),
    )
    assert isinstance(changed, cst.FunctionDef)
    given = changed.params.with_changes(params=[own, *changed.params.params])
    return replace(maker, node=changed.with_changes(params=given))


@dataclass
class _Writer:
    """Writes one middleware into the module of them all."""

    world: World
    module: NewModule
    path: str
    told: dict[str, Type]

    @property
    def name(self) -> str:
        """What the function is called."""
        return snake(self.path.rpartition(".")[2].removesuffix("Middleware")) or "middleware"

    def around(self, source: FunctionSource, docstring: str | None) -> Import:
        """A middleware with a `__call__`."""
        rewritten, names = self._rewritten(source, (Request(),), _answered)
        return self._add(rewritten, names, docstring)

    def in_two(self, methods: Container[str], docstring: str | None) -> Import:
        """A middleware with hooks before and after the next layer."""
        if _BEFORE not in methods:
            rewritten, names = self._rewritten(
                self._source(_AFTER), (Request(), Outgoing()), _answered
            )
            place = 1 if rewritten.lines and is_docstring(rewritten.lines[0]) else 0
            line = cst.parse_statement(f"{names[1]} = await call_next(request)")
            rewritten.lines.insert(place, line)
            return self._add(rewritten, names, docstring)
        before = self._hook(_BEFORE, (Request(),), _answered_or_none, " -> Response | None")
        answer = f"{before}(request) or await call_next(request)"
        if _AFTER in methods:
            after = self._hook(_AFTER, (Request(), Outgoing()), _answered, " -> Response")
            answer = f"{after}(request, {answer})"
        text = f"async def {self.name}(request: Request, call_next: CallNext) -> Response:\n    return {answer}"
        source = self._source(_BEFORE)
        order = (5, source.module.path, source.line)
        self.module.add(self.name, _with_docstring(text, docstring), _NEEDS, order)
        return self.module.name, self.name

    def _source(self, method: str) -> FunctionSource:
        source = self.world.sources.function(f"{self.path}.{method}")
        assert source is not None  # it is among the methods of the class
        return source

    def _hook(self, method: str, kinds: tuple[Type, ...], finish: Finish, returns: str) -> str:
        """A hook as a function of its own; its name."""
        rewritten, names = self._rewritten(self._source(method), kinds, finish)
        if rewritten.falls_through:
            rewritten.lines.append(cst.parse_statement("return None"))
        given = ["request: Request", *(f"{name}: Response" for name in names[1:])]
        name = f"{self.name}_{method.removeprefix('process_')}"
        waits = any(isinstance(each, cst.Await) for line in rewritten.lines for each in walk(line))
        word = "async def" if waits else "def"
        self._write(rewritten, name, f"{word} {name}({', '.join(given)}){returns}", None)
        return f"await {name}" if waits else name

    def _rewritten(
        self, source: FunctionSource, kinds: tuple[Type, ...], finish: Finish
    ) -> tuple[Rewritten, list[str]]:
        """A method of the middleware, and what the new function calls its arguments."""
        names = [p.name.value for p in source.node.params.params]
        if len(names) != len(kinds) + 1:
            raise RefusalError("W101", f"`{source.node.name.value}` takes other arguments")
        owner = Owner("middleware", self.path, attributes={"told": self.told})
        body = Body(self.world, source.module, owner, colour="async")
        body.renames[names[1]] = "request"
        env: dict[str, Type] = {names[0]: MiddlewareSelf(self.path)}
        env |= dict(zip(names[1:], kinds, strict=True))
        rewritten = rewrite_function(source, body, env, finish)
        if body.parameters.keys() - {"request", "session"}:
            body.refuse("B303", "a middleware cannot be given what this one needs", source.node)
        if "session" in body.parameters:
            rewritten.lines = _with_session(rewritten)
        return rewritten, [body.renames.get(name, name) for name in names[1:]]

    def _add(self, rewritten: Rewritten, names: list[str], docstring: str | None) -> Import:
        head = f"async def {self.name}(request: Request, call_next: CallNext) -> Response"
        self._write(rewritten, self.name, head, docstring)
        return self.module.name, self.name

    def _write(self, rewritten: Rewritten, name: str, head: str, docstring: str | None) -> None:
        source = rewritten.source
        for constant, text in rewritten.body.definitions.items():
            self.module.add(constant, text, (), (1, source.module.path, 0))
        text = _with_docstring(rewritten.text(head), docstring)
        imports = (rewritten.imports | _NEEDS) - {("fastapi", "Request")}
        self.module.add(name, text, imports, (5, source.module.path, source.line))


_OPENED = 'async with database.sessions(info={"request": request}) as session:\n    pass\n'


def _with_session(rewritten: Rewritten) -> list[cst.BaseStatement]:
    """The statements with a session of their own, which lets go while the layers below answer."""
    rewritten.body.use("app.db", "database")
    rewritten.body.imports.discard(("app.db", "Session"))
    lines = list(rewritten.lines)
    first = lines[:1] if lines and is_docstring(lines[0]) else []
    opened = cst.ensure_type(cst.parse_statement(_OPENED), cst.With)
    block = opened.with_changes(body=cst.IndentedBlock(body=lines[len(first) :]))
    below = matchers.Call(func=matchers.Name("call_next"))
    if matchers.findall(block, below):
        name = rewritten.body.compat("visitors", "released")
        given = cst.Arg(cst.Name("session"))

        def freed(node: cst.CSTNode, _: object) -> cst.Call:
            return cst.Call(cst.Name(name), [given, cst.Arg(cst.ensure_type(node, cst.Call))])

        block = cst.ensure_type(matchers.replace(block, below, freed), cst.With)
    return [*first, block]


def _answered(body: Body, value: Typed | None, node: cst.CSTNode) -> cst.BaseExpression:
    if value is None or not isinstance(value.type, Outgoing) or value.type.optional:
        body.refuse("B207", "what this middleware answers has no rule", node)
    return value.node


def _answered_or_none(
    body: Body, value: Typed | None, node: cst.CSTNode
) -> cst.BaseExpression | None:
    if value is None or value.type == Constant(None):
        return cst.Name("None")
    if not isinstance(value.type, Outgoing):
        body.refuse("B207", "what this middleware answers has no rule", node)
    return value.node


def _with_docstring(text: str, docstring: str | None) -> str:
    head, _, tail = text.partition("\n")
    if not docstring or tail.lstrip().startswith(('"', "'")):
        return text
    return f"{head}\n    {as_docstring(docstring)}\n{tail}"
