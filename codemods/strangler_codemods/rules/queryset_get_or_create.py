"""`get_or_create` finds a row by its columns, or makes it.

Before: tag, created = Tag.objects.get_or_create(label=text, defaults={"colour": "red"})
After:  tag, created = get_or_create(session, Tag, label=text, defaults={"colour": "red"})
"""

from dataclasses import replace

from strangler_codemods.operation import Operation, Typed, code_of, parse
from strangler_codemods.plain_values import plain
from strangler_codemods.rule import method, rewrites
from strangler_codemods.saving_options import saving_options
from strangler_codemods.types import Instance, Manager, Plain, TupleOf


@rewrites(method(Manager, "get_or_create"))
def rewrite(operation: Operation) -> Typed:
    kind, body = operation.on.type, operation.body
    assert isinstance(kind, Manager)
    if body.colour == "build":
        operation.refuse("Q107", "`.get_or_create()` writes where nothing may be written")
    found = next((m for m in body.world.models[kind.model].managers if m.name == kind.name), None)
    if found is None or found.filtering:
        operation.refuse("Q106", f"the manager `{kind.name}` of {kind.model} has no rule")
    body.world.require_writable(body, kind.model, operation.node, "save")
    given = [a for a in operation.args if a.keyword is not None and a.keyword.value == "defaults"]
    rest = tuple(a for a in operation.args if a not in given)
    options = saving_options(replace(operation, args=rest), kind.model, generic=False)
    if any(a.star for a in rest) or not options:
        operation.refuse("B110", "`get_or_create` with these arguments has no rule")
    if given:
        options += f", defaults={code_of(plain(body, given[0].value))}"
    function = body.compat("orm", "get_or_create")
    gives = TupleOf((Instance(kind.model), Plain("bool")))
    model = body.model(kind.model)
    if body.colour == "async":
        call = f"await {body.session()}.run_sync({function}, {model}{options})"
        return Typed(parse(call), gives)
    return Typed(parse(f"{function}({body.session()}, {model}{options})"), gives)
