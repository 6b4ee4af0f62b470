"""Request bodies: what is read, and what is refused in which words."""

import json
from collections.abc import Iterator
from typing import Annotated

import pytest
from fastapi import Depends
from sqlalchemy.orm import Session
from starlette.requests import Request

from strangler.compat.application import create_app
from strangler.compat.bodies import read_data
from strangler.compat.fields_text import Char
from strangler.compat.schemas import Valid, WriteSchema
from tests.compat import shop_new
from tests.compat.twins import Twins, twins


@pytest.fixture(scope="module")
def both() -> Iterator[Twins]:
    with twins() as opened:
        yield opened


JSON_BODIES = [
    *(
        b"{}",
        b"[1, 2.5, null]",
        b'"text"',
        b'{"a": 1, "a": 2}',
        b"{",
        b"{]",
        b'{"a": }',
        b" ",
        b"nul",
    ),
    *(b'{"a": NaN}', b"-Infinity", b"Infinity", b"{} x", b'\xef\xbb\xbf{"a": 1}', b'"\xff"'),
    *(b'"\xc3', b'"\xc3\xa9"', b'{"a": "\\ud800"}'[:8], b"1e5", b"[1,]", b'{"a": 1,}', b"'a'"),
]


@pytest.mark.parametrize("body", JSON_BODIES)
def test_json_is_read_or_refused_as_by_drf(both: Twins, body: bytes) -> None:
    both.agree("POST", "/api/echo/", body, content_type="application/json")


@pytest.mark.parametrize(
    "kind",
    [
        *("application/json; charset=utf-8", "application/json; charset=latin-1", "text/plain"),
        *("application/json; charset=nope", "application/json; charset=bz2", "APPLICATION/JSON"),
        *("application/vnd.api+json", "application/xml; charset=utf-8", "*/*", "application/*"),
        *("application/json" + " " * 300, "text/html;" + "a" * 300, "nonsense"),
    ],
)
def test_content_types_choose_the_parser(both: Twins, kind: str) -> None:
    both.agree("POST", "/api/echo/", '{"a": "\u00e9"}'.encode(), content_type=kind)


def test_a_body_without_content_type_is_refused(both: Twins) -> None:
    legacy = both.legacy("POST", "/api/echo/", b"{}", {"content-type": ""})
    assert legacy.status == both.new("POST", "/api/echo/", b"{}", {"content-type": ""}).status


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "a/b"])
def test_an_empty_body_is_empty_data_whatever_its_type(both: Twins, kind: str) -> None:
    both.agree("POST", "/api/echo/", b"", content_type=kind)


@pytest.mark.parametrize(
    "body",
    [
        *(b"a=1&a=2&b=", b"a", b"a=%C3%A9&b=%FF", b"a=b+c%2B", b"=x", b"&&a=1", b"a=\xff"),
        *(b"a=1;b=2", b"&".join(b"a%d=1" % number for number in range(1001))),
    ],
)
def test_forms_are_read_as_by_django(both: Twins, body: bytes) -> None:
    both.agree("POST", "/api/echo/", body, content_type="application/x-www-form-urlencoded")


def multipart(*parts: tuple[str, bytes], end: bytes = b"--B--\r\n") -> bytes:
    """Write a body of parts, each with its Content-Disposition."""
    shown = [
        b"--B\r\nContent-Disposition: form-data; " + head.encode() + b"\r\n\r\n" + body + b"\r\n"
        for head, body in parts
    ]
    return b"".join(shown) + end


@pytest.mark.parametrize(
    "body",
    [
        multipart(('name="a"', b"1"), ('name="a"', b"2"), ('name="b"', "\u00e9".encode())),
        multipart(('name="f"; filename="x.txt"', b"text"), ('name="a"', b"1")),
        multipart(('name="f"; filename="C:\\dir\\x.txt"', b"text"), ('name="g"; filename=""', b"")),
        multipart(('name="f"; filename="/etc/passwd"', b"text"), ('name="f"', b"field")),
        multipart(),
    ],
)
def test_multipart_bodies_give_fields_and_files(both: Twins, body: bytes) -> None:
    both.agree("POST", "/api/echo/", body, content_type="multipart/form-data; boundary=B")


@pytest.mark.parametrize(
    "kind", ["multipart/form-data", "multipart/form-data; boundary=", "multipart/form-data; x=y"]
)
def test_multipart_needs_a_boundary(both: Twins, kind: str) -> None:
    both.agree("POST", "/api/echo/", multipart(('name="a"', b"1")), content_type=kind)


def test_bodies_over_the_limit_get_djangos_page(both: Twins) -> None:
    body = b'"' + b"x" * 2_621_441 + b'"'
    assert both.agree("POST", "/api/echo/", body, content_type="application/json").status == 400


def test_a_body_that_no_handler_reads_is_not_parsed(both: Twins) -> None:
    assert both.agree("DELETE", "/api/echo/", b"{", content_type="application/json").status == 204


class ThingWrite(WriteSchema):
    name: Annotated[str, Char(max_length=5)]


@pytest.mark.parametrize("method", ["POST", "PUT"])
def test_plain_functions_get_their_bodies_validated_and_read_in_threads(method: str) -> None:
    router = shop_new.Router(prefix="/things", permissions=[shop_new.IsKnown])
    SyncSession = Annotated[Session, Depends(shop_new.database.sync_session, scope="function")]

    @router.post("/")
    def create_thing(session: SyncSession, data: Valid[ThingWrite]) -> dict[str, str]:
        return {"name": data.name}

    @router.put("/")
    def read_thing(request: Request) -> dict[str, str]:
        return {"name": read_data(request)["name"]}

    both = Twins(create_app(router))
    headers = {"content-type": "application/json", "x-user": "anna"}
    answer = both.new(method, "/things/", b'{"name": "a"}', headers)
    assert (answer.status, json.loads(answer.body)) == (200, {"name": "a"})
    if method == "POST":
        refused = both.new(method, "/things/", b'{"name": "too long"}', headers)
        text = "Ensure this field has no more than 5 characters."
        assert (refused.status, json.loads(refused.body)) == (400, {"name": [text]})
    both.close()
