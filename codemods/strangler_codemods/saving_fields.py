"""`pre_save` of the project's field classes: what a column is given when its row is saved.

It becomes a function of the row in the app's `columns.py`, one for each column that has it.
"""

from __future__ import annotations

import ast
from dataclasses import replace

import libcst as cst

from strangler.facts import Model, ModelField

from .annotations import annotation_of, widened
from .body import Body, Import, Owner
from .functions import Rewritten, finish_value, is_local, rewrite_function
from .model_overrides import without_stars
from .modules import NameTakenError, Tree
from .names import snake
from .operation import code_of
from .refusal import RefusalError
from .sources import FunctionSource
from .types import ClassSelf, Constant, Instance, Plain, Type
from .world import World

HOOK = "pre_save"
_NAMES = frozenset({"attname", "name", "column"})
# Django's own, of which `pre_save` gives more than the attribute.
_FILES = frozenset({"FileField", "ImageField"})


def saving_function(world: World, tree: Tree, model: Model, column: ModelField) -> Import:
    """Module and name of the function that gives what is written; it takes the row and `adding`.

    Raises:
        RefusalError: its source is a package's, or an operation has no rule.
    """
    place = column.source or model.source or ""
    source = _definition(world, column)
    if source is None:
        raise RefusalError("M105", f"`{HOOK}` of `{column.cls}` has no source", place)
    try:
        return _written(world, tree, model, column, source)
    except RefusalError as refusal:
        text = f"`{HOOK}` of the field class `{column.cls}` has no rule: {refusal.message}"
        raise RefusalError("M105", text, refusal.source or source.source) from None


def _definition(world: World, column: ModelField) -> FunctionSource | None:
    """The one definition in the project, above which there is nothing but Django's."""
    found = None
    for ref in column.lineage:
        if ref.package not in (None, "django"):
            return None
        source = world.sources.function(f"{ref.path}.{HOOK}") if ref.package is None else None
        if source is not None and found is not None:
            return None
        found = found or source
    return found


def _written(
    world: World, tree: Tree, model: Model, column: ModelField, source: FunctionSource
) -> Import:
    source, _ = without_stars(source)
    params = [param.name.value for param in source.node.params.params]
    if len(params) != 3 or source.node.decorators:  # self, the row, adding
        raise RefusalError("M105", "it takes other arguments", source.source)
    own, row, adding = params
    plain = source.node.visit(_Plainly(column, own, row))
    assert isinstance(plain, cst.FunctionDef)
    source = replace(source, node=plain)
    path = source.owner or ""
    body = Body(world, source.module, Owner("class", path), colour="sync")
    env: dict[str, Type] = {own: ClassSelf(path), row: Instance(model.name), adding: Plain("bool")}
    rewritten = rewrite_function(source, body, env, finish_value)
    kinds = {widened(one.type) for one in rewritten.returns if one is not None}
    known = all(isinstance(kind, Plain | Constant) for kind in kinds)
    local = any(is_local(each) and not each[0].startswith("app.compat.") for each in body.imports)
    if not kinds or not known or body.parameters or local or body.definitions:
        raise RefusalError("M105", "it needs more than the row", source.source)
    names = ast.walk(ast.parse(rewritten.text("def f()")))
    if own in {node.id for node in names if isinstance(node, ast.Name)}:
        raise RefusalError("M105", "it asks its field for more than a name", source.source)
    return _add(world, tree, model, column, rewritten, (row, adding), kinds)


def _add(
    world: World, tree: Tree, model: Model, column: ModelField, rewritten: Rewritten,
    params: tuple[str, str], kinds: set[Type],
) -> Import:  # fmt: skip
    app = model.name.partition(".")[0]
    module = tree.module(f"app.{app}.columns", "What columns hold in a form of their own.")
    cls = world.model_names[model.name]
    name = f"{snake(cls)}_{world.attribute(column.attname)}_saved"
    imports = set(rewritten.body.imports)
    single = next(iter(kinds)) if len(kinds) == 1 else Plain()
    kind = annotation_of(world, single, imports) if isinstance(single, Plain) else "Any"
    if kind == "Any":
        imports.add(("typing", "Any"))
    module.type_imports.add((f"app.{app}.models", cls))
    module.future = True
    text = rewritten.text(f"def {name}({params[0]}: {cls}, {params[1]}: bool) -> {kind}")
    order = (5, rewritten.source.module.path, rewritten.source.line)
    try:
        module.add(name, text, imports, order)
    except NameTakenError as taken:
        raise RefusalError("M105", str(taken), rewritten.source.source) from None
    return module.name, name


class _Plainly(cst.CSTTransformer):
    """What a field class says of its attribute, said of this one: `getattr(row, self.attname)`."""

    def __init__(self, column: ModelField, own: str, row: str) -> None:
        self.own, self.row = own, row
        self.names = {"attname": column.attname, "name": column.name, "column": column.column or ""}
        files = column.internal_type in _FILES
        self.attribute = None if files or column.auto_now or column.auto_now_add else column.attname

    def leave_Attribute(
        self, original_node: cst.Attribute, updated_node: cst.Attribute
    ) -> cst.BaseExpression:
        """`self.attname`."""
        name = updated_node.attr.value
        if code_of(updated_node.value) == self.own and name in _NAMES:
            return cst.SimpleString(f'"{self.names[name]}"')
        return updated_node

    def leave_Call(self, original_node: cst.Call, updated_node: cst.Call) -> cst.BaseExpression:
        """`getattr(row, "slug")`, `super().pre_save(row, add)`."""
        name = self._named(updated_node, "getattr", 2)
        if name is None and self._is_super(updated_node):
            name = self.attribute
        if name is None:
            return updated_node
        return cst.Attribute(cst.Name(self.row), cst.Name(name))

    def leave_Expr(self, original_node: cst.Expr, updated_node: cst.Expr) -> cst.BaseSmallStatement:
        """`setattr(row, "slug", value)`."""
        call = updated_node.value
        name = self._named(call, "setattr", 3) if isinstance(call, cst.Call) else None
        if name is None or not isinstance(call, cst.Call):
            return updated_node
        target = cst.AssignTarget(cst.Attribute(cst.Name(self.row), cst.Name(name)))
        return cst.Assign([target], call.args[2].value)

    def _named(self, call: cst.Call, function: str, number: int) -> str | None:
        """The name in `getattr(row, "name")`; None for any other call."""
        given = [code_of(one.value) for one in call.args]
        plain = all(one.keyword is None and not one.star for one in call.args)
        if code_of(call.func) != function or not plain or len(given) != number:
            return None
        name = given[1].strip("\"'")
        return name if given[0] == self.row and name.isidentifier() else None

    def _is_super(self, call: cst.Call) -> bool:
        func = call.func
        return (
            isinstance(func, cst.Attribute)
            and func.attr.value == HOOK
            and isinstance(func.value, cst.Call)
            and code_of(func.value.func) == "super"
            and bool(call.args)
            and code_of(call.args[0].value) == self.row
        )
