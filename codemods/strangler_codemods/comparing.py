"""One lookup on one column: `price__gte=10` as `Product.price >= 10`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, NoReturn

import libcst as cst

from strangler.facts import ModelField

from .body import Body
from .composite_keys import is_path
from .operands import operand
from .operation import Typed, code_of
from .own_values import converts
from .reach import Column, Reach
from .types import Constant, Instance, Manager, ModelClass, Plain, Query, Rows, Type
from .value_types import COMPARED_OTHERWISE

if TYPE_CHECKING:
    from .sql_values import Sql

PARTS = frozenset(
    [
        *("year", "iso_year", "quarter", "month", "week", "week_day", "iso_week_day", "day"),
        *("hour", "minute", "second"),
    ]
)
SIGNS = {"gt": ">", "gte": ">=", "lt": "<", "lte": "<="}
_TEXT = frozenset(
    [
        *("icontains", "contains", "iexact", "startswith", "istartswith", "endswith", "iendswith"),
        *("regex", "iregex"),
    ]
)
LOOKUPS = frozenset({"exact", "in", "isnull", "range", *SIGNS, *_TEXT})
_BITS = {"SmallIntegerField": 15, "PositiveSmallIntegerField": 15, "BigIntegerField": 63,
         "PositiveBigIntegerField": 63, "BigAutoField": 63, "SmallAutoField": 15}  # fmt: skip


@dataclass(frozen=True)
class Leaf:
    """A condition as text; `loose` when it needs parentheses as an operand.

    nullable: it is NULL only where its column is, so that `not_` turns it round. bare: it may be NULL
    for another reason, and `NOT` is put before it as it is; `guard` then goes with it.
    """

    text: str
    nullable: bool = False
    loose: bool = True
    bare: bool = False
    guard: str = ""

    @property
    def operand(self) -> str:
        """The text, safe inside `&`, `|` and `~`."""
        return f"({self.text})" if self.loose else self.text


@dataclass(frozen=True)
class Comparison:
    """A column, the lookup asked of it, and the value that it is compared with."""

    reach: Reach
    target: str
    column: ModelField | None
    kind: Type
    node: cst.BaseExpression
    nullable: bool

    @property
    def body(self) -> Body:
        """The function that is being written."""
        return self.reach.body

    def refuse(self, code: str, message: str) -> NoReturn:
        """Keep the endpoint on legacy at the value's line."""
        self.body.refuse(code, message, self.node)

    def compat(self, name: str) -> str:
        """A function of `compat/lookups.py`."""
        return self.body.compat("lookups", name)


def compared(reach: Reach, column: Column, rest: tuple[str, ...], node: cst.BaseExpression) -> Leaf:
    """The condition of a lookup; refuses those without a rule."""
    field = column.field
    asked = Comparison(reach, column.text, field, column.kind, node, column.nullable)
    if field is not None and field.internal_type == "JSONField" and column.computed is None:
        from .json_conditions import json_condition

        return json_condition(asked, rest)
    moments = ("DateTimeField", "DateField", "TimeField")
    moment = field is not None and field.internal_type in moments
    if rest and moment and (rest[0] in PARTS or rest[0] in ("date", "time")):
        return _of_part(asked, rest)
    lookup = rest[0] if rest else "exact"
    own = field is not None and field.internal_type in COMPARED_OTHERWISE
    if field is not None and own and rest != ("isnull",):
        asked.refuse("Q120", f"the lookup `{lookup}` of the kind {field.internal_type} has no rule")
    if len(rest) > 1 or (lookup not in LOOKUPS):
        asked.refuse("Q120", f"the lookup `{'__'.join(rest)}` has no rule")
    if column.computed is not None:
        leaf = _plain(asked, lookup)
        return Leaf(leaf.text, False, leaf.loose, bare=True)
    return _plain(asked, lookup)


