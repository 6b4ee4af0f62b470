"""A lookup over a to-many relation that is turned round: whether there is such a row."""

from __future__ import annotations

from dataclasses import replace

import libcst as cst

from .comparing import Leaf
from .missing_rows import asks_for_none
from .reach import Reach
from .steps import OneStep, Walk


def exists_condition(reach: Reach, path: Walk, node: cst.BaseExpression, asks: bool) -> Leaf:
    """`Book.reviews.any(Review.stars == 5)`.

    asks: whether the lookup asks for NULL, which a row without any others has too.
    """
    whole = path.column is None and len(path.many) == len(path.steps)
    if whole and (asks or path.rest == ("isnull",)):
        found = _nested(reach, path, "", node)
        return Leaf(f"~{found}" if asks else found, loose=False)
    if asks:
        return _null_or_none(reach, path, node)
    inner = _inner(reach, path, node)
    if asks_for_none(reach.body, path, node):
        return _across(reach, path, inner, node)
    return Leaf(_nested(reach, path, inner.text, node), loose=False)


def _inner(reach: Reach, path: Walk, node: cst.BaseExpression) -> Leaf:
    from .lookups import Conditions

    place = len(path.many)
    step = path.steps[place - 1][1]
    leaf = Conditions(reach).within(path, place, reach.body.model(step.target), step.target, node)
    if leaf.bare:
        reach.body.refuse("Q121", "this lookup turned round has no rule", node)
    return leaf


def _null_or_none(reach: Reach, path: Walk, node: cst.BaseExpression) -> Leaf:
    if path.column is None or len(path.steps) != 1:
        reach.body.refuse("Q121", "`isnull` at the end of this path has no rule", node)
    asked = _inner(reach, replace(path, rest=("isnull",)), cst.Name("True"))
    reach.body.use("sqlalchemy", "or_")
    found, none = _nested(reach, path, asked.text, node), _nested(reach, path, "", node)
    return Leaf(f"or_({found}, ~{none})", loose=False)


def _across(reach: Reach, path: Walk, inner: Leaf, node: cst.BaseExpression) -> Leaf:
    """`across(exact(Review.stars, stars), Book.reviews)`: None asks for books without any, too."""
    step = path.steps[0][1]
    if len(path.steps) != 1 or step.attribute is None:
        reach.body.refuse("Q121", "None at the end of this path has no rule", node)
    relation = f"{reach.entity}.{step.attribute}"
    across = reach.body.compat("lookups", "across")
    return Leaf(f"{across}({inner.text}, {relation})", loose=False)


def _nested(reach: Reach, path: Walk, text: str, node: cst.BaseExpression) -> str:
    """`any` and `has` around a condition, from the inside out."""
    entities = [(reach.entity, reach.label)]
    entities += [(reach.body.model(s.target), s.target) for _, s in path.steps]
    for place in reversed(range(len(path.many))):
        step, (entity, label) = path.steps[place][1], entities[place]
        if isinstance(step, OneStep):
            start = reach.attribute(entity, label, step.owner, step.attribute)
            text = f"{start}.has({text})"
            continue
        if step.attribute is None:
            reach.body.refuse("Q121", "a relation without a name turned round has no rule", node)
        text = f"{entity}.{step.attribute}.any({text})"
    return text
