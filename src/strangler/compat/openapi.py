"""The OpenAPI document: what the wire has and FastAPI cannot see by itself."""

from collections.abc import Callable
from typing import Any

from .views import View


def documented_options(
    endpoint: Callable[..., Any], view: View, options: dict[str, Any]
) -> dict[str, Any]:
    """Complete the options of a route."""
    return options
