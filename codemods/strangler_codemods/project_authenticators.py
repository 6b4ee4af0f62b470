"""Authenticators that the project wrote: classes of the new app, or known ones set up otherwise."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import libcst as cst

from . import web_tokens
from .body import Body, Import
from .carried_classes import CarriedClasses, Entry, Form
from .functions import finish_value
from .modules import Tree
from .names import snake
from .operation import Typed
from .refusal import RefusalError
from .statements import Finish
from .token_types import WebToken
from .types import Constant, Instance, ModelClass, Plain, Request, TupleOf, Type
from .world import World

_COMPAT = "app.compat.authentication"
_DRF = "rest_framework.authentication"
BASE, TOKEN, SESSION = (f"{_DRF}.{n}Authentication" for n in ("Base", "Token", "Session"))
JWT = f"{web_tokens.PACKAGE}.authentication.JWTAuthentication"
_FOUND = frozenset({("app.identity", "Context"), ("app.compat.credentials", "Found")})


def _found(body: Body, value: Typed | None, node: cst.CSTNode) -> cst.BaseExpression | None:
    """`return None`, or a tuple that begins with a user."""
    if value is None or value.type == Constant(None):
        return None if value is None else value.node
    first = value.type.items[0] if isinstance(value.type, TupleOf) else None
    pair = isinstance(value.type, TupleOf) and len(value.type.items) == 2  # user and token
    wanted = body.world.user_label
    if (
        not pair
        or not isinstance(first, Instance)
        or first.model != wanted
        or (first.optional and not first.user)  # an anonymous user proves nothing, and is one
    ):
        body.refuse(
            "B207", "an authenticator returns something other than a user and a token", node
        )
    return value.node


_ENTRIES = {
    "authenticate": Entry(
        (Request(),), lambda names: "def authenticate(self, context: Context) -> Found",
        _found, _FOUND,
    ),
    "authenticate_header": Entry(
        (Request(),), lambda names: "def header(self) -> str | None", finish_value,
        decorators=("@property",), asks=False,
    ),
}  # fmt: skip
_OF_BASE = Form(
    "authentication",
    "How callers prove who they are.",
    {BASE: (_COMPAT, "BaseAuthentication")},
    _ENTRIES,
    frozenset(),
)


def _giving(kind: Type) -> Finish:
    """What a method returns has to be: a row, a token."""

    def finish(body: Body, value: Typed | None, node: cst.CSTNode) -> cst.BaseExpression:
        if value is None or value.type != kind:
            body.refuse("B207", "this method returns something else than SimpleJWT's", node)
        return value.node

    return finish


def _of_web_tokens(label: str, user: Import) -> Form:
    """Classes below SimpleJWT's JWTAuthentication."""
    row, token, raw = Instance(label), WebToken("access"), Plain("bytes | None")
    jwt, anything = ("app.compat.jwt_tokens", "JWT"), ("typing", "Any")
    context = ("app.identity", "Context")

    def head(name: str, kind: str, returns: str) -> Callable[[list[str]], str]:
        def written(names: list[str]) -> str:
            shown = f", {names[0]}: {kind}" if kind else ""
            return f"def {name}(self, context: Context{shown}) -> {returns}"

        return written

    entries = {
        "authenticate": replace(_ENTRIES["authenticate"], above=TupleOf((row, token))),
        "authenticate_header": _ENTRIES["authenticate_header"],
        "get_header": Entry(
            (Request(),), head("get_header", "", "bytes | None"), finish_value,
            frozenset({context}), above=raw, called=True,
        ),
        "get_raw_token": Entry(
            (Plain("bytes"),), head("get_raw_token", "bytes", "bytes | None"), finish_value,
            frozenset({context}), above=raw, called=True,
        ),
        "get_validated_token": Entry(
            (Plain(),), head("get_validated_token", "Any", "JWT"), _giving(token),
            frozenset({context, jwt, anything}), above=token, called=True,
        ),
        "get_user": Entry(
            (token,), head("get_user", "JWT", user[1]), _giving(row),
            frozenset({context, jwt, user}), above=row, called=True,
        ),
    }  # fmt: skip
    return Form(
        "authentication", "How callers prove who they are.",
        {JWT: ("app.compat.jwt", "JWTAuthentication")}, entries,
        frozenset({"www_authenticate_realm", "media_type", "user_model"}),
        attributes={"user_model": ModelClass(label)},
    )  # fmt: skip


@dataclass(frozen=True)
class Variant:
    """An authenticator as the new app has it: where its name is, and what it is made of.

    base: the known authenticator that is set up otherwise, with `options`; None for a class.
    """

    place: Import
    base: str | None = None
    options: str = ""


