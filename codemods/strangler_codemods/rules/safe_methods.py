"""DRF's SAFE_METHODS is the tuple it is.

Before: if request.method in permissions.SAFE_METHODS:
After:  if request.method in ("GET", "HEAD", "OPTIONS"):
"""

from strangler_codemods.operation import Operation, Typed
from strangler_codemods.rule import rewrites, symbol


@rewrites(symbol("rest_framework.permissions.SAFE_METHODS"))
def rewrite(operation: Operation) -> Typed:
    return operation.body.constant(("GET", "HEAD", "OPTIONS"))
