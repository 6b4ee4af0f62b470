"""What a client gets whose request goes nowhere."""

_REASONS = {
    400: b"Bad Request",
    405: b"Method Not Allowed",
    408: b"Request Timeout",
    414: b"URI Too Long",
    417: b"Expectation Failed",
    431: b"Request Header Fields Too Large",
    501: b"Not Implemented",
    503: b"Service Unavailable",
    505: b"HTTP Version Not Supported",
    508: b"Loop Detected",
}


def refusal(status: int, why: str) -> bytes:
    """An answer of the proxy's own, after which the connection closes."""
    reason = _REASONS[status]
    more = b"Retry-After: 1\r\n" if status == 503 else b""
    body = b"%b: %b\n" % (reason, why.encode())
    return (
        b"HTTP/1.1 %d %b\r\nContent-Type: text/plain\r\nContent-Length: %d\r\n"
        b"Connection: close\r\n%b\r\n%b" % (status, reason, len(body), more, body)
    )
