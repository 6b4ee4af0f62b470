"""Relations loaded ahead: `a__b` as loader options."""

from __future__ import annotations

from .body import Body


def load_path(body: Body, label: str, path: str, *, to_many: bool) -> str | None:
    """`joinedload(A.b).selectinload(B.c)`: to-one joins, to-many selects; None for unknown names."""
    text = ""
    for name in path.split("__"):
        step = relation_step(body, label, name)
        if step is None:
            return None
        owner, attribute, target, many = step
        if many and not to_many:
            return None
        loader = "selectinload" if many or to_many else "joinedload"
        call = f"{loader}({body.model(owner)}.{attribute})"
        if not text:
            body.use("sqlalchemy.orm", loader)
        text = f"{text}.{call}" if text else call
        label = target
    return text


def relation_step(body: Body, label: str, name: str) -> tuple[str, str, str, bool] | None:
    """Owner label, mapped attribute, target label and whether it is to-many."""
    found = body.world.field_named(label, name)
    if found is not None and found[1].relation is not None and name == found[1].name:
        many = found[1].relation.kind == "many_to_many"
        return found[0].name, body.world.attribute(name), found[1].relation.model, many
    for reverse in body.world.models[label].reverse:
        if reverse.accessor == name:
            return label, body.world.attribute(name), reverse.model, not reverse.one_to_one
    return None
