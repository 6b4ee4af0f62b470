"""DRF's names of statuses are the numbers.

Before: Response(status=status.HTTP_204_NO_CONTENT)
After:  status 204
"""

import re

from strangler_codemods.operation import Operation, Typed
from strangler_codemods.rule import rewrites, symbol

_NAME = re.compile(r"HTTP_(\d{3})_\w+")


@rewrites(symbol("rest_framework.status.*"))
def rewrite(operation: Operation) -> Typed:
    found = _NAME.fullmatch(operation.name.rpartition(".")[2])
    if found is None:
        operation.refuse("B102", f"`{operation.name}` has no rule")
    return operation.body.constant(int(found[1]))
