"""Known failures say what, where and what to do, and carry their exit code."""

import pytest

from strangler import errors
from strangler.errors import ExitCode, StranglerError


def test_an_error_is_one_line_with_place_and_advice() -> None:
    error = StranglerError("cannot import\nsettings", source="shop/settings.py:3", hint="set X")
    assert str(error) == "shop/settings.py:3: cannot import settings (set X)"


@pytest.mark.parametrize("kind", StranglerError.__subclasses__())
def test_the_tree_in_the_docstring_is_the_tree_in_the_code(kind: type[StranglerError]) -> None:
    drawn = next(
        line for line in (errors.__doc__ or "").splitlines() if f" {kind.__name__} " in line
    )
    assert f" {kind.exit_code.value} " in f"{drawn} "


def test_exit_codes_are_those_that_scripts_rely_on() -> None:
    assert [code.value for code in ExitCode] == [0, 1, 2, 3, 70]
