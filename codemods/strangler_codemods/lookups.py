"""Django's lookup arguments as SQLAlchemy conditions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import libcst as cst

from strangler.facts import ModelField

from .body import Body
from .operands import operand
from .operation import Operation, Typed, code_of, parse
from .steps import ManyStep, many_step
from .types import Constant, Instance, Plain, Query, Rows, Symbol

_Q = "django.db.models.Q"
_F = "django.db.models.F"
_SAME = {
    _Q, "django.db.models.query_utils.Q", "django.db.models.expressions.Q",
}  # fmt: skip
_COMPARE = {"gt": ">", "gte": ">=", "lt": "<", "lte": "<="}
_TEXT = frozenset(
    [
        "icontains",
        "contains",
        "iexact",
        "startswith",
        "istartswith",
        "endswith",
        "iendswith",
        "regex",
        "iregex",
    ]
)
_ARITHMETIC = {cst.Add: "+", cst.Subtract: "-", cst.Multiply: "*"}


@dataclass(frozen=True)
class Condition:
    """A condition as text; `loose` when it needs parentheses as an operand."""

    text: str
    nullable: bool = False
    loose: bool = True
    joins: tuple[tuple[str, str], ...] = ()

    @property
    def operand(self) -> str:
        """The text, safe inside `&`, `|` and `~`."""
        return f"({self.text})" if self.loose else self.text


def filtered(operation: Operation, statement: Typed) -> Typed:
    """A statement with the arguments of `filter(...)`: joins for to-many paths, then conditions."""
    kind = statement.type
    assert isinstance(kind, Query)
    found = conditions(operation, kind.model)
    text, joined = statement.code, set(kind.joins)
    for condition in found:
        for table, join_text in condition.joins:
            if table in joined:
                operation.refuse("Q125", "a second join of one relation has no rule")
            joined.add(table)
            text += f".join({join_text})"
    texts = [c.text for c in found if c.text]
    if texts:
        text += f".where({', '.join(texts)})"
    return Typed(parse(text), Query(kind.model, kind.ordering, frozenset(joined)))


def conditions(operation: Operation, label: str) -> list[Condition]:
    """Conditions of a `filter(...)` call's arguments, positional first."""
    body = operation.body
    found = []
    for argument in operation.args:
        if argument.star == "**":
            body.refuse("Q101", "lookups built at run time (`**`) have no rule", argument)
        if argument.star:
            body.refuse("Q101", "conditions built at run time (`*`) have no rule", argument)
        if argument.keyword is None:
            found.append(_q(body, label, argument.value))
        else:
            found.append(_lookup(body, label, argument.keyword.value, argument.value))
    return found


def _q(body: Body, label: str, node: cst.BaseExpression) -> Condition:
    if isinstance(node, cst.BinaryOperation):
        joiner = {cst.BitAnd: "and_", cst.BitOr: "or_"}.get(type(node.operator))
        if joiner is not None:
            left, right = (_single(body, _q(body, label, n), node) for n in (node.left, node.right))
            body.use("sqlalchemy", joiner)
            nullable = left.nullable or right.nullable
            return Condition(f"{joiner}({left.text}, {right.text})", nullable, loose=False)
    if isinstance(node, cst.UnaryOperation) and isinstance(node.operator, cst.BitInvert):
        return negated(body, [_single(body, _q(body, label, node.expression), node)])
    if isinstance(node, cst.Call):
        function = body.expr(node.func)
        if isinstance(function.type, Symbol) and function.type.path in _SAME:
            inner = conditions(Operation(node, body, "Q", args=tuple(node.args)), label)
            return conjunction(body, [_single(body, c, node) for c in inner])
    body.refuse("Q101", f"`{code_of(node)}` is a condition without a rule", node)


def _single(body: Body, condition: Condition, node: cst.CSTNode) -> Condition:
    """A condition that needs no join; joins inside `Q` and `exclude` have other meanings."""
    if condition.joins:
        body.refuse("Q121", "a to-many lookup inside `Q` or `exclude` has no rule", node)
    return condition


