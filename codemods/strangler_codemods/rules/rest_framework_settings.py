"""A setting of DRF's is the value that the project runs with.

Before: errors[api_settings.NON_FIELD_ERRORS_KEY]
After:  errors["non_field_errors"]
"""

from strangler_codemods.operation import Operation, Typed
from strangler_codemods.rule import rewrites, symbol


@rewrites(symbol("rest_framework.settings.api_settings.*"))
def rewrite(operation: Operation) -> Typed:
    name = operation.name.rpartition(".")[2]
    known = operation.body.world.facts.settings.get("REST_FRAMEWORK") or {}
    value = known.get(name)
    if name not in known or not isinstance(value, bool | int | str | None):
        operation.refuse("B102", f"`{name}` of DRF's settings has no rule")
    return operation.body.constant(value)
