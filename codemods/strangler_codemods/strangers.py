"""Users who may be unknown, where Django takes rows only: it raises, and so does what is written here."""

from __future__ import annotations

from dataclasses import replace

from .body import Body
from .operation import Typed, parse
from .types import Instance


def somebody(body: Body, value: Typed) -> Typed:
    """`known(user)` where a user may be unknown, a row or anything else as it is.

    Django's anonymous user cannot be assigned to a relation: a ValueError, not an empty relation.
    """
    kind = value.type
    if not isinstance(kind, Instance) or not kind.user or not kind.optional:
        return value
    function = body.compat("context", "assignable")
    return Typed(parse(f"{function}({value.code})"), replace(kind, optional=False))
