"""The shop, converted once a run: `converted`, and `project`, a copy of it for one test."""

import shutil
import socket
import sys
from pathlib import Path

import pytest

from strangler.cli import main


def free_ports(count: int) -> list[int]:
    listeners = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [int(each.getsockname()[1]) for each in listeners]
    for each in listeners:
        each.close()
    return ports


def configuration(legacy: int, new: int, proxy: int, admin: int) -> str:
    """A strangler.toml for `shop/` and `newapp/` beside it."""
    return f"""[legacy]
path = "shop"
python = "{sys.executable}"
url = "http://127.0.0.1:{legacy}"

[new]
path = "newapp"
url = "http://127.0.0.1:{new}"

[proxy]
listen = "127.0.0.1:{proxy}"
admin = "127.0.0.1:{admin}"
"""


@pytest.fixture(scope="session")
def converted(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with `shop/` and `newapp/`; tests copy it."""
    folder = tmp_path_factory.mktemp("converted")
    ignored = shutil.ignore_patterns("__pycache__", "*.sqlite3*", "media")
    shutil.copytree(repository / "sample_django_app", folder / "shop", ignore=ignored)
    out = str(folder / "newapp")
    assert main(["convert", str(folder / "shop"), "--python", sys.executable, "--out", out]) == 0
    return folder


@pytest.fixture
def project(converted: Path, tmp_path: Path) -> Path:
    """A copy of the converted shop with a strangler.toml whose ports are free."""
    folder = tmp_path / "project"
    shutil.copytree(converted, folder)
    (folder / "strangler.toml").write_text(configuration(*free_ports(4)))
    return folder
