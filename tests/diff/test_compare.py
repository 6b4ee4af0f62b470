"""Whole answers: status, headers, bodies that are no JSON, and bodies that cannot be compared."""

import gzip
import json

import pytest

from strangler.diff import Exchange, Limits, compare
from tests.diff.exchanges import answer, compared, found, pairing


def test_another_status_is_the_one_difference() -> None:
    comparison = compare(answer({"a": 1}, 200), answer({"b": 2}, 201, new=True), pairing())
    assert found(comparison) == [("status", "status")]


@pytest.mark.parametrize(
    ("legacy", "new", "category"),
    [(401, 403, "access-status"), (200, 500, "server-error"), (400, 422, "status")],
)
def test_statuses_have_categories(legacy: int, new: int, category: str) -> None:
    comparison = compare(answer({}, legacy), answer({}, new, new=True), pairing())
    assert found(comparison) == [(category, "status")]


@pytest.mark.parametrize(
    ("name", "legacy", "new", "category"),
    [
        ("Allow", "GET, POST", "GET", "allow"),
        ("Vary", "Accept, Cookie", "Accept", "vary"),
        ("Location", "/a/", "/b!/", "redirect"),
        ("WWW-Authenticate", "Token", "Basic", "security-header"),
        ("X-Frame-Options", "DENY", "SAMEORIGIN", "security-header"),
        ("ETag", '"a"', '"b"', "etag"),
        ("Content-Disposition", "attachment", "inline", "header"),
        ("Set-Cookie", "a=1; Path=/; HttpOnly", "a=1; Path=/", "cookie"),
        ("X-Total", "1", "2", "header"),
    ],
)
def test_headers_are_compared_by_name(name: str, legacy: str, new: str, category: str) -> None:
    pair = answer({}, 200, (name, legacy)), answer({}, 200, (name.lower(), new), new=True)
    assert [each for each, _ in found(compare(*pair, pairing()))] == [category]
    alone = answer({}, 200, new=True)
    assert [each for each, _ in found(compare(pair[0], alone, pairing()))] == [category]


def test_what_belongs_to_the_connection_is_not_compared() -> None:
    legacy = answer({}, 200, ("Server", "gunicorn"), ("Date", "now"), ("Vary", "Accept, Cookie"))
    new = answer({}, 200, ("Content-Length", "2"), ("vary", "cookie,  Accept"), new=True)
    assert compare(legacy, new, pairing()).equal


def test_cookie_values_are_paired_and_their_attributes_compared() -> None:
    def cookie(value: str, age: str) -> tuple[str, str]:
        return "Set-Cookie", f"sessionid={value}; Max-Age={age}; HttpOnly; SameSite=Lax"

    legacy = answer({}, 200, cookie("a1b2c3d4e5f6g7h8", "1209600"))
    same = answer({}, 200, cookie("z9y8x7w6v5u4t3s2", "1209600"), new=True)
    other = answer({}, 200, cookie("z9y8x7w6v5u4t3s2", "60"), new=True)
    assert compare(legacy, same, pairing()).equal
    assert found(compare(legacy, other, pairing())) == [("cookie", "header:Set-Cookie/sessionid")]


def test_texts_and_files_are_compared() -> None:
    page = (
        answer(media="text/html", raw=b"<p>\none\n</p>"),
        answer(media="text/html", raw=b"<p>\ntwo\n</p>", new=True),
    )
    assert found(compare(*page, pairing())) == [("text", "body:line 2")]
    file = (
        answer(media="image/png", raw=b"\x89PNG1"),
        answer(media="image/png", raw=b"\x89PNG2", new=True),
    )
    assert found(compare(*file, pairing())) == [("binary", "body")]


def test_compressed_bodies_are_compared_unpacked() -> None:
    packed = [gzip.compress(json.dumps({"a": 1}).encode(), level) for level in (1, 9)]
    header = ("Content-Encoding", "gzip")
    pair = (
        answer(None, 200, header, raw=packed[0]),
        answer(None, 200, header, raw=packed[1] + b"", new=True),
    )
    assert compare(*pair, pairing()).equal


BOMB = gzip.compress(b"0" * 10_000_000, mtime=0)


@pytest.mark.parametrize(
    ("raw", "headers"),
    [
        (b"[" * 100_000, ()),
        (b'{"a": 1, "a": 2}', ()),
        (b"[NaN]", ()),
        (b"[" + b"1" * 5000 + b"]", ()),
        (b'{"a": "\xff\xfe"}', ()),
        (b'"' + b"x" * (Limits().body + 1) + b'"', ()),
        (BOMB, (("Content-Encoding", "gzip"),)),
        (BOMB[:100], (("Content-Encoding", "gzip"),)),
        (b"?", (("Content-Encoding", "br"),)),
    ],
)
def test_a_body_that_breaks_a_bound_is_uncompared_and_never_equal(
    raw: bytes, headers: tuple[tuple[str, str], ...]
) -> None:
    comparison = compare(
        answer(None, 200, *headers, raw=raw), answer({"a": 1}, 200, *headers, new=True), pairing()
    )
    assert comparison.uncompared
    assert not comparison.equal


def test_a_cut_body_is_uncompared() -> None:
    cut = Exchange(200, (("Content-Type", "application/json"),), b"{}", complete=False)
    assert compare(cut, cut, pairing()).uncompared


def test_the_same_json_in_other_bytes_is_noted() -> None:
    pair = answer(raw=b'{"a": "\\u00e9"}'), answer(raw='{"a":"é"}'.encode(), new=True)
    comparison = compare(*pair, pairing())
    assert comparison.equal
    assert [each.category for each in comparison.differences] == ["json-encoding"]


def test_broken_json_is_compared_as_text() -> None:
    pair = answer(raw=b"{broken"), answer(raw=b"{broken too", new=True)
    assert [each for each, _ in found(compare(*pair, pairing()))] == ["text"]


def test_equal_answers_have_nothing_to_tell() -> None:
    assert compared({"a": [1, 2.50, "x"]}, {"a": [1, 2.50, "x"]}).differences == ()
