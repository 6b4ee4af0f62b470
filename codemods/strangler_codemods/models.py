"""Models: every table of the registry as a typed mapped class."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field, replace

from strangler.facts import Model, ModelField

from .annotations import annotation_of
from .body import Import
from .field_obstacles import field_obstacle, pointed_at, saving_obstacle
from .model_columns import Columns
from .model_members import Members, indented
from .model_obstacles import column_obstacle, has_table, hidden_name, model_obstacle
from .model_order import order_texts
from .model_relations import Relations, generic_relations
from .model_tables import table_arguments
from .modules import NewModule, Tree
from .names import as_docstring, is_package_name, quoted
from .own_values import converts
from .refusal import Reason, RefusalError
from .several_parents import (
    beside,
    beside_line,
    several_obstacle,
    shared_columns,
    shared_relations,
)
from .types import Plain
from .world import World

_BASE = ("app.compat.models", "Base")


@dataclass
class Models:
    """Writes `models.py` of every app."""

    world: World
    tree: Tree
    members: Members
    reasons: dict[str, list[Reason]] = field(default_factory=dict)
    columns: dict[tuple[str, str], Reason] = field(default_factory=dict)
    unkept: dict[tuple[str, str], Reason] = field(default_factory=dict)
    absent: set[str] = field(default_factory=set)

    def examine(self) -> None:
        """Find the models whose rows no endpoint can use (`reasons`), and those without a class.

        Of the others, find the columns that none can use (`columns`), those whose defaults have
        no rule (`unkept`), and what no save can do.

        A model is `absent` where it has no table of its own here, or one that no class can have.
        The others get their class in any case, so that the tables of the new app are complete.
        """
        pointed = pointed_at(self.world)
        for model in self.world.facts.models:
            reason = self._obstacle(model, pointed)
            if reason is not None:
                self.reasons[model.name] = [reason]
                if not has_table(self.world, model) or reason.code.startswith("R"):
                    self.absent.add(model.name)
        self._spread()
        self._try(strictly=True)
        self._spread()
        self._try(strictly=False)
        for model in self.world.facts.models:
            if model.name not in self.reasons and not model.proxy:
                self._examine_columns(model)

    def _examine_columns(self, model: Model) -> None:
        for column in model.fields:
            reason = column_obstacle(self.world, model, column)
            if reason is not None:
                self.columns[model.name, column.name] = reason
            saving = saving_obstacle(self.world, model, column)
            if saving is not None:
                self.world.unmade.setdefault(model.name, saving.message)

    def columns_of(self, label: str) -> dict[str, Reason]:
        """The columns that stay on legacy, or whose defaults do, of a model whose rows do not."""
        if label in self.reasons:
            return {}
        family = (self.world.concrete(label), *self.world.ancestors(label))
        found = {**self.unkept, **self.columns}
        return {name: why for (model, name), why in found.items() if model in family}

    def _try(self, *, strictly: bool) -> None:
        """Write the models with or without a reason into nowhere; a refusal becomes a reason."""
        trial = replace(self, tree=Tree())
        for position, model in enumerate(self.world.facts.models):
            if model.name in self.absent or (model.name in self.reasons) is strictly:
                continue
            try:
                trial._declare(model, position)
            except RefusalError as refusal:
                self.reasons.setdefault(model.name, [refusal.reason(model.source or "")])
                if not strictly:
                    self.absent.add(model.name)

    def convert_all(self) -> None:
        """Write every model that can be written, with the members that were asked for."""
        with self.world.all_rows():
            for position, model in enumerate(self.world.facts.models):
                if model.name not in self.absent:
                    self._declare(model, position)

    def _declare(self, model: Model, position: int) -> None:
        self.world.registry.declared("model")(self, model, position)

    def _obstacle(self, model: Model, pointed: Collection[tuple[str, str]]) -> Reason | None:
        place = model.source or ""
        try:
            self.world.registry.declared("model")
        except RefusalError as refusal:
            return refusal.reason(place)
        return model_obstacle(self.world, model, pointed)

    def _spread(self) -> None:
        """A model that needs what lies on legacy stays there too: its parent, the type of a key.

        Where only a key leads there, the key is a column like any other (`World.refuse_rows`).
        """
        changed = True
        while changed:
            changed = False
            for model in self.world.facts.models:
                if model.name in self.reasons:
                    continue
                for target in self._needed(model):
                    if target in self.reasons or target not in self.world.models:
                        text = f"{model.name} points to {target}, which is not converted"
                        self.reasons[model.name] = [Reason("M107", text, model.source or "")]
                        changed = True
                        break

    def _needed(self, model: Model) -> Iterable[str]:
        """The models without whose rows those of a model cannot be read."""
        yield from model.parents
        for column in model.fields:
            relation = column.relation
            if relation is None:
                continue
            known = relation.model in self.world.models and relation.model not in self.absent
            if not known or not self._is_plain(relation.model, relation.to_field):
                yield relation.model

    def _is_plain(self, label: str, to_field: str | None) -> bool:
        """Whether a key to a model is a value like any other."""
        found = self.world.field_named(label, to_field or "pk")
        if found is None:
            return False
        column = found[1]
        if column.relation is not None:
            return self._is_plain(column.relation.model, column.relation.to_field)
        return not converts(column) and field_obstacle(column, "") is None

    def module(self, model: Model) -> NewModule:
        """The `models.py` of a model's app."""
        name = f"app.{model.name.partition('.')[0]}.models"
        module = self.tree.module(name, "Tables of this app.")
        module.future = True
        return module

    def write(self, model: Model, position: int) -> None:
        """Write one model, its enums and its ordering."""
        module = self.module(model)
        name = self.world.model_names[model.name]
        line = int((model.source or ":0").rpartition(":")[2] or 0)
        order = (5, (model.source or "").partition(":")[0], line or position)
        imports: set[Import] = set()
        self._enums(model, module)
        base = self._base(model)
        imports.add(base)
        columns = Columns(
            self.world,
            model,
            _clashes(model, *beside(self.world, model)),
            imports,
            module.type_imports,
            self.tree,
            self.unkept,
        )
        relations = Relations(
            self.world, model, imports, module.type_imports, self.absent, columns.use
        )
        lines = [f"class {name}({base[1]}):"]
        if model.package is None and model.docstring:
            lines.append(f"    {as_docstring(model.docstring)}\n")
        lines.extend(self._table(model, columns, imports))
        shared = shared_relations(relations) if self._joins(model) else []
        lines.extend(f"    {text}" for text in (*relations.all(), *shared))
        lines.extend(self._computed(model, imports))
        for member in self.members.of(model.name):
            lines.append("\n" + indented(member.text))
            imports |= member.imports
            module.type_imports |= member.type_imports
        if model.proxy and len(lines) == 1:
            lines.append("    pass")
        text = "\n".join(lines)
        hidden = hidden_name(text, _imported(imports | module.type_imports) | {name})
        if hidden is not None:
            place = next((c.source for c in model.fields if c.attname == hidden), None)
            said = f"the name `{hidden}` hides something that the class needs"
            raise RefusalError("M111", said, place or model.source or "")
        module.add(name, text, imports, order)
        self._order(model, module, order)

    def _table(self, model: Model, columns: Columns, imports: set[Import]) -> list[str]:
        """The table and its columns; a proxy has those of the class above."""
        told = self._told(model, self.world.model_names[model.name], imports)
        if model.proxy:
            return told
        lines = [f"    __tablename__ = {quoted(model.db_table)}", *told]
        if self._joins(model):
            imports |= {self.world.model_place(one.name) for one in beside(self.world, model)}
            lines.append(beside_line(self.world, model))
        arguments = table_arguments(self.world, model, columns.use)
        if arguments:
            kind = self._table_args_type(model, imports)
            lines.append(f"    __table_args__{kind} = ({', '.join(arguments)},)")
        lines += ["", *(f"    {columns.column(column)}" for column in model.fields)]
        lines += shared_columns(columns) if self._joins(model) else []
        return lines + self._inherits(model)

    def _computed(self, model: Model, imports: set[Import]) -> list[str]:
        """What queries compute for rows of the model: `review_count: Mapped[int] = ...`."""
        lines = []
        for name, kinds in sorted(self.world.computed.get(model.name, {}).items()):
            kind = kinds.copy().pop() if len(kinds) == 1 else "Any"
            inner = Plain(kind.removesuffix(" | None"))
            annotation_of(self.world, inner, imports)
            imports |= {("sqlalchemy.orm", "query_expression"), ("sqlalchemy.orm", "Mapped")}
            lines.append(f"    {name}: Mapped[{kind}] = query_expression()")
        return lines

    def _base(self, model: Model) -> tuple[str, str]:
        """The class above: the one concrete parent, if there is one."""
        parents = [parent for parent in model.parents if parent not in self.absent]
        one = len(parents) == 1 or (parents and self._joins(model))
        return self.world.model_place(parents[0]) if one else _BASE

    def _joins(self, model: Model) -> bool:
        """Whether the class stands for rows of several parents."""
        several = len(model.parents) > 1 and not self.absent.intersection(model.parents)
        return several and several_obstacle(self.world, model) is None

    def _inherits(self, model: Model) -> list[str]:
        """How rows of a child find their parent, where more than one key is between their tables."""
        if len(model.parents) > 1 and not self._joins(model):
            return []
        for parent, link in model.parents.items():
            above = self.world.models.get(parent)
            keys = [c for c in model.fields if self._leads(c, parent)]
            back = [c for c in (above.fields if above else ()) if self._leads(c, model.name)]
            own = next((c for c in keys if c.name == link), None)
            known = len(keys) + len(back) == 1 and len(model.parents) == 1
            if own is None or own.relation is None or known:
                continue
            target = self.world.field_named(parent, own.relation.to_field or "pk")
            attribute = self.world.attribute(own.attname)
            remote = self.world.attribute(target[1].attname) if target else "id"
            place = f"{self.world.model_names[parent]}.{remote}"
            return [f'    __mapper_args__ = {{"inherit_condition": {attribute} == {place}}}']
        return []

    def _leads(self, column: ModelField, label: str) -> bool:
        """Whether a column refers to the table of a model."""
        relation = column.relation
        return relation is not None and self.world.table_owner(relation.model) == label

    def _told(self, model: Model, name: str, imports: set[Import]) -> list[str]:
        """What the class is to Django where its place and columns do not say so."""
        lines = []
        label = model.name.partition(".")[0]
        if model.name.rpartition(".")[2] != name or not is_package_name(label):
            lines.append(f'    __label__ = "{model.name}"')
        if model.auto_created:
            lines.append("    __auto_created__ = True")
        login = model.attributes.get("USERNAME_FIELD")
        if model.name == self.world.user_label and login is not None and login.value != "username":
            imports.add(("typing", "ClassVar"))
            lines.append(f"    USERNAME_FIELD: ClassVar[str] = {quoted(str(login.value))}")
        generic = generic_relations(self.world, model)
        if generic:
            imports.add(("app.compat.relations", "GenericRelation"))
            kind = ""
            if any(other.generic for other in self._family(model)):
                imports.add(("typing", "ClassVar"))
                kind = ": ClassVar[tuple[GenericRelation, ...]]"
            lines.append(f"    __generic__{kind} = ({', '.join(generic)},)")
        return lines

    def _family(self, model: Model) -> list[Model]:
        """The models whose classes are above or below this one's."""
        known = [self.world.models[p] for p in model.parents if p in self.world.models]
        return known + self.world.children.get(model.name, [])

    def _table_args_type(self, model: Model, imports: set[Import]) -> str:
        """A type that parents and children of a multi-table family share."""
        if not self._family(model):
            return ""
        imports.add(("typing", "Any"))
        return ": tuple[Any, ...]"

    def _order(self, model: Model, module: NewModule, order: tuple[int, str, int]) -> None:
        symbol = self.world.order_symbol(model.name)
        if symbol is None:
            return
        texts = order_texts(self.world, model)
        if texts is not None:
            module.add(symbol[1], f"{symbol[1]} = ({', '.join(texts)},)", (), order)

    def _enums(self, model: Model, module: NewModule) -> None:
        """Choices classes as enums of the same values."""
        for column in model.fields:
            if column.choices_enum is None or column.choices is None:
                continue
            place = self.world.enums[column.choices_enum]
            if place[0] != module.name or place[1] in module.items:
                continue
            found = self.world.sources.class_node(column.choices_enum)
            members = [f"    {name} = {value!r}" for name, value in column.choices_members]
            numbers = all(isinstance(value, int) for _, value in column.choices_members)
            kind = "IntEnum" if numbers else "StrEnum"
            line = found[1].line_of(found[0].name) if found else 0
            path = found[1].path if found else ""
            text = "\n".join([f"class {place[1]}({kind}):", *members])
            module.add(place[1], text, {("enum", kind)}, (4, path, line))


def _imported(imports: set[Import]) -> set[str]:
    """The names by which a module knows what it imports."""
    return {name.rpartition(" as ")[2] or module for module, name in imports}


def _clashes(*models: Model) -> frozenset[str]:
    """Names that a column of the class hides inside of it."""
    columns = [column for model in models for column in model.fields]
    return frozenset(name for column in columns for name in (column.attname, column.name))
