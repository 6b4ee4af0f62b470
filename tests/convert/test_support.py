"""The compat modules of a generated app: what it imports, and what those import."""

import ast
from importlib.resources import files

import pytest

from strangler.convert.support import compat_files, with_constants

MODULES = sorted(
    entry.name.removesuffix(".py")
    for entry in files("strangler.compat").iterdir()
    if entry.name.endswith(".py") and entry.name != "__init__.py"
)


@pytest.mark.parametrize("module", MODULES)
def test_the_modules_are_closed_under_their_imports(module: str) -> None:
    found = compat_files({"app/main.py": f"from app.compat.{module} import x\n"}, {})
    assert f"app/compat/{module}.py" in found
    for text in found.values():
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.ImportFrom) and node.level == 1 and node.module:
                assert f"app/compat/{node.module.partition('.')[0]}.py" in found
            imported = [a.name for a in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom) and not node.level:
                imported.append(node.module or "")
            assert not [name for name in imported if name.partition(".")[0] == "strangler"]


def test_an_app_without_imports_gets_the_package_alone() -> None:
    assert set(compat_files({"app/main.py": "x = 1\n"}, {})) == {"app/compat/__init__.py"}


def test_a_module_imported_by_name_comes_along() -> None:
    found = compat_files({"app/main.py": "from app.compat import clock\n"}, {})
    assert "app/compat/clock.py" in found


def test_settings_hold_the_values_of_the_project() -> None:
    source = "A = 1\nB: tuple[str, ...] = (\n    'x',\n)\nC = 3\n"
    text = with_constants(source, {"A": "new", "B": ("y", "z"), "UNKNOWN": 1})
    assert text == "A = 'new'\nB: tuple[str, ...] = ('y', 'z')\nC = 3\n"


def test_the_projects_time_zone_reaches_the_app() -> None:
    generated = {"app/main.py": "from app.compat.clock import now\n"}
    found = compat_files(generated, {"TIME_ZONE": "Europe/Vienna"})
    assert "Europe/Vienna" in found["app/compat/settings.py"]
