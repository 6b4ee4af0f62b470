"""The name that a handler gives to a row of a model."""

import keyword

from .body import RESERVED
from .names import snake

#: Parameters of handlers beside what bodies may not use; a row is none of them.
_OF_HANDLERS = frozenset({"data", "filters", "request"})


def row_name(class_name: str) -> str:
    """`OrderItem` is `order_item`; `Break` is `break_`, `Session` is `session_`."""
    name = snake(class_name)
    taken = keyword.iskeyword(name) or name in RESERVED or name in _OF_HANDLERS
    return f"{name}_" if taken else name
