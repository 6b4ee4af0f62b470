"""A request is made smaller as long as it shows the same, and never more often than allowed."""

import json

from hypothesis import given
from hypothesis import strategies as st

from strangler.verify.requests import Request
from strangler.verify.shrinking import shrunk

JSON = ("Content-Type", "application/json")
HEADERS = (("Host", "a"), ("Accept", "text/html"), ("Authorization", "Token 1"), JSON)
BODY = {
    "name": "long enough",
    "items": [{"id": 1, "text": "x"}, {"id": 2, "text": "y"}],
    "on": True,
}


def request(body: object) -> Request:
    return Request("POST", "/a/?page=1&size=2", HEADERS, json.dumps(body).encode())


def test_only_what_the_difference_needs_is_left() -> None:
    def still(each: Request) -> bool:
        body = json.loads(each.body)
        return "size=2" in each.path and any(x.get("id") == 2 for x in body.get("items", []))

    found = shrunk(request(BODY), still, 200)
    assert found.path == "/a/?size=2"
    assert json.loads(found.body) == {"items": [{"id": 2}]}
    assert [name for name, _ in found.headers] == ["Host", "Authorization", "Content-Type"]


def test_it_ends_when_the_budget_is_spent() -> None:
    asked: list[Request] = []

    def still(each: Request) -> bool:
        asked.append(each)
        return True

    shrunk(request(BODY), still, 5)
    assert len(asked) == 5


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(), lambda inner: (
    st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=3), inner, max_size=4)
), max_leaves=12), st.integers(0, 40))  # fmt: skip
def test_what_is_found_still_shows_it_and_is_no_longer(body: object, budget: int) -> None:
    def still(each: Request) -> bool:
        return len(each.body) % 3 != 1

    start = request(body)
    found = shrunk(start, still, budget)
    assert found == start or still(found)
    assert len(found.body) <= len(start.body)