def conjunction(body: Body, parts: list[Condition]) -> Condition:
    """All of the conditions."""
    if len(parts) == 1:
        return parts[0]
    if not parts:
        body.use("sqlalchemy", "true")
        return Condition("true()", loose=False)
    body.use("sqlalchemy", "and_")
    text = ", ".join(p.text for p in parts)
    return Condition(f"and_({text})", any(p.nullable for p in parts), loose=False)


def negated(body: Body, parts: list[Condition]) -> Condition:
    """`exclude`: rows where the column is NULL stay, as Django keeps them."""
    whole = conjunction(body, parts)
    if whole.nullable:
        body.compat("lookups", "not_")
        return Condition(f"not_({whole.text})", loose=False)
    for sign, opposite in ((" == ", " != "), (".is_(None)", ".is_not(None)")):
        if whole.loose and whole.text.count(sign) == 1 and "(" not in whole.text.split(sign)[0]:
            return Condition(whole.text.replace(sign, opposite))
    return Condition(f"~{whole.operand}", loose=False)


def _lookup(body: Body, label: str, key: str, node: cst.BaseExpression) -> Condition:
    return _path(body, label, key.split("__"), node, code_of(node))


def _path(
    body: Body, label: str, parts: list[str], node: cst.BaseExpression, shown: str
) -> Condition:
    name, rest = parts[0], parts[1:]
    step = many_step(body.world, label, name)
    if step is not None:
        return _over_many(body, label, step, rest, node)
    found = body.world.field_named(label, name)
    if found is None:
        body.refuse("Q120", f"the lookup `{'__'.join(parts)}` of {label} has no rule", node)
    owner, column = found
    relation = column.relation
    if relation is not None and rest and name == column.name:
        if rest[0] in ("pk", relation.to_field, "id") and _is_key(body, relation.model, rest[0]):
            return _path(body, label, [column.attname, *rest[1:]], node, shown)
        if rest[0] not in ("exact", "in", "isnull"):
            inner = _single(body, _path(body, relation.model, rest, node, shown), node)
            target = f"{body.model(owner.name)}.{body.world.attribute(column.name)}"
            if "isnull" in rest and column.null:
                body.refuse("Q121", "`isnull` over a nullable relation has no rule", node)
            return Condition(f"{target}.has({inner.text})", False, loose=False)
    return _compare(body, label, column, rest, node)


def _over_many(
    body: Body, label: str, step: ManyStep, rest: list[str], node: cst.BaseExpression
) -> Condition:
    """A lookup over a to-many relation: a join that shows in the rows, as in Django."""
    own, link = body.model(label), body.model(step.link)
    key = body.world.primary_key(label)
    joins = [(step.link, f"{link}, {link}.{step.near} == {own}.{key}")]
    if rest == ["isnull"]:
        wanted = body.expr(node).type
        if wanted != Constant(False):
            body.refuse("Q121", "`isnull` over a to-many relation has no rule", node)
        return Condition("", joins=tuple(joins))
    if step.far is not None and (not rest or rest[0] in ("pk", "id", "in", "exact")):
        remaining = rest[1:] if rest and rest[0] in ("pk", "id") else rest
        far = body.world.field_named(step.link, step.far)
        assert far is not None
        inner = _compare(body, step.link, far[1], remaining, node)
        return Condition(inner.text, inner.nullable, inner.loose, tuple(joins))
    if step.far is not None:
        target = body.model(step.target)
        target_key = body.world.primary_key(step.target)
        joins.append((step.target, f"{target}, {target}.{target_key} == {link}.{step.far}"))
    inner = _single(body, _path(body, step.target, rest or ["pk"], node, ""), node)
    return Condition(inner.text, inner.nullable, inner.loose, tuple(joins))


def _is_key(body: Body, label: str, name: str) -> bool:
    found = body.world.field_named(label, name)
    return found is not None and found[1].primary_key


def column_text(body: Body, label: str, column: ModelField) -> str:
    """`Product.category_id`: the mapped attribute of a column."""
    return f"{body.model(label)}.{body.world.attribute(column.attname)}"


