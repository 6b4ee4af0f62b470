"""Paths that may end in the name of a format, `/items.json`, which DRF hands to the handler."""

from __future__ import annotations

from strangler.facts import Endpoint

from .sources import Sources


def suffix_options(endpoint: Endpoint, sources: Sources, *, shared: bool) -> str:
    """What the decorator of a route says of formats; `shared`: its router says that all have them."""
    text = ""
    if any("/.{" in path for path in endpoint.suffix_variants):
        text = ', format_suffix="/."'
    elif endpoint.suffix_variants and not shared:
        text = ", format_suffix=True"
    if endpoint.suffix_variants and not _takes_format(endpoint, sources):
        text += ", takes_format=False"
    return text


def _takes_format(endpoint: Endpoint, sources: Sources) -> bool:
    """Whether what DRF calls with `format=` takes it: the handler, and the action it hands on to."""
    called = [endpoint.view] if endpoint.function_view else []
    for name in (endpoint.method.lower(), endpoint.action or ""):
        if not endpoint.function_view and name in endpoint.methods:
            called.append(endpoint.methods[name].path)
    for path in called:
        source = sources.function(path)
        params = source.node.params if source is not None else None
        if params is None or params.star_kwarg is not None:
            continue
        if "format" not in {p.name.value for p in (*params.params, *params.kwonly_params)}:
            return False
    return True
