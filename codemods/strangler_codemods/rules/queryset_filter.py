"""`filter` becomes `where`; a lookup over a to-one relation becomes `has`.

Before: queryset.filter(author__name=name, stars__gte=3)
After:  statement.where(Book.author.has(Author.name == name), Book.stars >= 3)
"""

from ..lookups import conditions
from ..operation import Operation, Typed, parse
from ..queries import base
from ..rule import method, rewrites
from ..types import Manager, Query


@rewrites(method(Manager, "filter"), method(Query, "filter"))
def rewrite(operation: Operation) -> Typed:
    statement = base(operation)
    assert isinstance(statement.type, Query)
    found = conditions(operation, statement.type.model)
    if not found:
        return statement
    text = ", ".join(condition.text for condition in found)
    return Typed(parse(f"{statement.code}.where({text})"), statement.type)
