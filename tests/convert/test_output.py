"""Writing: hand edits survive, nothing foreign is overwritten, all or nothing."""

import errno
from pathlib import Path

import pytest

from strangler.convert import output
from strangler.convert.output import check_ours, format_files, write_tree
from strangler.errors import InternalError, OutputError

FIRST = {
    "app/a.py": "import os\n\n\ndef one() -> int:\n    return 1\n\n\ndef two() -> int:\n    return 2\n",
    "app/b.py": "B = 1\n",
}
LEDGER = '{"version": 1}\n'
CHANGED = {**FIRST, "app/a.py": FIRST["app/a.py"].replace("return 2", "return 22")}


def _tree(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@pytest.fixture
def out(tmp_path: Path) -> Path:
    """A generated tree."""
    folder = tmp_path / "new"
    write_tree(folder, FIRST, LEDGER)
    return folder


def test_a_second_run_changes_no_byte(out: Path) -> None:
    before = _tree(out)
    written = write_tree(out, FIRST, LEDGER)
    assert _tree(out) == before
    assert written.changed == written.conflicts == written.removed == []


def test_a_hand_edit_elsewhere_in_the_file_is_kept(out: Path) -> None:
    edited = FIRST["app/a.py"].replace("return 1", "return 11")
    (out / "app/a.py").write_text(edited)
    written = write_tree(out, CHANGED, LEDGER)
    text = (out / "app/a.py").read_text()
    assert "return 11" in text
    assert "return 22" in text
    assert written.conflicts == []


def test_a_hand_edit_is_kept_again_and_again(out: Path) -> None:
    (out / "app/b.py").write_text("B = 2\n")
    for _ in range(2):
        written = write_tree(out, FIRST, LEDGER)
        assert (out / "app/b.py").read_text() == "B = 2\n"
        assert "app/b.py" in written.unchanged


def test_both_changing_one_line_is_a_conflict_with_markers(out: Path) -> None:
    (out / "app/a.py").write_text(FIRST["app/a.py"].replace("return 2", "return 3"))
    written = write_tree(out, CHANGED, LEDGER)
    text = (out / "app/a.py").read_text()
    assert written.conflicts == ["app/a.py"]
    for part in ("<<<<<<< yours", "return 3", "return 22", ">>>>>>> generated now"):
        assert part in text


def test_a_file_that_a_person_deleted_stays_deleted(out: Path) -> None:
    (out / "app/b.py").unlink()
    for _ in range(2):
        write_tree(out, FIRST, LEDGER)
        assert not (out / "app/b.py").exists()


def test_a_file_of_a_persons_own_stays(out: Path) -> None:
    (out / "app/mine.py").write_text("MINE = 1\n")
    write_tree(out, FIRST, LEDGER)
    assert (out / "app/mine.py").read_text() == "MINE = 1\n"


def test_what_is_no_longer_generated_goes_unless_it_was_edited(out: Path) -> None:
    write_tree(out, {"app/a.py": FIRST["app/a.py"]}, LEDGER)
    assert not (out / "app/b.py").exists()
    write_tree(out, FIRST, LEDGER)
    (out / "app/b.py").write_text("B = 2\n")
    write_tree(out, {"app/a.py": FIRST["app/a.py"]}, LEDGER)
    assert (out / "app/b.py").read_text() == "B = 2\n"


@pytest.mark.parametrize("kind", ["file", "folder"])
def test_a_foreign_place_is_refused(kind: str, tmp_path: Path) -> None:
    place = tmp_path / "theirs"
    if kind == "file":
        place.write_text("x")
    else:
        place.mkdir()
        (place / "x.txt").write_text("x")
    with pytest.raises(OutputError, match="theirs"):
        check_ours(place)


def test_an_empty_folder_and_our_own_are_taken(out: Path, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    for place in (out, tmp_path / "empty", tmp_path / "missing"):
        check_ours(place)


def test_a_failure_on_the_way_leaves_the_old_tree(
    out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = _tree(out)

    def fail(staging: Path, target: Path) -> None:
        raise OSError(errno.ENOSPC, "no space left", str(target))

    monkeypatch.setattr(output, "swap", fail)
    with pytest.raises(OutputError, match="cannot be written: no space left"):
        write_tree(out, CHANGED, LEDGER)
    assert _tree(out) == before
    assert [path.name for path in out.parent.iterdir()] == ["new"]


def test_code_is_formatted_and_its_imports_sorted() -> None:
    text = "from re import sub\nimport ast, json\nprint( ast,sub )\n"
    formatted = format_files({"a.py": text})["a.py"]
    assert formatted == "import ast\nfrom re import sub\n\nprint(ast, sub)\n"


def test_what_is_no_python_is_an_internal_error() -> None:
    with pytest.raises(InternalError, match="ruff"):
        format_files({"a.py": "def f(x, x): return\n"})
