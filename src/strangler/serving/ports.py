"""Ports for both applications, the proxy and its admin listener."""

import socket

_USUAL = (8000, 8001, 8080, 8081)


def free_ports() -> list[int]:
    """Four ports: the usual ones, or the next that nobody listens at."""
    found: list[int] = []
    for port in _USUAL:
        candidate = port
        while candidate in found or not _is_free(candidate):
            candidate += 10
        found.append(candidate)
    return found


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
