"""Django's lookup arguments as SQLAlchemy conditions: joins, `and_`, `or_`, `not_`."""

from __future__ import annotations

from dataclasses import dataclass, replace

import libcst as cst

from .body import Body
from .comparing import Leaf, compared
from .composite_keys import is_path, key_lookups
from .missing_rows import asks_for_none, is_document, may_lead_nowhere
from .operation import Operation, Typed, code_of, parse
from .q_values import asking, settle
from .reach import Column, Reach
from .steps import ManyStep, OneStep, Walk, walk
from .types import Attrs, Condition, Plain, Query, Symbol

Q_CLASSES = frozenset(
    {"django.db.models.Q", "django.db.models.query_utils.Q", "django.db.models.expressions.Q"}
)
_JOINERS = {cst.BitAnd: "and_", cst.BitOr: "or_"}


@dataclass(frozen=True)
class Lookup:
    """`author__name=value`, not yet written."""

    path: Walk | None
    key: str
    node: cst.BaseExpression


@dataclass(frozen=True)
class Group:
    """Conditions under one `and_` or `or_`, or the one that `~` turns round."""

    joiner: str
    parts: tuple[Part, ...]


@dataclass(frozen=True)
class Ready:
    """A condition that is written already."""

    leaf: Leaf


Part = Lookup | Group | Ready


def filtered(operation: Operation, statement: Typed) -> Typed:
    """A statement with the arguments of `filter(...)`: joins for to-many paths, then conditions."""
    kind = statement.type
    assert isinstance(kind, Query)
    reach = Reach.of(operation.body, kind)
    before = set(reach.paths)
    written = Conditions(reach).written(operation.args)
    if not written and not reach.text:
        return replace(statement, type=replace(kind, related=None))
    _require_single(operation, kind, set(reach.paths) - before)
    whole = reach.applied(statement)
    having = [leaf.text for leaf in written if _of_groups(kind, leaf.text)]
    where = [leaf.text for leaf in written if leaf.text and not _of_groups(kind, leaf.text)]
    text = whole.code + (f".where({', '.join(where)})" if where else "")
    text += f".having({', '.join(having)})" if having else ""
    assert isinstance(whole.type, Query)
    return Typed(parse(text), replace(whole.type, related=None))


def _require_single(operation: Operation, kind: Query, joined: set[str]) -> None:
    """Refuse what makes rows more, where a count over another relation was made before."""
    aggregates = [c for c in kind.computed if c.aggregate]
    if aggregates and joined and not kind.grouped:
        operation.refuse("Q126", "a to-many lookup after an aggregate has no rule")
    if kind.related is not None and kind.related.column is None:
        name = kind.related.query_name
        if any(path.split("__")[0].removesuffix("->") == name for path in joined):
            operation.refuse("Q125", "a lookup over the relation that the rows come by has no rule")


def _of_groups(kind: Query, text: str) -> bool:
    """Whether a condition looks at a value of a group."""
    return kind.grouped and any(c.aggregate and c.text in text for c in kind.computed)


def excluded(operation: Operation, statement: Typed) -> Typed:
    """A statement with the arguments of `exclude(...)`."""
    kind = statement.type
    assert isinstance(kind, Query)
    reach = Reach.of(operation.body, kind)
    conditions = Conditions(reach)
    parts = tuple(conditions.parts(operation.args))
    if not parts:
        return replace(statement, type=replace(kind, related=None))
    leaf = conditions.render(Group("not", (Group("and_", parts),)), negated=False)
    if reach.text:
        operation.refuse("Q121", "a value of another table inside `exclude` has no rule")
    if kind.related is not None and kind.related.column is None:
        firsts = {lk.key.split("__")[0] for part in parts for lk in _lookups(part, deep=True)}
        if kind.related.query_name in firsts:
            operation.refuse("Q125", "a lookup over the relation that the rows come by has no rule")
    clause = "having" if _of_groups(kind, leaf.text) else "where"
    text = f"{statement.code}.{clause}({leaf.text})" if leaf.text else statement.code
    return Typed(parse(text), replace(kind, related=None))


