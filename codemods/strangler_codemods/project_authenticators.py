"""Authenticators that the project wrote: classes of the new app, or known ones set up otherwise."""

from __future__ import annotations

from dataclasses import dataclass, field

import libcst as cst

from . import authenticator_forms as forms
from . import web_tokens
from .authenticator_texts import passwords, sessions, token_rows
from .body import Body, Import, Owner
from .carried_classes import CarriedClasses, Form
from .modules import Tree
from .names import snake
from .operation import code_of
from .refusal import RefusalError
from .token_tables import token_problem
from .types import ModelClass
from .world import World

BASE, TOKEN, SESSION, BASIC, JWT = forms.BASE, forms.TOKEN, forms.SESSION, forms.BASIC, forms.JWT
TOKENS = "authtoken.Token"
_CREDENTIALS = "authenticate_credentials"


@dataclass(frozen=True)
class Variant:
    """An authenticator as the new app has it: where its name is, and what it is made of.

    base: the known authenticator that is set up otherwise, with `options`; None for a class.
    below: the known authenticator that a class derives from.
    """

    place: Import
    base: str | None = None
    options: str = ""
    below: str | None = None

    @property
    def known(self) -> str | None:
        """The known authenticator whose tables and settings it needs."""
        return self.base or self.below


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
        if framework == TOKEN:
            return self._token(path, classes)
        if framework == BASIC:
            form = forms.of_passwords(self.world.user_label, asked=self._asked(classes))
            module, name = CarriedClasses(self.world, self.tree, form).place(path)
            text = passwords(self.world, name)
            return self._made(module, name, *text, below="basic_authentication")
        if framework == JWT:
            return self._web_token(path)
        module, name = CarriedClasses(self.world, self.tree, forms.OF_BASE).place(path)
        return self._made(module, name, f"{name}()", set())

    def _made(
        self, module: str, name: str, text: str, imports: set[Import], below: str | None = None
    ) -> Variant:
        """The one object of a class that is carried."""
        instance = snake(name)
        self.tree.module(module).add(instance, f"{instance} = {text}", imports, (6, instance, 0))
        return Variant((module, instance), below=below)

    def _asked(self, classes: list[str]) -> bool:
        """Whether what `authenticate_credentials` gives goes through methods of the project."""
        names = [n.name.value for c in classes for n in self._functions(c)]
        return names.count(_CREDENTIALS) > 1 or bool(
            {*names} - {_CREDENTIALS, "authenticate_header"}
        )

    def _web_token(self, path: str) -> Variant:
        """SimpleJWT's tokens, found or judged in the project's way."""
        if (odd := web_tokens.unusual(self.world)) is not None:
            raise RefusalError("A105", f"the setting SIMPLE_JWT[{odd!r}] has no rule")
        user = self.world.model_symbol(self.world.user_label)
        form = forms.of_web_tokens(self.world.user_label, user)
        module, name = CarriedClasses(self.world, self.tree, form).place(path)
        text, imports = web_tokens.authenticator(self.world, name)
        return self._made(module, name, text, imports)

    def _session(self, path: str, classes: list[str]) -> Variant:
        """DRF's sessions, with or without the check for forged requests."""
        checks = True
        for owner in classes:
            for line in self._functions(owner):
                if line.name.value == forms.CSRF:
                    checks = False
                    if not _does_nothing(line):
                        raise RefusalError("A101", f"`{owner}.enforce_csrf` has no rule")
        options = "" if checks else ", csrf=False"
        if self._changes_only(classes, forms.CSRF):
            return Variant(("app.identity", self._name(path)), "session_authentication", options)
        form = forms.of_sessions(self.world.user_label)
        module, name = CarriedClasses(self.world, self.tree, form).place(path)
        text = sessions(self.world, name, options)
        return self._made(module, name, *text, below="session_authentication")

    def _token(self, path: str, classes: list[str]) -> Variant:
        """DRF's tokens: behind another word, of another table, or found in the project's way."""
        keyword: str | None = None
        for owner in classes:
            for line in self._lines(owner):
                value = _constant(line, "keyword")
                keyword = value if keyword is None else keyword
        if self._changes_only(classes, "keyword"):
            options = "" if keyword is None else f", keyword={keyword!r}"
            return Variant(("app.identity", self._name(path)), "token_authentication", options)
        label = self._token_table(classes)
        if (problem := token_problem(self.world, label)) is not None:
            raise RefusalError("A102", problem)
        form = forms.of_tokens(self.world.user_label, label, asked=self._asked(classes))
        module, name = CarriedClasses(self.world, self.tree, form).place(path)
        below = "token_authentication" if label == TOKENS else None
        return self._made(module, name, *token_rows(self.world, name, label), below=below)

    def _token_table(self, classes: list[str]) -> str:
        """The model whose rows are tokens: `model = ...` of the nearest class, or DRF's own.

        Raises:
            RefusalError: it is no model.
        """
        for said in (_returned, _assigned):
            for owner in classes:
                for line in self._lines(owner):
                    value = said(line, "get_model" if said is _returned else "model")
                    if value is not None:
                        return self._model(owner, value)
        if any(line.name.value == "get_model" for c in classes for line in self._functions(c)):
            raise RefusalError("A102", "`get_model` does more than naming a model")
        return TOKENS

    def _model(self, owner: str, value: cst.BaseExpression) -> str:
        found = self.world.sources.class_node(owner)
        assert found is not None  # `lineage` has read it
        kind = Body(self.world, found[1], Owner("function", owner)).expr(value).type
        if not isinstance(kind, ModelClass):
            raise RefusalError("A102", f"the tokens of `{owner}` are rows of no model")
        return kind.model

    def _changes_only(self, classes: list[str], name: str) -> bool:
        """Whether classes only assign, or define, one name."""
        for owner in classes:
            for line in self._lines(owner):
                defined = isinstance(line, cst.FunctionDef) and line.name.value == name
                if not defined and _constant(line, name) is None:
                    return False
        return True

    def _functions(self, path: str) -> list[cst.FunctionDef]:
        return [n for n in self._lines(path) if isinstance(n, cst.FunctionDef)]

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
    "", "", dict.fromkeys((BASE, TOKEN, SESSION, BASIC, JWT), ("", "")), {}, frozenset()
)  # fmt: skip


