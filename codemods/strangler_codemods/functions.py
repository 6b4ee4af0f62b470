"""Functions of the project as functions of the new app, one for each distinct specialisation."""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Iterable, Sequence
from copy import copy
from dataclasses import dataclass, field, replace
from functools import partial
from typing import cast

import libcst as cst

from .body import Body, Import, Parameter
from .chained import is_chained, unchained
from .class_bodies import bound_names, loaded_names
from .default_order import ordered
from .failing import with_failures
from .known_texts import known_text
from .modules import NewModule
from .named_rows import with_named_rows
from .operation import Typed, code_of
from .popped_fields import without_pops
from .q_values import AgainError
from .query_cache import KeepRowsError, may_keep_rows
from .sources import FunctionSource
from .specialising import with_names_in_place
from .spelled_out import is_unpacked, spelled_out
from .statements import Block, Finish
from .token_types import WebToken
from .types import Constant, Instance, Plain, Query, Rows, TupleOf, Type
from .unrolling import sets_named, unrolled
from .walking import walk


@dataclass
class Rewritten:
    """A rewritten function body: statements, what it needs and what it gives."""

    source: FunctionSource
    lines: list[cst.BaseStatement]
    body: Body
    returns: list[Typed | None] = field(default_factory=list)
    falls_through: bool = False

    @property
    def imports(self) -> set[Import]:
        """Imports of the new function."""
        return self.body.imports

    def text(self, signature: str, decorators: Sequence[str] = ()) -> str:
        """The function as source, comments and docstring kept."""
        suite = self.source.node.body
        assert isinstance(suite, cst.IndentedBlock)
        lines = self.lines or [cst.SimpleStatementLine([cst.Pass()])]
        block = suite.with_changes(body=lines)
        rendered = code_of(cst.If(test=cst.Name("x"), body=block)).partition(":")[2]
        return "\n".join([*decorators, f"{signature}:"]) + rendered

    @property
    def value(self) -> Typed | None:
        """The one expression that a body of a single `return` gives."""
        statements = [line for line in self.lines if not is_docstring(line)]
        if len(statements) == 1 and isinstance(statements[0], cst.SimpleStatementLine):
            small = statements[0].body[0]
            if isinstance(small, cst.Return) and len(self.returns) == 1:
                return self.returns[0]
        return None


def place_function(
    module: NewModule,
    rewritten: Rewritten,
    wanted: str,
    head: str,
    imports: Iterable[Import],
    rank: int = 5,
) -> Import:
    """Write a function, with the constants that it reads; its module, and its name there.

    head: the signature behind the name, `(context: Context) -> None`. rank: its place in the module.
    """
    source = rewritten.source
    for constant, text in rewritten.body.definitions.items():
        module.add(constant, text, (), (1, source.module.path, 0))
    name = module.free_name(wanted, rewritten.text(f"def {wanted}{head}"))
    order = (rank, source.module.path, source.line)
    module.add(name, rewritten.text(f"def {name}{head}"), imports, order)
    return module.name, name


def is_docstring(line: cst.BaseStatement) -> bool:
    """Whether a statement is a text that stands for itself."""
    return (
        isinstance(line, cst.SimpleStatementLine)
        and isinstance(line.body[0], cst.Expr)
        and isinstance(line.body[0].value, cst.SimpleString | cst.ConcatenatedString)
    )


def is_local(imported: Import) -> bool:
    """Whether a name is imported where it is used: models of two apps may need each other."""
    return imported[0].startswith("app.") and not imported[0].startswith("app.compat.")


def with_imports(rewritten: Rewritten, imports: set[Import]) -> Callable[[str, list[str]], str]:
    """The text of a method that imports the rest of the app itself."""
    local = sorted(i for i in imports if is_local(i))
    if local:
        lines = [cst.parse_statement(f"from {module} import {name}") for module, name in local]
        place = 1 if rewritten.lines and is_docstring(rewritten.lines[0]) else 0
        rewritten.lines[place:place] = lines
    return rewritten.text


def rewrite_function(
    source: FunctionSource, body: Body, env: dict[str, Type], finish: Finish | None = None
) -> Rewritten:
    """Rewrite a function whose parameters have the types in `env`.

    Raises:
        RefusalError: at the first operation without a rule.
    """
    result = Rewritten(source, [], body)
    if body.world.overrides.stands_for(source, body, env, finish, result):
        return result
    return _rewritten(result, env, finish)


