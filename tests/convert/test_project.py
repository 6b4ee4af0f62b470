"""Reading sources: whatever lies among them is read, or named with the reason."""

import os
from pathlib import Path

import pytest

from strangler.convert.project import read_project


def _write(root: Path, name: str, data: bytes) -> None:
    place = root / name
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(data)


@pytest.mark.parametrize(
    ("data", "text"),
    [
        ("# -*- coding: latin-1 -*-\nx = 'ä'\n".encode("latin-1"), "'ä'"),
        (b"\xef\xbb\xbfx = 'plain'\n", "x = 'plain'"),
        (b"x = 1\r\ny = 2\rz = 3\n", "x = 1\ny = 2\nz = 3\n"),
        ("x = 'ä'\n".encode(), "'ä'"),
    ],
    ids=["PEP 263", "byte order mark", "line ends", "UTF-8"],
)
def test_a_source_is_read_as_python_reads_it(data: bytes, text: str, tmp_path: Path) -> None:
    _write(tmp_path, "a.py", data)
    project = read_project(tmp_path)
    assert text in project.files["a.py"]
    assert not project.files["a.py"].startswith("\ufeff")
    assert project.skipped == []


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"x = 1\ny = '\xe4'\n", ":2 it is not utf-8"),
        (b"# coding: no-such-codec\n", ":1 unknown encoding"),
        (b"x = 1\r\ny = '\0'\n", ":2 it holds NUL"),
        (b"#" * 2_000_001, " it is larger than 2 MB"),
        (b"x = 1\n\ndef (:\n", ":3 it does not parse as Python"),
        (b"print 'two'\n", ":1 it does not parse as Python"),
        (b"x = 1\ny = " + b"not " * 200 + b"z\n", ":2 it is nested too deeply"),
        (b"x = " + b"1 + " * 50_000 + b"1\n", ":1 it is nested too deeply"),
    ],
    ids=["no UTF-8", "unknown encoding", "NUL", "too large", "syntax", "old", "deep", "deeper"],
)
def test_what_is_no_source_is_skipped_with_line_and_reason(
    data: bytes, reason: str, tmp_path: Path
) -> None:
    _write(tmp_path, "a.py", data)
    project = read_project(tmp_path)
    assert project.files == {}
    [(place, why)] = project.skipped
    assert f"{place} {why}".startswith(f"a.py{reason}")


def test_links_are_followed_inside_the_project_only(tmp_path: Path) -> None:
    root = tmp_path / "root"
    _write(tmp_path, "outside.py", b"SECRET = 1\n")
    _write(root, "inside.py", b"x = 1\n")
    (root / "again.py").symlink_to(root / "inside.py")
    (root / "leaves.py").symlink_to(tmp_path / "outside.py")
    (root / "dangling.py").symlink_to(root / "nowhere.py")
    (root / "round").symlink_to(root, target_is_directory=True)
    project = read_project(root)
    assert set(project.files) == {"inside.py", "again.py"}
    reasons = dict(project.skipped)
    assert "leaves the project" in reasons["leaves.py"]
    assert "no regular file" in reasons["dangling.py"]


def test_a_special_file_is_not_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.py")
    assert read_project(tmp_path).skipped == [("pipe.py", "it is no regular file")]


def test_the_new_app_and_virtual_environments_are_no_sources(tmp_path: Path) -> None:
    for name in (
        "new/app.py",
        "venv/a.py",
        "env9/a.py",
        ".git/a.py",
        "node_modules/a.py",
        "ok/a.py",
    ):
        _write(tmp_path, name, b"x = 1\n")
    _write(tmp_path, "env9/pyvenv.cfg", b"")
    assert set(read_project(tmp_path, without=tmp_path / "new").files) == {"ok/a.py"}


def test_uploads_are_no_sources_but_an_app_of_that_name_is(tmp_path: Path) -> None:
    for name in ("media/a.py", "shop/media/__init__.py", "shop/media/models.py"):
        _write(tmp_path, name, b"x = 1\n")
    assert set(read_project(tmp_path).files) == {"shop/media/__init__.py", "shop/media/models.py"}