def _does_nothing(node: cst.FunctionDef) -> bool:
    """Whether a function only returns None."""
    return all(
        isinstance(s, cst.Pass)
        or (isinstance(s, cst.Expr) and isinstance(s.value, cst.SimpleString))
        or (isinstance(s, cst.Return) and (s.value is None or _is_none(s.value)))
        for s in _small(node)
    )


def _small(node: cst.FunctionDef) -> list[cst.CSTNode]:
    """The statements of a function: the small ones one by one, others whole."""
    found: list[cst.CSTNode] = []
    for line in node.body.body:
        found += line.body if isinstance(line, cst.SimpleStatementLine) else [line]
    return found


def _is_none(node: cst.BaseExpression) -> bool:
    return isinstance(node, cst.Name) and node.value == "None"


def _assigned(line: cst.CSTNode, name: str) -> cst.BaseExpression | None:
    """What is assigned to `name`, where that is all that the statement does."""
    if not isinstance(line, cst.Assign) or len(line.targets) != 1:
        return None
    return line.value if code_of(line.targets[0].target) == name else None


def _returned(line: cst.CSTNode, name: str) -> cst.BaseExpression | None:
    """What the method `name` returns, where that is all that it does."""
    if not isinstance(line, cst.FunctionDef) or line.name.value != name:
        return None
    smalls = [s for s in _small(line) if not isinstance(s, cst.Expr)]
    only = smalls[0] if len(smalls) == 1 else None
    return only.value if isinstance(only, cst.Return) else None


def _constant(line: cst.CSTNode, name: str) -> str | None:
    """The text assigned to `name`, where that is all that the statement does."""
    value = _assigned(line, name)
    found = value.evaluated_value if isinstance(value, cst.SimpleString) else None
    return found if isinstance(found, str) else None
