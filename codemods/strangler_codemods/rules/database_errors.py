"""What the database refuses is caught as SQLAlchemy's error of that name.

Before: except IntegrityError:
After:  except IntegrityError:
"""

from strangler_codemods.operation import Operation, Typed, parse
from strangler_codemods.rule import rewrites, symbol
from strangler_codemods.types import Symbol

_PATHS = ("django.db.IntegrityError", "django.db.utils.IntegrityError")


@rewrites(*(symbol(path) for path in _PATHS))
def rewrite(operation: Operation) -> Typed:
    local = operation.body.use("sqlalchemy.exc", "IntegrityError")
    return Typed(parse(local), Symbol("django.db.IntegrityError"))