def _of_part(asked: Comparison, rest: tuple[str, ...]) -> Leaf:
    """`created__date__gte`, `published__month`: a part of a moment, in the zone of the app."""
    field = asked.column
    assert field is not None
    if converts(field):
        asked.refuse("M105", f"`{rest[0]}` is a part of values of `{field.cls}`")
    first, lookup = rest[0], rest[1] if len(rest) > 1 else "exact"
    of_date = first not in ("hour", "minute", "second", "time")
    known = {"DateTimeField": True, "DateField": of_date and first != "date", "TimeField": not of_date and first != "time"}  # fmt: skip
    if (
        len(rest) > 2 or not known[field.internal_type] or lookup not in LOOKUPS - _TEXT
    ):  # a part and a lookup
        asked.refuse("Q120", f"the lookup `{'__'.join(rest)}` has no rule")
    body = asked.body
    if first in ("date", "time"):
        text = f"{body.compat('date_parts', f'local_{first}')}({asked.target})"
        kind = Plain(first)
    else:
        text, kind = (
            f"{body.compat('date_parts', 'part')}({first!r}, {asked.target})".replace("'", '"'),
            Plain("int"),
        )
    return _plain(Comparison(asked.reach, text, None, kind, asked.node, asked.nullable), lookup)


def _plain(asked: Comparison, lookup: str) -> Leaf:
    if lookup == "isnull":
        return _isnull(asked)
    if lookup in _TEXT:
        if asked.column is not None and converts(asked.column) and asked.kind != Plain("str"):
            asked.refuse("M105", f"`{lookup}` looks into values of `{asked.column.cls}`")
        text = f"{asked.compat(lookup)}({asked.target}, {_text_value(asked)})"
        return Leaf(text, asked.nullable, loose=False)
    expression = _expression(asked)
    if expression is not None and lookup in ("exact", *SIGNS):
        sign = SIGNS.get(lookup, "==")
        return _with_expression(asked, sign, expression)
    handler = _HANDLERS.get(lookup)
    return handler(asked) if handler is not None else _ordered(asked, lookup)


def _isnull(asked: Comparison) -> Leaf:
    wanted = asked.body.expr(asked.node).type
    if not isinstance(wanted, Constant) or not isinstance(wanted.value, bool):
        asked.refuse("Q120", "`isnull` with a computed value has no rule")
    return Leaf(f"{asked.target}.{'is_' if wanted.value else 'is_not'}(None)")


def _expression(asked: Comparison) -> Sql | None:
    from .sql_values import expression

    return expression(asked.reach, asked.node)


def _with_expression(asked: Comparison, sign: str, value: Sql) -> Leaf:
    """The right side is computed by the database."""
    if value.aggregate or value.kind not in _comparable(asked.kind):
        asked.refuse("Q122", f"`{code_of(asked.node)}` is compared with another type")
    text = f"{asked.target} {sign} {value.operand}"
    if value.column and not value.foreign:
        return Leaf(text, asked.nullable or value.nullable)
    guard = f"{asked.target}.is_not(None)" if asked.nullable else ""
    return Leaf(text, False, bare=True, guard=guard)


def _comparable(kind: Type) -> tuple[str, ...]:
    name = kind.name if isinstance(kind, Plain) else ""
    numbers = ("int", "float", "Decimal")
    return numbers if name in numbers else (name, "Any")


def _text_value(asked: Comparison) -> str:
    expression = _expression(asked)
    if expression is not None:
        if not expression.column or expression.foreign or expression.kind != "str":
            asked.refuse("Q122", f"`{code_of(asked.node)}` is no text")
        return expression.text
    typed = asked.body.expr(asked.node)
    if not isinstance(typed.type, Plain | Constant):
        asked.refuse("Q122", f"`{code_of(asked.node)}` is no text")
    if isinstance(typed.type, Constant) and typed.type.value is None and not asked.nullable:
        asked.refuse("Q122", "a text is looked for that is None")
    return typed.code


def _exact(asked: Comparison) -> Leaf:
    key, missing = key_of_relation(asked), key_of_relation(asked, nullable=True)
    if key is not None:
        return Leaf(f"{asked.target} == {key}", asked.nullable)
    if missing is not None:  # None asks for the rows that point nowhere
        return Leaf(
            f"{asked.compat('exact')}({asked.target}, {missing})", asked.nullable, loose=False
        )
    typed = asked.body.expr(asked.node)
    if isinstance(typed.type, Constant) and typed.type.value is None:
        return Leaf(f"{asked.target}.is_(None)")
    flag = isinstance(typed.type, Constant) and isinstance(typed.type.value, bool)
    if flag and asked.kind == Plain("bool"):
        return Leaf(f"{asked.target}.is_({typed.code})", asked.nullable)
    value, sure = given_value(asked, typed)
    if sure:
        return Leaf(f"{asked.target} == {value}", asked.nullable)
    return Leaf(f"{asked.compat('exact')}({asked.target}, {value})", asked.nullable, loose=False)


