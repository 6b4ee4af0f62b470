"""Marked texts are written in the language of the project, or looked up for each request.

Before: _("Too late.")
After:  "Too late."

Where LocaleMiddleware chooses among several: `gettext("Too late.")`, looked up for each request.
"""

from strangler_codemods.languages import serves_several, shown, texts_of, texts_vary
from strangler_codemods.names import quoted
from strangler_codemods.operation import Operation, Typed, parse
from strangler_codemods.plain_values import plain
from strangler_codemods.rule import call, rewrites
from strangler_codemods.types import Constant, Plain

_FUNCTIONS = ("gettext", "gettext_lazy", "ugettext", "ugettext_lazy")


@rewrites(*(call(f"django.utils.translation.{name}") for name in _FUNCTIONS))
def rewrite(operation: Operation) -> Typed:
    if texts_vary(operation.body.world.facts):
        operation.refuse("B127", "texts are translated here")
    node = operation.take("message")["message"]
    facts = operation.body.world.facts
    typed = operation.body.expr(node)
    if isinstance(typed.type, Constant) and isinstance(typed.type.value, str):
        if serves_several(facts):
            lazy = "gettext_lazy" if operation.name.endswith("_lazy") else "gettext"
            name = operation.body.compat("translations", lazy)
            return Typed(parse(f"{name}({quoted(typed.type.value)})"), Plain("str"))
        text = shown(facts, typed.type.value)
        if text == typed.type.value:
            return typed
        return Typed(parse(quoted(text)), Constant(text))
    if texts_of(facts) or serves_several(facts):
        operation.refuse("B127", "a text that is not written here is translated")
    return Typed(plain(operation.body, node), Plain("str"))
