"""What `transaction.on_commit` is given runs after the commit, or at once outside of a transaction.

Before: transaction.on_commit(lambda: send_receipt.delay(order.id))
After:  await session.run_sync(on_commit, lambda: send_receipt.delay(order.id))
"""

from strangler_codemods.callbacks import callback
from strangler_codemods.operation import Operation, Typed, code_of, parse
from strangler_codemods.rule import call, rewrites
from strangler_codemods.types import Constant, Plain


@rewrites(call("django.db.transaction.on_commit"))
def rewrite(operation: Operation) -> Typed:
    given = operation.take("func", "using", "robust")
    body = operation.body
    if "using" in given and body.expr(given["using"]).type != Constant(None):
        operation.refuse("B111", "`on_commit` of another database has no rule")
    if "func" not in given:
        operation.refuse("B111", "`on_commit` without a function")
    if body.colour == "build":
        operation.refuse("Q107", "`on_commit` stands where nothing may be done")
    texts = [callback(operation, given["func"])]
    if "robust" in given and (robust := code_of(given["robust"])) != "False":
        if robust != "True":
            operation.refuse("B111", "`on_commit` with a computed `robust` has no rule")
        texts.append("robust=True")
    function = body.compat("transactions", "on_commit")
    if body.colour == "async":
        text = f"await {body.session()}.run_sync({', '.join([function, *texts])})"
    else:
        text = f"{function}({', '.join([body.session(), *texts])})"
    return Typed(parse(text), Plain("None"))
