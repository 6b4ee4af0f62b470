"""What clients send to log in: a password, and the name by which users of the project do."""

from __future__ import annotations

from collections.abc import Sequence

from .body import Import
from .modules import Tree
from .world import World


def login_name(world: World) -> str:
    """`USERNAME_FIELD` of the project's users."""
    value = world.models[world.user_label].attributes.get("USERNAME_FIELD")
    return str(value.value) if value is not None and value.value else "username"


def login_schema(tree: Tree, name: str, fields: Sequence[str], *, required: bool = True) -> Import:
    """Write a schema of texts; its module and its name.

    required: whether a client has to send all of them.
    """
    default, imports = "", {
        ("typing", "Annotated"), ("app.compat.fields_text", "Char"),
        ("app.compat.schemas", "WriteSchema"),
    }  # fmt: skip
    if not required:
        default = " = UNSET"
        imports.add(("app.compat.schemas", "UNSET"))
    lines = [f"    {field}: Annotated[str, Char()]{default}" for field in fields]
    head = f'class {name}(WriteSchema):\n    """A user\'s name and password."""\n'
    module = tree.module("app.core.tokens", "What clients send for a token.")
    module.add(name, "\n".join([head, *lines, ""]), imports, (1, name, 0))
    return module.name, name
