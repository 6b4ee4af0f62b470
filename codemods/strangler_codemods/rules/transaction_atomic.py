"""`transaction.atomic()` is compat's: the outermost block commits, inner ones are savepoints.

Before: with transaction.atomic():
After:  with atomic(session):
"""

from strangler_codemods.operation import Operation, Typed, parse
from strangler_codemods.rule import Key, rewrites
from strangler_codemods.types import Plain


@rewrites(Key("with", None, "django.db.transaction.atomic"))
def rewrite(operation: Operation) -> Typed:
    if operation.args:
        operation.refuse("B210", "`atomic` with arguments has no rule")
    body = operation.body
    if body.colour == "build":
        operation.refuse("Q107", "a transaction is opened where none may be")
    function = body.compat("transactions", "atomic")
    return Typed(parse(f"{function}({body.session()})"), Plain())
