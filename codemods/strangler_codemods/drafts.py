"""A body as far as the rules go, each operation that has none marked where it stands.

What comes of it is for a person to finish; no converted endpoint uses it.
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass, field, replace

import libcst as cst

from .annotations import annotation_of, widened
from .body import Body, Import, Parameter
from .class_bodies import loaded_names
from .lattice import join
from .modules import import_lines
from .open_statements import marked
from .operation import Typed, code_of, parse
from .refusal import Reason
from .sources import FunctionSource
from .statements import Block, Finish
from .types import (
    Constant,
    Instance,
    Plain,
    Query,
    Request,
    Serializer,
    Type,
    Unknown,
    View,
)

_ALIAS = re.compile(r"alias=(['\"])(.*?)\1")
_SAVING = ("perform_create", "perform_update")
_RETURNS = {"get_queryset": "Select[Any]", "perform_create": "Any", "perform_update": "Any"}
_REPLACED = frozenset({"django", "rest_framework"})
_ANOTHER_FORM = ("Q107", "Q109")


@dataclass(frozen=True)
class Drafted:
    """The text of a draft, what is open in it, and the endpoint or view that it was made for."""

    text: str
    opened: tuple[Reason, ...]
    source: str
    made_for: str


@dataclass
class Drafting:
    """Which body a conversion is to draft, and what came of it: the form with the least left open."""

    name: str
    done: Drafted | None = None
    running: bool = False

    def take(self, source: FunctionSource, body: Body, env: dict[str, Type]) -> None:
        """Draft a body that the rewriter is about to look into."""
        if self.running or source.path != self.name:
            return
        self.running = True
        try:
            found = _Draft(source, body, env).write()
            again = body.colour == "build" and any(r.code in _ANOTHER_FORM for r in found.opened)
            if again:
                found = _Draft(source, replace(body, colour="sync"), env).write()
        finally:
            self.running = False
        if self.done is None or len(found.opened) < len(self.done.opened):
            self.done = found


@dataclass
class _Draft:
    source: FunctionSource
    given: Body
    env: dict[str, Type]
    opened: list[Reason] = field(default_factory=list)
    returned: list[Type] = field(default_factory=list)
    #: Parameters beside those that rules ask for: name to annotation.
    asked: dict[str, str] = field(default_factory=dict)

    def write(self) -> Drafted:
        """The draft as the source of a module."""
        body = self._body()
        node = self.source.node
        suite = node.body
        lines = list(suite.body) if isinstance(suite, cst.IndentedBlock) else [
            cst.SimpleStatementLine(list(suite.body))  # type: ignore[arg-type]  # small statements
        ]  # fmt: skip
        env = self._known(body)
        body.env, body.opened = env, self.opened
        written, _ = Block(body, self._finish(body)).run(lines)
        body.opened = None
        written = [_sync(line, body, self.opened) for line in written]
        if self.given.saved_as is not None and self.source.node.name.value in _SAVING:
            written.append(cst.parse_statement(f"return {body.saved_as}"))
        imports: set[Import] = set()
        head = self._head(body, imports)
        block = cst.IndentedBlock(body=[*self._read_first(body), *(written or [_passing()])])
        rendered = code_of(cst.If(test=cst.Name("x"), body=block)).partition(":")[2]
        constants = "\n".join(body.definitions.values())
        named = import_lines({*body.imports, *imports, *self._of_packages(written)}, "")
        parts = ["\n".join(named), constants, f"{head}:{rendered}"]
        owner = self.given.owner
        made_for = f"{owner.name} {owner.action or owner.method or ''}".strip()
        text = "\n\n\n".join(part for part in parts if part)
        return Drafted(text, tuple(dict.fromkeys(self.opened)), self.source.source, made_for)

    def _of_packages(self, lines: list[cst.BaseStatement]) -> set[Import]:
        """What open lines name of installed packages and the standard library, Django left out."""
        module, sources = self.source.module, self.given.world.sources
        names = {each.value for line in lines for each in loaded_names(line)}
        found: set[Import] = set()
        for node in module.tree.body:
            origin = node.module if isinstance(node, ast.ImportFrom) and not node.level else ""
            top = (origin or "").partition(".")[0]
            if not origin or top in _REPLACED or sources.module(origin) or sources.module(top):
                continue
            given = [each.name for each in getattr(node, "names", ()) if each.asname is None]
            found |= {(origin, name) for name in given if name in names}
        return found

    def _body(self) -> Body:
        colour = "sync" if self.given.colour == "async" else self.given.colour
        owner = replace(self.given.owner, call_super=self._super)
        return replace(
            self.given, owner=owner, colour=colour, env={}, parameters={}, imports=set(),
            definitions={}, renames={}, bound=set(), around=[], hints={}, saved_as=self.given.saved_as,
        )  # fmt: skip

    def _super(self, body: Body, name: str, node: cst.BaseExpression) -> Typed:
        me = next(iter(self.env.values()), None)
        label = me.model if isinstance(me, Query) else None
        endpoint = self.given.owner.attributes.get("endpoint")
        queryset = getattr(endpoint, "queryset", None)
        label = label or getattr(queryset, "model", None)
        if name != "get_queryset" or label is None:
            body.refuse("B302", f"`super().{name}` has no rule here", node)
        self.asked["statement"] = "Select[Any]"
        return Typed(parse("statement"), Query(label, "applied"))

    def _known(self, body: Body) -> dict[str, Type]:
        """The types of the parameters; of those without one nothing is known."""
        node = self.source.node
        env = dict(self.env)
        stars = [
            p for p in (node.params.star_arg, node.params.star_kwarg) if isinstance(p, cst.Param)
        ]
        for param in (*node.params.params, *node.params.kwonly_params, *stars):
            env.setdefault(param.name.value, Unknown("the type of the parameter is not known"))
        for name, kind in env.items():
            if isinstance(kind, Serializer):
                self.asked |= {"model": "type[Any]", "data": "Any"}
                if kind.instance is not None:
                    self.asked["instance"] = "Any"
            elif isinstance(kind, Query) and name not in ("self", "cls"):
                self.asked[name] = "Select[Any]"
            elif name not in ("self", "cls") and not isinstance(kind, Request | View):
                plain = isinstance(kind, Plain | Instance)
                self.asked[name] = annotation_of(body.world, kind, body.imports) if plain else "Any"
        me = env.get("self")
        if isinstance(me, Instance):
            self.asked["row"] = annotation_of(body.world, me, body.imports)
            body.renames["self"] = "row"
        elif isinstance(me, Query):
            self.asked["statement"] = "Select[Any]"
            body.renames["self"] = "statement"
        return env

    def _finish(self, body: Body) -> Finish:
        def finish(inner: Body, value: Typed | None, at: cst.CSTNode) -> cst.BaseExpression | None:
            self.returned.append(widened(value.type) if value is not None else Plain("None"))
            return value.node if value is not None else None

        return finish

    def _head(self, body: Body, imports: set[Import]) -> str:
        asked: dict[str, str] = {}
        for parameter in body.parameters.values():
            if parameter.kind in ("session", "user", "context", "request"):
                asked[parameter.name] = parameter.annotation
                imports |= set(parameter.imports)
            elif parameter.kind in ("query", "path"):
                asked["request"] = "Request"
                imports.add(("fastapi", "Request"))
        if "session" in asked:  # whatever colour the endpoint has, the body has a plain one
            body.imports.discard(("app.db", "Session"))
            imports.add(("sqlalchemy.orm", "Session"))
        first = {name: asked.pop(name) for name in ("session",) if name in asked}
        texts = [f"{n}: {kind}" for n, kind in {**first, **self.asked, **asked}.items()]
        returns = self._returns(body, imports)
        for word, module in (("Any", "typing"), ("Select", "sqlalchemy")):
            if any(re.search(rf"\b{word}\b", text) for text in [*texts, returns]):
                imports.add((module, word))
        return f"def {self.source.node.name.value}({', '.join(texts)}) -> {returns}"

    def _returns(self, body: Body, imports: set[Import]) -> str:
        name = self.source.node.name.value
        if name in _RETURNS:
            return _RETURNS[name]
        if name.startswith("has_") and self.given.owner.kind == "permission":
            return "bool"
        kind: Type = self.returned[0] if self.returned else Plain("None")
        for each in self.returned[1:]:
            kind = join(kind, each)
        known = isinstance(kind, Plain | Instance | Query | Constant)
        return annotation_of(body.world, kind, imports) if known else "Any"

    def _read_first(self, body: Body) -> list[cst.BaseStatement]:
        """What endpoints are given as parameters of their own, read of the request."""
        lines: list[cst.BaseStatement] = []
        for each in body.parameters.values():
            text = _of_request(each)
            if text:
                lines.append(cst.parse_statement(f"{each.name} = {text}"))
        return lines


# What endpoints await, and what is called on a plain session instead.
_ON_SESSION = {
    "create": ("actions", "create_object"),
    "update": ("actions", "update_object"),
    "save": ("orm", "save"),
    "destroy": ("orm", "delete"),
}


def _sync(line: cst.BaseStatement, body: Body, opened: list[Reason]) -> cst.BaseStatement:
    """A statement without `await`: a ported body runs on a plain session."""
    awaiting: list[str] = []

    class Plainly(cst.CSTTransformer):
        def leave_Await(
            self, original_node: cst.Await, updated_node: cst.Await
        ) -> cst.BaseExpression:
            called = updated_node.expression
            name = code_of(called.func) if isinstance(called, cst.Call) else ""
            if isinstance(called, cst.Call) and name in _ON_SESSION:
                module, function = _ON_SESSION[name]
                body.compat(module, function)
                args = list(called.args)
                if name == "create" and "model" not in body.bound:
                    args[1] = args[1].with_changes(value=cst.Name("model"))
                return called.with_changes(func=cst.Name(function), args=args)
            if isinstance(called, cst.Call) and name == "session.run_sync":
                first, *rest = called.args
                args = [cst.Arg(cst.Name("session")), *rest]
                return called.with_changes(func=first.value, args=args)
            awaiting.append(code_of(called))
            return updated_node.expression

    changed = line.visit(Plainly())
    assert isinstance(changed, cst.BaseStatement)
    found = [Reason("B101", f"`{text}` is awaited in endpoints", "") for text in awaiting]
    opened.extend(found)
    return marked([changed], found)[0] if found else changed


def _of_request(parameter: Parameter) -> str:
    if parameter.kind == "path":
        read = f'request.path_params["{parameter.key}"]'
        return read if parameter.annotation == "str" else f"{parameter.annotation}({read})"
    if parameter.kind != "query":
        return ""
    alias = _ALIAS.search(parameter.key)
    default = f", {parameter.default}" if parameter.default not in (None, "None") else ""
    return f'request.query_params.get("{alias[2] if alias else parameter.name}"{default})'


def _passing() -> cst.BaseStatement:
    return cst.SimpleStatementLine([cst.Pass()])
