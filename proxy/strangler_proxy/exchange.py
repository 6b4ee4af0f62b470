"""What the data plane hands to whoever compares: one request with the answers of both sides."""

from typing import Literal, NamedTuple, Protocol

#: A field as it came: name and value without the white space around them.
Header = tuple[bytes, bytes]

Side = Literal["legacy", "new"]
Mode = Literal["legacy", "shadow", "canary", "new"]

#: Why an answer has no body, or is no answer at all.
Problem = Literal[
    "timeout",  # nothing came in time
    "refused",  # no connection
    "reset",  # the connection ended before the head was there
    "too-big",  # the body is larger than what is kept
    "truncated",  # the connection ended inside the body
    "stream",  # an event stream or an upgrade: there is no whole body
    "error",  # no HTTP
]


class Answer(NamedTuple):
    """What one side said; status 0: it said nothing, and `problem` says why."""

    status: int
    headers: tuple[Header, ...]
    body: bytes | None  # None: not kept, see `problem`
    seconds: float  # from the first byte sent to the last byte read
    problem: Problem | None = None


class Pair(NamedTuple):
    """One request and what both sides answered; headers and bodies are not redacted."""

    endpoint: str  # "GET /api/products/{pk}/"
    method: str
    target: bytes  # path and query, as the client sent them
    request_headers: tuple[Header, ...]
    served: Side  # which answer the client got
    mode: Mode
    generation: int  # of the route table that decided
    started: float  # seconds since the epoch
    legacy: Answer
    new: Answer


class Sink(Protocol):
    """Takes pairs. Called on the event loop: it neither waits nor raises, and drops when full."""

    def offer(self, pair: Pair) -> None:
        """Take one pair, or drop and count it."""
