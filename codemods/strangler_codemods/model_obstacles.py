"""What keeps a whole model on legacy: rows that could not be read, or not as Django reads them."""

from __future__ import annotations

import ast
import builtins
import re
from collections.abc import Collection

import libcst as cst

from strangler.facts import Model, ModelField, Ref

from .field_obstacles import converting_obstacle, field_obstacle, stays_alone
from .operation import code_of
from .own_values import converts
from .polymorphic import is_its_manager, is_its_method
from .refusal import Reason
from .several_parents import several_obstacle
from .value_types import CASELESS
from .world import World
from .writability import WRITING

# `id` is the name of most keys, and nothing that is written here calls it.
_BUILTINS = frozenset(dir(builtins)) - {"id"}
_ASSIGNED = re.compile(r"^ {4}(?:async )?(?:def )?(\w+)", re.MULTILINE)
# What a model may replace only where every row would then look the same.
_MAKING = ("__init__", "from_db")
_READING = (
    "__new__",
    "__getattribute__",
    "__setattr__",
    "__bool__",
    "__len__",
    "pk",
    "_get_pk_val",
    "_set_pk_val",
    "_get_FIELD_display",
    "serializable_value",
)
_MADE = ("pre_init", "post_init")
# Receivers of packages that keep a copy of some values, to compare with when the row is saved.
_REMEMBERING = frozenset(
    {
        "django_cleanup.handlers.cache_original_post_init",
        "imagekit.specs.sourcegroups.ModelSignalRouter.post_init_receiver",
    }
)


def model_obstacle(
    world: World, model: Model, pointed: Collection[tuple[str, str]]
) -> Reason | None:
    """Why no row of the model can be read in the new app; None when all can.

    pointed: the columns by which relations find rows (`field_obstacles.pointed_at`).
    """
    return (
        _without_table(world, model)
        or _unread(world, model)
        or _shape_obstacle(world, model, pointed)
        or _made_otherwise(world, model)
    )


def _without_table(world: World, model: Model) -> Reason | None:
    """Why the default database has no table of this model's own."""
    place = model.source or ""
    if model.swapped:
        return Reason("M101", f"{model.name} is swapped for {model.swapped}", place)
    if model.database != "default":
        return Reason("M103", f"{model.name} lives in the database `{model.database}`", place)
    if not model.fits:
        return Reason("M103", f"{model.name} asks for another database than the default", place)
    owner = world.table_owners.get(model.db_table)
    if owner is None:
        return Reason("M107", f"{model.name} stands for a model that cannot be read", place)
    if owner != world.concrete(model.name):
        return Reason("M112", f"{owner} has the table of {model.name} too", place)
    return None


def _unread(world: World, model: Model) -> Reason | None:
    """Whether nobody knows what the model's methods do, since its file was not read."""
    path = (model.source or "").rpartition(":")[0]
    if not path or world.sources.has_file(path):
        return None
    text = f"{model.name} lies in a file that cannot be read, or does not parse"
    return Reason("M108", text, model.source or "")


def _shape_obstacle(
    world: World, model: Model, pointed: Collection[tuple[str, str]]
) -> Reason | None:
    """What in its parents, table and columns has no rule."""
    place = model.source or ""
    if model.unread:
        text = f"the field `{model.unread[0]}` of {model.name} cannot be read: strangler inspect"
        return Reason("M114", text, place)
    several = several_obstacle(world, model)
    if several is not None:
        return Reason("M104", several, place)
    if any(mark in model.db_table for mark in '".'):
        return Reason("M112", f"the table `{model.db_table}` has a name without a rule", place)
    if not model.proxy and not model.pk_columns:
        return Reason("M113", f"{model.name} has no key", place)
    for column in (*model.fields, *model.many_to_many):
        reason = column_obstacle(world, model, column) or _caseless(model, column, pointed)
        if reason is not None and not stays_alone(model, column, pointed):
            return reason
    return None


def _caseless(
    model: Model, column: ModelField, pointed: Collection[tuple[str, str]]
) -> Reason | None:
    """Whether rows are known by a text in which case does not count: two texts may be one key."""
    known = column.primary_key or column.relation or (model.name, column.name) in pointed
    if column.db_type != CASELESS or not known:
        return None
    text = f"rows are known by `{column.name}` of {model.name}, in which case does not count"
    return Reason("M105", text, column.source or model.source or "")


def column_obstacle(world: World, model: Model, column: ModelField) -> Reason | None:
    """Why the values of a column stay on legacy; None where they do not."""
    base = column.base_field or column
    if base.db_type == CASELESS and (converts(base) or world.vendor != "postgresql"):
        text = f"`{column.name}` of {model.name}, a text without case, has no rule here"
        return Reason("M105", text, column.source or model.source or "")
    return field_obstacle(column, model.source or "") or converting_obstacle(world, column)


def has_table(world: World, model: Model) -> bool:
    """Whether a table of the default database is this model's own, or the one of its proxy."""
    return world.table_owners.get(model.db_table) == world.concrete(model.name) and not (
        model.swapped
        or model.database != "default"
        or not model.fits
        or model.unread
        or '"' in model.db_table
    )