def _ordered(asked: Comparison, lookup: str) -> Leaf:
    key = key_of_relation(asked)
    typed = asked.body.expr(asked.node)
    if isinstance(typed.type, Constant) and typed.type.value is None:
        asked.refuse("Q122", f"`{lookup}` with None is an error in Django")
    value, sure = (key, True) if key is not None else given_value(asked, typed)
    if sure:
        return Leaf(f"{asked.target} {SIGNS[lookup]} {value}", asked.nullable)
    return Leaf(f"{asked.compat(lookup)}({asked.target}, {value})", asked.nullable, loose=False)


def _in(asked: Comparison) -> Leaf:
    typed = asked.body.expr(asked.node)
    kind = typed.type
    if isinstance(kind, ModelClass | Manager):
        asked.refuse("Q122", f"`{typed.code}` is no list for a condition")
    if isinstance(kind, Query):
        from .subqueries import keys_of

        return Leaf(f"{asked.target}.in_({keys_of(asked, typed)})", asked.nullable, loose=False)
    if isinstance(kind, Rows):
        return _in_rows(asked, typed, kind)
    if not isinstance(kind, Plain | Constant):
        asked.refuse("Q122", f"`{code_of(asked.node)}` is no list for a condition")
    if isinstance(typed.node, cst.List) and not typed.node.elements:
        return Leaf(f"{asked.target}.in_([])", asked.nullable, loose=False)
    values = kind.value if isinstance(kind, Constant) else None
    if isinstance(values, tuple) and values and all(_fits(asked, v) for v in values):
        return Leaf(f"{asked.target}.in_({typed.code})", asked.nullable, loose=False)
    given = code_of(operand(typed))
    return Leaf(f"{asked.compat('one_of')}({asked.target}, {given})", asked.nullable, loose=False)


def _in_rows(asked: Comparison, typed: Typed, kind: Rows) -> Leaf:
    relation = asked.column.relation if asked.column is not None else None
    own = asked.column is not None and asked.column.primary_key
    if relation is None and not own:
        asked.refuse("Q122", f"`{typed.code}` is compared with a plain column")
    name = relation.to_field or "id" if relation is not None else "pk"
    attribute = asked.body.world.attribute(name)
    return Leaf(
        f"{asked.target}.in_([row.{attribute} for row in {typed.code}])",
        asked.nullable,
        loose=False,
    )


def _range(asked: Comparison) -> Leaf:
    node = asked.node
    if (
        not isinstance(node, cst.Tuple | cst.List) or len(node.elements) != 2
    ):  # a range has two ends
        asked.refuse("Q120", "`range` wants two values in sight")
    ends, sure = [], True
    for element in node.elements:
        one = Comparison(
            asked.reach, asked.target, asked.column, asked.kind, element.value, asked.nullable
        )
        found = _expression(one)
        value, known = (
            (found.text, True)
            if found is not None
            else given_value(one, asked.body.expr(element.value))
        )
        ends.append(value)
        sure = sure and known
    if sure:
        return Leaf(f"{asked.target}.between({ends[0]}, {ends[1]})", asked.nullable, loose=False)
    text = f"{asked.compat('between')}({asked.target}, {ends[0]}, {ends[1]})"
    return Leaf(text, asked.nullable, loose=False)


# Columns that take the text of whatever they are compared with.
_TEXTS = frozenset({"CharField", "TextField"})

_HANDLERS: dict[str, Callable[[Comparison], Leaf]] = {"exact": _exact, "in": _in, "range": _range}


