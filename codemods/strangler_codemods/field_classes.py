"""Field classes of the project that read or write texts in a form of their own.

`from_db_value`, `get_prep_value` and `to_python` become functions in the app's `columns.py`, which
the column's type calls where Django would.
"""

from __future__ import annotations

import ast

import libcst as cst

from strangler.facts import ModelField

from .annotations import widened
from .body import Body, CallResult, Import, Owner
from .functions import Rewritten, finish_value, is_local, rewrite_function
from .model_overrides import without_stars
from .modules import NameTakenError, NewModule, Tree
from .names import snake
from .operation import Typed, parse
from .refusal import RefusalError
from .sources import FunctionSource
from .types import ClassSelf, Constant, Plain, Type, Unknown
from .world import World

READ, WRITE, TAKE = "from_db_value", "get_prep_value", "to_python"
METHODS = frozenset({READ, WRITE, TAKE})
_TEXTS = frozenset({"CharField", "TextField", "SlugField", "EmailField", "URLField"})
_ENDINGS = {READ: "read", WRITE: "written", TAKE: "taken"}


def converts(column: ModelField) -> bool:
    """Whether the column's class reads or writes values in a form of its own."""
    return not METHODS.isdisjoint(column.overrides)


def text_functions(world: World, tree: Tree, column: ModelField) -> dict[str, Import]:
    """The functions `read` and `write` of a column whose class converts its values.

    Raises:
        RefusalError: it holds no text, its source is a package's, or an operation has no rule.
    """
    place = column.source or ""
    if column.internal_type not in _TEXTS:
        kind = column.internal_type
        raise RefusalError("M105", f"`{column.cls}` converts the values of a {kind}", place)
    writer = _FieldClass(world, tree, column)
    found = {}
    if READ in column.overrides:
        found["read"] = writer.function(READ, 0, place)
    if not {WRITE, TAKE}.isdisjoint(column.overrides):
        # Django's own `get_prep_value` of texts is `to_python`
        name = WRITE if WRITE in column.overrides else TAKE
        found["write"] = writer.function(name, 0, place)
    return found


