"""What names of a query mean in SQLAlchemy: columns, and the joins that lead to them."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import libcst as cst

from strangler.facts import ModelField

from .body import Body
from .operation import Typed, parse
from .steps import ManyStep, OneStep, Walk, walk
from .types import Computed, Plain, Query, Type


@dataclass(frozen=True)
class Column:
    """A column as text, its type, whether it may be NULL; `foreign` where a join leads to it."""

    text: str
    kind: Type
    nullable: bool
    field: ModelField | None = None
    label: str = ""
    foreign: bool = False
    computed: Computed | None = None


@dataclass
class Reach:
    """One query while an operation adds to it: joins that it needs are noted, and written in the end.

    outer: the query around it, for `OuterRef`.
    """

    body: Body
    kind: Query
    outer: Reach | None = None
    text: str = ""
    names: set[str] = field(default_factory=set)
    paths: dict[str, str] = field(default_factory=dict)
    many: set[tuple[str, ...]] = field(default_factory=set)
    # Whether aggregate functions are over all rows: `aggregate(...)`.
    whole: bool = False

    @classmethod
    def of(cls, body: Body, kind: Query) -> Reach:
        """What the names of this query mean; a query around it is the body's."""
        outer = body.around[-1] if body.around else None
        found = cls(body, kind, outer, "", set(kind.joins), dict(kind.paths), set(kind.many))
        found.names.add(found.entity)
        return found

    @property
    def label(self) -> str:
        """The model."""
        return self.kind.model

    @property
    def entity(self) -> str:
        """What the statement selects."""
        return self.kind.entity or self.body.model(self.kind.model)

    def applied(self, statement: Typed) -> Typed:
        """The statement with the joins that were noted."""
        joins = frozenset(self.names - {self.entity})
        kind = replace(
            self.kind, joins=joins, paths=tuple(self.paths.items()), many=frozenset(self.many)
        )
        return Typed(parse(statement.code + self.text), kind)

    def taken(self) -> set[str]:
        """Names that mean something here, or in a query around this one."""
        return self.names | (self.outer.taken() if self.outer is not None else set())

    def free(self, label: str) -> str:
        """The class of a model, or an alias of it where the class is joined already."""
        name, taken = self.body.model(label), self.taken()
        if name not in taken:
            return name
        number = next(n for n in range(2, 100) if f"{name}{n}" not in taken)
        return alias(self.body, label, number)

    def attribute(self, entity: str, label: str, owner: str, name: str) -> str:
        """`Book.title`; of a multi-table parent the attribute of its own class."""
        if owner != label and entity == self.body.model(label):
            entity = self.body.model(owner)
        return f"{entity}.{self.body.world.attribute(name)}"

    def join(
        self,
        path: tuple[str, ...],
        entity: str,
        label: str,
        step: OneStep | ManyStep,
        *,
        inner: bool,
    ) -> str:
        """Join one step from `entity`; the name of what was joined."""
        verb = "join" if inner else "outerjoin"
        if isinstance(step, OneStep):
            start = self.attribute(entity, label, step.owner, step.attribute)
            name = self.free(step.target)
            plain = name == self.body.model(step.target)
            if self.outer is not None:  # a relation's own name cannot be joined inside a subquery
                on = f"{name}.{step.far} == {self.attribute(entity, label, step.owner, step.near)}"
                self.text += f".{verb}({name}, {on})"
                self.names.add(name)
                self.paths["__".join(path)] = name
                return name
            self.text += f".{verb}({start if plain else f'{start}.of_type({name})'})"
        else:
            name = self._join_many(path, entity, step, verb)
        self.names.add(name)
        self.paths["__".join(path)] = name
        return name

    def _join_many(self, path: tuple[str, ...], entity: str, step: ManyStep, verb: str) -> str:
        link = self.free(step.link)
        self.names.add(link)
        self.many.add(path)
        self.text += f".{verb}({link}, {link}.{step.near} == {entity}.{step.start})"
        if step.far is None:
            return link
        self.paths["__".join(path) + "->"] = link
        target = self.free(step.target)
        key = self.body.world.primary_key(step.target)
        self.text += f".{verb}({target}, {target}.{key} == {link}.{step.far})"
        return target

    def join_link(self, path: tuple[str, ...], entity: str, step: ManyStep, *, inner: bool) -> str:
        """Join the link of a many-to-many relation alone; the name of the link."""
        known = self.paths.get("__".join(path) + "->")
        if known is not None:
            return known
        link = self.free(step.link)
        self.names.add(link)
        self.many.add(path)
        verb = "join" if inner else "outerjoin"
        self.text += f".{verb}({link}, {link}.{step.near} == {entity}.{step.start})"
        self.paths["__".join(path) + "->"] = link
        return link

    def column(self, name: str, node: cst.CSTNode, code: str = "Q120") -> Column:
        """The column that a path names, joined by outer joins, or what the query computes."""
        for computed in self.kind.computed:
            if computed.name == name:
                return Column(computed.text, Plain(computed.kind), True, computed=computed)
        found = walk(self.body.world, self.label, name.split("__"))
        if found is None or found.rest:
            self.body.refuse(code, f"`{name}` of {self.label} has no rule", node)
        entity, label, nullable = self.entity, self.label, False
        steps = list(found.steps)
        last = steps[-1][1] if steps else None
        bare = found.column is None and isinstance(last, ManyStep) and last.far is not None
        for place, (_, step) in enumerate(steps):
            path = tuple(n for n, _ in steps[: place + 1])
            if bare and place == len(steps) - 1 and "__".join(path) not in self.paths:
                link = self.join_link(path, entity, step, inner=False)  # type: ignore[arg-type]  # it is one
                return Column(f"{link}.{step.far}", Plain("int"), True, foreign=True)
            known = self.paths.get("__".join(path))
            nullable = nullable or isinstance(step, ManyStep) or step.nullable
            entity = known or self.join(path, entity, label, step, inner=not nullable)
            label = step.target
        return self._last(found, entity, nullable)

    def _last(self, found: Walk, entity: str, nullable: bool) -> Column:
        world, label = self.body.world, found.label
        if found.column is None:
            key = world.field_named(label, "pk")
            assert key is not None
            text = self.attribute(entity, label, key[0].name, key[1].attname)
            return Column(text, _type(world.attribute_type(label, "pk")), True, key[1], label, True)
        column = found.column
        text = self.attribute(entity, label, found.owner, column.attname)
        kind = _type(world.attribute_type(label, column.attname))
        null = column.null or nullable
        return Column(text, kind, null, column, label, bool(found.steps))


def _type(kind: Type | None) -> Type:
    return kind if kind is not None else Plain()


def alias(body: Body, label: str, number: int) -> str:
    """`Book2 = aliased(Book)`, a name of the module."""
    model = body.model(label)
    name = f"{model}{number}"
    body.use("sqlalchemy.orm", "aliased")
    body.definitions[name] = f"{name} = aliased({model})"
    return name