def _fits(asked: Comparison, value: object) -> bool:
    """Whether a literal is of the column's type and in its range."""
    name = asked.kind.name if isinstance(asked.kind, Plain) else ""
    if isinstance(value, bool) or value is None:
        return False
    if isinstance(value, int) and name == "int":
        bits = _BITS.get(asked.column.internal_type, 31) if asked.column is not None else 31
        return -(1 << bits) <= value < 1 << bits
    if isinstance(value, int):
        return name in ("float", "Decimal") and abs(value) < 1 << 53
    return type(value).__name__ == name


def given_value(asked: Comparison, typed: Typed) -> tuple[str, bool]:
    """The value as text, and whether it is known to be what the column holds."""
    kind, column = typed.type, asked.column
    if isinstance(kind, Instance):
        relation = column.relation if column is not None else None
        if relation is None and column is not None and column.internal_type in _TEXTS:
            return _text_of_row(asked, typed, kind), True
        if relation is None and (column is None or not column.primary_key):
            asked.refuse("Q122", f"`{typed.code}` is compared with a plain column")
        attribute = (relation.to_field or "id") if relation is not None else column.attname  # type: ignore[union-attr]  # refused above
        key = asked.body.world.attribute(attribute)
        if kind.optional and not kind.user and is_path(typed.node):
            return f"{typed.code}.{key} if {typed.code} is not None else None", False
        if kind.optional:
            return _key_of_stranger(asked, typed, kind), True
        return f"{code_of(operand(typed))}.{key}", True
    if isinstance(kind, Constant):
        return typed.code, _fits(asked, kind.value)
    if not isinstance(kind, Plain):
        asked.refuse("Q122", f"`{code_of(asked.node)}` is no value for a condition")
    return typed.code, kind == asked.kind and kind != Plain() and not _may_not_fit(asked, typed)


def _text_of_row(asked: Comparison, typed: Typed, kind: Instance) -> str:
    """What a column of texts makes of a row: its `__str__`; an anonymous user has one, too."""
    world = asked.body.world
    carried = world.model_member(kind.model, "__str__") if world.model_member is not None else None
    known = carried is not None and not carried.session
    if not known or (kind.optional and not kind.user):
        asked.refuse("Q122", f"`{typed.code}` is compared with a plain column")
    return f'str({typed.code} or "AnonymousUser")' if kind.optional else f"str({typed.code})"


def _may_not_fit(asked: Comparison, typed: Typed) -> bool:
    """Whether a number may be one that the column cannot hold: it matches nothing in Django.

    A number that a row held fits; one from a path or a request is of any size.
    """
    if typed.type != Plain("int"):
        return False
    node = typed.node
    return not (isinstance(node, cst.Attribute) and asked.body.row_type(node.value) is not None)


def _key_of_stranger(asked: Comparison, typed: Typed, kind: Instance) -> str:
    """The number of a user who may be unknown: an error in Django as well, which wants a number."""
    world = asked.body.world
    relation = asked.column.relation if asked.column is not None else None
    if relation is None:
        asked.refuse("Q122", f"`{typed.code}` may be None here")
    target = world.field_named(relation.model, relation.to_field or "pk")
    number = target is not None and world.column_type(target[1]) == Plain("int")
    if not kind.user or not number:
        asked.refuse("Q122", f"`{typed.code}` may be None here")
    asked.body.compat("context", "known")
    name = relation.to_field or "id"
    return f"known({typed.code}).{world.attribute(name)}"


def key_of_relation(asked: Comparison, *, nullable: bool = False) -> str | None:
    """`book.author_id` for `book.author`: the row itself need not be loaded to be compared.

    nullable: for relations that may point nowhere, instead of the others.
    """
    body, column, node = asked.body, asked.column, asked.node
    if column is None or column.relation is None or not isinstance(node, cst.Attribute):
        return None
    owner = body.expr(node.value)
    if not isinstance(owner.type, Instance) or owner.type.optional or owner.type.user:
        return None
    found = body.world.field_named(owner.type.model, node.attr.value)
    relation = found[1].relation if found is not None else None
    if found is None or relation is None or node.attr.value != found[1].name:
        return None
    wanted = column.relation
    if (relation.model, relation.to_field) != (wanted.model, wanted.to_field):
        return None
    if relation.kind == "many_to_many" or found[1].null != nullable:
        return None
    return f"{code_of(operand(owner))}.{body.world.attribute(found[1].attname)}"
