"""`settings.SECRET_KEY` comes from the environment.

Before: settings.SECRET_KEY
After:  settings.secret_key.get_secret_value()
"""

from strangler_codemods.operation import Operation, Typed, parse
from strangler_codemods.rule import rewrites, symbol
from strangler_codemods.types import Plain


@rewrites(symbol("django.conf.settings.SECRET_KEY"))
def rewrite(operation: Operation) -> Typed:
    settings = operation.body.use("app.settings", "settings")
    return Typed(parse(f"{settings}.secret_key.get_secret_value()"), Plain("str"))
