"""`super().validate(attrs)` of serializers: DRF's leaves the data as it is, a class's own is carried too.

def validate(self, attrs):                    @classmethod
    attrs = super().validate(attrs)           def validate_object(cls, attrs, context):
    ...                                           attrs = cls.validate_object_as_dated(attrs, context)
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import libcst as cst

from strangler.facts import Serializer

from .body import Body
from .functions import Rewritten
from .names import snake
from .operation import Operation, Typed, parse
from .static_methods import with_self
from .types import Attrs
from .valid_values import returned_attrs
from .world import World

if TYPE_CHECKING:
    from .schemas import Schemas


@dataclass
class Validations:
    """The `validate` of the classes above those of a serializer, by the path of the method."""

    schemas: Schemas
    serializer: Serializer
    #: Name, what it was given, what it returns, and the function itself.
    found: dict[str, tuple[str, Attrs, Attrs, Rewritten]] = field(default_factory=dict)

    @property
    def members(self) -> list[Rewritten]:
        """What the schema has of them."""
        return [rewritten for *_, rewritten in self.found.values()]

    def call(self, path: str, body: Body, name: str, node: cst.BaseExpression) -> Typed:
        """What `super().validate(attrs)` in the method at `path` becomes.

        Raises:
            RefusalError: a class above cannot be read, or its method has no rule.
        """
        above = self._above(path)
        if name != "validate" or above is None or not isinstance(node, cst.Call):
            body.refuse("B302", f"`super().{name}` has no rule here", node)
        given = Operation(node, body, name, args=tuple(node.args)).take("attrs")
        attrs = body.expr(given["attrs"])
        if not isinstance(attrs.type, Attrs):
            body.refuse("B302", "`super().validate` of something else has no rule", node)
        if not above:
            return attrs
        called, given_before, returned, _ = self.found.get(above) or self._carry(above, attrs.type)
        if given_before != attrs.type:
            body.refuse("B302", "`super().validate` is called with different data", node)
        local = next((old for old, new in body.renames.items() if new == attrs.code), attrs.code)
        if local in body.env:  # the same dictionary: what it still holds under the same type
            kept = tuple(pair for pair in attrs.type.fields if pair in returned.fields)
            body.env[local] = Attrs(kept, attrs.type.maybe | returned.maybe)
        text = f"cls.{called}({attrs.code}, {body.context()})"
        return Typed(parse(text), returned)

    def _above(self, path: str) -> str | None:
        """The method that is meant; empty for DRF's, None where a class cannot be read."""
        names = [ref.path for ref in self.serializer.lineage]
        owner = path.rpartition(".")[0]
        for each in names[names.index(owner) + 1 :] if owner in names else [owner]:
            if each.startswith("rest_framework."):
                continue
            if _may_validate(self.schemas.world, each):
                method = f"{each}.validate"
                known = self.schemas.world.sources.function(method) is not None
                return method if known and each != owner else None
        return ""

    def _carry(self, path: str, attrs: Attrs) -> tuple[str, Attrs, Attrs, Rewritten]:
        source = self.schemas.world.sources.function(path)
        assert source is not None
        stem = snake(path.split(".")[-2].removesuffix("Serializer")) or "serializer"
        name, number = f"validate_object_as_{stem}", 2
        while name in {called for called, *_ in self.found.values()}:
            name, number = f"validate_object_as_{stem}_{number}", number + 1
        rewritten = self.schemas.validation(self, with_self(source), name, attrs)
        returned = returned_attrs(rewritten)
        if returned is None:
            rewritten.body.refuse("B302", f"`{path}` returns something else", source.node)
        self.found[path] = name, attrs, returned, rewritten
        return self.found[path]


def _may_validate(world: World, path: str) -> bool:
    """Whether a class has a `validate` of its own, or cannot be read."""
    if path.startswith(("builtins.", "typing.", "abc.")):
        return False
    known = world.sources.class_node(path) is not None
    return not known or world.sources.function(f"{path}.validate") is not None
