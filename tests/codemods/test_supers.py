"""`super()` with the arguments that Python would take is the same without them."""

import libcst as cst
import pytest

from strangler_codemods.supers import with_short_supers

METHOD = "class Notes(Base):\n    def go(self, x):\n        {}\n"


def short(line: str) -> str:
    text = METHOD.format(line)
    return with_short_supers(cst.parse_module(text), text).code.splitlines()[2].strip()


def test_the_class_and_its_instance_are_dropped() -> None:
    assert short("return super(Notes, self).go(x)") == "return super().go(x)"


@pytest.mark.parametrize(
    "line",
    [
        "return super(Base, self).go(x)",
        "return super(Notes, x).go(x)",
        "return [super(Notes, self) for _ in x]; lambda self: super(Notes, self).go(x)",
    ],
)
def test_others_stay(line: str) -> None:
    assert "super(" in short(line).replace("super()", "")
