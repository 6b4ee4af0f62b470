"""`full_clean()` of a row asks what its fields, `clean()`, unique columns and constraints ask.

Before: user.full_clean()
After:  full_clean(session, user, USER_RULES)
"""

from strangler_codemods.operation import Operation, Typed, code_of, parse
from strangler_codemods.plain_values import plain
from strangler_codemods.rule import method, rewrites
from strangler_codemods.types import Instance, Plain


@rewrites(method(Instance, "full_clean"))
def rewrite(operation: Operation) -> Typed:
    row, body = operation.on, operation.body
    assert isinstance(row.type, Instance)
    if row.type.optional:
        operation.refuse("B121", f"`{row.code}` may be None here")
    if body.colour == "build" or body.world.row_rules is None:
        operation.refuse("Q107", "a row is checked where no query may run")
    given = operation.take("exclude")
    extra = ""
    if "exclude" in given:
        extra = f", {code_of(plain(body, given['exclude']))}"
    rules = body.use(*body.world.row_rules(row.type.model))
    function = body.compat("cleaning", "full_clean")
    if body.colour == "async":
        text = f"await {body.session()}.run_sync({function}, {row.code}, {rules}{extra})"
    else:
        text = f"{function}({body.session()}, {row.code}, {rules}{extra})"
    return Typed(parse(text), Plain("None"))
