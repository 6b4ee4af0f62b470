"""`refresh_from_db` reads the row again, or only the columns that are named.

Before: product.refresh_from_db(fields=["stock"])
After:  refresh(session, product, ["stock"])
"""

import libcst as cst

from strangler_codemods.operation import Operation, Typed, parse, string_value
from strangler_codemods.rule import method, rewrites
from strangler_codemods.types import Instance, Plain


@rewrites(method(Instance, "refresh_from_db"))
def rewrite(operation: Operation) -> Typed:
    row, body = operation.on, operation.body
    assert isinstance(row.type, Instance)
    arguments = operation.take("using", "fields")
    if "using" in arguments:
        operation.refuse("B133", "`refresh_from_db` of another database has no rule")
    if row.type.optional:
        operation.refuse("B121", f"`{row.code}` may be None here")
    if body.colour == "build":
        operation.refuse("Q107", "a row is read where no query may run")
    texts = [row.code]
    if "fields" in arguments:
        texts.append(repr(_columns(operation, row.type.model, arguments["fields"])))
    function = body.compat("orm", "refresh")
    if body.colour == "async":
        call = f"await {body.session()}.run_sync({', '.join([function, *texts])})"
    else:
        call = f"{function}({', '.join([body.session(), *texts])})"
    return Typed(parse(call), Plain("None"))


def _columns(operation: Operation, label: str, node: cst.BaseExpression) -> list[str]:
    """The mapped attributes of columns that are named in sight."""
    elements = node.elements if isinstance(node, cst.List | cst.Tuple) else ()
    names = []
    for element in elements:
        name = string_value(element.value)
        found = operation.body.world.field_named(label, name) if name is not None else None
        if found is None or found[1].relation is not None:
            operation.refuse("B133", "`refresh_from_db` of these fields has no rule")
        names.append(operation.body.world.attribute(found[1].attname))
    if not names:
        operation.refuse("B133", "`refresh_from_db` of these fields has no rule")
    return names
