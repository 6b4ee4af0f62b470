"""Which renderer answers a request, and which API version it asks for."""

from collections.abc import Sequence
from itertools import product

from starlette.requests import Request

from . import settings
from .errors import Http404, NotAcceptable
from .mediatypes import MediaType
from .responses import JSON, Renderer

# The browsable API: counted in `Vary` and accepted, but answered with JSON.
BROWSABLE = Renderer("text/html", "api")
# An Accept header is read up to this many characters, entries, and characters of one entry.
MAX_ACCEPT, MAX_ENTRIES, MAX_ENTRY = 8192, 64, 256


def accepted_types(header: str) -> list[MediaType]:
    """Split an Accept header, within the limits that DRF 3.18 has."""
    limited = settings.DRF >= (3, 18)
    if limited and len(header) > MAX_ACCEPT:
        header = header[: header.rfind(",", 0, MAX_ACCEPT) + 1]
    tokens = [token.strip() for token in header.split(",")]
    if limited:
        tokens = [token for token in tokens if token and len(token) <= MAX_ENTRY][:MAX_ENTRIES]
    return [MediaType(token) for token in tokens]


def _chosen(renderer: Renderer, accepted: MediaType) -> str | None:
    """Return the media type to answer with, or None when `renderer` does not suit."""
    offered = MediaType(renderer.media_type)
    if not offered.matches(accepted):
        return None
    if offered.precedence > accepted.precedence:
        parameters = [f"{key}={value}" for key, value in accepted.parsed[2].items()]
        return ";".join([renderer.media_type, *parameters])
    return accepted.text


def negotiate(
    request: Request, renderers: Sequence[Renderer], suffix: str | None = None
) -> tuple[Renderer, str]:
    """Choose the renderer and the media type it was asked by.

    `suffix` is a `.json`-like ending of the path; `?format=` is the same as a parameter. Raises
    Http404 when no renderer has that format and NotAcceptable when none suits `Accept`.
    """
    parameter = settings.URL_FORMAT_OVERRIDE
    wanted = suffix or (request.query_params.get(parameter) if parameter else None)
    if wanted:
        renderers = [renderer for renderer in renderers if renderer.format == wanted]
        if not renderers:
            raise Http404
    types = accepted_types(request.headers.get("accept", "*/*"))
    # The most specific entries decide; among equals the order of the renderers does.
    for precedence in (3, 2, 1, 0):
        equals = [accepted for accepted in types if accepted.precedence == precedence]
        for renderer, accepted in product(renderers, equals):
            media_type = _chosen(renderer, accepted)
            if media_type is not None:
                return renderer, media_type
    raise NotAcceptable(available_renderers=renderers)


def fallback(renderers: Sequence[Renderer]) -> tuple[Renderer, str]:
    """Return what renders the answer when negotiation itself failed."""
    renderer = renderers[0] if renderers else JSON
    return renderer, renderer.media_type