def _compare(
    body: Body, label: str, column: ModelField, rest: list[str], node: cst.BaseExpression
) -> Condition:
    lookup = rest[0] if rest else "exact"
    if len(rest) > 1:
        body.refuse("Q120", f"the lookup `{'__'.join(rest)}` has no rule", node)
    target = column_text(body, label, column)
    if lookup == "isnull":
        wanted = body.expr(node).type
        if not isinstance(wanted, Constant) or not isinstance(wanted.value, bool):
            body.refuse("Q120", "`isnull` with a computed value has no rule", node)
        return Condition(f"{target}.{'is_' if wanted.value else 'is_not'}(None)")
    if column.internal_type == "ArrayField":
        body.refuse("Q120", f"the lookup `{lookup}` of an array has no rule", node)
    handler = _LOOKUPS.get(lookup)
    if handler is not None:
        text = handler(body, label, column, target, node)
    elif lookup in _COMPARE:
        text = f"{target} {_COMPARE[lookup]} {_value(body, label, column, node)}"
    elif lookup in _TEXT:
        body.compat("lookups", lookup)
        text = f"{lookup}({target}, {_text_value(body, node)})"
        return Condition(text, column.null, loose=False)
    else:
        body.refuse("Q120", f"the lookup `{lookup}` has no rule", node)
    return Condition(text, column.null and ".is_(" not in text)


def _text_value(body: Body, node: cst.BaseExpression) -> str:
    typed = body.expr(node)
    if not isinstance(typed.type, Plain | Constant):
        body.refuse("Q122", f"`{code_of(node)}` is no text", node)
    return typed.code


def _exact(
    body: Body, label: str, column: ModelField, target: str, node: cst.BaseExpression
) -> str:
    key = _key_of_relation(body, column, node)
    if key is not None:
        return f"{target} == {key}"
    typed = body.expr(node)
    if isinstance(typed.type, Constant) and typed.type.value is None:
        return f"{target}.is_(None)"
    if isinstance(typed.type, Constant) and isinstance(typed.type.value, bool):
        return f"{target}.is_({typed.type.value})"
    return f"{target} == {_value(body, label, column, node)}"


def _in(body: Body, label: str, column: ModelField, target: str, node: cst.BaseExpression) -> str:
    typed = body.expr(node)
    if isinstance(typed.type, Query | Rows):
        body.refuse("Q121", "a query inside `__in` has no rule", node)
    if not isinstance(typed.type, Plain | Constant):
        body.refuse("Q122", f"`{code_of(node)}` is no list for a condition", node)
    if isinstance(typed.type, Plain) and list(getattr(typed.node, "elements", "?")):
        body.compat("lookups", "value")
        return f"{target}.in_([value({target}, item) for item in {code_of(operand(typed))}])"
    return f"{target}.in_({typed.code})"


def _range(
    body: Body, label: str, column: ModelField, target: str, node: cst.BaseExpression
) -> str:
    if (
        not isinstance(node, cst.Tuple | cst.List) or len(node.elements) != 2
    ):  # a range has two ends
        body.refuse("Q120", "`range` wants two values in sight", node)
    ends = [_value(body, label, column, e.value) for e in node.elements]
    return f"{target}.between({ends[0]}, {ends[1]})"


_LOOKUPS: dict[str, Callable[[Body, str, ModelField, str, cst.BaseExpression], str]] = {
    "exact": _exact,
    "in": _in,
    "range": _range,
}


def _value(body: Body, label: str, column: ModelField, node: cst.BaseExpression) -> str:
    expression = expression_text(body, label, node)
    if expression is not None:
        return expression
    key = _key_of_relation(body, column, node)
    if key is not None:
        return key
    typed = body.expr(node)
    kind = typed.type
    if isinstance(kind, Instance):
        if column.relation is None:
            body.refuse("Q122", f"`{typed.code}` is compared with a plain column", node)
        if kind.optional:
            return _key_of_stranger(body, column, typed, node)
        return f"{code_of(operand(typed))}.{body.world.attribute(column.relation.to_field or 'id')}"
    if isinstance(kind, Constant):
        return typed.code
    if not isinstance(kind, Plain):
        body.refuse("Q122", f"`{code_of(node)}` is no value for a condition", node)
    expected = body.world.attribute_type(label, column.attname)
    if kind == expected or (isinstance(expected, Plain) and expected.name == "Any"):
        return typed.code
    body.compat("lookups", "value")
    return f"value({column_text(body, label, column)}, {typed.code})"


