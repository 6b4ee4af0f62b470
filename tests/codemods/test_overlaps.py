"""Two routes overlap where some path may fit both; open ones fit all that begins so."""

import pytest

from strangler.facts import Endpoint
from strangler_codemods.overlaps import overlap


def endpoint(path: str) -> Endpoint:
    """`/notes/*` is open."""
    plain = path.removesuffix("*")
    return Endpoint(
        id=f"GET {plain}", method="GET", path=plain, route=plain, kind="drf", view="views.View",
        anchored=plain == path,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("/notes/", "/notes/{pk}/", False),
        ("/notes/{pk}/", "/notes/new/", True),
        ("/notes/*", "/notes/{pk}/", True),
        ("/note*", "/notes/1/", True),
        ("/notes/1/*", "/notes/", False),
        ("/notes/*", "/books/1/", False),
        ("/*", "/books/1/", True),
        ("/notes/{pk}/*", "/notes/new/more/", True),
        ("/notes/new/*", "/{kind}/*", True),
        ("/files/{path}", "/a/b/c/", True),
    ],
)
def test_overlap(one: str, other: str, expected: bool) -> None:
    assert overlap(endpoint(one), endpoint(other)) is expected
    assert overlap(endpoint(other), endpoint(one)) is expected
