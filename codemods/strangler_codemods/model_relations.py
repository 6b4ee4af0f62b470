"""Relationships: forward, reverse and many-to-many, under Django's names."""

from __future__ import annotations

from dataclasses import dataclass

from strangler.facts import Model, ModelField

from .body import Import
from .refusal import Reason
from .world import World


@dataclass
class Relations:
    """Writes the relationships of one model."""

    world: World
    model: Model
    imports: set[Import]
    type_imports: set[Import]
    skipped: dict[str, list[Reason]]

    def all(self) -> list[str]:
        """Every relationship as one line."""
        lines = [self._forward(c) for c in self.model.fields if c.relation is not None]
        lines += [self._many(c) for c in self.model.many_to_many]
        lines += [self._reverse(r.accessor, r.model, r.field, r.one_to_one)
                  for r in self.model.reverse
                  if r.accessor and not r.hidden and not r.many_to_many and r.model not in self.skipped]  # fmt: skip
        lines += [self._reverse_many(r.accessor, r.model, r.field)
                  for r in self.model.reverse
                  if r.accessor and not r.hidden and r.many_to_many and r.model not in self.skipped]  # fmt: skip
        if lines:
            self.imports |= {("sqlalchemy.orm", "relationship"), ("sqlalchemy.orm", "Mapped")}
        return [line for line in lines if line]

    def _class(self, label: str) -> str:
        module, name = self.world.model_symbol(label)
        self.type_imports.add((module, name))
        return name

    @property
    def own(self) -> str:
        """The class being written."""
        return self.world.model_names[self.model.name]

    def _key(self, label: str, to_field: str | None) -> str:
        found = self.world.field_named(label, to_field or "pk")
        return self.world.attribute(found[1].attname) if found else "id"

    def _forward(self, column: ModelField) -> str:
        relation = column.relation
        assert relation is not None
        target = self._class(relation.model)
        local = f"{self.own}.{self.world.attribute(column.attname)}"
        remote = f"{target}.{self._key(relation.model, relation.to_field)}"
        if relation.model == self.model.name:
            join = f'primaryjoin="foreign({local}) == remote({remote})"'
        else:
            join = f'primaryjoin="foreign({local}) == {remote}"'
        optional = " | None" if column.null else ""
        name = self.world.attribute(column.name)
        return f"{name}: Mapped[{target}{optional}] = relationship({join}, viewonly=True)"

    def _order(self, label: str) -> str:
        from .models import order_texts

        texts = order_texts(self.world, self.world.models[label])
        return f', order_by="[{", ".join(texts)}]"' if texts else ""

    def _reverse(self, accessor: str, label: str, field: str, single: bool) -> str:
        target = self._class(label)
        found = self.world.field_named(label, field)
        if found is None or found[1].relation is None:
            return ""
        column = found[1]
        relation = found[1].relation
        remote = f"{target}.{self.world.attribute(column.attname)}"
        local = f"{self.own}.{self._key(self.model.name, relation.to_field)}"
        marked = f"remote(foreign({remote}))" if label == self.model.name else f"foreign({remote})"
        join = f'primaryjoin="{local} == {marked}"'
        name = self.world.attribute(accessor)
        if single:
            return f"{name}: Mapped[{target} | None] = relationship({join}, viewonly=True, uselist=False)"
        return f"{name}: Mapped[list[{target}]] = relationship({join}, viewonly=True{self._order(label)})"

    def _many(self, column: ModelField) -> str:
        relation = column.relation
        assert relation is not None
        return self._secondary(
            column.name, relation.model, relation.through or "", column, forward=True
        )

    def _reverse_many(self, accessor: str, label: str, field: str) -> str:
        found = self.world.field_named(label, field)
        if found is None or found[1].relation is None:
            return ""
        through = found[1].relation.through or ""
        return self._secondary(accessor, label, through, found[1], forward=False)

    def _secondary(
        self, name: str, label: str, through: str, column: ModelField, *, forward: bool
    ) -> str:
        ends = self.world.through_ends(column)
        if ends is None:
            return ""
        source, target_column = ends if forward else (ends[1], ends[0])
        target = self._class(label)
        link = self.world.model_names[through]
        own_key, other_key = self._key(self.model.name, None), self._key(label, None)
        table = self.world.models[through].db_table
        other = f"{target}.{other_key}"
        return (
            f"{self.world.attribute(name)}: Mapped[list[{target}]] = relationship("
            f'secondary="{table}", '
            f'primaryjoin="{self.own}.{own_key} == {link}.{source}", '
            f'secondaryjoin="{other} == {link}.{target_column}", viewonly=True{self._order(label)})'
        )
