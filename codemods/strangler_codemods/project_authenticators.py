"""Authenticators that the project wrote: classes of the new app, or known ones set up otherwise."""

from __future__ import annotations

from dataclasses import dataclass, field

import libcst as cst

from .body import Body, Import
from .carried_classes import CarriedClasses, Entry, Form
from .functions import finish_value
from .modules import Tree
from .names import snake
from .operation import Typed
from .refusal import RefusalError
from .types import Constant, Instance, Request, TupleOf
from .world import World

_COMPAT = "app.compat.authentication"
_DRF = "rest_framework.authentication"
BASE, TOKEN, SESSION = (f"{_DRF}.{n}Authentication" for n in ("Base", "Token", "Session"))
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
        if framework == TOKEN:
            raise RefusalError("A101", "tokens are looked up in its own way")
        module, name = CarriedClasses(self.world, self.tree, _OF_BASE).place(path)
        instance = snake(name)
        new = self.tree.module(module)
        order = (6, instance, 0)
        new.add(instance, f"{instance} = {name}()", (), order)
        return Variant((module, instance))

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


_ANY = Form("", "", {BASE: ("", ""), TOKEN: ("", ""), SESSION: ("", "")}, {}, frozenset())


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
