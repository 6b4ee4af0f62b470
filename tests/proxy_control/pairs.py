"""Pairs of answers as the data plane hands them on."""

import time
from typing import Any

from strangler_proxy.exchange import Answer, Header, Pair

ENDPOINT = "GET /items/{pk}/"
JSON = (b"Content-Type", b"application/json")


def answer(body: bytes | None = b"{}", status: int = 200, *headers: Header, **more: Any) -> Answer:
    """One side's answer, JSON unless a header says otherwise."""
    kinds = [name for name, _ in headers if name.lower() == b"content-type"]
    every = headers if kinds else (JSON, *headers)
    return Answer(status, every, body, more.get("seconds", 0.01), more.get("problem"))


def pair(legacy: Answer, new: Answer, **more: Any) -> Pair:
    """A request, and what both sides said."""
    return Pair(
        more.get("endpoint", ENDPOINT),
        more.get("method", "GET"),
        more.get("target", b"/items/1/"),
        tuple(more.get("headers", ())),
        more.get("served", "legacy"),
        more.get("mode", "shadow"),
        1,
        more.get("started", time.time() - 0.05),
        legacy,
        new,
    )
