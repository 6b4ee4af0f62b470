"""A scrambled shop is another shop that behaves alike, and nothing of ours knows the shop."""

import ast
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.scramble import Names, scramble

SEED = 1
COUNT = """
import django, sys
django.setup()
from django.urls import URLPattern, get_resolver
def count(patterns):
    return sum(1 if isinstance(p, URLPattern) else count(p.url_patterns) for p in patterns)
print(count(get_resolver().url_patterns))
"""
# Class names of the shop that are words of Django and DRF too; the rules may name those.
SHARED = {
    "Address": "a class of Python's email package",
    "Command": "what Django calls every management command",
    "Meta": "what Django and DRF call the class with the options",
    "Method": "a word of HTTP",
    "Migration": "what Django calls every migration",
    "Reason": "an inner enum of the shop; here why something is not converted",
    "Status": "a word of HTTP and of verdicts",
    "User": "the model of django.contrib.auth",
    "UserAdmin": "a class of django.contrib.auth",
    "UserManager": "a class of django.contrib.auth",
}


@pytest.fixture(scope="session")
def shop(repository: Path) -> Path:
    return repository / "sample_django_app"


@pytest.fixture(scope="module")
def other(shop: Path, tmp_path_factory) -> tuple[Path, Names]:
    folder = tmp_path_factory.mktemp("scrambled") / "shop"
    return folder, scramble(shop, folder, SEED)


@pytest.fixture(scope="module")
def files_of_other(other: tuple[Path, Names]) -> dict[str, str]:
    """Its sources, before anything was run in it."""
    return files(other[0])


def files(folder: Path) -> dict[str, str]:
    found = [path for path in folder.rglob("*") if path.is_file()]
    return {str(path.relative_to(folder)): path.read_text() for path in found}


def run(folder: Path, *arguments: str) -> str:
    settings = re.search(r"DJANGO_SETTINGS_MODULE\W+([\w.]+)", (folder / "manage.py").read_text())
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": settings[1], "PYTHONPATH": str(folder),
                   "PYTHONDONTWRITEBYTECODE": "1"}  # fmt: skip
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=folder, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]
    return done.stdout


def class_names(source: Path) -> set[str]:
    trees = [ast.parse(path.read_text()) for path in source.rglob("*.py")]
    nodes = [node for tree in trees for node in ast.walk(tree)]
    return {node.name for node in nodes if isinstance(node, ast.ClassDef)}


def labels(source: Path) -> set[str]:
    """Return the app labels and the name of the project's own package."""
    return {p.parent.name for name in ("apps.py", "wsgi.py") for p in source.glob(f"*/{name}")}


def dotted_paths(source: Path) -> set[str]:
    """Return every module of the shop and everything it defines at its top, by full name."""
    found: set[str] = set()
    for path in source.glob("*/**/*.py"):
        parts = path.relative_to(source).with_suffix("").parts
        module = ".".join(part for part in parts if part != "__init__")
        tree = ast.parse(path.read_text())
        found |= {f"{module}.{n.name}" for n in tree.body if hasattr(n, "name")}
        found.add(module)
    return {name for name in found if "." in name and not name.startswith("tests.")}


def words(source: Path) -> set[str]:
    """Return every identifier, and the words of strings that are names, not sentences."""
    trees = [ast.parse(path.read_text()) for path in source.rglob("*.py")]
    texts = [text for tree in trees for node in ast.walk(tree) for text in names_in(node)]
    return {word for text in texts if " " not in text for word in re.findall(r"\w+", text)}


@pytest.mark.slow
def test_the_seed_decides_about_the_names(
    files_of_other: dict[str, str], shop: Path, tmp_path: Path
) -> None:
    scramble(shop, tmp_path / "again", SEED)
    assert files(tmp_path / "again") == files_of_other
    scramble(shop, tmp_path / "another", SEED + 1)
    assert files(tmp_path / "another") != files_of_other


@pytest.mark.slow
def test_a_scrambled_shop_works(other: tuple[Path, Names]) -> None:
    """It boots, its migrations are complete, it fills a database, and its own tests pass."""
    folder, _ = other
    run(folder, "manage.py", "check")
    run(folder, "manage.py", "makemigrations", "--check", "--dry-run")
    run(folder, "manage.py", "migrate")
    assert "100 " in run(folder, "manage.py", "seed", "--products", "100")
    passed = run(folder, "-m", "pytest", "-q", "-p", "no:cacheprovider")
    assert int(re.search(r"(\d+) passed", passed)[1]) > 100


@pytest.mark.slow
def test_a_scrambled_shop_has_as_many_endpoints(other: tuple[Path, Names], shop: Path) -> None:
    assert run(other[0], "-c", COUNT) == run(shop, "-c", COUNT)


@pytest.mark.slow
def test_no_name_of_the_shop_survives(other: tuple[Path, Names], shop: Path) -> None:
    """No app label and no class name is left, nor a field that is not Django's as well."""
    folder, names = other
    assert not (labels(shop) | class_names(shop) - SHARED.keys()) & words(folder)
    fields = {name for name in names.own - names.foreign if names[name] != name}
    assert {"sku", "weight_kg", "order_items"} <= fields
    assert not fields & words(folder)


@pytest.mark.parametrize("room", ["codemods", "src/strangler/compat"])
def test_nothing_of_ours_knows_the_shop(room: str, repository: Path, shop: Path) -> None:
    """No rule and no compat module has a label, class name or dotted path of the shop in it."""
    forbidden = labels(shop) | (class_names(shop) - SHARED.keys())
    paths = dotted_paths(shop)
    found = []
    for path in sorted((repository / room).rglob("*.py")):
        tree = ast.parse(path.read_text())
        documentation = set(docstrings(tree))
        for node in ast.walk(tree):
            if node in documentation:
                continue
            for text in names_in(node):
                if text in forbidden or any(mentions(text, each) for each in paths):
                    found.append(f"{path.relative_to(repository)}:{node.lineno}: {text}")
    assert found == []


def docstrings(tree: ast.Module) -> Iterator[ast.Constant]:
    """Yield the docstrings: an example in one is no rule."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and node.body:
            match node.body[0]:
                case ast.Expr(value=ast.Constant() as text):
                    yield text


def names_in(node: ast.AST) -> list[str]:
    """Return the identifiers of one node, and its text if it is a string."""
    values = [getattr(node, name, None) for name in ("id", "attr", "name", "arg", "asname")]
    values += (getattr(node, "module", None) or "").split(".")
    if isinstance(node, ast.Constant):
        values.append(node.value)
    return [value for value in values if isinstance(value, str) and value]


def mentions(text: str, dotted: str) -> bool:
    return dotted in text and re.search(rf"(?<![\w.]){re.escape(dotted)}(?!\w)", text) is not None


def test_every_exception_is_a_class_of_the_shop(shop: Path) -> None:
    assert SHARED.keys() <= class_names(shop)
