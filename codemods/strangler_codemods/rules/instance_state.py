"""Whether a row is being made is asked of its state, where it is saved or cleaned.

Before: if self._state.adding: self.number = self.next_number()
After:  if is_new(self): self.number = self.next_number(session)
"""

from strangler_codemods.operation import Operation, Typed, parse
from strangler_codemods.rule import attribute, rewrites
from strangler_codemods.types import Instance, Plain, RowState

# Elsewhere the row may have been deleted, after which Django still takes it for a stored one.
_MAKING = ("save", "clean")


@rewrites(attribute(Instance, "_state"))
def state(operation: Operation) -> Typed:
    kind, owner = operation.on.type, operation.body.owner
    assert isinstance(kind, Instance)
    made = owner.attributes.get("member") in _MAKING and operation.on.code == "self"
    if kind.optional or not made:
        operation.refuse("B120", f"`._state` of {kind.model} has no rule here")
    return Typed(operation.on.node, RowState())


@rewrites(attribute(RowState, "adding"))
def adding(operation: Operation) -> Typed:
    function = operation.body.compat("orm", "is_new")
    return Typed(parse(f"{function}({operation.on.code})"), Plain("bool"))
