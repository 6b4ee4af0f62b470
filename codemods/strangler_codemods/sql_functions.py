"""Database functions, `F`, `Value`, `Case` and `When`."""

from __future__ import annotations

import libcst as cst

from .operation import string_value
from .sql_values import Call, Handler, Sql, column, decimal, expression, joined_kind, literal
from .types import Symbol


def _f(call: Call) -> Sql:
    name = string_value(call.take("name")["name"])
    if name is None:
        call.refuse("Q101", "`F` of a computed name has no rule")
    return column(call.reach, name, call.node)


def _value(call: Call) -> Sql:
    taken = call.take("value", "output_field")
    found = literal(call.reach, taken["value"])
    kind = call.field_kind(taken.get("output_field")) or found.kind
    return Sql(found.text, kind, found.nullable, literal=True)


def _text(name: str, kind: str = "str") -> Handler:
    """A function of one text."""

    def handler(call: Call) -> Sql:
        one = call.argument(call.take("expression")["expression"])
        if one.kind != "str":
            call.refuse("Q104")
        return Sql(f"{call.use()}.{name}({one.text})", kind, one.nullable)

    return handler


def _same(name: str) -> Handler:
    """A function of one whole number, which it gives one again."""

    def handler(call: Call) -> Sql:
        one = call.argument(call.take("expression")["expression"])
        if one.kind != "int":
            call.refuse("Q104")
        return Sql(f"{call.use()}.{name}({one.text})", one.kind, one.nullable)

    return handler


def _coalesce(call: Call) -> Sql:
    nodes, named = call.positional()
    wanted = call.field_kind(named.pop("output_field", None))
    if named or len(nodes) < 2:  # the first that is not NULL
        call.refuse("Q104")
    parts = [call.argument(node) for node in nodes]
    kind = _kind_of(call, parts, wanted)
    if kind == "float" and call.reach.body.world.vendor == "mysql" and any(p.over for p in parts):
        # how many places the mean of a subquery has depends on what stands around it
        call.refuse("Q104", "`Coalesce` of the mean of a relation has no rule on MariaDB")
    text = f"{call.use()}.coalesce({', '.join(part.text for part in parts)})"
    found = Sql(
        decimal(call.reach, text) if kind == "Decimal" else text, kind,
        all(part.nullable for part in parts),
        aggregate=any(p.aggregate for p in parts),
        over=next((p.over for p in parts if p.over), ()), steady=all(p.steady for p in parts),
    )  # fmt: skip
    return found


def _kind_of(call: Call, parts: list[Sql], wanted: str | None) -> str:
    kinds = [part.kind for part in parts]
    literals = {part.kind for part in parts if part.literal}
    computed = {part.kind for part in parts if not part.literal}
    if wanted == "Decimal" and literals <= {"int", "Decimal"} and computed <= {"Decimal"}:
        return wanted
    kind = joined_kind(call, kinds)
    if wanted is not None and wanted != kind:
        call.refuse("Q104", "an `output_field` of another type has no rule")
    return kind


def _concat(call: Call) -> Sql:
    nodes, named = call.positional()
    wanted = call.field_kind(named.pop("output_field", None))
    parts = [call.argument(node) for node in nodes]
    if named or wanted not in (None, "str") or len(parts) < 2:  # two texts at least
        call.refuse("Q104")
    if any(part.kind != "str" for part in parts):
        call.refuse("Q104", "`Concat` of something other than texts has no rule")
    call.use("func")
    texts = []
    for place, part in enumerate(parts):
        one = part.text
        if part.literal:
            one = f"{call.use('literal')}({one})" if place == 0 else one
        else:
            one = f'func.coalesce({one}, "")' if part.nullable else part.operand
        texts.append(one)
    return Sql(" + ".join(texts), "str", False)


def _substr(call: Call) -> Sql:
    taken = call.take("expression", "pos", "length")
    one = call.argument(taken["expression"])
    rest = [literal(call.reach, taken[n]) for n in ("pos", "length") if n in taken]
    if one.kind != "str" or any(part.kind != "int" for part in rest):
        call.refuse("Q104")
    texts = ", ".join([one.text, *(part.text for part in rest)])
    return Sql(f"{call.use()}.substr({texts})", "str", one.nullable)