class Conditions:
    """The conditions of one `filter`, `exclude` or `Q(...)` over the rows of a query."""

    def __init__(self, reach: Reach) -> None:
        self.reach = reach
        self.body: Body = reach.body
        self.own: dict[str, str] = {}
        # Whether to-many lookups look at the rows that are joined, also where they are turned round.
        self.single = False

    def written(self, args: tuple[cst.Arg, ...]) -> list[Leaf]:
        """Conditions that all hold; joins are noted in the reach."""
        parts = self.parts(args)
        self._join(Group("and_", tuple(parts)))
        return [leaf for leaf in (self.render(p, negated=False) for p in parts) if leaf.text]

    def parts(self, args: tuple[cst.Arg, ...]) -> list[Part]:
        """The arguments of a call, positional first; empty conditions are left out."""
        found: list[Part] = []
        for argument in args:
            if argument.star == "**":
                found += self._unpacked(argument)
                continue
            if argument.star:
                self.body.refuse(
                    "Q101", "conditions built at run time (`*`) have no rule", argument
                )
            if argument.keyword is None:
                part = self.part(argument.value)
                found += [part] if part is not None else []
            else:
                found.append(self._lookup(argument.keyword.value, argument.value))
        return found

    def _unpacked(self, argument: cst.Arg) -> list[Part]:
        """`**lookups` whose keys are known: each is one."""
        kind = self.body.expr(argument.value).type
        if not isinstance(kind, Attrs) or kind.maybe or not isinstance(argument.value, cst.Name):
            self.body.refuse("Q101", "lookups built at run time (`**`) have no rule", argument)
        text = argument.value.value
        return [self._lookup(key, parse(f'{text}["{key}"]')) for key, _ in kind.fields]

    def part(self, node: cst.BaseExpression) -> Part | None:
        """`Q(...)` and what joins such; None for an empty one."""
        if isinstance(node, cst.BinaryOperation) and type(node.operator) in _JOINERS:
            sides = [self.part(node.left), self.part(node.right)]
            parts = tuple(p for p in sides if p is not None)
            joiner = _JOINERS[type(node.operator)]
            return _flat(joiner, parts) if len(parts) > 1 else (parts[0] if parts else None)
        if isinstance(node, cst.UnaryOperation) and isinstance(node.operator, cst.BitInvert):
            inner = self.part(node.expression)
            return Group("not", (inner,)) if inner is not None else None
        if isinstance(node, cst.Call) and is_path(node.func):
            function = self.body.expr(node.func).type
            if isinstance(function, Symbol) and function.path in Q_CLASSES:
                found = tuple(self.parts(tuple(node.args)))
                return _flat("and_", found) if len(found) > 1 else (found[0] if found else None)
        return self._ready(node)

    def _ready(self, node: cst.BaseExpression) -> Part | None:
        from .sql_values import expression

        found = expression(self.reach, node)
        if found is not None:
            if found.kind != "bool" or found.aggregate:
                self.body.refuse("Q101", f"`{code_of(node)}` is a condition without a rule", node)
            return Ready(Leaf(found.text, False, loose=found.loose))
        with asking(self.body, self.reach.label):
            typed = self.body.expr(node)
        if isinstance(typed.type, Condition):
            return self._variable(typed, node)
        self.body.refuse("Q101", f"`{code_of(node)}` is a condition without a rule", node)

    def _variable(self, typed: Typed, node: cst.BaseExpression) -> Part:
        kind = settle(self.body, typed, self.reach.label, node)
        text = typed.code
        if kind.maybe_empty:
            text = f"{self.body.compat('conditions', 'matching')}({text})"
        leaf = Leaf(text, kind.guarded, loose=False, bare=not kind.guarded, guard="?")
        return Ready(leaf)

    def _lookup(self, key: str, node: cst.BaseExpression) -> Part:
        columns = key_lookups(self.body, self.reach.label, key, node)
        if columns is None:
            return self._column(key, node)
        rows = [Group("and_", tuple(self._column(*one) for one in pairs)) for pairs in columns]
        return rows[0] if len(rows) == 1 else Group("or_", tuple(rows))

    def _column(self, key: str, node: cst.BaseExpression) -> Lookup:
        parts = key.split("__")
        if any(c.name == parts[0] for c in self.reach.kind.computed):
            return Lookup(None, key, node)
        path = walk(self.body.world, self.reach.label, parts)
        if path is None:
            text = f"the lookup `{key}` of {self.reach.label} has no rule"
            self.body.refuse("Q120", text, node)
        return Lookup(path, key, node)

    def _join(self, whole: Part) -> None:
        """Join the to-many paths of conditions that are not turned round, once for each path."""
        paths: dict[tuple[str, ...], Walk] = {}
        for lookup in _lookups(whole):
            if lookup.path is not None and lookup.path.many:
                paths.setdefault(lookup.path.many, lookup.path)
        for many, path in sorted(paths.items(), key=lambda pair: len(pair[0])):
            needed = {
                lk.key: lk
                for lk in _lookups(whole)
                if lk.path and lk.path.many[: len(many)] == many
            }
            inner = self._requires(whole, many)
            self._join_path(many, path, list(needed.values()), inner=inner)

    def _requires(self, part: Part, many: tuple[str, ...]) -> bool:
        """Whether a row without anything at the end of the path can never match."""
        if isinstance(part, Group):
            if part.joiner == "and_":
                return any(self._requires(p, many) for p in part.parts)
            return part.joiner == "or_" and all(self._requires(p, many) for p in part.parts)
        if isinstance(part, Lookup) and part.path is not None:
            reached = part.path.many[: len(many)] == many
            null = self._asks_for_null(part) or asks_for_none(self.body, part.path, part.node)
            return reached and not null
        return False

    def _asks_for_null(self, lookup: Lookup) -> bool:
        assert lookup.path is not None
        rest = lookup.path.rest
        value = self._constant(lookup.node)
        if rest and rest[-1] == "isnull":
            return value is not False
        exact = rest in ((), ("exact",), ("iexact",)) and not is_document(lookup.path)
        return exact and value is None

    def _constant(self, node: cst.BaseExpression) -> object:
        """The value of a literal; something else where it is none."""
        if isinstance(node, cst.Name) and node.value in ("True", "False", "None"):
            return {"True": True, "False": False, "None": None}[node.value]
        return node

    def _join_path(
        self, many: tuple[str, ...], path: Walk, lookups: list[Lookup], *, inner: bool
    ) -> None:
        entity, label = self.reach.entity, self.reach.label
        for place in range(len(many)):
            step, so_far = path.steps[place][1], many[: place + 1]
            key = "__".join(so_far)
            linked = isinstance(step, ManyStep) and step.far is not None
            alone = (
                linked and place == len(many) - 1 and all(_ends_at_link(lk, many) for lk in lookups)
            )
            if alone and isinstance(step, ManyStep):
                if f"{key}->" not in self.own:
                    self.reach.paths.pop(f"{key}->", None)
                    self.own[f"{key}->"] = self.reach.join_link(so_far, entity, step, inner=inner)
                return
            if key not in self.own:
                known = self.reach.paths.get(key) if isinstance(step, OneStep) else None
                self.own[key] = known or self.reach.join(so_far, entity, label, step, inner=inner)
            entity, label = self.own[key], step.target

    def render(self, part: Part, *, negated: bool) -> Leaf:
        """A condition as text, its to-many paths as subqueries where it is turned round."""
        if isinstance(part, Ready):
            return part.leaf
        if isinstance(part, Lookup):
            return self._leaf(part, negated=negated)
        if part.joiner == "not":
            return self._negation(part.parts[0], negated=negated)
        leaves = [
            leaf for leaf in (self.render(p, negated=negated) for p in part.parts) if leaf.text
        ]
        return self._joined(part.joiner, leaves)

    def render_plain(self, part: Part, node: cst.CSTNode) -> Leaf:
        """A condition for a variable: it can join nothing, and is turned round at run time."""
        if any(lk.path is not None and lk.path.many for lk in _lookups(part, deep=True)):
            self.body.refuse("Q121", "a to-many lookup in a variable has no rule", node)
        leaf = self.render(part, negated=False)
        if self.reach.text:
            self.body.refuse("Q121", "a value of another table in a variable has no rule", node)
        return leaf

    def _joined(self, joiner: str, leaves: list[Leaf]) -> Leaf:
        if len(leaves) < 2:  # nothing to join
            return leaves[0] if leaves else Leaf("")
        self.body.use("sqlalchemy", joiner)
        bare = any(leaf.bare for leaf in leaves)
        nullable = any(leaf.nullable for leaf in leaves)
        text = ", ".join(leaf.text for leaf in leaves)
        return Leaf(f"{joiner}({text})", nullable, loose=False, bare=bare)

    def _negation(self, part: Part, *, negated: bool) -> Leaf:
        if (
            negated
            and not self.single
            and any(lk.path is not None and lk.path.many for lk in _lookups(part, deep=True))
        ):
            self.body.refuse(
                "Q121", "a to-many lookup turned round twice has no rule", self._place(part)
            )
        leaf = self.render(part, negated=True)
        if not leaf.text:
            return leaf
        if leaf.bare:
            return Leaf(f"~{self._guarded(part).operand}", loose=False)
        return turned(self.body, leaf)

    def _guarded(self, part: Part) -> Leaf:
        """The condition with what Django adds to every single one before it turns them round."""
        if isinstance(part, Group) and part.joiner != "not":
            leaves = [leaf for leaf in map(self._guarded, part.parts) if leaf.text]
            return replace(self._joined(part.joiner, leaves), bare=True)
        if isinstance(part, Group):
            inner = self._guarded(part.parts[0])
            return Leaf(f"~{inner.operand}", loose=False)
        leaf = self.render(part, negated=True)
        if leaf.guard == "?":
            self.body.refuse("Q121", "turning this condition round has no rule", self._place(part))
        if leaf.guard:
            self.body.use("sqlalchemy", "and_")
            return Leaf(f"and_({leaf.text}, {leaf.guard})", loose=False)
        if leaf.nullable:
            return Leaf(f"{self.body.compat('lookups', 'settled')}({leaf.text})", loose=False)
        return leaf

    def _place(self, part: Part) -> cst.CSTNode | None:
        return next((lk.node for lk in _lookups(part, deep=True)), None)

    def _leaf(self, lookup: Lookup, *, negated: bool) -> Leaf:
        path = lookup.path
        if path is None:
            return self._computed(lookup)
        if path.many and (self.single or not negated):
            return self._joined_leaf(lookup, path)
        if path.many:
            from .exists_conditions import exists_condition

            return exists_condition(self.reach, path, lookup.node, self._asks_for_null(lookup))
        return self.within(path, 0, self.reach.entity, self.reach.label, lookup.node)

    def _computed(self, lookup: Lookup) -> Leaf:
        name, *rest = lookup.key.split("__")
        found = next(c for c in self.reach.kind.computed if c.name == name)
        text = found.text if _is_closed(found.text) else f"({found.text})"
        column = Column(text, Plain(found.kind), True, computed=found)
        return compared(self.reach, column, tuple(rest), lookup.node)

    def _joined_leaf(self, lookup: Lookup, path: Walk) -> Leaf:
        place, key = len(path.many), "__".join(path.many)
        step = path.steps[place - 1][1]
        assert isinstance(step, ManyStep)
        if key not in self.own and f"{key}->" not in self.own:
            self.body.refuse("Q121", "a to-many lookup has no rule here", lookup.node)
        if key in self.own:
            return self.within(path, place, self.own[key], step.target, lookup.node, optional=True)
        column = self.body.world.field_named(step.link, step.far or "")
        target = self.body.world.field_named(step.target, "pk")
        assert column is not None
        assert target is not None
        rest = path.rest
        text = f"{self.own[f'{key}->']}.{step.far}"
        kind = self.body.world.attribute_type(step.link, column[1].attname) or Plain()
        found = Column(text, kind, True, column[1], step.link, True)
        return compared(self.reach, found, rest, lookup.node)

    def within(
        self,
        path: Walk,
        place: int,
        entity: str,
        label: str,
        node: cst.BaseExpression,
        *,
        optional: bool = False,
    ) -> Leaf:
        """The rest of a path from a joined entity: `has(...)` for each to-one step.

        optional: whether the entity may be missing, so that its columns may be NULL.
        """
        world = self.body.world
        if place < len(path.steps):
            step = path.steps[place][1]
            assert isinstance(step, OneStep)
            nowhere = may_lead_nowhere(path, place, optional=optional)
            if nowhere and asks_for_none(self.body, path, node):
                return self._across(path, place, entity, label, node)
            start = self.reach.attribute(entity, label, step.owner, step.attribute)
            return self._has(path, place, start, step, node)
        if path.column is None:
            found = world.field_named(label, "pk")
            assert found is not None
            text = self.reach.attribute(entity, label, found[0].name, found[1].attname)
            kind = world.attribute_type(label, "pk") or Plain()
            column = Column(text, kind, optional, found[1], label, True)
            return compared(self.reach, column, path.rest, node)
        field = path.column
        text = self.reach.attribute(entity, label, path.owner, field.attname)
        kind = world.attribute_type(label, field.attname) or Plain()
        column = Column(text, kind, field.null or optional, field, label)
        return compared(self.reach, column, path.rest, node)

    def _has(
        self, path: Walk, place: int, start: str, step: OneStep, node: cst.BaseExpression
    ) -> Leaf:
        last = place + 1 == len(path.steps)
        asks = self._asks_for_null(Lookup(path, "", node))
        if last and path.column is None and path.rest == ("isnull",):
            has = f"{start}.has()"
            return Leaf(f"~{has}" if asks else has, loose=False)
        other = self.body.model(step.target)
        if asks:
            turned_path = replace(path, rest=("isnull",))
            inner = self.within(turned_path, place + 1, other, step.target, cst.Name("False"))
            return Leaf(f"~{start}.has({inner.text})", loose=False)
        inner = self.within(path, place + 1, other, step.target, node)
        if inner.bare:
            self.body.refuse("Q121", "this lookup over a relation has no rule", node)
        return Leaf(f"{start}.has({inner.text})", loose=False)

    def _across(
        self, path: Walk, place: int, entity: str, label: str, node: cst.BaseExpression
    ) -> Leaf:
        """`across(exact(Author.name, name), Book.author)`: None asks for books without author, too."""
        relations = []
        for _, step in path.steps[place:]:
            assert isinstance(step, OneStep)
            relations.append(self.reach.attribute(entity, label, step.owner, step.attribute))
            entity, label = self.body.model(step.target), step.target
        inner = self.within(path, len(path.steps), entity, label, node)
        if inner.bare:
            self.body.refuse("Q121", "this lookup over a relation has no rule", node)
        text = f"{self.body.compat('lookups', 'across')}({inner.text}, {', '.join(relations)})"
        return Leaf(text, loose=False)


