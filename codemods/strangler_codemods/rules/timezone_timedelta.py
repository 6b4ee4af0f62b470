"""`timedelta` as `django.utils.timezone` happens to import it is the standard library's.

Before: timezone.now() + timezone.timedelta(days=7)
After:  now() + timedelta(days=7)
"""

import libcst as cst

from strangler_codemods.operation import Operation, Typed, parse
from strangler_codemods.plain_values import plain_args
from strangler_codemods.rule import call, rewrites
from strangler_codemods.types import Plain


@rewrites(call("django.utils.timezone.timedelta"))
def rewrite(operation: Operation) -> Typed:
    node = operation.node
    assert isinstance(node, cst.Call)
    name = parse(operation.body.use("datetime", "timedelta"))
    args = plain_args(operation.body, node.args)
    return Typed(node.with_changes(func=name, args=args), Plain("timedelta"))
