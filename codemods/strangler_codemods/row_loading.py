"""Rows that are read from other rows, and attributes that rows may lack."""

from __future__ import annotations

from typing import cast

import libcst as cst
import libcst.matchers as m

from strangler.facts import Reverse

from .class_bodies import binds
from .operands import operand
from .operation import Operation, Typed, code_of, parse
from .polymorphic import is_polymorphic
from .types import Instance
from .world import World

# What every model of Django has beside its fields and what the project gives it.
_OF_DJANGO = frozenset(
    [
        "DoesNotExist",
        "MultipleObjectsReturned",
        "NotUpdated",
        "adelete",
        "arefresh_from_db",
        "asave",
        "check",
        "clean",
        "clean_fields",
        "date_error_message",
        "delete",
        "from_db",
        "full_clean",
        "get_constraints",
        "get_deferred_fields",
        "objects",
        "pk",
        "prepare_database_save",
        "refresh_from_db",
        "save",
        "save_base",
        "serializable_value",
        "unique_error_message",
        "validate_constraints",
        "validate_unique",
    ]
)
_BASES = ("django.db.models.", "builtins.")


def loaded(operation: Operation, text: str, kind: Instance) -> Typed:
    """A row that is read from another: below `run_sync`, where it may be loaded."""
    body = operation.body
    if body.colour == "build":
        operation.refuse("Q109", f"`.{operation.name}` would load a row where none may be")
    if body.colour == "sync":
        body.loads = True
        return Typed(parse(text), kind)
    session = body.session()
    row = parse(text)
    if f"{session}.run_sync(" in text:  # a row of a row: one call loads both
        row = cast(cst.BaseExpression, row.visit(_Below(session)))
    inner = code_of(row)
    if "await" in inner or "lambda" in inner:
        operation.refuse("Q109", f"`.{operation.name}` would load a row inside async code")
    return Typed(parse(f"await {session}.run_sync(lambda _: {inner})"), kind)


class _Below(m.MatcherDecoratableTransformer):
    """Takes what `await session.run_sync(lambda _: …)` loads out of the call."""

    def __init__(self, session: str) -> None:
        super().__init__()
        called = m.Attribute(m.Name(session), m.Name("run_sync"))
        inside = m.Lambda(body=m.SaveMatchedNode(m.DoNotCare(), "inner"))
        self._call = m.Await(m.Call(called, [m.Arg(inside)]))

    def leave_Await(self, original_node: cst.Await, updated_node: cst.Await) -> cst.BaseExpression:
        """The row itself."""
        found = m.extract(updated_node, self._call)
        inner = found["inner"] if found is not None else updated_node
        return cast(cst.BaseExpression, inner)


def other_side(world: World, label: str, name: str) -> Reverse | None:
    """The one-to-one relation of another model that ends at this one under a name."""
    reverses = world.models[label].reverse
    return next((r for r in reverses if r.accessor == name and r.one_to_one), None)


def row_or_none(operation: Operation, row: Typed, found: Reverse) -> Typed:
    """The row at the other side of a one-to-one relation, None where Django would raise an AttributeError."""
    kind = row.type
    assert isinstance(kind, Instance)
    text = f"{code_of(operand(row))}.{found.accessor}"
    if kind.optional:
        text = f"({text} if {row.code} is not None else None)"
    return loaded(operation, text, Instance(found.model, optional=True))


def has_attribute(world: World, label: str, name: str) -> bool | None:
    """Whether every row has an attribute, or none; None where that is not known.

    It is not of what runs when it is asked for, such as a property, of keys that a new row may not have
    yet, of the other side of a one-to-one relation, and of what some code gives to some rows.
    """
    model = world.models[label]
    found = world.field_named(label, name)
    if found is not None:
        owner, column = found
        is_key = column.relation is not None and column not in owner.many_to_many
        return None if is_key and name == column.name and not column.null else True
    if name in model.methods or name in _OF_DJANGO or name.startswith("get_"):
        return None
    reverse = next((r for r in model.reverse if r.accessor == name), None)
    if reverse is not None:
        return None if reverse.one_to_one else True
    if "__" in name or world.sources.may_set(name):  # `annotate(Count("books"))` gives one, too
        return None
    own = [ref.path for ref in model.lineage if not ref.path.startswith(_BASES)]
    classes = [world.sources.class_node(path) for path in own]
    if "__getattr__" in model.methods or name in model.attributes or name.startswith("_"):
        return None
    if label == world.user_label:
        return None  # middleware of packages gives users more
    known = [found[0] for found in classes if found is not None]
    if len(known) < len(own) or any(binds(node, name) for node in known):
        return None
    below = world.children.get(label, ()) if is_polymorphic(model) else ()
    if any(has_attribute(world, child.name, name) is not False for child in below):
        return None  # rows of the classes below come as such
    return False


def always_points(world: World, label: str, name: str) -> bool:
    """Whether every row of the database points to another row under a name."""
    found = world.field_named(label, name)
    if found is None:
        return False
    owner, column = found
    kept = column.relation is not None and column.relation.db_constraint
    return kept and column not in owner.many_to_many and column.name == name and not column.null