class _FieldClass:
    """Writes the methods of one field class, those of its parents where `super()` reaches them."""

    def __init__(self, world: World, tree: Tree, column: ModelField) -> None:
        self.world, self.tree, self.column = world, tree, column
        # where the column holds no NULL, its functions are not given any
        self.given = Plain("str | None" if column.null else "str")
        self.running: list[tuple[str, str]] = []
        self.gives: dict[str, Plain] = {}

    def _definition(self, name: str, start: int) -> tuple[int, FunctionSource | None] | None:
        """Where a method is defined, from the class at `start` on; None where Django's is."""
        for position, ref in enumerate(self.column.lineage[start:], start):
            source = self.world.sources.function(f"{ref.path}.{name}")
            if source is not None and ref.package is None:
                return position, source
            if ref.package is not None:
                return position, None  # nobody has read whether it is there
        return None

    def function(self, name: str, start: int, place: str) -> Import:
        """Module and name of the function that a method became."""
        position, source = self._definition(name, start) or (0, None)
        if source is None:
            raise RefusalError("M105", f"`{name}` of `{self.column.cls}` has no source", place)
        path = self.column.lineage[position].path
        if (path, name) in self.running:
            raise RefusalError("M105", f"`{name}` of `{path}` calls itself", source.source)
        self.running.append((path, name))
        try:
            return self._written(path, name, position, source)
        except RefusalError as refusal:
            text = f"`{name}` of the field class `{path}` has no rule: {refusal.message}"
            raise RefusalError("M105", text, refusal.source or source.source) from None
        finally:
            self.running.pop()

    def _written(self, path: str, name: str, position: int, source: FunctionSource) -> Import:
        source, _ = without_stars(source)
        params = [param.name.value for param in source.node.params.params]
        if len(params) < 2 or source.node.decorators:
            raise RefusalError("M105", "it takes other arguments", source.source)
        owner = Owner("class", path)
        owner.call_super = lambda body, called, node: self._call(body, called, position + 1, node)
        owner.call_self = lambda body, called, node: self._call(body, called, 0, node)
        body = Body(self.world, source.module, owner, colour="sync")
        env: dict[str, Type] = {name: Unknown() for name in params[2:]}
        env |= {params[0]: ClassSelf(path), params[1]: self.given}
        rewritten = rewrite_function(source, body, env, finish_value)
        kinds = {widened(one.type) for one in rewritten.returns if one is not None}
        known = all(_is_text(kind) for kind in kinds)
        # what is written goes to the driver, whatever it is; `to_python` only prepares it
        loose = name != READ and all(isinstance(kind, Plain | Constant) for kind in kinds)
        local = any(is_local(i) and not i[0].endswith(".columns") for i in body.imports)
        if not (known or loose) or body.parameters or local or body.definitions:
            raise RefusalError("M105", "it needs or gives more than a text", source.source)
        used = {
            n.id for n in ast.walk(ast.parse(rewritten.text("def f()"))) if isinstance(n, ast.Name)
        }
        if not used.isdisjoint({params[0], *params[2:]}):
            raise RefusalError("M105", "it asks more than the value", source.source)
        empty = any(_may_be_none(kind) for kind in kinds) or rewritten.falls_through
        gives = Plain(("str | None" if empty else "str") if known else "Any")
        imports = {("typing", "Any")} if not known else set()
        rewritten.body.imports.update(imports)
        return self._add(path, name, params[1], rewritten, gives)

    def _add(self, path: str, name: str, value: str, rewritten: Rewritten, gives: Plain) -> Import:
        module = self._module(path)
        imports = set(rewritten.body.imports)
        ending = f"{_ENDINGS[name]}{'_or_none' if self.column.null else ''}"
        called = f"{snake(path.rpartition('.')[2])}_{ending}"
        self.gives[called] = gives
        text = rewritten.text(f"def {called}({value}: {self.given.name}) -> {gives.name}")
        order = (5, rewritten.source.module.path, rewritten.source.line)
        try:
            module.add(called, text, imports, order)
        except NameTakenError as taken:
            raise RefusalError("M105", str(taken), rewritten.source.source) from None
        return module.name, called

    def _module(self, path: str) -> NewModule:
        app = self.world.app_of(path) or "core"
        return self.tree.module(f"app.{app}.columns", "Columns that hold texts of their own form.")

    def _call(
        self, body: Body, name: str, start: int, node: cst.BaseExpression
    ) -> CallResult | Typed:
        """`super().to_python(value)` and `self.to_python(value)`."""
        if name not in METHODS or not isinstance(node, cst.Call) or not node.args:
            body.refuse("M105", f"`.{name}` of a field has no rule", node)
        value = body.expr(node.args[0].value)
        kind = widened(value.type)
        fits = _is_text(kind) if name == READ else isinstance(kind, Plain | Constant)
        if node.args[0].keyword is not None or not fits:
            body.refuse("M105", f"`{name}` is given something that is no text", node)
        called = name
        if self._definition(name, start) is None and name == WRITE:
            called, start = TAKE, 0  # which Django's own calls
        if self._definition(called, start) is None:
            if called == READ:
                body.refuse("M105", "Django's texts have no `from_db_value`", node)
            return value
        if _may_be_none(kind) and not self.column.null:
            body.refuse("M105", f"`{name}` may be given None", node)
        module, function = self.function(called, start, "")
        if module != self._module(body.owner.name).name:
            body.use(module, function)
        return Typed(parse(f"{function}({value.code})"), self.gives[function])


def _may_be_none(kind: Type) -> bool:
    return kind == Constant(None) or (isinstance(kind, Plain) and kind.name.endswith("None"))


def _is_text(kind: Type) -> bool:
    if isinstance(kind, Constant):
        return kind.value is None or isinstance(kind.value, str)
    return isinstance(kind, Plain) and kind.name in {"str", "str | None", "None"}