def _key_of_stranger(body: Body, column: ModelField, typed: Typed, node: cst.BaseExpression) -> str:
    """The number of a user who may be unknown: an error in Django as well, which wants a number."""
    kind, relation = typed.type, column.relation
    assert isinstance(kind, Instance)
    assert relation is not None
    target = body.world.field_named(relation.model, relation.to_field or "pk")
    number = target is not None and body.world.column_type(target[1]) == Plain("int")
    if not kind.user or not number:
        body.refuse("Q122", f"`{typed.code}` may be None here", node)
    body.compat("context", "known")
    return f"known({typed.code}).{body.world.attribute(relation.to_field or 'id')}"


def _key_of_relation(body: Body, column: ModelField, node: cst.BaseExpression) -> str | None:
    """`book.author_id` for `book.author`: the row itself need not be loaded to be compared."""
    if column.relation is None or not isinstance(node, cst.Attribute):
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
    if relation.kind == "many_to_many":
        return None
    return f"{code_of(operand(owner))}.{body.world.attribute(found[1].attname)}"


def expression_text(body: Body, label: str, node: cst.BaseExpression) -> str | None:
    """`F("x")` and arithmetic on it, as text; None for an ordinary value."""
    if isinstance(node, cst.BinaryOperation) and type(node.operator) in _ARITHMETIC:
        left = expression_text(body, label, node.left)
        right = expression_text(body, label, node.right)
        if left is None and right is None:
            return None
        left = left or body.expr(node.left).code
        right = right or body.expr(node.right).code
        return f"{left} {_ARITHMETIC[type(node.operator)]} {right}"
    if not isinstance(node, cst.Call) or len(node.args) != 1:
        return None
    if not isinstance(node.func, cst.Name | cst.Attribute):
        return None
    path = _callee(body, node.func)
    if path != _F:
        return None
    name = getattr(node.args[0].value, "evaluated_value", None)
    found = body.world.field_named(label, name) if isinstance(name, str) else None
    if found is None:
        body.refuse("Q120", f"`{code_of(node)}` has no rule", node)
    return column_text(body, found[0].name, found[1])


def _callee(body: Body, node: cst.BaseExpression) -> str | None:
    text = code_of(node)
    return (
        body.world.sources.resolve(body.module, text)
        if text.replace(".", "").isidentifier()
        else None
    )


def ordering(body: Body, label: str, names: list[str], node: cst.CSTNode) -> list[str]:
    """`order_by("-x", "author__name")` as SQLAlchemy expressions; own columns only."""
    result = []
    for name in names:
        bare = name.removeprefix("-")
        found = body.world.field_named(label, bare)
        if found is None or (found[1].relation is not None and bare == found[1].name):
            body.refuse("Q111", f"ordering {label} by `{name}` has no rule", node)
        text = column_text(body, found[0].name, found[1])
        result.append(f"{text}.desc()" if name.startswith("-") else text)
    return result


def ordered(body: Body, typed: Typed) -> Typed:
    """The statement with its model's default ordering, where none was asked for."""
    kind = typed.type
    if not isinstance(kind, Query) or kind.ordering != "default":
        return typed
    symbol = body.world.order_symbol(kind.model)
    if symbol is None:
        return typed
    if not body.world.order_known(kind.model):
        body.refuse("Q111", f"the default order of {kind.model} has no rule", typed.node)
    body.use(*symbol)
    statement = code_of(operand(typed))
    return Typed(parse(f"{statement}.order_by(*{symbol[1]})"), replace(kind, ordering="applied"))
