"""The id of an endpoint reads and prints the same everywhere."""

import pytest

from strangler.endpoint import ANY, Endpoint, Parameter


@pytest.mark.parametrize(
    "text",
    [
        "GET /",
        "GET /api/products/{pk}/",
        "DELETE /items/{id:int}/",
        "ANY /archive/{year:[0-9]{4}}/{slug}",
        "PATCH /prix/été/{clé}/",
    ],
)
def test_an_id_prints_as_it_was_read(text: str) -> None:
    assert str(Endpoint.parse(text)) == text


def test_parameters_come_in_order_with_their_converters() -> None:
    endpoint = Endpoint.parse("ANY /a/{year:[0-9]{4}}/{slug}/{id:int}/")
    assert endpoint.method == ANY
    assert endpoint.parameters == (
        Parameter("year", "[0-9]{4}"),
        Parameter("slug"),
        Parameter("id", "int"),
    )


def test_endpoints_sort_by_path_first() -> None:
    ids = ["POST /a/", "GET /b/", "GET /a/"]
    assert sorted(map(Endpoint.parse, ids)) == [
        Endpoint("/a/", "GET"),
        Endpoint("/a/", "POST"),
        Endpoint("/b/", "GET"),
    ]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "is no endpoint"),
        ("/api/", "is no endpoint"),
        ("get /api/", "is no endpoint"),
        ("GET api/", "is no endpoint"),
        ("GET  /api/", "is no endpoint"),
        ("GET /a b/", "is no endpoint"),
        ("GET /api/\n", "is no endpoint"),
        ("HEAD /api/", "HEAD follows GET"),
        ("OPTIONS /api/", "HEAD follows GET"),
        ("GET /{pk/", "braces"),
        ("GET /pk}/", "braces"),
        ("GET /{}/", "is no parameter"),
        ("GET /{1a}/", "is no parameter"),
        ("GET /{id:}/", "is no parameter"),
        ("GET /{pk}/{pk}/", "twice"),
    ],
)
def test_what_is_no_endpoint_is_refused_with_a_reason(text: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        Endpoint.parse(text)