def hidden_name(text: str, outside: Collection[str]) -> str | None:
    """A name that the body of a class both assigns and needs from outside.

    outside: the names that its module imports; only where one of them, or one of Python's own,
    is assigned is the text looked at closely.
    """
    named = {match.group(1) for match in _ASSIGNED.finditer(text)}
    if named.isdisjoint(_BUILTINS) and named.isdisjoint(outside):
        return None
    (node,) = ast.parse(text).body
    assert isinstance(node, ast.ClassDef)
    assigned: set[str] = set()
    needed: set[str] = set()
    for line in node.body:
        parts: list[ast.AST | None] = []
        if isinstance(line, ast.AnnAssign) and isinstance(line.target, ast.Name):
            assigned.add(line.target.id)
            parts = [line.annotation, line.value]
        elif isinstance(line, ast.FunctionDef):
            assigned.add(line.name)
            arguments = line.args
            given = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
            parts = [line.returns, *line.decorator_list, *(one.annotation for one in given)]
        needed |= {n.id for p in parts if p for n in ast.walk(p) if isinstance(n, ast.Name)}
    return next(iter(sorted(assigned & needed)), None)


def _made_otherwise(world: World, model: Model) -> Reason | None:
    """Code of the project that runs when a row is read, unless it only remembers values."""
    for name in _READING:
        ref = model.methods.get(name)
        if ref is not None:
            return _reason(f"{model.name} overrides `{name}`", ref, model)
    for manager in (m for m in model.managers if not is_its_manager(m)):
        for name in sorted(set(manager.overrides) - WRITING):
            queryset = manager.queryset or manager.cls
            ref = queryset if queryset.package is None else manager.cls
            return _reason(
                f"the manager `{manager.name}` of {model.name} overrides `{name}`", ref, model
            )
    columns = _columns(world, model.name)
    for name in _MAKING:
        ref = model.methods.get(name)
        known = ref is not None and is_its_method(ref)
        if ref is not None and not known and not only_remembers(world, ref, columns):
            return _reason(f"{model.name} overrides `{name}`", ref, model)
    for receiver in world.facts.receivers:
        ref = receiver.function
        heard = not receiver.senders or model.name in receiver.senders
        known = ref.package == "django" or ref.path in _REMEMBERING
        if receiver.signal not in _MADE or known or not heard:
            continue
        if not only_remembers(world, ref, columns):
            return _reason(f"{receiver.signal} of {model.name} is received", ref, model)
    return None


def _reason(text: str, ref: Ref, model: Model) -> Reason:
    return Reason("M110", f"{text} at {ref.source or ref.path}", ref.source or model.source or "")


def _columns(world: World, label: str) -> frozenset[str]:
    """Every name under which a row holds a column or a relation, parents' included."""
    model = world.models[label]
    found = {name for c in model.fields for name in (c.name, c.attname)} | {"pk", "_state"}
    for parent in model.parents:
        found |= _columns(world, parent)
    return frozenset(found)


def only_remembers(world: World, ref: Ref, columns: frozenset[str]) -> bool:
    """Whether a function that runs on new rows sets nothing but attributes that are no columns."""
    source = world.sources.function(ref.path)
    if source is None or ref.package is not None:
        return False
    return _Remembering(source.node, columns).holds()


class _Remembering:
    """Looks at one function, statement by statement."""

    def __init__(self, node: cst.FunctionDef, columns: frozenset[str]) -> None:
        self.node = node
        self.columns = columns
        params = node.params
        self.locals = {p.name.value for p in (*params.params, *params.kwonly_params)}
        self.locals |= {
            one.name.value for one in (params.star_arg, params.star_kwarg)
            if isinstance(one, cst.Param)
        }  # fmt: skip

    def holds(self) -> bool:
        """Whether every statement only remembers."""
        for line in self.node.body.body:
            small = line.body if isinstance(line, cst.SimpleStatementLine) else (line,)
            if not all(self._statement(one) for one in small):
                return False
        return True

    def _statement(self, statement: cst.CSTNode) -> bool:
        if isinstance(statement, cst.Return):
            return statement.value is None or isinstance(statement.value, cst.Name)
        if isinstance(statement, cst.Expr):
            value = statement.value
            return isinstance(value, cst.BaseString) or self._is_super(value)
        if isinstance(statement, cst.AnnAssign):
            targets = [statement.target]
        elif isinstance(statement, cst.Assign):
            targets = [one.target for one in statement.targets]
        else:
            return isinstance(statement, cst.Pass)
        self.locals |= {one.value for one in targets if isinstance(one, cst.Name)}
        if statement.value is None or not all(self._is_no_column(one) for one in targets):
            return False
        return self._is_super(statement.value) or self._is_plain(statement.value)

    def _is_super(self, value: cst.BaseExpression) -> bool:
        """`super().<this function>(…)`, with what came or plain values as arguments."""
        if not isinstance(value, cst.Call) or not isinstance(value.func, cst.Attribute):
            return False
        parent = code_of(value.func.value)
        same = value.func.attr.value == self.node.name.value
        return same and parent.startswith("super(") and all(self._is_plain(a) for a in value.args)

    def _is_no_column(self, target: cst.BaseExpression) -> bool:
        if isinstance(target, cst.Attribute):
            return isinstance(target.value, cst.Name) and target.attr.value not in self.columns
        return isinstance(target, cst.Name)

    def _is_plain(self, value: cst.CSTNode) -> bool:
        """Whether no method of a row, and nothing that was made here, is called."""
        calls = _Calls(self.locals)
        value.visit(calls)
        return not calls.found


class _Calls(cst.CSTVisitor):
    """Looks for calls of methods; `dict(…)` and `copy.copy(…)` are none."""

    def __init__(self, names: set[str]) -> None:
        self.names = names
        self.found = False

    def visit_Call(self, node: cst.Call) -> None:
        """Any callee but a name of the module, with dots or without."""
        parts = code_of(node.func).split(".")
        self.found |= parts[0] in self.names or not all(part.isidentifier() for part in parts)

    def visit_NamedExpr(self, node: cst.NamedExpr) -> None:
        """An assignment inside an expression."""
        self.found = True