@dataclass
class ProjectAuthenticators:
    """Finds a form for each authenticator of the project."""

    world: World
    tree: Tree
    _done: dict[str, Variant | RefusalError] = field(default_factory=dict)

    def variant(self, path: str) -> Variant:
        """The authenticator at `path`.

        Raises:
            RefusalError: it has no rule.
        """
        if path not in self._done:
            try:
                self._done[path] = self._find(path)
            except RefusalError as refusal:
                reason = refusal.reason("")
                text = f"the authentication `{path}` has no rule: {reason.message}"
                self._done[path] = RefusalError("A101", text, reason.source)
        known = self._done[path]
        if isinstance(known, RefusalError):
            raise known
        return known

    def _find(self, path: str) -> Variant:
        self.world.registry.declared("authentication class")
        reader = CarriedClasses(self.world, self.tree, _ANY)
        classes, framework = reader.lineage(path)
        if framework == SESSION:
            return self._session(path, classes)
        if framework == TOKEN and not self._has_methods(classes):
            return self._token(path, classes)
        if framework == JWT:
            return self._web_token(path)
        if framework == TOKEN:
            raise RefusalError("A101", "tokens are looked up in its own way")
        module, name = CarriedClasses(self.world, self.tree, _OF_BASE).place(path)
        return self._made(module, name, f"{name}()", set())

    def _made(self, module: str, name: str, text: str, imports: set[Import]) -> Variant:
        """The one object of a class that is carried."""
        instance = snake(name)
        self.tree.module(module).add(instance, f"{instance} = {text}", imports, (6, instance, 0))
        return Variant((module, instance))

    def _web_token(self, path: str) -> Variant:
        """SimpleJWT's tokens, found or judged in the project's way."""
        if (odd := web_tokens.unusual(self.world)) is not None:
            raise RefusalError("A105", f"the setting SIMPLE_JWT[{odd!r}] has no rule")
        user = self.world.model_symbol(self.world.user_label)
        form = _of_web_tokens(self.world.user_label, user)
        module, name = CarriedClasses(self.world, self.tree, form).place(path)
        text, imports = web_tokens.authenticator(self.world, name)
        return self._made(module, name, text, imports)

    def _session(self, path: str, classes: list[str]) -> Variant:
        """DRF's sessions, with or without the check for forged requests."""
        checks = True
        for owner in classes:
            for line in self._lines(owner):
                if not isinstance(line, cst.FunctionDef) or line.name.value != "enforce_csrf":
                    raise RefusalError("A101", f"`{owner}` changes more than the CSRF check")
                if not _does_nothing(line):
                    raise RefusalError("A101", f"`{owner}.enforce_csrf` has no rule")
                checks = False
        options = "" if checks else ", csrf=False"
        return Variant(("app.identity", self._name(path)), "session_authentication", options)

    def _token(self, path: str, classes: list[str]) -> Variant:
        """DRF's tokens behind another word."""
        keyword: str | None = None
        for owner in classes:
            for line in self._lines(owner):
                value = _constant(line, "keyword")
                if value is None:
                    raise RefusalError("A101", f"`{owner}` changes more than the keyword")
                keyword = value if keyword is None else keyword
        options = "" if keyword is None else f", keyword={keyword!r}"
        return Variant(("app.identity", self._name(path)), "token_authentication", options)

    def _has_methods(self, classes: list[str]) -> bool:
        return any(isinstance(n, cst.FunctionDef) for c in classes for n in self._lines(c))

    def _lines(self, path: str) -> list[cst.CSTNode]:
        """The statements of a class's body, without its docstring and `pass`."""
        found = self.world.sources.class_node(path)
        assert found is not None  # `lineage` has read it
        lines: list[cst.CSTNode] = []
        for line in found[0].body.body:
            smalls = line.body if isinstance(line, cst.SimpleStatementLine) else [line]
            lines += [s for s in smalls if not isinstance(s, cst.Pass | cst.Expr)]
        return lines

    def _name(self, path: str) -> str:
        return snake(path.rpartition(".")[2])


_ANY = Form(
    "", "", dict.fromkeys((BASE, TOKEN, SESSION, JWT), ("", "")), {}, frozenset()
)  # fmt: skip


def _does_nothing(node: cst.FunctionDef) -> bool:
    """Whether a function only returns None."""
    body = node.body.body
    smalls = [s for line in body for s in getattr(line, "body", [line])]
    return all(
        isinstance(s, cst.Pass)
        or (isinstance(s, cst.Expr) and isinstance(s.value, cst.SimpleString))
        or (isinstance(s, cst.Return) and (s.value is None or _is_none(s.value)))
        for s in smalls
    )


def _is_none(node: cst.BaseExpression) -> bool:
    return isinstance(node, cst.Name) and node.value == "None"


def _constant(line: cst.CSTNode, name: str) -> str | None:
    """The text assigned to `name`, where that is all that the statement does."""
    if not isinstance(line, cst.Assign) or len(line.targets) != 1:
        return None
    target, value = line.targets[0].target, line.value
    if not isinstance(target, cst.Name) or target.value != name:
        return None
    found = value.evaluated_value if isinstance(value, cst.SimpleString) else None
    return found if isinstance(found, str) else None
