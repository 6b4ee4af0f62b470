"""Login backends that the project wrote below Django's, as classes of the new app."""

from __future__ import annotations

from dataclasses import dataclass, field

import libcst as cst

from .body import Body, Import
from .carried_classes import CarriedClasses, Entry, Form
from .login_backends import MODEL_BACKEND
from .modules import Tree
from .operation import Typed
from .refusal import RefusalError
from .types import Constant, Instance, Plain, Request
from .walking import walk
from .world import World

_KNOWS = "authenticate"


def _form(label: str) -> Form:
    row = Instance(label)

    def found(body: Body, value: Typed | None, node: cst.CSTNode) -> cst.BaseExpression | None:
        kind = None if value is None else value.type
        is_row = isinstance(kind, Instance) and kind.model == label and not kind.user
        if value is not None and not is_row and kind != Constant(None):
            body.refuse("B207", "a login backend returns something other than a user", node)
        return None if value is None else value.node

    def head(names: list[str]) -> str:
        return f"def identify({', '.join(['self', 'context: Context[Any]', *names[1:]])}) -> Any"

    any_of = frozenset({("app.compat.context", "Context"), ("typing", "Any")})
    entries = {
        _KNOWS: Entry(
            (Request(),), head, found, any_of,
            above=Instance(label, optional=True), free=True, named="identify",
        ),
        "user_can_authenticate": Entry(
            (row,), lambda names: "", above=Plain("bool"), called=True
        ),
    }  # fmt: skip
    closed = frozenset({"user_can_authenticate", "aauthenticate"})
    base = {MODEL_BACKEND: ("app.compat.backends", "ProjectBackend")}
    return Form(
        "backends", "Who knows users by what they say.", base, entries, closed,
        early=True, closed_prefixes=("get_", "_get_", "aget_", "has_", "ahas_", "with_"),
    )  # fmt: skip


@dataclass
class OwnBackends:
    """Writes the project's backends, each once."""

    world: World
    tree: Tree
    _classes: CarriedClasses | None = field(default=None)

    def place(self, path: str) -> Import:
        """Module and name of the new class.

        Raises:
            RefusalError: it has no rule.
        """
        if self.world.user_problem is not None:
            raise RefusalError("A106", self.world.user_problem.message)
        if self._classes is None:
            self._classes = CarriedClasses(self.world, self.tree, _form(self.world.user_label))
        classes, _ = self._classes.lineage(path)
        for owner in classes:
            source = self.world.sources.function(f"{owner}.{_KNOWS}")
            if source is not None:
                _require_no_request(source.node)
        return self._classes.place(path)


def _require_no_request(node: cst.FunctionDef) -> None:
    """Refuse bodies that look at the request: callers may not give any.

    Raises:
        RefusalError: one does more than handing it to `super()`.
    """
    if len(node.params.params) < 2:
        return
    name = node.params.params[1].name.value
    used = [n for n in walk(node.body) if isinstance(n, cst.Name) and n.value == name]
    handed = [
        argument.value
        for call in walk(node.body)
        if isinstance(call, cst.Call)
        and isinstance(call.func, cst.Attribute)
        and call.func.attr.value == _KNOWS
        for argument in call.args
    ]
    names = {id(value) for value in handed} | {
        id(argument.keyword)
        for call in walk(node.body)
        if isinstance(call, cst.Call)
        for argument in call.args
        if argument.keyword is not None
    }
    if any(id(one) not in names for one in used):
        raise RefusalError("A104", "it looks at the request, which callers need not give")
