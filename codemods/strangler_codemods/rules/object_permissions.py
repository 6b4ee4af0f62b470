"""A row that the view looked for itself is shown to its permissions.

Before: order = get_object_or_404(Order, pk=pk); self.check_object_permissions(request, order)
After:  order = get_or_404(session, select(Order).where(Order.id == pk)); check_object(session, order)
"""

from strangler.facts import Endpoint
from strangler_codemods.handed_rows import handed_models, permitted_model
from strangler_codemods.operation import Operation, Typed, parse
from strangler_codemods.rule import method, rewrites
from strangler_codemods.types import Instance, Plain, Request, View


@rewrites(method(View, "check_object_permissions"))
def rewrite(operation: Operation) -> Typed:
    body, given = operation.body, operation.take("request", "obj")
    endpoint = body.owner.attributes.get("endpoint")
    if not isinstance(endpoint, Endpoint) or operation.name in endpoint.methods or body.use_context:
        operation.refuse("B302", "`self.check_object_permissions` has no rule here")
    if len(given) != 2 or not isinstance(body.expr(given["request"]).type, Request):
        operation.refuse("B302", "`self.check_object_permissions` of another request has no rule")
    row = body.expr(given["obj"])
    label = permitted_model(body.world, endpoint)
    if not isinstance(row.type, Instance) or row.type.optional or row.type.model != label:
        operation.refuse(
            "B302", f"`{row.code}` is not of the model that permissions are asked about"
        )
    if set(handed_models(body.world, endpoint)) != {label}:
        operation.refuse(
            "B302", "the view shows its permissions something other than rows it found"
        )
    if body.colour == "build":
        operation.refuse("Q107", "permissions are asked where nothing may be done")
    function = body.compat("actions", "check_object")
    if body.colour == "async":
        text = f"await {body.session()}.run_sync({function}, {row.code})"
    else:
        text = f"{function}({body.session()}, {row.code})"
    return Typed(parse(text), Plain("None"))
