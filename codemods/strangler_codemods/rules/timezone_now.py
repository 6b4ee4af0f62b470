"""Django's clock becomes compat's, aware where the project is.

Before: timezone.now()
After:  now()
"""

from strangler_codemods.operation import Operation, Typed, parse
from strangler_codemods.rule import call, rewrites
from strangler_codemods.types import Plain


@rewrites(call("django.utils.timezone.now"))
def now(operation: Operation) -> Typed:
    return Typed(parse(f"{operation.body.compat('clock', 'now')}()"), Plain("datetime"))


@rewrites(call("django.utils.timezone.localdate"))
def localdate(operation: Operation) -> Typed:
    if operation.args:
        operation.refuse("B111", "`localdate` with arguments has no rule")
    return Typed(parse(f"{operation.body.compat('clock', 'local_today')}()"), Plain("date"))
