"""`save` and `delete` of the project's models: methods of the mapped class that compat calls."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

import libcst as cst

from strangler.facts import Model

from .body import Body, CallResult, Import
from .operation import Typed, code_of, parse
from .plain_values import plain
from .sources import FunctionSource
from .types import Plain

if TYPE_CHECKING:
    from .model_members import Members

OVERRIDABLE = frozenset({"save", "delete"})
_OPTIONS = frozenset({"update_fields", "force_insert", "force_update"})
# Django's own, whose methods compat stands for.
_FRAMEWORK = frozenset({"django", "builtins", "abc", "typing"})


def without_stars(source: FunctionSource) -> tuple[FunctionSource, tuple[str, ...]]:
    """The function without `*args` and `**kwargs`, and their names as written: `("*args",)`."""
    params = source.node.params
    names = []
    if isinstance(params.star_arg, cst.Param):
        names.append(f"*{params.star_arg.name.value}")
    if params.star_kwarg is not None:
        names.append(f"**{params.star_kwarg.name.value}")
    params = params.with_changes(star_arg=cst.MaybeSentinel.DEFAULT, star_kwarg=None)
    return replace(source, node=source.node.with_changes(params=params)), tuple(names)


def override_head(name: str, stars: tuple[str, ...], imports: set[Import]) -> tuple[str, list[str]]:
    """The signature of the new method; options reach it by name only."""
    imports.add(("sqlalchemy.orm", "Session"))
    imports.add(("typing", "Any"))
    if name == "delete":
        return "def delete(self, session: Session) -> Any", []
    keywords = [star for star in stars if star.startswith("**")]
    options = f", {keywords[0]}: Any" if keywords else ""
    return f"def save(self, session: Session{options}) -> None", []


def super_call(
    members: Members, model: Model, name: str, source: FunctionSource, stars: tuple[str, ...]
) -> Callable[[Body, str, cst.BaseExpression], CallResult | Typed]:
    """How `super().save(...)` is written in an override."""

    def call(body: Body, called: str, node: cst.BaseExpression) -> CallResult | Typed:
        if called != name or name not in OVERRIDABLE or not isinstance(node, cst.Call):
            body.refuse("B302", f"`super().{called}` has no rule here", node)
        _require_known_parent(members, body, model, name, node)
        texts = [body.session()]
        for argument in node.args:
            text = code_of(argument.with_changes(comma=cst.MaybeSentinel.DEFAULT)).strip()
            if argument.star and text in stars:
                texts += [text] if argument.star == "**" and name == "save" else []
            elif argument.keyword is not None and argument.keyword.value in _OPTIONS:
                value = plain(body, argument.value)
                texts.append(f"{argument.keyword.value}={code_of(value)}")
            else:
                body.refuse("B133", f"`super().{name}` with these arguments has no rule", node)
        text = f"super().{name}({', '.join(texts)})"
        return Typed(parse(text), Plain("None") if name == "save" else Plain())

    return call


def _require_known_parent(
    members: Members, body: Body, model: Model, name: str, node: cst.CSTNode
) -> None:
    """Refuse where another override stands between this one and Django's."""
    ref = model.methods[name]
    owner = ref.path.rpartition(".")[0]
    paths = [cls.path for cls in model.lineage]
    above = model.lineage[paths.index(owner) + 1 :] if owner in paths else ()
    for cls in above:
        label = members.world.model_paths.get(cls.path)
        if cls.package is not None and cls.package not in _FRAMEWORK:
            body.refuse("B302", f"`super().{name}` may reach `{cls.path}`, unread", node)
        if members.world.sources.function(f"{cls.path}.{name}") is None:
            continue
        if label is None or label not in members.world.ancestors(model.name):
            body.refuse("B302", f"`super().{name}` reaches `{cls.path}`", node)
        members.override(label, name)