def _left(call: Call) -> Sql:
    taken = call.take("expression", "length")
    one, length = call.argument(taken["expression"]), literal(call.reach, taken["length"])
    if one.kind != "str" or length.kind != "int":
        call.refuse("Q104")
    return Sql(f"{call.use()}.substr({one.text}, 1, {length.text})", "str", one.nullable)


def _replace(call: Call) -> Sql:
    taken = call.take("expression", "text", "replacement")
    parts = [call.argument(taken[n]) for n in ("expression", "text", "replacement") if n in taken]
    texts = [part.text for part in parts] + (['""'] if "replacement" not in taken else [])
    if any(part.kind != "str" for part in parts):
        call.refuse("Q104")
    return Sql(f"{call.use()}.replace({', '.join(texts)})", "str", any(p.nullable for p in parts))


def _nullif(call: Call) -> Sql:
    nodes, named = call.positional()
    parts = [call.argument(node) for node in nodes]
    if named or len(parts) != 2:  # the value, and which one is NULL
        call.refuse("Q104")
    kind = joined_kind(call, [part.kind for part in parts])
    return Sql(f"{call.use()}.nullif({parts[0].text}, {parts[1].text})", kind, True)


def _part(part: str) -> Handler:
    """`ExtractYear` and its like."""

    def handler(call: Call) -> Sql:
        one = call.argument(call.take("expression")["expression"])
        if one.kind not in ("datetime", "date"):
            call.refuse("Q104")
        function = call.reach.body.compat("date_parts", "part")
        return Sql(f'{function}("{part}", {one.text})', "int", one.nullable)

    return handler


def _trunc(kind: str) -> Handler:
    """`TruncMonth` and its like."""

    def handler(call: Call) -> Sql:
        one = call.argument(call.take("expression")["expression"])
        body = call.reach.body
        if kind == "date" and one.kind == "datetime":
            return Sql(
                f"{body.compat('date_parts', 'local_date')}({one.text})", "date", one.nullable
            )
        if kind == "date" or one.kind not in ("datetime", "date") or not one.column:
            call.refuse("Q104")
        if one.kind == "date" and kind in ("hour", "minute", "second"):
            call.refuse("Q104")
        if not body.world.has_time_zones and one.kind == "datetime":
            call.refuse("Q104", "the database server has no time zones: mariadb-tzinfo-to-sql")
        function = body.compat("date_parts", "trunc")
        return Sql(f'{function}("{kind}", {one.text})', one.kind, one.nullable)

    return handler


def _case(call: Call) -> Sql:
    nodes, named = call.positional()
    wanted = call.field_kind(named.pop("output_field", None))
    default = named.pop("default", None)
    if named:
        call.refuse("Q104")
    whens, values = [], []
    for node in nodes:
        condition, value = _when(call, node)
        whens.append(f"({condition}, {value.text})")
        values.append(value)
    other = _then(call, default) if default is not None else Sql("None", "None", literal=True)
    kind = _kind_of(call, [*values, other], wanted)
    if kind == "Decimal":
        call.refuse("Q104", "`Case` of decimals has no rule")
    call.use("case")
    tail = "" if other.text == "None" else f", else_={other.text}"
    aggregates = [v for v in [*values, other] if v.aggregate]
    return Sql(
        f"case({', '.join(whens)}{tail})", kind, any(v.nullable for v in [*values, other]),
        foreign=bool(aggregates), aggregate=bool(aggregates),
        over=aggregates[0].over if aggregates else (), steady=all(a.steady for a in aggregates),
    )  # fmt: skip


def _then(call: Call, node: cst.BaseExpression) -> Sql:
    """What a branch gives; a bare value is one, a text too."""
    found = expression(call.reach, node)
    return found if found is not None else literal(call.reach, node)


