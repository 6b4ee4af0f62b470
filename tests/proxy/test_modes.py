"""Who answers: modes, sticky canaries, forced sides."""

import base64
import json
import time
from collections.abc import Callable

import pytest

from strangler_proxy.routes import Route
from strangler_proxy.signing import side_value
from strangler_proxy.sticky import Sticky, place_of, threshold
from tests.proxy.conftest import KEY, Running
from tests.proxy.sides import get


def test_new_answers_what_is_on_new(plane: Running) -> None:
    plane.use(Route("GET /items/", "new"))
    assert plane.ask(get()).body == b"new"
    assert plane.ask(get("/items/1/")).body == b"legacy"
    assert plane.ask(get(method="POST")).body == b"legacy"


def test_the_order_of_patterns_decides(plane: Running) -> None:
    """`/items/new/` is no item."""
    plane.use(Route("GET /items/{pk}/", "new"))
    assert plane.ask(get("/items/new/")).body == b"legacy"
    assert plane.ask(get("/items/newer/")).body == b"new"


def test_head_follows_get(plane: Running) -> None:
    plane.use(Route("GET /items/", "new"))
    plane.ask(get(method="HEAD"), method="HEAD")
    assert plane.new.seen[0].line.startswith("HEAD ")


@pytest.mark.parametrize("method", ["OPTIONS", "PUT"])
def test_what_a_path_does_not_serve_moves_with_all_of_it(plane: Running, method: str) -> None:
    """`Allow` lists what legacy lists until every method is on new."""
    plane.use(Route("GET /items/", "new"))
    assert plane.ask(get(method=method)).body == b"legacy"
    plane.use(Route("GET /items/", "new"), Route("POST /items/", "new"))
    assert plane.ask(get(method=method)).body == b"new"


def test_a_view_without_methods_has_them_all(plane: Running) -> None:
    plane.use(Route("ANY /any/", "new"))
    for method in ("GET", "OPTIONS", "PURGE"):
        assert plane.ask(get("/any/", method=method)).body == b"new"


def asked(plane: Running, user: int) -> bytes:
    claims = base64.urlsafe_b64encode(json.dumps({"user_id": user}).encode()).decode().rstrip("=")
    body: bytes = plane.ask(get("/items/", f"Authorization: Bearer e30.{claims}.sig")).body
    return body


def test_a_canary_is_sticky_and_grows_one_way(start: Callable[..., Running]) -> None:
    """Who got new at 20 % gets it at 60 %, and nobody flips while a percentage stands."""
    plane = start(sticky=("jwt:user_id", "client-ip"))
    before: set[int] = set()
    for percent in (0, 20, 60, 100):
        plane.use(Route("GET /items/", "canary", percent))
        news = {user for user in range(60) if asked(plane, user) == b"new"}
        assert news == {user for user in range(60) if asked(plane, user) == b"new"}
        assert before <= news
        before = news
    assert len(before) == 60


def test_a_new_token_of_the_same_user_is_the_same_key() -> None:
    sticky = Sticky(["jwt:user_id"])

    def place(**claims: object) -> int:
        text = base64.urlsafe_b64encode(json.dumps(claims).encode()).rstrip(b"=")
        return sticky.place([(b"authorization", b"Bearer e30." + text + b".sig")], "1.1.1.1")

    assert place(user_id=7, exp=1) == place(user_id=7, exp=2)
    assert place(user_id=7) != place(user_id=8)


@pytest.mark.parametrize(
    ("headers", "key"),
    [
        ([(b"cookie", b"a=b; sid=x; c=d")], "cookie:sid=x"),
        ([(b"authorization", b"Token t")], "header:authorization=Token t"),
        ([(b"authorization", b"Bearer not.a.token")], "header:authorization=Bearer not.a.token"),
        ([(b"authorization", b"Bearer e30.W10.x")], "header:authorization=Bearer e30.W10.x"),
        ([(b"accept", b"*/*")], "client-ip=1.2.3.4"),
    ],
)
def test_the_first_source_that_is_there_names_the_key(
    headers: list[tuple[bytes, bytes]], key: str
) -> None:
    sticky = Sticky(["jwt:user_id", "cookie:sid", "header:authorization", "client-ip"])
    assert sticky.place(headers, "1.2.3.4") == place_of(key)


def test_places_are_spread_evenly() -> None:
    """10 % of the keys are 10 % of the places, within what chance allows."""
    share = sum(place_of(f"user={n}") < threshold(10) for n in range(20_000)) / 20_000
    assert 0.09 < share < 0.11


@pytest.mark.parametrize("side", ["new", "legacy"])
def test_a_signed_header_forces_a_side(plane: Running, side: str) -> None:
    """And does not reach the application."""
    plane.use(Route("GET /items/", "canary", 50))
    value = side_value(KEY, side, int(time.time()) + 60)  # type: ignore[arg-type]  # one of both
    assert plane.ask(get("/items/", f"X-Strangler-Side: {value}")).body == side.encode()
    (talk,) = [*plane.legacy.seen, *plane.new.seen]
    assert not talk.header("x-strangler-side")


@pytest.mark.parametrize(
    "value",
    [
        "new",
        side_value(KEY, "new", int(time.time()) - 10),
        side_value(b"another key", "new", int(time.time()) + 60),
        side_value(KEY, "new", int(time.time()) + 60).replace("new", "old"),
        side_value(KEY, "legacy", int(time.time()) + 60).replace("legacy", "new"),
    ],
    ids=["unsigned", "over", "another key", "no side", "another side"],
)
def test_a_header_that_is_not_ours_forces_nothing(plane: Running, value: str) -> None:
    assert plane.ask(get("/items/", f"X-Strangler-Side: {value}")).body == b"legacy"


def test_a_request_without_an_endpoint_cannot_be_forced(plane: Running) -> None:
    value = side_value(KEY, "new", int(time.time()) + 60)
    assert plane.ask(get("/nowhere/", f"X-Strangler-Side: {value}")).body == b"legacy"


def test_answers_are_counted_and_logged_for_their_endpoint(plane: Running) -> None:
    plane.use(Route("GET /items/{pk}/", "new"), generation=7)
    plane.ask(get("/items/5/?token=secret"))
    plane.ask(get("/nowhere"))
    plane.stop()
    assert plane.counters.of("GET /items/{pk}/", "new").statuses[2] == 1
    assert sum(plane.counters.of("GET /items/{pk}/", "new").buckets) == 1
    assert plane.counters.unrouted == {"unmatched": 1}
    lines = b"".join(plane.lines).decode().splitlines()
    assert " GET /items/5/ 200 3 " in lines[0]
    assert lines[0].endswith(" new new 7 GET /items/{pk}/")
    assert lines[1].endswith(" legacy legacy 7 -")
    assert "secret" not in "".join(lines)
