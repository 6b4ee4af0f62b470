"""What code asks of a model's fields by a name that is known: answered while converting.

fields = {field.name: field for field in note._meta.get_fields()}
field = fields.get("title")
assert field is not None                         (nothing is left of these lines)
if isinstance(field, models.ManyToManyField):
    ...
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeAlias

import libcst as cst

from strangler.facts import ModelField

from .class_bodies import bound_names, loaded_names
from .operation import code_of, string_value
from .refusal import RefusalError
from .settled import assigned, constant, settled_if
from .sources import FunctionSource
from .walking import statements_of
from .world import World

_Statement: TypeAlias = cst.BaseStatement
_MODELS = "django.db.models."
#: What a field says of itself, and the kind of field of which it is true.
_FLAGS = {"many_to_many": "ManyToManyField", "one_to_one": "OneToOneField"}
#: Kinds of fields that code asks for, by the name that `django.db.models` has for them.
_KINDS = frozenset(["ManyToManyField", "ForeignKey", "OneToOneField", "FileField", "JSONField"])


def with_known_fields(
    world: World, source: FunctionSource, rows: Mapping[str, str]
) -> FunctionSource:
    """The function without questions about fields; unchanged where one is left.

    rows: labels of the models of parameters that are rows for certain.
    """
    node = source.node
    lines = statements_of(node)
    kept = {name: label for name, label in rows.items() if name not in bound_names(lines)}
    if not kept or "_meta" not in code_of(node.body):
        return source
    asking = _Asking(world, source, kept)
    asking.find_tables(lines)
    found = asking.lines(lines)
    read = [name.value for line in found for name in loaded_names(line)]
    if asking.fields & set(read):
        return source
    found = [line for line in found if not _is_idle(line, asking.tables, read)]
    return replace(source, node=node.with_changes(body=node.body.with_changes(body=found)))


def _is_idle(line: _Statement, tables: Mapping[str, str], read: Sequence[str]) -> bool:
    """Whether a line makes a table of fields that nothing reads any more."""
    target, _ = assigned(line)
    return target in tables and read.count(target) == 1


@dataclass
class _Asking(cst.CSTTransformer):
    """Answers what is asked of the fields of some rows."""

    world: World
    source: FunctionSource
    rows: Mapping[str, str]
    #: Variables that hold a model's fields by name, and the labels of the models.
    tables: dict[str, str] = field(default_factory=dict)
    #: Variables that held a field.
    fields: set[str] = field(default_factory=set)
    #: Those that hold one here.
    known: dict[str, ModelField] = field(default_factory=dict)

    def __post_init__(self) -> None:
        super().__init__()

    def find_tables(self, lines: Sequence[_Statement]) -> None:
        """Remember `{field.name: field for field in row._meta.get_fields()}` that is bound once."""
        for place, line in enumerate(lines):
            target, value = assigned(line)
            label = self._table(value) if isinstance(value, cst.DictComp) else None
            if label is not None and target not in bound_names(
                [*lines[:place], *lines[place + 1 :]]
            ):
                self.tables[target] = label

    def _table(self, node: cst.DictComp) -> str | None:
        """The label of the model whose fields a comprehension puts under their names."""
        clause, name = node.for_in, code_of(node.value)
        if clause.ifs or clause.inner_for_in is not None or code_of(clause.target) != name:
            return None
        if code_of(node.key) != f"{name}.name":
            return None
        asked = code_of(clause.iter)
        return next((v for k, v in self.rows.items() if asked == f"{k}._meta.get_fields()"), None)

    def lines(self, given: Sequence[_Statement]) -> list[_Statement]:
        """Statements with the answers, without those that nothing is left of."""
        done: list[_Statement] = []
        for line in given:
            target, value = assigned(line)
            found = self._field(value) if target and value is not None else None
            if found is not None:
                self.known[target] = found
                self.fields.add(target)
                continue
            for name in bound_names([line]) & self.known.keys():
                del self.known[name]
            done.extend(self._line(line))
        return done

    def _line(self, line: _Statement) -> list[_Statement]:
        if isinstance(line, cst.If):
            return settled_if(line, self._expression, self._suite)
        if isinstance(line, cst.For | cst.While | cst.With):
            return [line.with_changes(body=self._suite(line.body))]
        answered = line.visit(self)
        assert isinstance(answered, cst.BaseStatement)
        return [] if _is_true_assertion(answered) else [answered]

    def _suite(self, suite: cst.BaseSuite) -> cst.BaseSuite:
        before = dict(self.known)
        if isinstance(suite, cst.IndentedBlock):
            suite = suite.with_changes(body=self.lines(suite.body))
        self.known = before
        return suite

    def _expression(self, node: cst.BaseExpression) -> cst.BaseExpression:
        answered = node.visit(self)
        assert isinstance(answered, cst.BaseExpression)
        return answered

    def _field(self, node: cst.BaseExpression) -> ModelField | None:
        """The field that `fields.get("title")` or `row._meta.get_field("title")` gives."""
        match node:
            case cst.Call(func=func, args=[cst.Arg(value=key, keyword=None)]):
                owner = code_of(func)
            case cst.Subscript(slice=[cst.SubscriptElement(slice=cst.Index(value=key))]):
                owner = f"{code_of(node.value)}.get"
            case _:
                return None
        label = next((v for k, v in self.rows.items() if owner == f"{k}._meta.get_field"), None)
        label = label or self.tables.get(owner.removesuffix(".get"))
        name = string_value(key)
        return self._named(label, name) if label is not None and name is not None else None

    def _named(self, label: str, name: str) -> ModelField | None:
        try:
            found = self.world.field_named(label, name)
        except RefusalError:
            return None
        return found[1] if found is not None and found[1].name == name else None

    def leave_Comparison(
        self, original_node: cst.Comparison, updated_node: cst.Comparison
    ) -> cst.BaseExpression:
        if len(original_node.comparisons) != 1:
            return updated_node
        target = original_node.comparisons[0]
        is_in, left = isinstance(target.operator, cst.In), original_node.left
        if isinstance(left, cst.Name) and left.value in self.known:
            missing = isinstance(target.operator, cst.Is | cst.Equal)
            with_none = code_of(target.comparator) == "None"
            return constant(not missing) if with_none else updated_node
        label, name = self.tables.get(code_of(target.comparator)), string_value(left)
        if label is None or name is None or not isinstance(target.operator, cst.In | cst.NotIn):
            return updated_node
        if self._named(label, name) is not None:
            return constant(is_in)
        return constant(not is_in) if self._is_missing(label, name) else updated_node

    def _is_missing(self, label: str, name: str) -> bool:
        """Whether `get_fields()` lists nothing under a name: no field, and no relation of others."""
        models = [self.world.models.get(each) for each in (label, *self.world.ancestors(label))]
        for model in models:
            if model is None or model.unread:
                return False
            taken = {each.name for each in (*model.fields, *model.many_to_many)}
            taken |= {each.name for each in model.foreign_objects}
            taken |= {each.name for each in model.generic} | {each.name for each in model.linked}
            taken |= {each.query_name or name for each in model.reverse}
            if name in taken:
                return False
        return True

    def leave_Call(self, original_node: cst.Call, updated_node: cst.Call) -> cst.BaseExpression:
        if (
            code_of(original_node.func) != "isinstance" or len(original_node.args) != 2
        ):  # and a class
            return updated_node
        value, wanted = (argument.value for argument in original_node.args)
        found = self.known.get(value.value) if isinstance(value, cst.Name) else None
        path = self.world.sources.resolve(self.source.module, code_of(wanted)) or ""
        kind = path.removeprefix(_MODELS)
        if found is None or not path.startswith(_MODELS) or kind not in _KINDS:
            return updated_node
        return constant(_is_kind(found, kind))

    def leave_Attribute(
        self, original_node: cst.Attribute, updated_node: cst.Attribute
    ) -> cst.BaseExpression:
        found = self.known.get(code_of(original_node.value))
        kind = _FLAGS.get(original_node.attr.value)
        if found is None or kind is None:
            return updated_node
        return constant(_is_kind(found, kind))


def _is_kind(found: ModelField, kind: str) -> bool:
    """Whether a field is one of Django's class, which may stand in a module of its own."""
    return any(
        path.startswith(_MODELS) and path.rpartition(".")[2] == kind
        for path in (found.cls, *(ref.path for ref in found.lineage))
    )


def _is_true_assertion(line: _Statement) -> bool:
    small = line.body[0] if isinstance(line, cst.SimpleStatementLine) else None
    return isinstance(small, cst.Assert) and code_of(small.test) == "True"
