"""Django's query expressions as SQLAlchemy expressions: `F`, functions, `Case`, `Subquery`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import NoReturn

import libcst as cst

from .known_texts import known_text
from .operation import Operation, code_of, parse, string_value
from .own_values import converts, is_text
from .reach import Reach
from .types import Constant, Plain
from .value_types import CASELESS

_MODELS = "django.db.models."
_ARITHMETIC = {cst.Add: "+", cst.Subtract: "-", cst.Multiply: "*", cst.Divide: "/", cst.Modulo: "%"}
_OF_ANY_CASE = frozenset({"Count", "Length", "Lower", "Max", "Min", "Upper"})
NUMBERS = frozenset({"int", "float", "Decimal"})


@dataclass(frozen=True)
class Sql:
    """An expression as text and the Python type of its value.

    column: it is a column as it is; foreign: of another table. over: the to-many path that an
    aggregate function looks at. caseless: a text in which case does not count.
    """

    text: str
    kind: str = "Any"
    nullable: bool = True
    column: bool = False
    foreign: bool = False
    aggregate: bool = False
    over: tuple[str, ...] = ()
    steady: bool = True
    literal: bool = False
    caseless: bool = False

    @property
    def loose(self) -> bool:
        """Whether operators bind more closely than what it is made of."""
        return not isinstance(
            parse(self.text),
            cst.Call | cst.Attribute | cst.Name | cst.BaseNumber | cst.SimpleString,
        )

    @property
    def operand(self) -> str:
        """The text, safe inside operators."""
        return f"({self.text})" if self.loose else self.text


def expression(reach: Reach, node: cst.BaseExpression) -> Sql | None:
    """What the database computes; None for an ordinary value."""
    if isinstance(node, cst.BinaryOperation) and type(node.operator) in _ARITHMETIC:
        return _arithmetic(reach, node)
    if isinstance(node, cst.UnaryOperation) and isinstance(node.operator, cst.BitInvert):
        inner = expression(reach, node.expression)
        return replace(inner, text=f"~{inner.operand}") if inner and inner.kind == "bool" else None
    if not isinstance(node, cst.Call):
        return None
    path = callee(reach, node)
    handler = handler_of(path)
    if handler is None:
        if path.startswith((_MODELS, "django.contrib.postgres")) and not path.endswith(
            (".Q", "Field")
        ):
            reach.body.refuse("Q104", f"`{path}` has no rule", node)
        return None
    return handler(Call(reach, _with_names(reach, node), path))


def _with_names(reach: Reach, node: cst.Call) -> cst.Call:
    """A call with literals for names that are put together of constants: `Count(f"{self.field}__id")`."""
    texts = [
        known_text(reach.body, a.value) if isinstance(a.value, cst.FormattedString) else None
        for a in node.args
    ]
    if not any(text is not None for text in texts):
        return node
    pairs = zip(node.args, texts, strict=True)
    args = [a if t is None else a.with_changes(value=cst.SimpleString(repr(t))) for a, t in pairs]
    return node.with_changes(args=args)


def callee(reach: Reach, node: cst.Call) -> str:
    """The dotted path of what is called, empty where it is no name."""
    text = code_of(node.func)
    if not text.replace(".", "").isidentifier() or text.partition(".")[0] in reach.body.env:
        return ""
    return reach.body.world.sources.resolve(reach.body.module, text) or ""


@dataclass(frozen=True)
class Call:
    """A call of one of Django's expression classes."""

    reach: Reach
    node: cst.Call
    path: str

    @property
    def name(self) -> str:
        """The class."""
        return self.path.rpartition(".")[2]

    def refuse(self, code: str, message: str = "") -> NoReturn:
        """Keep the endpoint on legacy at this line."""
        self.reach.body.refuse(code, message or f"`{code_of(self.node)}` has no rule", self.node)

    def take(self, *names: str) -> dict[str, cst.BaseExpression]:
        """Arguments by name, as Python binds them."""
        operation = Operation(self.node, self.reach.body, self.name, args=tuple(self.node.args))
        return operation.take(*names)

    def positional(self) -> tuple[list[cst.BaseExpression], dict[str, cst.BaseExpression]]:
        """Arguments by place and by name; stars refuse."""
        operation = Operation(self.node, self.reach.body, self.name, args=tuple(self.node.args))
        return operation.positional(), operation.keywords()

    def use(self, name: str = "func") -> str:
        """Import a name of SQLAlchemy."""
        return self.reach.body.use("sqlalchemy", name)

    def argument(self, node: cst.BaseExpression) -> Sql:
        """An argument of a function: a text names a column, another value is one."""
        name = string_value(node)
        if name is not None:
            return self._usable(column(self.reach, name, node))
        found = expression(self.reach, node)
        if found is not None:
            return self._usable(found)
        given = literal(self.reach, node)
        if given.kind in ("str", "Any", "str | None"):  # a column of that name
            self.refuse("Q104", f"`{code_of(node)}` names a column at run time")
        return given

    def value(self, node: cst.BaseExpression) -> Sql:
        """An expression, or a value as it is."""
        found = expression(self.reach, node)
        return self._usable(found) if found is not None else literal(self.reach, node)

    def _usable(self, found: Sql) -> Sql:
        """Refuse what would count case, or not, by the types of the other arguments."""
        if found.caseless and self.name not in _OF_ANY_CASE:
            self.refuse("Q104", f"`{self.name}` of a text without case has no rule")
        return found

    def field_kind(self, node: cst.BaseExpression | None) -> str | None:
        """The Python type of an `output_field=`."""
        if node is None:
            return None
        if not isinstance(node, cst.Call):
            self.refuse("Q104")
        from .value_types import python_type

        path = callee(self.reach, node).rpartition(".")[2]
        kind = python_type(path)
        if kind is None or kind == "Any":
            self.refuse("Q104")
        return kind


