"""Texts of dates and times are read as Django reads them: None where one is none.

Before: day = parse_date(request.query_params.get("day", ""))
After:  day = parse_date(day)
"""

from strangler.facts import release
from strangler_codemods.operation import Operation, Typed, code_of, parse
from strangler_codemods.plain_values import plain
from strangler_codemods.rule import call, rewrites
from strangler_codemods.types import Plain

_GIVES = {
    "parse_date": "date",
    "parse_datetime": "datetime",
    "parse_time": "time",
    "parse_duration": "timedelta",
}
# Since then both read ISO 8601 by the same function of Python's.
_SAME_PYTHON, _SAME_DJANGO = (3, 11), (4, 0)
_MODULE = "django.utils.dateparse"


@rewrites(*(call(f"{_MODULE}.{name}") for name in _GIVES))
def rewrite(operation: Operation) -> Typed:
    body, name = operation.body, operation.name.rpartition(".")[2]
    legacy = body.world.facts.legacy
    if release(legacy.python) < _SAME_PYTHON or release(legacy.django) < _SAME_DJANGO:
        operation.refuse("B105", f"`{name}` of this release has no rule")
    value = plain(body, operation.take("value")["value"])
    function = body.compat("dates", name)
    return Typed(parse(f"{function}({code_of(value)})"), Plain(f"{_GIVES[name]} | None"))