def _rewritten(result: Rewritten, env: dict[str, Type], finish: Finish | None) -> Rewritten:
    source, body = result.source, result.body
    env = body.world.observed.better(source.path, env)
    node = source.node
    if node.asynchronous is not None:
        body.refuse("B205", "`async def` has no rule", node)
    node = _in_usual_form(node, body, env)
    env = dict(env)
    node = without_pops(with_failures(body.world, node, env), env)
    if node is not source.node:
        source = FunctionSource(node, source.module, source.line, source.owner)
        result.source = source
    atomic = _decorated(node, body)
    given = [param.name.value for param in node.params.params]
    _require_types(source, body, env)
    if _reads_stars(node):
        body.refuse("B206", "`*args` and `**kwargs` have no rule", node)
    body.env = dict(env)
    body.assigned = assigned_names(node)

    def note(inner: Body, value: Typed | None, at: cst.CSTNode) -> cst.BaseExpression | None:
        answer = finish(inner, value, at) if finish else (value.node if value else None)
        kind = value.type if value else Constant(None)
        result.returns.append(Typed(answer, kind) if answer is not None else None)
        return answer

    suite = cast("cst.IndentedBlock", source.node.body)
    if atomic is not None:
        suite = _inside(suite, atomic)
    start = (body.saved_as, body.narrowed)
    ended = _first_run(body, suite, result, dict(env), note)
    hidden, alike = body.hidden(), body.asked_alike()
    if hidden or alike:  # once more, the locals and parameters under other names
        body.renames |= {name: f"{name}_" for name in hidden}
        body.aside |= alike
        body.parameters = {k: p for k, p in body.parameters.items() if p.name not in alike}
        body.saved_as, body.narrowed = start
        body.env, body.bound, body.acted, body.late = dict(env), set(), False, False
        body.queries.restart()
        result.returns.clear()
        result.lines, ended = Block(body, note).run(suite.body)
    taken = {name.rpartition(" ")[2] for _, name in body.imports}
    hiding = body.hidden() or {name for name in given if body.renames.get(name, name) in taken}
    if hiding:
        text = f"`{sorted(hiding)[0]}` has a name that the new function needs for something else"
        body.refuse("B152", text, node)
    _require_awaited(result, node)
    result.falls_through = not ended
    return result


#: What gives nothing before it is waited for.
_WAITING = ("run_sync", "to_thread")


def _require_awaited(result: Rewritten, node: cst.FunctionDef) -> None:
    """Refuse `await session.run_sync(f).name`, which asks for a part of what is not there yet."""
    for waited in (each for line in result.lines for each in walk(line)):
        value = waited.expression if isinstance(waited, cst.Await) else None
        called = value.func if isinstance(value, cst.Call) else value
        while isinstance(called, cst.Attribute | cst.Subscript | cst.Call):
            inner = called.func if isinstance(called, cst.Call) else called.value
            if isinstance(inner, cst.Call) and not inner.lpar and _waits(inner):
                result.body.refuse("B106", f"`{code_of(called)}` has no rule", node)
            called = inner


def _waits(call: cst.Call) -> bool:
    return code_of(call.func).rpartition(".")[2] in _WAITING


def _require_types(source: FunctionSource, body: Body, env: dict[str, Type]) -> None:
    """Refuse a parameter of which neither the code nor the project's tests say what it is."""
    for param in source.node.params.params:
        name = param.name.value
        if name in env:
            continue
        seen = body.world.observed.kind(source.path, name)
        if seen is None:
            body.refuse("B206", f"the parameter `{name}` has no known type", source.node)
        env[name] = seen


def _reads_stars(node: cst.FunctionDef) -> bool:
    """Whether a function looks at what `*args` and `**kwargs` collect, of which nothing is known."""
    params = node.params
    stars = [p for p in (params.star_arg, params.star_kwarg) if isinstance(p, cst.Param)]
    read = {name.value for name in loaded_names(node.body)}
    return any(star.name.value in read for star in stars)


def _in_usual_form(node: cst.FunctionDef, body: Body, env: dict[str, Type]) -> cst.FunctionDef:
    """The function in a block, its rows named, without chained assignments and unpacked dictionaries."""
    if not isinstance(node.body, cst.IndentedBlock):
        node = node.with_changes(body=cst.IndentedBlock(body=_one_liner(node)))
    node = with_names_in_place(body.world, body.module, unrolled(node, sets_named))
    if any(is_chained(each) for each in walk(node)):
        node = unchained(node)
    node = with_named_rows(node)
    if any(is_unpacked(each) for each in walk(node)):
        body.env = dict(env)
        own = bound_names(cast("cst.IndentedBlock", node.body).body)
        node = spelled_out(node, partial(_known_key, body, own))
    return node


def _known_key(body: Body, own: Container[str], node: cst.BaseExpression) -> str | None:
    """The text of a key that no variable of the function is part of."""
    local = any(each.value in own for each in loaded_names(node))
    return None if local else known_text(body, node)


_KEPT = ("parameters", "imports", "definitions", "renames", "bound")


def _first_run(
    body: Body, suite: cst.IndentedBlock, result: Rewritten, env: dict[str, Type], note: Finish
) -> bool:
    """Rewrite the statements, again where their variables turn out to be conditions on some model."""
    kept = {name: copy(getattr(body, name)) for name in _KEPT}
    state = (body.saved_as, body.narrowed, body.colour, body.loads)
    body.queries.settled = frozenset()
    while True:
        try:
            result.lines, ended = Block(body, note).run(suite.body)
        except AgainError as again:
            body.hints |= again.hints
        except KeepRowsError as again:
            _keep_rows(body, result.source.node, again.name)
        else:
            body.queries.settled = None
            return ended
        for name, value in kept.items():
            setattr(body, name, copy(value))
        body.saved_as, body.narrowed, body.colour, body.loads = state
        body.env, body.acted, body.asked, body.targets = dict(env), False, "", ()
        body.late = False
        body.queries.restart()
        body.around.clear()
        result.returns.clear()


