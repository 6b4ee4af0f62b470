"""Field classes of the project that read or write values in a form of their own.

`from_db_value`, `get_prep_value` and `to_python` become functions in the app's `columns.py`, which
the column's type calls where Django would.
"""

from __future__ import annotations

import ast

import libcst as cst

from strangler.facts import ModelField

from .annotations import annotation_of, widened
from .body import Body, CallResult, Import, Owner
from .functions import Rewritten, finish_value, is_local, rewrite_function
from .model_overrides import without_stars
from .modules import NameTakenError, NewModule, Tree
from .names import snake
from .operation import Typed, parse
from .own_values import METHODS, READ, TAKE, TEXTS, WRITE
from .refusal import RefusalError
from .sources import FunctionSource
from .types import ClassSelf, Constant, Plain, Type, Unknown
from .world import World

# What the database gives, by what it stores.
_BASES = dict.fromkeys(TEXTS, "str") | {
    "IntegerField": "int", "BigIntegerField": "int", "SmallIntegerField": "int",
    "PositiveIntegerField": "int", "PositiveBigIntegerField": "int",
    "PositiveSmallIntegerField": "int", "FloatField": "float", "DecimalField": "Decimal",
    "DateField": "date", "DateTimeField": "datetime", "TimeField": "time",
    "DurationField": "timedelta", "UUIDField": "UUID",
}  # fmt: skip
# Those whose own `get_prep_value` is `to_python`.
_PREPARING = TEXTS | {"DateField", "DateTimeField", "DecimalField", "TimeField", "UUIDField"}
# Those for which the driver takes nothing else; Django's own class would make it of a text.
_EXACT = frozenset({"date", "datetime", "time", "timedelta", "UUID"})
_ENDINGS = {READ: "read", WRITE: "written", TAKE: "taken"}


def text_functions(world: World, tree: Tree, column: ModelField) -> dict[str, Import]:
    """The functions `read` and `write` of a column whose class converts its values.

    Raises:
        RefusalError: it holds something else, its source is a package's, or an operation has no
            rule.
    """
    return _functions(world, tree, column)[0]


def read_kind(world: World, column: ModelField) -> Plain | None:
    """The type of what a field class of the project makes of stored values; None where it makes none."""
    if READ not in column.overrides:
        return None
    known = (column.cls, column.internal_type, column.null)
    if known not in world.own_kinds:
        try:
            kind = _functions(world, Tree(), column)[1]
        except RefusalError:  # then nothing touches the column
            kind = None
        world.own_kinds[known] = kind and Plain(kind.name.removesuffix(" | None"))
    return world.own_kinds[known]


def _functions(
    world: World, tree: Tree, column: ModelField
) -> tuple[dict[str, Import], Plain | None]:
    """The functions, and what the one that reads gives."""
    place = column.source or ""
    if column.internal_type not in _BASES:
        kind = column.internal_type
        raise RefusalError("M105", f"`{column.cls}` converts the values of a {kind}", place)
    writer = _FieldClass(world, tree, column)
    found, gives = {}, None
    if READ in column.overrides:
        found["read"] = writer.function(READ, 0, place)
        gives = writer.gives[found["read"][1]]
    taking = column.internal_type in _PREPARING and TAKE in column.overrides
    if WRITE in column.overrides or taking:
        # Django's own `get_prep_value` of these is `to_python`
        name = WRITE if WRITE in column.overrides else TAKE
        found["write"] = writer.function(name, 0, place)
    elif gives is not None and gives.name.removesuffix(" | None") != writer.base:
        text = f"`{column.cls}` reads what it has no `{WRITE}` for"
        raise RefusalError("M105", text, place)
    return found, gives


class _FieldClass:
    """Writes the methods of one field class, those of its parents where `super()` reaches them."""

    def __init__(self, world: World, tree: Tree, column: ModelField) -> None:
        self.world, self.tree, self.column = world, tree, column
        # where the column holds no NULL, its functions are not given any
        self.base = _BASES[column.internal_type]
        self.given = Plain(f"{self.base} | None" if column.null else self.base)
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
        known = all(self._is_base(kind) for kind in kinds)
        # what is written goes to the driver, whatever it is; `to_python` only prepares it
        loose = all(isinstance(kind, Plain | Constant) for kind in kinds)
        loose = loose and (name == READ or self.base not in _EXACT)
        local = any(is_local(i) and not i[0].endswith(".columns") for i in body.imports)
        if not (known or loose) or body.parameters or local or body.definitions:
            raise RefusalError("M105", "it needs or gives more than a value", source.source)
        used = {
            n.id for n in ast.walk(ast.parse(rewritten.text("def f()"))) if isinstance(n, ast.Name)
        }
        if not used.isdisjoint({params[0], *params[2:]}):
            raise RefusalError("M105", "it asks more than the value", source.source)
        empty = any(_may_be_none(kind) for kind in kinds) or rewritten.falls_through
        gives = (
            Plain(f"{self.base} | None" if empty else self.base) if known else _one(kinds, empty)
        )
        annotation_of(self.world, self.given, rewritten.body.imports)
        annotation_of(self.world, gives, rewritten.body.imports)
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
        return self.tree.module(f"app.{app}.columns", "What columns hold in a form of their own.")

    def _call(
        self, body: Body, name: str, start: int, node: cst.BaseExpression
    ) -> CallResult | Typed:
        """`super().to_python(value)` and `self.to_python(value)`."""
        if name not in METHODS or not isinstance(node, cst.Call) or not node.args:
            body.refuse("M105", f"`.{name}` of a field has no rule", node)
        value = body.expr(node.args[0].value)
        kind = widened(value.type)
        fits = self._is_base(kind)
        if self.base == "str" and name != READ:
            fits = isinstance(kind, Plain | Constant)
        if node.args[0].keyword is not None or not fits:
            body.refuse("M105", f"`{name}` is given something that is no {self.base}", node)
        called = name
        preparing = self.column.internal_type in _PREPARING
        if self._definition(name, start) is None and name == WRITE and preparing:
            called, start = TAKE, 0  # which Django's own calls
        if self._definition(called, start) is None:
            if called == READ:
                body.refuse("M105", "Django's own class has no `from_db_value`", node)
            return value
        if _may_be_none(kind) and not self.column.null:
            body.refuse("M105", f"`{name}` may be given None", node)
        module, function = self.function(called, start, "")
        if module != self._module(body.owner.name).name:
            body.use(module, function)
        return Typed(parse(f"{function}({value.code})"), self.gives[function])

    def _is_base(self, kind: Type) -> bool:
        """Whether values are what the database gives too, or None."""
        if isinstance(kind, Constant):
            return kind.value is None or type(kind.value).__name__ == self.base
        return isinstance(kind, Plain) and kind.name in {self.base, f"{self.base} | None", "None"}


def _one(kinds: set[Type], empty: bool) -> Plain:
    """The type of values that are not the database's own: one that all have, or any."""
    names = {widened(kind).name for kind in kinds if kind != Constant(None)}  # type: ignore[union-attr]  # plain ones
    single = names.pop().removesuffix(" | None") if len(names) == 1 else "Any"
    return Plain(f"{single} | None" if empty and single not in ("Any", "None") else single)


def _may_be_none(kind: Type) -> bool:
    return kind == Constant(None) or (isinstance(kind, Plain) and kind.name.endswith("None"))
