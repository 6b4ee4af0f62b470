"""What is installed: the three packages, the shop, the licenses, locks without a host."""

import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

LOCKS = ["requirements/dev.lock"]


@pytest.fixture(scope="module")
def wheel(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built from the working tree, without an index."""
    target = tmp_path_factory.mktemp("wheel")
    options = ["--no-deps", "--no-build-isolation", "--no-index", "--quiet"]
    command = [sys.executable, "-m", "pip", "wheel", *options, "-w", str(target), str(repository)]
    subprocess.run(command, check=True, cwd=target)
    (built,) = target.glob("strangler-*.whl")
    return built


@pytest.fixture(scope="module")
def names(wheel: Path) -> set[str]:
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


@pytest.mark.parametrize("package", ["strangler", "strangler_codemods", "strangler_proxy"])
def test_the_wheel_holds_each_package_with_its_types(names: set[str], package: str) -> None:
    assert {f"{package}/__init__.py", f"{package}/py.typed"} <= names


def test_the_wheel_holds_every_tracked_module(repository: Path, names: set[str]) -> None:
    tracked = subprocess.run(
        ["git", "ls-files", "src", "codemods", "proxy"],
        cwd=repository,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    assert {path.split("/", 1)[1] for path in tracked} <= names


def test_the_wheel_carries_the_shop_without_what_it_wrote(names: set[str]) -> None:
    assert "strangler/_shop/manage.py" in names
    assert not [name for name in names if re.search(r"\.sqlite3|__pycache__|/media/", name)]


def test_the_wheel_carries_its_licenses(names: set[str]) -> None:
    assert {name.rsplit("/", 1)[1] for name in names if "/licenses/" in name} == {
        "LICENSE",
        "NOTICE",
    }


def test_the_wheel_holds_nothing_else(names: set[str]) -> None:
    tops = {name.split("/", 1)[0] for name in names}
    known = {"strangler", "strangler_codemods", "strangler_proxy", "strangler-0.1.0.dist-info"}
    assert tops == known


def test_the_installed_wheel_runs_without_the_checkout(wheel: Path, tmp_path: Path) -> None:
    """Its own code from the wheel, what it depends on from this environment."""
    options = ["--no-deps", "--no-index", "--quiet", "--target", str(tmp_path / "site")]
    subprocess.run([sys.executable, "-m", "pip", "install", *options, str(wheel)], check=True)
    code = (
        "import sys; sys.path.insert(0, 'site');"
        "import strangler.cli, strangler_codemods, strangler_proxy;"
        "assert all('/site/' in m.__file__ for m in"
        " (strangler.cli, strangler_codemods, strangler_proxy));"
        "sys.exit(strangler.cli.main(['--help']))"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=tmp_path)


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_names_versions_and_hashes_but_no_host(repository: Path, lock: str) -> None:
    text = (repository / lock).read_text()
    assert not re.search(r"://|--index|--find-links|--extra|^-", text, re.MULTILINE)
    blocks = re.split(r"\n(?=\S)", text.strip())
    assert all(re.match(r"[a-z0-9-]+==", block) for block in blocks)
    assert all("--hash=sha256:" in block for block in blocks)


def test_the_lock_is_what_the_project_file_asks_for(repository: Path) -> None:
    """Each direct dependency is locked; `make lock` writes the rest."""
    project = tomllib.loads((repository / "pyproject.toml").read_text())
    asked = [
        *project["project"]["dependencies"],
        *project["project"]["optional-dependencies"]["demo"],
        *project["dependency-groups"]["dev"],
        *project["build-system"]["requires"],
    ]
    locked = set(re.findall(r"^([a-z0-9-]+)==", (repository / LOCKS[0]).read_text(), re.MULTILINE))
    wanted = {re.split(r"[\[<>=!~;]", line)[0].strip().lower() for line in asked}
    assert wanted <= locked
