"""Paths by name: where other endpoints are found, converted or still on the legacy application."""

import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from types import MappingProxyType
from typing import Any
from urllib.parse import quote, urlencode

from starlette.requests import Request

from . import settings
from .urls import absolute_url, script_prefix

# What Django leaves unquoted when it builds a path.
_SAFE = "!$&'()*+,;=/~:@"
_PART = re.compile(r"{(\w+)}")


def reverser(paths: Mapping[str, Sequence[str]]) -> Callable[..., str | None]:
    """Return `reverse(name, **kwargs)`: the path of `name` that takes exactly these parts, or None.

    paths: templates such as "/api/tags/{slug}/" by name.
    """
    known = {
        (name, frozenset(_PART.findall(template))): template
        for name, templates in paths.items()
        for template in templates
    }

    def reverse(name: str, **kwargs: object) -> str | None:
        template = known.get((name, frozenset(kwargs)))
        if template is None:
            return None
        return _PART.sub(lambda match: quote(str(kwargs[match[1]]), safe=_SAFE), template)

    return reverse


def links(
    request: Request, names: Mapping[str, str], parts: Mapping[str, Any] = MappingProxyType({})
) -> dict[str, str]:
    """The addresses of the endpoints `names`, by key; what takes other parts is left out.

    A request with a format behind its path gets addresses with that format.
    """
    behind = request.path_params.get("format")
    found = {}
    for key, name in names.items():
        with suppress(LookupError):
            found[key] = address(request, name, parts, format=behind)
    return found


def address(
    request: Request,
    name: str,
    parts: Mapping[str, Any],
    *,
    format: str | None = None,
    absolute: bool = True,
) -> str:
    """The address of the endpoint `name` that takes exactly these parts; LookupError without one.

    format: what stands behind the path, as in "/items.json".

    A request that names its format in the query gets addresses that name it too, unless they are
    not `absolute`: then they are made without a request.
    """
    if format is not None:
        parts = {**parts, "format": format}
    path: str | None = request.app.state.reverse(name, **parts)
    if path is None:
        raise LookupError(f"no route {name!r} takes {dict(parts)}")
    path = quote(script_prefix(request.scope), safe=_SAFE)[:-1] + path
    if not absolute:
        return path
    key = settings.URL_FORMAT_OVERRIDE
    if key is not None and key in request.query_params:
        path = f"{path}?{urlencode({key: request.query_params[key]})}"
    return absolute_url(request, path)
