"""What a manager's class sets, and nobody changes, is that value in its methods.

Before: self.values(f"{self.label_field}__text")
After:  mappings(session, select(Mark).join(Mark.label), label__text=Label.text)
"""

import ast
import re

from strangler_codemods.class_bodies import class_value
from strangler_codemods.operation import Operation, Typed, code_of
from strangler_codemods.rule import attribute, rewrites
from strangler_codemods.types import Manager


@rewrites(attribute(Manager, "*"))
def rewrite(operation: Operation) -> Typed:
    kind, world, name = operation.on.type, operation.body.world, operation.name
    assert isinstance(kind, Manager)
    found = next((m for m in world.models[kind.model].managers if m.name == kind.name), None)
    classes = world.class_and_bases(found.cls.path) if found is not None else []
    sources = [source for path in classes if (source := world.sources.class_node(path))]
    changed = any(re.search(rf"\.{name}\b\s*(:[^=]+)?=[^=]", code_of(node)) for node, _ in sources)
    for node, module in [] if changed else sources:
        bound = class_value(node, name, module)
        if bound is not None:
            value = _literal(code_of(bound[0]))
            if isinstance(value, str | int | float):
                return operation.body.constant(value)
            break
        if len(node.bases) != 1:  # another base may have it
            break
    operation.refuse("B104", f"`.{name}` of a manager has no rule")


def _literal(text: str) -> object:
    try:
        return ast.literal_eval(text)
    except ValueError:
        return None
