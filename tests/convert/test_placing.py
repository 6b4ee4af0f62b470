"""Writing over what is there: one step, one writer, nothing left behind, nothing foreign touched."""

import errno
import fcntl
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from strangler.convert import placing
from strangler.convert.output import check_ours, write_tree
from strangler.convert.placing import staging_beside, swap
from strangler.errors import OutputError

FILES = {"app/a.py": "A = 1\n", "app/deep/b.py": "B = 1\n"}
LEDGER = '{"version": 1}\n'


@pytest.fixture
def out(tmp_path: Path) -> Iterator[Path]:
    """A generated tree; whatever a test does, its folder has nothing beside it afterwards."""
    folder = tmp_path / "new"
    write_tree(folder, FILES, LEDGER)
    yield folder
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def unprivileged(code: str, *arguments: object) -> subprocess.CompletedProcess[str]:
    """Run Python code as a user whom file permissions bind, even where the tests run as root."""
    drop = "import ctypes, os, sys\nfor c in (1, 2): ctypes.CDLL(None).prctl(24, c, 0, 0, 0)\n"
    again = "os.execv(sys.executable, [sys.executable, '-c', *sys.argv[1:]])"
    command = [sys.executable, "-c", drop + again, code, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


WRITE = """
import sys
from pathlib import Path
from strangler.convert.output import write_tree
from strangler.errors import OutputError
try:
    write_tree(Path(sys.argv[1]), {"app/a.py": "A = 2\\n", "app/deep/b.py": "B = 2\\n"}, "{}")
except OutputError as error:
    sys.exit(f"refused: {error}")
"""


def test_folders_that_may_not_be_written_refuse_and_keep_the_old_tree(out: Path) -> None:
    """The message names the place, and no staging folder stays."""
    (out / "app/deep").chmod(0o555)
    done = unprivileged(WRITE, out)
    assert "refused: " in done.stderr
    assert "app/deep/b.py cannot be written: Permission denied" in done.stderr
    assert (out / "app/a.py").read_text() == "A = 1\n"
    out.parent.chmod(0o555)
    assert f"{out.parent} cannot be written" in unprivileged(WRITE, out).stderr
    out.parent.chmod(0o755)


def test_a_tree_whose_own_folder_is_read_only_is_not_half_replaced(out: Path) -> None:
    out.chmod(0o555)
    assert "refused: " in unprivileged(WRITE, out).stderr
    assert (out / "app/a.py").read_text() == "A = 1\n"


def test_two_conversions_at_once_are_refused(out: Path) -> None:
    with (
        staging_beside(out),
        pytest.raises(OutputError, match="another conversion is writing to"),
    ):
        write_tree(out, FILES, LEDGER)
    write_tree(out, FILES, LEDGER)


def test_what_a_killed_run_left_is_taken_over(out: Path) -> None:
    left_over = out.with_name(".new-strangler")
    (left_over / "tree/app").mkdir(parents=True)
    (left_over / "tree/app/half.py").write_text("x")
    write_tree(out, {**FILES, "app/a.py": "A = 3\n"}, LEDGER)
    assert (out / "app/a.py").read_text() == "A = 3\n"
    assert not (out / "app/half.py").exists()


def test_the_lock_ends_with_its_process(out: Path) -> None:
    """A run that was killed keeps nobody waiting."""
    place = out.with_name(".new-strangler")
    place.mkdir()
    descriptor = os.open(place, os.O_RDONLY)
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    with pytest.raises(OutputError, match="another conversion"):
        write_tree(out, FILES, LEDGER)
    os.close(descriptor)
    write_tree(out, FILES, LEDGER)


@pytest.mark.parametrize("way", ["in one step", "by two renames", "first failing"])
def test_a_swap_gives_the_new_tree_or_the_old_one(
    way: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    staging, target = tmp_path / "staging", tmp_path / "target"
    for folder in (staging, target):
        folder.mkdir()
        (folder / folder.name).write_text("")
    if way != "in one step":
        monkeypatch.setattr(placing, "_exchanged", lambda *_: False)
    if way == "first failing":
        rename = os.rename

        def failing(source: Path, place: Path) -> None:
            if source == staging:
                raise OSError(errno.EBUSY, "busy")
            rename(source, place)

        monkeypatch.setattr(placing.os, "rename", failing)
        with pytest.raises(OSError, match="busy"):
            swap(staging, target)
        assert [path.name for path in target.iterdir()] == ["target"]
    else:
        swap(staging, target)
        assert [path.name for path in target.iterdir()] == ["staging"]


def test_a_persons_files_are_carried_over_as_they_are(out: Path, tmp_path: Path) -> None:
    """Pipes, empty folders, links and times too: a virtual environment or a repository of its own."""
    os.mkfifo(out / "pipe")
    (out / ".git/refs").mkdir(parents=True)
    (out / "link").symlink_to("app/a.py")
    (out / "mine.txt").write_text("mine")
    before = (out / "mine.txt").stat()
    write_tree(out, {**FILES, "app/a.py": "A = 4\n"}, LEDGER)
    assert (out / "pipe").is_fifo()
    assert (out / ".git/refs").is_dir()
    assert (out / "link").read_text() == "A = 4\n"
    after = (out / "mine.txt").stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_a_folder_that_the_last_generated_file_left_goes(out: Path) -> None:
    write_tree(out, {"app/a.py": FILES["app/a.py"]}, LEDGER)
    assert not (out / "app/deep").exists()


def test_nothing_is_written_through_a_link_that_leads_out(out: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    (out / "app/deep").rename(elsewhere)
    (out / "app/deep").symlink_to(elsewhere, target_is_directory=True)
    with pytest.raises(OutputError, match=r"a link leads app/deep/b\.py out of the folder"):
        write_tree(out, {**FILES, "app/deep/b.py": "B = 5\n"}, LEDGER)
    assert (elsewhere / "b.py").read_text() == "B = 1\n"


def test_a_lost_base_costs_no_hand_edit(out: Path) -> None:
    """Without it nobody can say whose line is whose: a conflict."""
    (out / ".strangler/base/app/a.py").unlink()
    (out / "app/a.py").write_text("A = 'mine'\n")
    written = write_tree(out, FILES, LEDGER)
    text = (out / "app/a.py").read_text()
    assert written.conflicts == ["app/a.py"]
    assert "A = 'mine'" in text
    assert "A = 1" in text


def test_a_file_that_is_no_text_any_more_is_named(out: Path) -> None:
    (out / "app/a.py").write_bytes(b"A = '\xe4'\n")
    with pytest.raises(OutputError, match=r"app/a\.py: is not UTF-8"):
        write_tree(out, FILES, LEDGER)


@pytest.mark.parametrize(
    ("ledger", "reason"),
    [
        ("{", "no ledger of strangler's"),
        ("<<<<<<< ours\n", "no ledger of strangler's"),
        ("[]", "no ledger of strangler's"),
        ('{"version": "x"}', "no ledger of strangler's"),
        ('{"version": 2}', "written by a newer strangler"),
    ],
)
def test_a_ledger_that_is_not_ours_is_refused(ledger: str, reason: str, out: Path) -> None:
    (out / ".strangler/ledger.json").write_text(ledger)
    with pytest.raises(OutputError, match=reason):
        check_ours(out)


def test_the_project_itself_is_no_place_to_write_to(tmp_path: Path) -> None:
    project = tmp_path / "a/project"
    project.mkdir(parents=True)
    for place in (project, project.parent, project / "x" / ".."):
        with pytest.raises(OutputError, match="holds the Django project"):
            check_ours(place, project)
    check_ours(project / "newapp", project)


def test_a_device_is_no_folder() -> None:
    """Renaming a folder over it would succeed."""
    with pytest.raises(OutputError, match="is no folder"):
        check_ours(Path("/dev/null"))
