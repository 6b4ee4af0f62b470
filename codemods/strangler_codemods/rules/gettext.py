"""Marked texts are their text, where only one language is served.

Before: _("Too late.")
After:  "Too late."
"""

from strangler_codemods.languages import texts_vary
from strangler_codemods.operation import Operation, Typed
from strangler_codemods.plain_values import plain
from strangler_codemods.rule import call, rewrites
from strangler_codemods.types import Constant, Plain

_FUNCTIONS = ("gettext", "gettext_lazy", "ugettext", "ugettext_lazy")


@rewrites(*(call(f"django.utils.translation.{name}") for name in _FUNCTIONS))
def rewrite(operation: Operation) -> Typed:
    if texts_vary(operation.body.world.facts):
        operation.refuse("B127", "texts are translated here")
    node = operation.take("message")["message"]
    typed = operation.body.expr(node)
    if isinstance(typed.type, Constant):
        return typed
    return Typed(plain(operation.body, node), Plain("str"))
