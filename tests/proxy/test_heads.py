"""Requests that two servers could read in two ways reach none."""

import pytest

from tests.proxy.conftest import Running
from tests.proxy.sides import get, recv_answer

OK = b"GET /items/ HTTP/1.1\r\nHost: a\r\n"
POST = b"POST /items/ HTTP/1.1\r\nHost: a\r\n"
CHUNKED = POST + b"Transfer-Encoding: chunked\r\n\r\n"

REFUSED = {
    "length and chunks": (400, POST + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
    "chunks and length": (400, POST + b"Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n"),
    "two lengths": (400, POST + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello"),
    "two equal lengths": (400, POST + b"Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello"),
    "a list of lengths": (400, POST + b"Content-Length: 5, 5\r\n\r\nhello"),
    "a negative length": (400, POST + b"Content-Length: -5\r\n\r\nhello"),
    "a signed length": (400, POST + b"Content-Length: +5\r\n\r\nhello"),
    "a hexadecimal length": (400, POST + b"Content-Length: 0x5\r\n\r\nhello"),
    "an empty length": (400, POST + b"Content-Length: \r\n\r\nhello"),
    "an endless length": (400, POST + b"Content-Length: 99999999999999999999\r\n\r\n"),
    "two codings": (400, POST + b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
    "chunks twice": (400, POST + b"Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n"),
    "a coding nobody knows": (400, POST + b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n"),
    "a quoted coding": (400, POST + b'Transfer-Encoding: "chunked"\r\n\r\n0\r\n\r\n'),
    "a coding after a vertical tab": (400, POST + b"Transfer-Encoding: \x0bchunked\r\n\r\n0\r\n\r\n"),
    "a coding with a parameter": (400, POST + b"Transfer-Encoding: chunked;q=1\r\n\r\n0\r\n\r\n"),
    "another coding": (501, POST + b"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n"),
    "chunks in HTTP/1.0": (400, b"POST /items/ HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
    "white space before the colon": (400, POST + b"Content-Length : 5\r\n\r\nhello"),
    "white space before the first name": (400, b"GET /items/ HTTP/1.1\r\n Host: a\r\n\r\n"),
    "a folded field": (400, OK + b"X: a\r\n b\r\n\r\n"),
    "a bare LF after a field": (400, b"GET /items/ HTTP/1.1\r\nHost: a\nX: b\r\n\r\n"),
    "bare LFs only": (400, b"GET /items/ HTTP/1.1\nHost: a\n\n"),
    "a bare CR in a field": (400, OK + b"X: a\rb\r\n\r\n"),
    "a NUL in a field": (400, OK + b"X: a\0b\r\n\r\n"),
    "a NUL in a name": (400, OK + b"X\0Y: a\r\n\r\n"),
    "a field without a colon": (400, OK + b"nothing\r\n\r\n"),
    "a field without a name": (400, OK + b": a\r\n\r\n"),
    "no Host": (400, b"GET /items/ HTTP/1.1\r\n\r\n"),
    "two Hosts": (400, OK + b"Host: b\r\n\r\n"),
    "an empty Host": (400, b"GET /items/ HTTP/1.1\r\nHost: \r\n\r\n"),
    "a Host with a path": (400, b"GET /items/ HTTP/1.1\r\nHost: a/b\r\n\r\n"),
    "a Host with a name before it": (400, b"GET /items/ HTTP/1.1\r\nHost: x@a\r\n\r\n"),
    "another authority": (400, b"GET http://b/items/ HTTP/1.1\r\nHost: a\r\n\r\n"),
    "no target": (400, b"GET HTTP/1.1\r\nHost: a\r\n\r\n"),
    "two blanks": (400, b"GET  /items/ HTTP/1.1\r\nHost: a\r\n\r\n"),
    "a blank in the target": (400, b"GET /it ems/ HTTP/1.1\r\nHost: a\r\n\r\n"),
    "a tab in the line": (400, b"GET\t/items/ HTTP/1.1\r\nHost: a\r\n\r\n"),
    "a target without a slash": (400, b"GET items/ HTTP/1.1\r\nHost: a\r\n\r\n"),
    "an asterisk for GET": (400, b"GET * HTTP/1.1\r\nHost: a\r\n\r\n"),
    "HTTP/0.9": (400, b"GET /items/\r\n\r\n"),
    "HTTP/1.2": (505, b"GET /items/ HTTP/2.1\r\nHost: a\r\n\r\n"),
    "the preface of HTTP/2": (400, b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
    "CONNECT": (405, b"CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\n\r\n"),
    "TRACE": (405, b"TRACE /items/ HTTP/1.1\r\nHost: a\r\n\r\n"),
    "Connection naming the length": (400, POST + b"Connection: content-length\r\nContent-Length: 5\r\n\r\nhello"),
    "Connection naming the Host": (400, OK + b"Connection: close, host\r\n\r\n"),
    "an expectation nobody can meet": (417, POST + b"Expect: tea\r\nContent-Length: 1\r\n\r\nx"),
    "a chunk ended by LF": (400, CHUNKED + b"5\nhello\r\n0\r\n\r\n"),
    "a chunk size with 0x": (400, CHUNKED + b"0x5\r\nhello\r\n0\r\n\r\n"),
    "a negative chunk": (400, CHUNKED + b"-5\r\nhello\r\n0\r\n\r\n"),
    "a chunk that is too long": (400, CHUNKED + b"5\r\nhelloworld\r\n0\r\n\r\n"),
    "a chunk size past all bounds": (400, CHUNKED + b"ffffffffffffffffff\r\n"),
    "an extension with LF": (400, CHUNKED + b"5;a\nhello\r\n0\r\n\r\n"),
    "a NUL in an extension": (400, CHUNKED + b"5;\0\r\nhello\r\n0\r\n\r\n"),
    "a long request line": (414, b"GET /" + b"a" * 9000 + b" HTTP/1.1\r\nHost: a\r\n\r\n"),
    "a long field": (431, OK + b"X: " + b"a" * 17000 + b"\r\n\r\n"),
    "too many fields": (431, OK + b"X: a\r\n" * 101 + b"\r\n"),
    "a long head": (431, OK + b"".join(b"X%d: %b\r\n" % (n, b"a" * 9000) for n in range(8)) + b"\r\n"),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_it_is_refused_and_the_connection_closed(plane: Running, case: str) -> None:
    """What follows on the connection is not read as a request either."""
    status, request = REFUSED[case]
    with plane.connect() as client:
        client.send(request + get("/smuggled"))
        answer = client.rest()
    assert int(answer.split(b" ")[1]) == status
    assert answer.count(b"HTTP/1.1") == 1
    assert b"Connection: close" in answer
    assert not [talk for talk in plane.legacy.seen if "smuggled" in talk.line]
    assert not [talk for talk in plane.legacy.seen if talk.body]


TAKEN = {
    "an empty line first": b"\r\n" + OK + b"\r\n",
    "HTTP/1.0": b"GET /items/ HTTP/1.0\r\n\r\n",
    "its own authority": b"GET http://a/items/ HTTP/1.1\r\nHost: a\r\n\r\n",
    "an IPv6 Host": b"GET /items/ HTTP/1.1\r\nHost: [::1]:80\r\n\r\n",
    "bytes past ASCII in a field": OK + b"X: \xe4\r\n\r\n",
    "a tab in a field": OK + b"X:\ta\tb\r\n\r\n",
    "an empty field": OK + b"X:\r\n\r\n",
    "CHUNKED": POST + b"Transfer-Encoding: Chunked\r\n\r\n0\r\n\r\n",
    "a chunk extension": CHUNKED + b"5;a=b\r\nhello\r\n0\r\n\r\n",
    "an unknown method": b"PURGE /items/ HTTP/1.1\r\nHost: a\r\n\r\n",
    "OPTIONS for all": b"OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n",
}


@pytest.mark.parametrize("case", TAKEN)
def test_it_is_taken(plane: Running, case: str) -> None:
    """Strict is not narrow: what RFC 9112 allows reaches legacy."""
    assert plane.ask(TAKEN[case]).status == 200


def test_a_repeated_head_is_still_checked_for_its_version(plane: Running) -> None:
    """What was read once for HTTP/1.0 is not taken for HTTP/1.1."""
    with plane.connect() as client:
        client.send(b"GET /items/ HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
        assert recv_answer(client).status == 200
        client.send(b"GET /items/ HTTP/1.1\r\nConnection: keep-alive\r\n\r\n")
        assert recv_answer(client).status == 400


def test_a_head_in_pieces_is_one_head(plane: Running) -> None:
    """Bytes come as the network likes."""
    request = get("/items/?a=b", "X-Note: 1")
    with plane.connect() as client:
        for position in range(len(request)):
            client.send(request[position : position + 1])
        assert recv_answer(client).status == 200
    assert plane.legacy.seen[0].header("x-note") == ["1"]
