"""Addresses lead to the patterns to which Django's own resolver leads them."""

import pytest
from django.http import HttpResponse
from django.urls import Resolver404, include, path, re_path
from django.urls.resolvers import RegexPattern, URLResolver
from django.utils.encoding import uri_to_iri as django_uri_to_iri
from hypothesis import given
from hypothesis import strategies as st

from strangler.compat import settings
from strangler.compat.resolving import Route, path_of, resolver, uri_to_iri


def view(request: object) -> HttpResponse:
    return HttpResponse()


PATTERNS = [
    re_path("^rows/new/$", view, name="new"),
    re_path(r"^rows/(?P<pk>[^/.]+)/$", view, name="row"),
    re_path(r"^rows/(?P<pk>[^/.]+)\.(?P<format>[a-z0-9]+)/?$", view, name="row"),
    path("<int:floor>/", include(([path("<int:pk>/", view, name="room")], "on"), namespace="on")),
    re_path("^[0-9]+/", include([path("7/<path:rest>", view, name="rest")])),
    re_path("^odd(/(?P<pk>a+))?", view, name="odd"),
]
ROUTES = (
    Route("^rows/new/$", "new"),
    Route(r"^rows/(?P<pk>[^/.]+)/$", "row"),
    Route(r"^rows/(?P<pk>[^/.]+)\.(?P<format>[a-z0-9]+)/?$", "row"),
    Route(
        "^(?P<floor>[0-9]+)/",
        integers=("floor",),
        below=(Route(r"^(?P<pk>[0-9]+)/\Z", "on:room", ("pk",)),),
    ),
    Route("^[0-9]+/", below=(Route(r"^7/(?P<rest>.+)\Z", "rest"),)),
    Route("^odd(/(?P<pk>a+))?", "odd"),
)
PARTS = ["", "rows", "new", "1", "007", "7", "odd", "aa", "x.json", "é", "a\n", "9" * 4301]


@given(st.lists(st.sampled_from(PARTS), max_size=4), st.sampled_from(["", "/", "\n", "//"]))
def test_paths_lead_where_django_leads_them(parts: list[str], end: str) -> None:
    path = "/".join(["", *parts]) + end
    try:
        match = URLResolver(RegexPattern("^/"), PATTERNS).resolve(path)
        expected = (match.view_name, match.kwargs)
    except Resolver404:
        expected = None
    assert resolver(ROUTES)(path) == expected


@given(st.text(alphabet=st.sampled_from("%024679AaCcEeFf/é~\x80")))
def test_escapes_are_decoded_as_django_decodes_them(text: str) -> None:
    assert uri_to_iri(text) == django_uri_to_iri(text)


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("http://any.host/under/rows/1/?a#b", "/rows/1/"),
        ("https://any.host/other/rows/1/;x", "/other/rows/1/"),
        ("/under/rows/1/", "/under/rows/1/"),
        ("/rows/%2541/", "/rows/A/"),
        ("http://any.host", ""),
    ],
)
def test_hosts_and_the_prefix_of_the_application_are_left_out(
    address: str, expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert path_of(address, {"root_path": "/under"}) == expected
    monkeypatch.setattr(settings, "FORCE_SCRIPT_NAME", "/under")
    assert path_of(address, {"root_path": ""}) == expected
