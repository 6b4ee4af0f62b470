"""What a side is told after the request line: the client's fields, and those of the proxy."""

from ipaddress import IPv4Network, IPv6Network, ip_address

from strangler_proxy.heads import Fields


def within(address: str, networks: tuple[IPv4Network | IPv6Network, ...]) -> bool:
    """Whether an address is in one of these networks."""
    ip = ip_address(address)
    return any(ip in network for network in networks)


def said(address: str, wanted: frozenset[str]) -> bytes:
    """What the proxy says about a client itself."""
    lines = {
        "for": b"X-Forwarded-For: %b\r\n" % address.encode(),
        "proto": b"X-Forwarded-Proto: http\r\n",
    }
    return b"".join(line for name, line in lines.items() if name in wanted)


def told_on(fields: Fields, ours: bytes) -> tuple[bytes, bytes]:
    """Behind a trusted proxy: its lines stand, and its list of clients gets one more."""
    told = {name: value for name, value in fields.lowered if name.startswith(b"x-forwarded-")}
    lines = fields.lines
    added = []
    for name, value in (line.split(b": ") for line in ours.split(b"\r\n")[:-1]):
        before = told.get(name.lower())
        if before is None:
            added.append(b"%b: %b\r\n" % (name, value))
        elif name == b"X-Forwarded-For":
            kept = [h for h in fields.headers if h[0].lower() != b"x-forwarded-for"]
            lines = b"".join(b"%b: %b\r\n" % header for header in kept)
            added.append(b"%b: %b, %b\r\n" % (name, before, value))
    return lines, b"".join(added)


def tail(fields: Fields, ours: bytes, host: bytes, *, trusted: bool) -> bytes:
    """All that follows the request line; framing is said anew, and Host if there was none."""
    lines = fields.lines
    if trusted:
        lines, ours = told_on(fields, ours)
    if fields.chunked:
        ours += b"Transfer-Encoding: chunked\r\n"
    elif fields.length is not None:
        ours += b"Content-Length: %d\r\n" % fields.length
    if fields.upgrade:
        ours += b"Connection: Upgrade\r\nUpgrade: websocket\r\n"
    if not fields.hosts:
        ours += b"Host: %b\r\n" % host
    return b"%b%b\r\n" % (lines, ours)