def turned(body: Body, leaf: Leaf) -> Leaf:
    """`exclude`: rows where the column is NULL stay, as Django keeps them."""
    if leaf.nullable:
        return Leaf(f"{body.compat('lookups', 'not_')}({leaf.text})", loose=False)
    for sign, opposite in (
        (" == ", " != "),
        (".is_(None)", ".is_not(None)"),
        (".is_not(None)", ".is_(None)"),
    ):
        head = leaf.text.split(sign)[0]
        if leaf.loose and leaf.text.count(sign) == 1 and "(" not in head:
            return Leaf(leaf.text.replace(sign, opposite))
    if leaf.text.startswith("~") and _is_closed(leaf.text[1:]):
        return Leaf(leaf.text[1:], loose=False)
    return Leaf(f"~{leaf.operand}", loose=False)


def _is_closed(text: str) -> bool:
    """Whether a text is a name or a call, which no operator binds more closely than."""
    node = parse(text)
    return isinstance(node, cst.Call | cst.Attribute | cst.Name)


def _flat(joiner: str, parts: tuple[Part, ...]) -> Group:
    """Groups of the same kind in one."""
    found: list[Part] = []
    for part in parts:
        same = isinstance(part, Group) and part.joiner == joiner
        found += part.parts if same else [part]  # type: ignore[union-attr]  # a group
    return Group(joiner, tuple(found))


def _lookups(part: Part, *, deep: bool = False) -> list[Lookup]:
    """The lookups that are not turned round; `deep` gives all."""
    if isinstance(part, Lookup):
        return [part]
    if isinstance(part, Group) and (deep or part.joiner != "not"):
        return [lookup for p in part.parts for lookup in _lookups(p, deep=deep)]
    return []


def _ends_at_link(lookup: Lookup, many: tuple[str, ...]) -> bool:
    """Whether a lookup asks a many-to-many relation for keys alone, which its link has."""
    path = lookup.path
    if path is None or path.many != many or len(path.steps) != len(many):
        return False
    if path.column is None:
        return path.rest in ((), ("exact",), ("in",), ("isnull",))
    return path.column.primary_key and path.rest in ((), ("exact",), ("in",), ("isnull",))
