"""Targets go through byte for byte; odd ones never match a route."""

import pytest

from strangler_proxy.routes import Route
from strangler_proxy.targets import plain_path
from tests.proxy.conftest import Running
from tests.proxy.sides import get

ODD = [
    "/items/../items/", "/items/./", "/items/%2e%2e/", "/items/%2E/", "/items//", "//items/",
    "/items%2f", "/items/%2F1/", "/items/1;a=b/", "/items;/", "/items/%5c/", "/items\\/",
    "/items/%00/", "/items/%0a/", "/items/%20/", "/items/%ff/", "/items/%c0%ae/", "/items/%25/",
    "/items/%3f/", "/items/%23/", "/items/1/#x", "/items/%3B/", "/items/%g1/", "/items/%", "/./items/",
    "/items/?a#b", "/items/%e2%80%a8/", '/items/"/', "/items/<x>/", "/items/{pk}/", "/items/|/", "/items/^/",
]  # fmt: skip


@pytest.mark.parametrize("target", ODD)
def test_an_odd_target_goes_to_legacy_as_it_is(plane: Running, target: str) -> None:
    """Everything is on new, and yet."""
    plane.use(Route("GET /items/", "new"), Route("GET /items/{pk}/", "new"))
    got = plane.ask(get(target))
    assert got.body == b"legacy"
    assert plane.legacy.seen[0].line == f"GET {target} HTTP/1.1"


PLAIN = {
    "/items/1/": "/items/1/",
    "/items/1/?a=%2f..//&b=;": "/items/1/",
    "/items/a%20b/".replace("%20", "%C3%A9"): "/items/aéb/",
    "/items/%41/": "/items/A/",
    "/items/a.b/": "/items/a.b/",
    "/items/a:b@c,d=e+f!$&'()*~/": "/items/a:b@c,d=e+f!$&'()*~/",
    "/": "/",
}


@pytest.mark.parametrize("target", PLAIN)
def test_a_plain_target_is_read_as_django_reads_it(target: str) -> None:
    """Escapes are taken off once."""
    assert plain_path(target.encode()) == PLAIN[target]


@pytest.mark.parametrize("target", PLAIN)
def test_a_plain_target_goes_through_byte_for_byte(plane: Running, target: str) -> None:
    """Its escapes stay as the client wrote them."""
    plane.use(Route("GET /items/{pk}/", "new"))
    plane.ask(get(target))
    (talk,) = [*plane.legacy.seen, *plane.new.seen]
    assert talk.line == f"GET {target} HTTP/1.1"


def test_bytes_past_ascii_go_through_to_legacy(plane: Running) -> None:
    """They are no URL, but some clients send them."""
    plane.use(Route("GET /items/{pk}/", "new"))
    plane.ask("GET /items/é/ HTTP/1.1\r\nHost: a\r\n\r\n".encode())
    assert plane.legacy.seen[0].head.startswith("GET /items/é/ HTTP/1.1".encode())
