"""`save` and `delete` of the project's models: methods of the mapped class that compat calls."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import libcst as cst

from strangler.facts import Model

from .body import Body, CallResult, Import
from .operation import Operation, Typed, code_of, parse
from .plain_values import plain
from .sources import FunctionSource
from .types import Constant, Plain

if TYPE_CHECKING:
    from .model_members import Members

OVERRIDABLE = frozenset({"save", "delete"})
#: What `full_clean` calls, and models override.
CLEANED = frozenset({"clean", "validate_unique"})
#: The parameters of Django's `save` in their order; `using` is always None here.
_SAVE = ("force_insert", "force_update", "using", "update_fields")
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


def named_options(source: FunctionSource) -> tuple[str, ...]:
    """The parameters of a `save` that are written out as Django has them, with its defaults."""
    params = source.node.params.params[1:]
    defaults = {"using": "None", "update_fields": "None"}
    usual = all(
        p.name.value in _SAVE
        and p.default is not None
        and code_of(p.default) == defaults.get(p.name.value, "False")
        for p in params
    )
    return tuple(p.name.value for p in params) if usual else ()


def override_head(
    name: str, stars: tuple[str, ...], imports: set[Import], named: tuple[str, ...] = ()
) -> tuple[str, list[str]]:
    """The signature of the new method; options reach it by name only."""
    imports.add(("sqlalchemy.orm", "Session"))
    imports.add(("typing", "Any"))
    if named:
        texts = [f"{n}: {'Any = None' if n == 'update_fields' else 'bool = False'}"
                 for n in named if n != "using"]  # fmt: skip
        rest = [f"{star}: Any" for star in stars if star.startswith("**")]
        return f"def save(self, session: Session, *, {', '.join([*texts, *rest])}) -> None", []
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
        if called == name and name in CLEANED and isinstance(node, cst.Call):
            return _super_cleaned(members, body, model, name, node)
        if called != name or name not in OVERRIDABLE or not isinstance(node, cst.Call):
            body.refuse("B302", f"`super().{called}` has no rule here", node)
        _require_known_parent(members, body, model, name, node)
        texts = [body.session()]
        for argument in _by_name(node.args) if name == "save" else node.args:
            named = argument.keyword.value if argument.keyword is not None else ""
            if named == "using" and body.expr(argument.value).type == Constant(None):
                continue
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


def _by_name(args: Sequence[cst.Arg]) -> list[cst.Arg]:
    """The arguments of a `save`, those by position under the names that Django gives them."""
    return [
        argument.with_changes(keyword=cst.Name(_SAVE[position]))
        if argument.keyword is None and not argument.star and position < len(_SAVE)
        else argument
        for position, argument in enumerate(args)
    ]


def _super_cleaned(members: Members, body: Body, model: Model, name: str, node: cst.Call) -> Typed:
    """`super().clean()` does nothing; `super().validate_unique()` asks for Django's own."""
    _require_known_parent(members, body, model, name, node)
    given = Operation(node, body, name, args=tuple(node.args)).take(
        *(("exclude",) if name == "validate_unique" else ())
    )
    if name == "clean":
        return body.constant(None)
    if body.world.row_rules is None:
        body.refuse("B302", f"`super().{name}` has no rule here", node)
    rules = body.use(*body.world.row_rules(model.name))
    function = body.compat("cleaning", "check_unique")
    extra = f", {code_of(plain(body, given['exclude']))}" if given else ""
    return Typed(parse(f"{function}({body.session()}, self, {rules}{extra})"), Plain("None"))


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
