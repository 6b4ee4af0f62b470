"""Rows and users on two paths: an anonymous user is no row, and None is no user."""

import pytest

from strangler_codemods.lattice import join
from strangler_codemods.types import Constant, Instance, Type, Unknown

ROW = Instance("auth.User")
MAYBE = Instance("auth.User", optional=True)
USER = Instance("auth.User", user=True)
ANYBODY = Instance("auth.User", optional=True, user=True)
NONE = Constant(None)


@pytest.mark.parametrize(
    ("one", "other", "both"),
    [
        (ROW, NONE, MAYBE), (MAYBE, NONE, MAYBE), (USER, NONE, MAYBE), (ROW, MAYBE, MAYBE),
        (USER, ROW, ROW), (USER, MAYBE, MAYBE), (USER, ANYBODY, ANYBODY),
    ],
)  # fmt: skip
def test_what_two_paths_make(one: Type, other: Type, both: Type) -> None:
    assert join(one, other) == both
    assert join(other, one) == both


@pytest.mark.parametrize("other", [NONE, ROW, MAYBE])
def test_who_may_be_anonymous_is_not_known_beside_what_may_not(other: Type) -> None:
    assert isinstance(join(ANYBODY, other), Unknown)
    assert isinstance(join(other, ANYBODY), Unknown)


def test_rows_have_in_common_what_both_have() -> None:
    one = Instance("a.B", extras=(("n", "int"), ("m", "int")))
    assert join(one, Instance("a.B", extras=(("n", "int"),))) == Instance(
        "a.B", extras=(("n", "int"),)
    )
