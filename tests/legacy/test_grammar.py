"""The probe runs in interpreters that are older than we are."""

import ast
import sys
from pathlib import Path

import strangler.legacy.probe as module

SOURCE = Path(module.__file__).read_text(encoding="utf-8")


def test_probe_is_written_in_the_grammar_of_python_3_6() -> None:
    """An interpreter of 2016 parses the file."""
    ast.parse(SOURCE, feature_version=(3, 6))


def test_probe_imports_the_standard_library_only() -> None:
    """Nothing has to be installed into the legacy environment."""
    found = set()
    for node in ast.walk(ast.parse(SOURCE)):
        if isinstance(node, ast.Import):
            found.update(alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            found.add((node.module or "").split(".")[0])
    assert found <= sys.stdlib_module_names
