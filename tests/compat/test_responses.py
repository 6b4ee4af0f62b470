"""Responses as objects: headers and statuses as Django takes them."""

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from django.http import HttpResponse, JsonResponse

from strangler.compat.django_responses import HttpResponse as NewHttpResponse
from strangler.compat.django_responses import JsonResponse as NewJsonResponse
from strangler.compat.responses import Response, header_text


@pytest.mark.parametrize("value", ["a", "", 7, True, None, 1.5, "gr\xfcn", "\u20ac 5", b"\xfc"])
def test_a_header_is_written_as_django_writes_it(value: object) -> None:
    theirs = HttpResponse()
    theirs["X-Value"] = value
    assert Response(headers={"X-Value": value})["X-Value"] == theirs["X-Value"]


@pytest.mark.parametrize(
    "content",
    [
        "\u00fc",
        b"\xfc",
        3,
        None,
        "",
        ["a", "b", 3, b"c"],
        (),
        {"k": "v"},
        range(3),
        memoryview(b"ab"),
        [memoryview(b"c"), 1],
    ],
)
def test_content_is_joined_as_django_joins_it(content: object) -> None:
    assert NewHttpResponse(content).body == HttpResponse(content).content


@pytest.mark.parametrize(
    "data",
    [
        {"at": datetime(2024, 1, 2, 3, 4, 5, 678901, UTC), "day": date(2024, 1, 2)},
        {
            "clock": time(3, 4, 5, 600),
            "span": timedelta(days=-1, seconds=5),
            "price": Decimal("1.50"),
        },
        {
            "key": UUID(int=7),
            "text": "\u00fc<&",
            "list": [1, None, 2.5],
            "naive": datetime(2024, 1, 2),
        },
    ],
)
def test_json_is_written_as_django_writes_it(data: dict[str, object]) -> None:
    assert NewJsonResponse(data).body == JsonResponse(data).content


@pytest.mark.parametrize("data", [[1], {"x": object()}, {"clock": time(1, tzinfo=UTC)}])
def test_data_that_django_cannot_write_is_refused(data: object) -> None:
    for kind in (JsonResponse, NewJsonResponse):
        with pytest.raises((TypeError, ValueError)):
            kind(data)


@pytest.mark.parametrize("value", ["a\nb", "a\rb", b"a\nb", "\u20ac\nb"])
def test_a_header_of_several_lines_is_refused_as_django_refuses_it(value: object) -> None:
    with pytest.raises(ValueError, match="newlines"):
        header_text(value)
    with pytest.raises(ValueError, match="newlines"):
        HttpResponse()["X-Value"] = value


@pytest.mark.parametrize("status", [100, 204, 599, "201", None])
def test_a_status_is_read_as_django_reads_it(status: object) -> None:
    theirs = HttpResponse(status=status)
    assert Response(status=status).status_code == theirs.status_code  # type: ignore[arg-type]  # what handlers computed


@pytest.mark.parametrize("status", [99, 600, "many"])
def test_a_status_that_django_refuses_is_refused(status: object) -> None:
    with pytest.raises((TypeError, ValueError)):
        HttpResponse(status=status)
    with pytest.raises((TypeError, ValueError)):
        Response(status=status)  # type: ignore[arg-type]  # what handlers computed
