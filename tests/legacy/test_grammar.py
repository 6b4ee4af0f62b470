"""The probe runs in interpreters that are older than we are."""

import ast
import sys
from pathlib import Path

import pytest

import strangler.legacy.probe as module
from tests.legacy.old_python import require_python_3_6

FOLDER = Path(module.__file__).parent
SOURCES = [(FOLDER / name).read_text(encoding="utf-8") for name in ("probe.py", "observer.py")]


@pytest.mark.parametrize("source", SOURCES)
def test_it_is_written_in_the_grammar_of_python_3_6(source: str) -> None:
    """An interpreter of 2016 parses the file."""
    require_python_3_6(source)


@pytest.mark.parametrize(
    "source",
    [
        "def f(a: Dict[str, int] | None = None): ...",
        "x: list[int] = []",
        "def f() -> dict[str, int]: ...",
    ],
)
def test_annotations_of_later_interpreters_are_found(source: str) -> None:
    with pytest.raises(AssertionError, match="older interpreters"):
        require_python_3_6(source)


@pytest.mark.parametrize("source", SOURCES)
def test_it_imports_the_standard_library_only(source: str) -> None:
    """Nothing has to be installed into the legacy environment."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found.update(alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            found.add((node.module or "").split(".")[0])
    assert found <= sys.stdlib_module_names
