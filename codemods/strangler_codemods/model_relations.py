"""Relationships: forward, reverse and many-to-many, under Django's names."""

from __future__ import annotations

from dataclasses import dataclass

from strangler.facts import ForeignObject, Linked, Model, ModelField, Reverse

from .body import Import
from .model_order import shown_order
from .model_tables import Use
from .names import quoted
from .several_parents import beside
from .world import World
from .writability import OVER_COLUMNS

End = tuple[Model, ModelField | ForeignObject]


@dataclass
class Relations:
    """Writes the relationships of one model."""

    world: World
    model: Model
    imports: set[Import]
    type_imports: set[Import]
    skipped: set[str]
    use: Use
    # the model whose class is written, where these are the relations of a parent beside its first
    heir: Model | None = None

    def all(self) -> list[str]:
        """Every relationship as one line."""
        lines = [self._forward(c) for c in self.model.fields if c.relation is not None]
        lines += [self._object(one) for one in self.model.foreign_objects]
        lines += [self._many(c) for c in self.model.many_to_many]
        lines += [self._linked(one.name, one, self.model) for one in self.model.linked]
        for r in self.model.reverse:
            if not r.accessor or r.hidden or r.model in self.skipped or not self._is_own(r):
                continue
            if self.heir is not None and r.model == self.heir.name:
                continue
            if r.many_to_many:
                lines.append(self._reverse_many(r.accessor, r.model, r.field))
            else:
                lines.append(self._reverse(r.accessor, r.model, r.field, r.one_to_one))
        if any(lines):
            self.imports |= {("sqlalchemy.orm", "relationship"), ("sqlalchemy.orm", "Mapped")}
        return [line for line in lines if line]

    def _is_own(self, reverse: Reverse) -> bool:
        """Whether it points to this model itself; a parent's relationships are inherited."""
        found = self._field(reverse.model, reverse.field)
        if isinstance(found, ForeignObject | Linked):
            return self.world.table_owner(found.model) == self.model.name
        relation = found.relation if found is not None else None
        return relation is None or self.world.table_owner(relation.model) == self.model.name

    def _field(self, label: str, name: str) -> ModelField | ForeignObject | Linked | None:
        """The field of a model that a relation was declared by."""
        model = self.world.models.get(label)
        for item in model.foreign_objects if model is not None else ():
            if item.name == name:
                return item
        for link in model.linked if model is not None else ():
            if link.name == name:
                return link
        found = self.world.field_named(label, name)
        return found[1] if found is not None else None

    def _class(self, label: str) -> str:
        """The class of a proxy, or the one with the table of a model; "" where there is none."""
        known = self.world.models.get(label)
        owner = label if known is not None and known.proxy else self.world.table_owner(label)
        if owner not in self.world.models or owner in self.skipped:
            return ""
        module, name = self.world.model_place(owner)
        self.type_imports.add((module, name))
        return name

    @property
    def own(self) -> str:
        """The class being written."""
        return self.world.model_names[(self.heir or self.model).name]

    def _key(self, label: str, to_field: str | None) -> str:
        found = self.world.field_named(label, to_field or "pk")
        return self.world.attribute(found[1].attname) if found else "id"

    def _forward(self, column: ModelField) -> str:
        relation = column.relation
        assert relation is not None
        target = self._class(relation.model)
        if not target:
            return ""
        local = f"{self.own}.{self.world.attribute(column.attname)}"
        remote = f"{target}.{self._key(relation.model, relation.to_field)}"
        owner = self.world.table_owner(relation.model)
        shared = [one.name for one in beside(self.world, self.heir or self.model)]
        if owner in {self.model.name, *shared}:
            join = f'primaryjoin="foreign({local}) == remote({remote})"'
        else:
            join = f'primaryjoin="foreign({local}) == {remote}"'
        optional = " | None" if column.null else ""
        name = self.world.attribute(column.name)
        return f"{name}: Mapped[{target}{optional}] = relationship({join}, viewonly=True)"

    def _object(self, item: ForeignObject) -> str:
        """A relation over several columns; assigning it sets them all."""
        target = self._class(item.model)
        if not target:
            return ""
        join = self._pairs(self.own, target, item, recursive=self._is_here(item.model))
        name = self.world.attribute(item.name)
        info = '"virtual": True'
        if item.on_delete in OVER_COLUMNS:
            info += f', "on_delete": {self.use("app.compat.relations", item.on_delete or "")}'
            info += ', "null": True' if item.null else ""
        options = f'primaryjoin="{join}", viewonly=True, info={{{info}}}'
        return f"{name}: Mapped[{target} | None] = relationship({options})"

    def _is_here(self, label: str) -> bool:
        return self.world.table_owner(label) == self.model.name

    def _pairs(self, near: str, far: str, item: ForeignObject, *, recursive: bool = False) -> str:
        """How the columns of two classes meet; `near` has the keys."""
        attribute = self.world.attribute
        pairs = [(f"{near}.{attribute(a)}", f"{far}.{attribute(b)}") for a, b in item.pairs]
        there = "remote({})" if recursive else "{}"
        texts = [f"foreign({a}) == {there.format(b)}" for a, b in pairs]
        return texts[0] if len(texts) == 1 else f"and_({', '.join(texts)})"

    def _linked(self, name: str, item: Linked, model: Model, *, forward: bool = True) -> str:
        """Rows linked by a table of somebody's own, in which an owner may be of any model."""
        through = self.world.models.get(item.through)
        target = self._class(item.model if forward else model.name)
        end = self.world.field_named(item.through, item.other)
        if through is None or end is None or end[1].relation is None or not target:
            return ""
        key, column = (self.world.field_named(m, "pk") for m in (model.name, item.model))
        if key is None or column is None or not self._class(item.through):
            return ""
        owner = self.world.models[self.world.table_owner(model.name)]
        links = {c.attname: f"{through.db_table}.{c.column}" for c in through.fields}
        places = [f"{owner.db_table}.{key[1].column}", links[item.own]]
        if item.content_type is not None:
            places += [links[item.content_type], model.name.lower()]
        self.imports.add(("app.compat.models", "linking"))
        start = f"linking({', '.join(map(quoted, places))})"
        far = self.world.models[self.world.table_owner(item.model)].db_table
        places = [f"{far}.{column[1].column}", links[end[1].attname]]
        ends = (start, f"linking({', '.join(map(quoted, places))})")
        return (
            f"{self.world.attribute(name)}: Mapped[{self.use('builtins', 'list')}[{target}]] = relationship("
            f"secondary={quoted(through.db_table)}, primaryjoin={ends[not forward]}, "
            f"secondaryjoin={ends[forward]}, "
            f'viewonly=True{self._order(item.model if forward else model.name)}, info={{"virtual": True}})'
        )

    def _order(self, label: str) -> str:
        texts = shown_order(self.world, label)
        return f', order_by="[{", ".join(texts)}]"' if texts else ""

    def _reverse(self, accessor: str, label: str, field: str, single: bool) -> str:
        target = self._class(label)
        column = self._field(label, field)
        if isinstance(column, ForeignObject) and target:
            return self._reverse_object(accessor, target, label, column)
        if not isinstance(column, ModelField) or column.relation is None or not target:
            return ""
        relation = column.relation
        remote = f"{target}.{self.world.attribute(column.attname)}"
        local = f"{self.own}.{self._key(self.model.name, relation.to_field)}"
        heir = self.model in beside(self.world, self.world.models[label])
        recursive = heir or label == self.model.name
        marked = f"remote(foreign({remote}))" if recursive else f"foreign({remote})"
        join = f'primaryjoin="{local} == {marked}"'
        name = self.world.attribute(accessor)
        if single:
            return f"{name}: Mapped[{target} | None] = relationship({join}, viewonly=True, uselist=False)"
        return f"{name}: Mapped[{self.use('builtins', 'list')}[{target}]] = relationship({join}, viewonly=True{self._order(label)})"

    def _reverse_object(self, accessor: str, target: str, label: str, item: ForeignObject) -> str:
        attribute = self.world.attribute
        near = "remote(foreign({}))" if self._is_here(label) else "foreign({})"
        texts = [
            f"{self.own}.{attribute(b)} == {near.format(f'{target}.{attribute(a)}')}"
            for a, b in item.pairs
        ]
        join = texts[0] if len(texts) == 1 else f"and_({', '.join(texts)})"
        options = (
            f'primaryjoin="{join}", viewonly=True{self._order(label)}, info={{"virtual": True}}'
        )
        kind = f"{self.use('builtins', 'list')}[{target}]"
        return f"{attribute(accessor)}: Mapped[{kind}] = relationship({options})"

    def _many(self, column: ModelField) -> str:
        relation = column.relation
        assert relation is not None
        return self._secondary(
            column.name, relation.model, relation.through or "", column, forward=True
        )

    def _reverse_many(self, accessor: str, label: str, field: str) -> str:
        found = self._field(label, field)
        if isinstance(found, Linked):
            return self._linked(accessor, found, self.world.models[label], forward=False)
        if not isinstance(found, ModelField) or found.relation is None:
            return ""
        through = found.relation.through or ""
        return self._secondary(accessor, label, through, found, forward=False)

    def _secondary(
        self, name: str, label: str, through: str, column: ModelField, *, forward: bool
    ) -> str:
        ends = self._ends(through, column)
        target = self._class(label)
        if ends is None or not target or not self._class(through):
            return ""
        source, other = ends if forward else (ends[1], ends[0])
        return (
            f"{self.world.attribute(name)}: Mapped[{self.use('builtins', 'list')}[{target}]] = relationship("
            f"secondary={self._between(through, (source, other))}, "
            f'primaryjoin="{self._meeting(self.own, source)}", '
            f'secondaryjoin="{self._meeting(target, other)}", '
            f"viewonly=True{self._order(label)}{_side(column, ends, forward=forward)})"
        )

    def _ends(self, through: str, column: ModelField) -> tuple[End, End] | None:
        """The two keys of the table between, each with its model: `through` or a parent of it."""
        names: tuple[str, ...] | None = self.world.through_ends(column)
        if names is None and column.relation is not None:
            names = column.relation.through_fields[:2]
        ends: list[End] = []
        for name in names or ():
            found = self.world.field_named(through, name)
            if found is not None and found[1].relation is not None:
                ends.append(found)
        if len(ends) != 2 and column.relation is not None and through in self.world.models:
            model = self.world.models[through]
            objects = {one.name: one for one in model.foreign_objects}
            wanted = column.relation.through_fields[:2]
            ends = [(model, objects[name]) for name in wanted if name in objects]
        return (ends[0], ends[1]) if len(ends) == 2 else None

    def _meeting(self, name: str, end: End) -> str:
        """How rows of the class `name` and of the table between find each other."""
        model, column = end
        if isinstance(column, ForeignObject):
            return self._pairs(self._class(model.name), name, column)
        assert column.relation is not None
        here = self._key(column.relation.model, column.relation.to_field)
        there = f"{self._class(model.name)}.{self.world.attribute(column.attname)}"
        return f"{name}.{here} == {there}"

    def _between(self, through: str, ends: tuple[End, End]) -> str:
        """The table between, joined with that of a parent which has one of the keys."""
        owner = self.world.models[self.world.table_owner(through)]  # of a proxy as well
        table = owner.db_table
        above = next((model for model, _ in ends if model.name != owner.name), None)
        if above is not None:
            link = owner.parents.get(above.name)
            pointer = self.world.field_named(owner.name, link or "")
            key = self.world.field_named(above.name, "pk")
            if pointer is not None and key is not None:
                self.imports.add(("app.compat.models", "joined"))
                one, other = f"{above.db_table}.{key[1].column}", f"{table}.{pointer[1].column}"
                return f"joined({quoted(one)}, {quoted(other)})"
        if table.isidentifier():
            return quoted(table)
        self.imports.add(("app.compat.models", "Base"))
        return f"lambda: Base.metadata.tables[{quoted(table)}]"


def _side(column: ModelField, ends: tuple[End, End], *, forward: bool) -> str:
    """Which side of the relation this is, for those who change it."""
    if any(isinstance(end[1], ForeignObject) for end in ends):
        return ', info={"virtual": True}'
    if not forward:
        return ', info={"reverse": True}'
    symmetrical = column.relation is not None and column.relation.symmetrical
    return ', info={"symmetrical": True}' if symmetrical else ""


def generic_relations(world: World, model: Model) -> list[str]:
    """Rows that name their owner by content type and go with it."""
    found = []
    for item in model.generic:
        if item.kind != "relation" or item.related not in world.models:
            continue
        content_type = world.field_named(item.related, item.ct_field)
        key = world.field_named(item.related, item.fk_field)
        options = "".join(
            f", {name}={quoted(world.attribute(column[1].attname))}"
            for name, usual, column in (
                ("content_type", "content_type_id", content_type),
                ("object_id", "object_id", key),
            )
            if column is not None and column[1].attname != usual
        )
        found.append(f"GenericRelation({quoted(item.related)}{options})")
    return found
