"""Whether a request path may fit the routes of two endpoints."""

from __future__ import annotations

from strangler.facts import Endpoint


def overlap(one: Endpoint, other: Endpoint) -> bool:
    """Whether a request path may fit both routes."""
    if "path}" in one.path + other.path:
        return True
    left, right = _parts(one), _parts(other)
    if len(left) != len(right) and one.anchored and other.anchored:
        return False
    return _begins(one, left, right) or _begins(other, right, left)


def _parts(endpoint: Endpoint) -> list[str]:
    return endpoint.path.strip("/").split("/")


def _begins(one: Endpoint, left: list[str], right: list[str]) -> bool:
    """Whether `left` fits where `right` does, which may go on where the route is open."""
    if one.anchored or len(left) > len(right):
        return len(left) == len(right) and all(map(_same, left, right))
    last = right[len(left) - 1]
    return all(map(_same, left[:-1], right)) and (
        _same(left[-1], last) or last.startswith(left[-1])
    )


def _same(one: str, other: str) -> bool:
    return one == other or "{" in one + other
