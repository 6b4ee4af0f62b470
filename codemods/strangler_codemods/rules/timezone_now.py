"""Django's clock becomes compat's, aware where the project is.

Before: timezone.now()
After:  now()
"""

from strangler_codemods.operation import Operation, Typed, code_of, parse
from strangler_codemods.plain_values import plain
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


@rewrites(call("django.utils.timezone.localtime"))
def localtime(operation: Operation) -> Typed:
    """A moment in the project's zone: Django refuses one without a zone, and so has every moment one."""
    body, given = operation.body, operation.take("value", "timezone")
    if "timezone" in given or not body.world.facts.settings.get("USE_TZ"):
        operation.refuse("B111", "`localtime` with a zone, or without USE_TZ, has no rule")
    value = f"{body.compat('clock', 'now')}()"
    if "value" in given:
        if body.expr(given["value"]).type != Plain("datetime"):
            operation.refuse("B111", "`localtime` of something that may be no moment has no rule")
        value = code_of(plain(body, given["value"]))
    return Typed(parse(f"{body.compat('clock', 'local')}({value})"), Plain("datetime"))
