"""`objects.create` inserts a row through the model's own `save`.

Before: Note.objects.create(text=text, owner=request.user)
After:  await create(session, Note, {"text": text, "owner": user})
"""

from strangler_codemods.operation import Operation, Typed, parse
from strangler_codemods.rule import method, rewrites
from strangler_codemods.saving_options import saving_options
from strangler_codemods.types import Instance, Manager


@rewrites(method(Manager, "create"))
def rewrite(operation: Operation) -> Typed:
    kind, body = operation.on.type, operation.body
    assert isinstance(kind, Manager)
    if body.colour == "build":
        operation.refuse("Q107", "`.create()` writes where nothing may be written")
    body.world.require_writable(body, kind.model, operation.node, "save")
    options = saving_options(operation, kind.model)
    function = body.compat("actions" if body.colour == "async" else "orm", "create")
    empty = ", {}" if body.colour == "async" else ""
    call = f"{function}({body.session()}, {body.model(kind.model)}{empty}{options})"
    return Typed(parse(f"await {call}" if body.colour == "async" else call), Instance(kind.model))
