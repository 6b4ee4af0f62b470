"""Input that no honest client sends gets Django's answer, and costs no more than it does there."""

import asyncio
import io
from collections.abc import Iterator
from contextlib import AsyncExitStack
from typing import Any
from urllib.parse import quote

import pytest
from django.test import RequestFactory
from starlette.requests import Request

from strangler.compat import settings
from strangler.compat.bodies import parse_multipart
from tests.compat.twins import Twins, twins

JSON = "application/json"
FORM = "application/x-www-form-urlencoded"


@pytest.fixture(scope="module")
def both() -> Iterator[Twins]:
    with twins() as opened:
        yield opened


@pytest.mark.parametrize("limit", [2_621_440, None])
def test_ten_megabytes_are_read_where_the_limit_allows(
    limit: int | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By default they are refused unread; without a limit they are data like any other."""
    monkeypatch.setattr(settings, "DATA_UPLOAD_MAX_MEMORY_SIZE", limit)
    with twins(DATA_UPLOAD_MAX_MEMORY_SIZE=limit) as both:
        body = b'{"a": "' + b"x" * 10_000_000 + b'"}'
        answer = both.agree("POST", "/api/echo/", body, content_type=JSON)
    assert answer.status == (201 if limit is None else 400)


@pytest.mark.parametrize("kind", [JSON, FORM])
def test_a_body_that_claims_five_gigabytes_is_not_waited_for(both: Twins, kind: str) -> None:
    answer = both.agree(
        "POST", "/api/echo/", b"{}", content_type=kind, content_length=str(5 * 2**30)
    )
    assert answer.status == 400


@pytest.mark.parametrize("opening", [b"[", b'{"a":', b'[{"a":'])
def test_nesting_beyond_pythons_is_an_error_of_the_server(both: Twins, opening: bytes) -> None:
    """Ten thousand levels; a hundred of them are nothing."""
    closing = b"".join({91: b"]", 123: b"}"}.get(one, b"") for one in reversed(opening))
    deep = opening * 10_000 + b"1" + closing * 10_000
    assert both.agree("POST", "/api/echo/", deep, content_type=JSON).status == 500
    assert both.agree("POST", "/api/echo/", opening * 10_000, content_type=JSON).status == 500
    shallow = opening * 100 + b"1" + closing * 100
    assert both.agree("POST", "/api/echo/", shallow, content_type=JSON).status == 201


@pytest.mark.parametrize(
    "body",
    [
        *(b'{"a": "\\u0000"}', b'{"\\u0000": 1}', b'{"a": "\x00"}', b"\x00", b"\x00{}"),
        *(b'{"a": "\\ud800"}', b'{"\\udfff": 1}', b'{"a": "\\ud83d\\ude00"}', b'"\\uDC00\\uD800"'),
        *(b'{"a": 1, "a": 2, "b": 3, "a": {}}', b'{"a": {"b": 1, "b": 2}}'),
        *(b"1" * 5000, b"1e999", b"-0", b"1.0000000000000000000001", b'{"a": 1e-400}'),
    ],
)
def test_odd_json_is_echoed_or_refused_alike(both: Twins, body: bytes) -> None:
    """NUL, surrogates without their other half, keys that come twice, numbers of any length."""
    both.agree("POST", "/api/echo/", body, content_type=JSON)


@pytest.mark.parametrize("charset", ["latin-1", "utf-16", "utf-7", "ascii", "zz", "rot13", "hex"])
@pytest.mark.parametrize("text", ['{"a": "\u00e9"}', '{"a": "e"}'])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "latin-1"])
def test_charsets_are_believed_as_by_drf(
    both: Twins, charset: str, text: str, encoding: str
) -> None:
    """Also where the body is in another one."""
    sent = text.encode(encoding)
    both.agree("POST", "/api/echo/", sent, content_type=f"{JSON}; charset={charset}")
    both.agree("POST", "/api/echo/", b"a=" + sent, content_type=f"{FORM}; charset={charset}")


@pytest.mark.parametrize("charset", ["latin-1", "utf-16", "utf-8", "zz", "UTF8"])
@pytest.mark.parametrize("query", ["format=xyz", "format=xy", "page=999", "search=%C3%A9"])
def test_queries_are_in_the_charset_of_the_body(both: Twins, charset: str, query: str) -> None:
    """Links repeat what was sent."""
    kind = f"{JSON}; charset={charset}"
    both.agree("POST", f"/api/echo/?{query}", b"{}", content_type=kind)
    both.agree("GET", f"/api/products/?{query}", b"", content_type=kind)


@pytest.mark.parametrize("text", ["\x00", "%", "\u2028", "\ufffe", "a" * 5000])
def test_odd_text_in_addresses_finds_what_django_finds(both: Twins, text: str) -> None:
    for value in (quote(text), "%ED%A0%80", "%FF", "%00"):
        for url in (f"/api/products/{value}/", f"/api/products/?search={value}&page={value}"):
            both.agree("GET", url)


BOUNDARY = "aBoundary"
KIND = f"multipart/form-data; boundary={BOUNDARY}"


def _part(name: str, content: bytes, filename: str = "") -> bytes:
    named = f'; filename="{filename}"\r\nContent-Type: text/plain' if filename else ""
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"{named}\r\n\r\n'
    return head.encode() + content + b"\r\n"


WHOLE = b"".join(
    [
        _part("name", b"a word"),
        _part("first", b"\x00\r\n\r\n--" * 3, "f.bin"),
        _part("name", b"--a"),
        _part("second", b"--aBound" * 2, "s.bin"),
        _part("third", b"text", "t.bin"),
        _part("unnamed", b"a file without name is a text", "t.bin").replace(b"t.bin", b""),
        _part("last", b"x y"),
        f"--{BOUNDARY}--\r\n".encode(),
    ]
)


def _django(body: bytes) -> list[tuple[Any, ...]]:
    request = RequestFactory().generic("POST", "/", body, KIND)
    texts, files = request.parse_file_upload(request.META, io.BytesIO(body))
    found: list[tuple[Any, ...]] = [(key, one) for key in texts for one in texts.getlist(key)]
    return found + [(key, f.name, f.read()) for key in files for f in files.getlist(key)]


async def _compat(body: bytes, size: int) -> list[tuple[Any, ...]]:
    chunks = [body[at : at + size] for at in range(0, len(body), size)]

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": chunks.pop(0), "more_body": bool(chunks)}

    headers = [(b"content-type", KIND.encode()), (b"content-length", str(len(body)).encode())]
    async with AsyncExitStack() as stack:
        scope = {"type": "http", "method": "POST", "headers": headers, "state": {}}
        request = Request({**scope, "fastapi_middleware_astack": stack}, receive)
        form = await parse_multipart(request, KIND)
        pairs: list[tuple[str, Any]] = list(form.multi_items())
        ordered = sorted(pairs, key=lambda pair: list(form.keys()).index(pair[0]))
        return [
            (name, value) if isinstance(value, str) else (name, value.filename, value.read())
            for name, value in ordered
        ]


@pytest.mark.parametrize("size", [1, 7, 50, 2**16])
def test_a_multipart_body_may_end_anywhere(size: int) -> None:
    """Django keeps a field that was cut and drops such a file, however the body arrives."""
    for cut in range(1, len(WHOLE) + 1):
        body = WHOLE[:cut]
        assert asyncio.run(_compat(body, size)) == _django(body), body
