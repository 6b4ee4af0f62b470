"""What of an expression can be said in segments; the rest is tried as Django does."""

import pytest

from strangler_proxy.leaves import leaf, shape_of


@pytest.mark.parametrize(
    ("expression", "prefix"),
    [
        (r"^alt/one/|two/$", ("",)),
        (r"^files/(?P<path>.+)\Z", ("", "files")),
        (r"^a/(?=b)b/$", ("", "a")),
        (r"tail/$", ("",)),
        (r"^open/", ("", "open")),
        (r"^a/b?/$", ("", "a")),
        (r"^a/[+-9]/$", ("", "a")),
        (r"^a/[^-]+/$", ("", "a")),
        (r"^a/(?P<x>b/?|c)\Z", ("",)),  # a choice may start anywhere
        (r"^dot.csv$", ("",)),
        (r"^(?i:a)/$", ("",)),
    ],
)
def test_what_may_match_a_slash_or_something_else_is_tried(
    expression: str, prefix: tuple[str, ...]
) -> None:
    """It stands only below the segments that it certainly begins with."""
    shape = shape_of(leaf("/x/", "^/", expression))
    assert (shape.whole, shape.prefix) == ((), prefix)


@pytest.mark.parametrize(
    ("expression", "count"),
    [
        (r"^items/\Z", 1),
        (r"^items/?$", 2),
        (r"^items/(?P<pk>[^/.]+)/$", 1),
        (r"^items/(?P<pk>[0-9a-f-]{36})/$", 1),
        (r"^items\.(?P<format>[a-z0-9]+)/?$", 2),
        (r"^items(?P<format>\.(?:json|api)/?)\Z", 2),
        (r"^(?P<app>auth|shop)/$", 1),
        (r"^top\-products/\Z", 1),
        (r"^(\d+)/\w+/$", 1),
        (r"^(?P<a>[0-9]+)-(?P<b>[-a-zA-Z0-9_]+)/\Z", 1),
    ],
)
def test_what_routers_write_is_said_in_segments(expression: str, count: int) -> None:
    """An optional slash at the end makes two lists of it."""
    assert len(shape_of(leaf("/x/", "^/", "^api/", expression)).whole) == count


def test_a_parameter_that_ends_a_level_takes_all_of_its_segment() -> None:
    """The level below sees only what is left, so both cannot be one segment."""
    assert not shape_of(leaf("/x/", "^/", "^(?P<s>[^/]+)", r"^-end/\Z")).whole


def test_an_expression_of_another_python_may_match_anything() -> None:
    """What we cannot read goes to legacy, and so does all that comes after it."""
    unread = leaf("/x/", "^/", "^(?P<")
    assert (unread.path, unread.certain, unread.matches("/whatever")) == (None, False, True)
