"""Lookups on JSON columns and their keys."""

from __future__ import annotations

from .comparing import SIGNS, Comparison, Leaf
from .types import Constant, Plain

_TEXT = frozenset({"icontains", "startswith", "istartswith", "endswith", "iendswith"})
_KEYS = frozenset({"has_key", "has_keys", "has_any_keys"})
_KNOWN = frozenset({"exact", "in", "isnull", *SIGNS, *_TEXT, *_KEYS, "contains", "contained_by", "range", "iexact", "regex", "iregex"})  # fmt: skip


def json_condition(asked: Comparison, rest: tuple[str, ...]) -> Leaf:
    """`data__a__b=1`: keys, then a lookup."""
    *keys, last = [*rest] or ["exact"]
    if last not in _KNOWN:
        keys, last = [*keys, last], "exact"
    if any(key in _KNOWN for key in keys):
        asked.refuse("Q120", f"the lookup `{'__'.join(rest)}` has no rule")
    guard = f"{asked.target}.is_not(None)" if asked.nullable else ""
    shown = "".join(f"{key!r}, " for key in keys).replace("'", '"')
    if last in _KEYS:
        text = f"{_use(asked, f'json_{last}')}({asked.target}, {_value(asked)}{_tail(shown)})"
        return Leaf(text, asked.nullable, loose=False)
    if last == "isnull":
        wanted = asked.body.expr(asked.node).type
        if not isinstance(wanted, Constant) or not isinstance(wanted.value, bool):
            asked.refuse("Q120", "`isnull` with a computed value has no rule")
        if not keys:
            return Leaf(f"{asked.target}.{'is_' if wanted.value else 'is_not'}(None)")
        text = f"{_use(asked, 'json_is_null')}({asked.target}, ({shown}), {wanted.value})"
        return Leaf(text, False, loose=False, bare=True)
    kind = asked.body.expr(asked.node).type
    if not isinstance(kind, Constant):
        guard = "?"  # Django adds none where the value turns out to be None
    elif kind.value is None:
        guard = ""
    return Leaf(_comparison(asked, last, shown), False, loose=False, bare=True, guard=guard)


def _comparison(asked: Comparison, lookup: str, shown: str) -> str:
    value, target = _value(asked), asked.target
    if lookup == "exact":
        return f"{_use(asked, 'json_exact')}({target}, ({shown}), {value})"
    if not shown:
        asked.refuse("Q120", f"the lookup `{lookup}` of a JSON column has no rule")
    if lookup == "in":
        return f"{_use(asked, 'json_in')}({target}, ({shown}), {value})"
    if lookup in SIGNS:
        return f'{_use(asked, "json_compare")}({target}, ({shown}), "{SIGNS[lookup]}", {value})'
    if lookup not in _TEXT:
        asked.refuse("Q120", f"the lookup `{lookup}` of a JSON column has no rule")
    text = f"{_use(asked, 'json_text')}({target}, {shown.removesuffix(', ')})"
    return f"{asked.compat(lookup)}({text}, {value})"


def _tail(shown: str) -> str:
    return f", {shown.removesuffix(', ')}" if shown else ""


def _use(asked: Comparison, name: str) -> str:
    return asked.body.compat("json_lookups", name)


def _value(asked: Comparison) -> str:
    typed = asked.body.expr(asked.node)
    if not isinstance(typed.type, Plain | Constant):
        asked.refuse("Q122", f"`{typed.code}` is no value for a condition")
    return typed.code
