"""Paths with the name of a format behind them: `/items.json` of a `DefaultRouter`."""

from __future__ import annotations

import re

from strangler.facts import Endpoint

from .world import World

_PART = re.compile(r"{(\w+)")


def format_options(world: World, endpoint: Endpoint, *, shared: bool) -> str:
    """Keyword arguments of a route for its paths with formats; `shared`: its router has them all."""
    if not endpoint.suffix_variants:
        return ""
    text = "" if shared else ", format_suffix=True"
    if endpoint.suffix_behind_slash:
        text = ', format_suffix="/."'
    return text if _takes_format(world, endpoint) else f"{text}, takes_format=False"


def _takes_format(world: World, endpoint: Endpoint) -> bool:
    """Whether Python can call the legacy handler with a format; DRF's own handlers take it."""
    names = _names(endpoint)
    asked = (endpoint.method.lower(), endpoint.action or "")
    paths = [endpoint.methods[name].path for name in asked if name in endpoint.methods]
    for path in [endpoint.view] if endpoint.function_view else paths:
        source = world.sources.function(path)
        if source is None or source.node.params.star_kwarg is not None:
            continue
        params = source.node.params
        if names - {param.name.value for param in (*params.params, *params.kwonly_params)}:
            return False
    return True


def is_format(endpoint: Endpoint, name: str) -> bool:
    """Whether a parameter of a handler is the format behind the path."""
    return name in _names(endpoint)


def _names(endpoint: Endpoint) -> set[str]:
    found = {name for path in endpoint.suffix_variants for name in _PART.findall(path)}
    return found - set(_PART.findall(endpoint.path))


def with_format(variant: str) -> str:
    """A path with a format behind it, as Django writes it: routes end such paths with a slash."""
    plain = re.sub(r"(?<!\.){format(:[^}]*)?}", ".{format}/", variant)
    return plain if plain != variant else variant.rstrip("/")