def _keep_rows(body: Body, node: cst.FunctionDef, name: str) -> None:
    """Let a variable hold the rows of its query, where that is the same."""
    queries, alone = body.queries, frozenset([name])
    assert queries.settled is not None
    if may_keep_rows(node, name):
        queries.kept |= alone
    else:
        queries.settled |= alone


# What they do is known from the running project, or is documentation.
_DECORATORS = frozenset(
    [
        "abc.abstractmethod",
        "django.dispatch.dispatcher.receiver",
        "django.dispatch.receiver",
        "drf_spectacular.utils.extend_schema",
        "drf_spectacular.utils.extend_schema_field",
        "drf_yasg.utils.swagger_auto_schema",
        "drf_yasg.utils.swagger_serializer_method",
        "rest_framework.decorators.action",
        "rest_framework.decorators.api_view",
        "rest_framework.decorators.authentication_classes",
        "rest_framework.decorators.parser_classes",
        "rest_framework.decorators.permission_classes",
        "rest_framework.decorators.renderer_classes",
        "rest_framework.decorators.throttle_classes",
        "typing.override",
        "typing_extensions.override",
    ]
)


# `@lend.mapping.delete`: another method of an extra action, as the routes have it.
_MAPPED = re.compile(r"\w+\.mapping\.(get|post|put|patch|delete)")


def without_class(source: FunctionSource) -> FunctionSource:
    """A method without `@classmethod`: what it is called on stands for the instance as well."""
    kept = [d for d in source.node.decorators if code_of(d.decorator) != "classmethod"]
    return replace(source, node=source.node.with_changes(decorators=kept))


def _decorated(node: cst.FunctionDef, body: Body) -> cst.BaseExpression | None:
    """`transaction.atomic` where it decorates; `property` is left to the caller.

    Raises:
        RefusalError: another decorator, which may change what the function does.
    """
    atomic: cst.BaseExpression | None = None
    for decorator in node.decorators:
        inner = decorator.decorator
        name = code_of(inner.func if isinstance(inner, cst.Call) else inner)
        path = body.world.sources.resolve(body.module, name)
        if path == "django.db.transaction.atomic":
            atomic = inner if isinstance(inner, cst.Call) else cst.Call(inner)
        elif body.world.registry.knows("decorator", path):
            continue
        elif path not in _DECORATORS and name != "property" and not _MAPPED.fullmatch(name):
            body.refuse("B211", f"the decorator `{name}` has no rule", decorator)
    return atomic


def _inside(suite: cst.IndentedBlock, manager: cst.BaseExpression) -> cst.IndentedBlock:
    """The statements of a function in a `with` block, its docstring before it."""
    lines = list(suite.body)
    head = lines[:1] if lines and is_docstring(lines[0]) else []
    inner = suite.with_changes(body=lines[len(head) :])
    return suite.with_changes(body=[*head, cst.With(items=[cst.WithItem(manager)], body=inner)])


def assigned_names(node: cst.FunctionDef) -> frozenset[str]:
    """Names that a function assigns."""
    targets = (n.target for n in walk(node) if isinstance(n, cst.AssignTarget | cst.NamedExpr))
    return frozenset(target.value for target in targets if isinstance(target, cst.Name))


def _one_liner(node: cst.FunctionDef) -> list[cst.BaseStatement]:
    suite = cast("cst.SimpleStatementSuite", node.body)
    return [cst.SimpleStatementLine(list(suite.body))]


def finish_query(body: Body, value: Typed | None, node: cst.CSTNode) -> cst.BaseExpression:
    """`return queryset`: the statement in its final order."""
    if value is None or not isinstance(value.type, Query):
        body.refuse("Q108", "a query is expected here", node)
    return ordered(body, value).node


def finish_value(body: Body, value: Typed | None, node: cst.CSTNode) -> cst.BaseExpression | None:
    """`return x`: a plain value or a row."""
    if value is None:
        return None
    if not isinstance(value.type, Plain | Constant | Instance | Rows | TupleOf | WebToken):
        body.refuse("B207", f"returning `{value.code}` has no rule", node)
    return value.node


def in_order(parameters: Iterable[Parameter]) -> tuple[Parameter, ...]:
    """Parameters as a signature has them: the session first, those with defaults last."""
    return tuple(sorted(parameters, key=lambda p: (p.default is not None, p.kind != "session")))


def signature(name: str, parameters: Sequence[Parameter], returns: str, first: str = "") -> str:
    """`def name(a: A, b: B = None) -> returns`, parameters with defaults last."""
    texts = ([first] if first else []) + [p.text for p in in_order(parameters)]
    return f"def {name}({', '.join(texts)}) -> {returns}"