def _when(call: Call, node: cst.BaseExpression) -> tuple[str, Sql]:
    from .lookups import Conditions

    function = call.reach.body.expr(node.func).type if isinstance(node, cst.Call) else None
    if (
        not isinstance(node, cst.Call)
        or not isinstance(function, Symbol)
        or not function.path.endswith(".When")
    ):
        call.refuse("Q104")
    conditions = [
        a for a in node.args if a.keyword is None or a.keyword.value not in ("then", "condition")
    ]
    conditions += [
        a.with_changes(keyword=None)
        for a in node.args
        if a.keyword and a.keyword.value == "condition"
    ]
    then = next(
        (a.value for a in node.args if a.keyword is not None and a.keyword.value == "then"), None
    )
    if then is None or not conditions:
        call.refuse("Q104")
    asked = Conditions(call.reach)
    asked.single = True
    asked.own = dict(call.reach.paths) if call.reach.kind.grouped or call.reach.whole else {}
    written = [asked.render(part, negated=False) for part in asked.parts(tuple(conditions))]
    if len(written) == 1:
        return written[0].text, _then(call, then)
    call.use("and_")
    return f"and_({', '.join(leaf.text for leaf in written)})", _then(call, then)


def _wrapper(call: Call) -> Sql:
    taken = call.take("expression", "output_field")
    found = call.value(taken["expression"])
    wanted = call.field_kind(taken.get("output_field"))
    if wanted != found.kind:
        call.refuse("Q104", "an `output_field` of another type has no rule")
    return found


def _cast(call: Call) -> Sql:
    taken = call.take("expression", "output_field")
    one = call.argument(taken["expression"])
    kind = call.field_kind(taken["output_field"])
    known = {("int", "float"): "Double", ("float", "float"): "Double", ("int", "int"): "Integer"}
    if (one.kind, kind) not in known:
        call.refuse("Q104")
    call.use("cast")
    name = call.use(known[one.kind, kind or ""])
    return Sql(f"cast({one.text}, {name})", kind or "", one.nullable)


def _now(call: Call) -> Sql:
    call.refuse("Q104", "`Now()` has no rule")


def _one_of(name: str) -> Handler:
    """`Greatest` and `Least`."""

    def handler(call: Call) -> Sql:
        nodes, named = call.positional()
        parts = [call.argument(node) for node in nodes]
        if named or len(parts) < 2:  # one is the greatest of itself
            call.refuse("Q104")
        kind = joined_kind(call, [part.kind for part in parts])
        if kind not in ("int", "date"):
            call.refuse("Q104")
        function = call.reach.body.compat("sql_functions", name)
        text = f"{function}({', '.join(part.text for part in parts)})"
        return Sql(text, kind, any(part.nullable for part in parts))

    return handler


def _str_index(call: Call) -> Sql:
    taken = call.take("string", "substring")
    parts = [call.argument(taken[n]) for n in ("string", "substring")]
    if any(part.kind != "str" for part in parts):
        call.refuse("Q104")
    function = call.reach.body.compat("sql_functions", "place_of")
    return Sql(f"{function}({parts[0].text}, {parts[1].text})", "int", parts[0].nullable)


_PERIODS = ("Year", "Quarter", "Month", "Week", "Day", "Hour", "Minute", "Second", "Date")
_PARTS = ("Year", "Month", "Day", "Week", "Quarter", "Hour", "Minute", "Second")

HANDLERS: dict[str, Handler] = {
    "F": _f,
    "Value": _value,
    "Coalesce": _coalesce,
    "Concat": _concat,
    "Lower": _text("lower"),
    "Upper": _text("upper"),
    "Length": _text("length", "int"),
    "Trim": _text("trim"),
    "LTrim": _text("ltrim"),
    "RTrim": _text("rtrim"),
    "Abs": _same("abs"),
    "Substr": _substr,
    "Left": _left,
    "Replace": _replace,
    "NullIf": _nullif,
    "StrIndex": _str_index,
    "Greatest": _one_of("greatest"),
    "Least": _one_of("least"),
    "Case": _case,
    "ExpressionWrapper": _wrapper,
    "Cast": _cast,
    "Now": _now,
    **{f"Trunc{name}": _trunc(name.lower()) for name in _PERIODS},
    **{f"Extract{name}": _part(name.lower()) for name in _PARTS},
}
