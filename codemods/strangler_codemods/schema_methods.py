"""Methods of serializers that DRF calls and that no rule carries: what they shape, show or store."""

from __future__ import annotations

from collections.abc import Callable

import libcst as cst

from strangler.facts import Serializer

from .body import Body, CallResult
from .operation import Operation, Typed
from .types import Attrs
from .world import World

SHAPE = frozenset(
    [
        "__init__",
        "__new__",
        "get_fields",
        "get_field_names",
        "build_field",
        "build_standard_field",
        "build_relational_field",
        "build_nested_field",
        "build_property_field",
        "get_extra_kwargs",
        "fields",
        "bind",
        "many_init",
    ]
)
READING = frozenset(
    ["to_representation", "data", "get_attribute", "_readable_fields", "__iter__", "__getitem__"]
)
WRITING = frozenset(
    [
        "to_internal_value",
        "run_validation",
        "run_validators",
        "validate_empty_values",
        "is_valid",
        "save",
        "get_value",
        "get_validators",
        "get_unique_together_validators",
        "get_initial",
        "get_default",
        "get_uniqueness_extra_kwargs",
        "_writable_fields",
        "validated_data",
        "errors",
        "include_extra_kwargs",
    ]
)


def validates_above(
    world: World, serializer: Serializer, path: str
) -> Callable[[Body, str, cst.BaseExpression], CallResult | Typed]:
    """What `super().validate(attrs)` of the method at `path` gives: DRF's leaves the data as it is."""
    names = [ref.path for ref in serializer.lineage]
    owner = path.rpartition(".")[0]
    above = names[names.index(owner) + 1 :] if owner in names else None

    def call(body: Body, name: str, node: cst.BaseExpression) -> Typed:
        foreign = above is None or any(
            not each.startswith("rest_framework.") and _may_validate(world, each) for each in above
        )
        if name != "validate" or foreign or not isinstance(node, cst.Call):
            body.refuse("B302", f"`super().{name}` has no rule here", node)
        given = Operation(node, body, name, args=tuple(node.args)).take("attrs")
        attrs = body.expr(given["attrs"])
        if not isinstance(attrs.type, Attrs):
            body.refuse("B302", "`super().validate` of something else has no rule", node)
        return attrs

    return call


def _may_validate(world: World, path: str) -> bool:
    """Whether a class has a `validate` of its own, or cannot be read."""
    if path.startswith(("builtins.", "typing.", "abc.")):
        return False
    known = world.sources.class_node(path) is not None
    return not known or world.sources.function(f"{path}.validate") is not None