def column(reach: Reach, name: str, node: cst.BaseExpression) -> Sql:
    """`F(name)`."""
    found = reach.column(name, node)
    field = found.field
    if field is not None and converts(field) and (not is_text(field) or found.kind != Plain("str")):
        text = f"`{field.cls}` has values of its own, with which the database cannot compute"
        reach.body.refuse("M105", text, node)
    kind = found.kind.name if isinstance(found.kind, Plain) else "Any"
    if found.computed is not None:
        inner = found.computed
        return Sql(
            inner.text, inner.kind, inner.optional, aggregate=inner.aggregate and reach.kind.grouped,
            over=inner.over, steady=inner.steady,
        )  # fmt: skip
    caseless = field is not None and field.db_type == CASELESS
    return Sql(
        found.text, kind, found.nullable, column=True, foreign=found.foreign, caseless=caseless
    )


def literal(reach: Reach, node: cst.BaseExpression) -> Sql:
    """A value of Python's."""
    typed = reach.body.expr(node)
    if isinstance(typed.type, Constant):
        name = "None" if typed.type.value is None else type(typed.type.value).__name__
        return Sql(typed.code, name, name == "None", literal=True)
    if not isinstance(typed.type, Plain):
        reach.body.refuse("Q104", f"`{code_of(node)}` is no value for an expression", node)
    if isinstance(node, cst.Call) and callee(reach, node) == "decimal.Decimal":
        return Sql(typed.code, "Decimal", False, literal=True)
    return Sql(typed.code, typed.type.name, True, literal=True)


def joined_kind(call: Call, kinds: list[str]) -> str:
    """The type of a value that is one of these; numbers as Django combines them."""
    found = {kind for kind in kinds if kind != "None"}
    if len(found) == 1:
        return found.pop()
    call.refuse("Q104", "an expression of mixed types has no rule")


def _arithmetic(reach: Reach, node: cst.BinaryOperation) -> Sql | None:
    left, right = expression(reach, node.left), expression(reach, node.right)
    if left is None and right is None:
        return None
    left = left or literal(reach, node.left)
    right = right or literal(reach, node.right)
    sign = _ARITHMETIC[type(node.operator)]
    kind = _number(left.kind, right.kind)
    division = sign in ("/", "%")
    if sign == "/" and reach.body.world.vendor == "mysql":
        reach.body.refuse("Q104", "a division, which has places in MariaDB, has no rule", node)
    if kind is None or (division and kind != "int"):
        reach.body.refuse("Q104", f"`{code_of(node)}` of these types has no rule", node)
    text = f"{left.operand} {'//' if sign == '/' else sign} {right.operand}"
    if kind == "Decimal":
        text = decimal(reach, text)
    return Sql(
        text, kind, left.nullable or right.nullable or division,
        foreign=left.foreign or right.foreign,
        aggregate=left.aggregate or right.aggregate, over=left.over or right.over,
        steady=left.steady and right.steady,
    )  # fmt: skip


def _number(left: str, right: str) -> str | None:
    kinds = {left, right}
    if not kinds <= NUMBERS or kinds == {"float", "Decimal"}:
        return None
    return left if len(kinds) == 1 else (kinds - {"int"}).pop()


def decimal(reach: Reach, text: str) -> str:
    """A number whose places are those that it has, as Django reads it."""
    reach.body.use("sqlalchemy", "type_coerce")
    return f"type_coerce({text}, {reach.body.compat('columns', 'DjangoDecimal')}())"


Handler = Callable[[Call], Sql]


def handler_of(path: str) -> Handler | None:
    """The rule of an expression class, by its dotted path."""
    from . import aggregates, sql_functions, subqueries

    if not path.startswith("django.db.models"):
        return None
    name = path.rpartition(".")[2]
    for handlers in (sql_functions.HANDLERS, aggregates.HANDLERS, subqueries.HANDLERS):
        if name in handlers:
            return handlers[name]
    return None
