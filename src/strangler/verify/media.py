"""The folders that uploads go to: one per side, put back after every case."""

import shutil
import tempfile
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

from strangler.diff import Effect
from strangler.verify.executor import SIDES, Side

#: Files of the project are copied up to this many bytes; views that open them need them.
_COPIED = 64 * 1024 * 1024
#: Size in bytes and time of the last change in nanoseconds, None for folders; by path.
State = dict[Path, tuple[int, int] | None]


class Media:
    """Equal copies of MEDIA_ROOT; the project's own folder is only read."""

    def __init__(self, source: str) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="strangler-"))
        self._source = Path(source) if source and _small(Path(source)) else None
        self._known: dict[Side, State] = {}
        for side in SIDES:
            self._fill(side)

    def _fill(self, side: Side) -> None:
        folder = self._folder / side
        if self._source is not None:
            shutil.copytree(self._source, folder)
        else:
            folder.mkdir()
        self._known[side] = _state(folder)

    def root(self, side: Side) -> str:
        """MEDIA_ROOT of a side."""
        return str(self._folder / side)

    def changes(self, side: Side) -> Iterator[Effect]:
        """Files that were written since they were put back, and those that were deleted."""
        folder, known = self._folder / side, self._known[side]
        present = _state(folder)
        for path in sorted(known.keys() | present.keys()):
            now, before = present.get(path), known.get(path)
            if now is not None and now != before:
                content = (folder / path).read_bytes()
                value = {"sha256": sha256(content).hexdigest(), "bytes": len(content)}
                yield Effect("file", path.as_posix(), value)
            elif path not in present and before is not None:
                yield Effect("file", path.as_posix(), "deleted")

    def restore(self) -> None:
        """Remove what was uploaded; bring back what was deleted or written over."""
        for side in SIDES:
            folder, known = self._folder / side, self._known[side]
            present = _state(folder)
            if any(present.get(path, ...) != before for path, before in known.items()):
                shutil.rmtree(folder)
                self._fill(side)
                continue
            # the deepest first, so that folders are empty when their turn comes
            for name in sorted(present.keys() - known.keys(), reverse=True):
                path = folder / name
                path.rmdir() if path.is_dir() else path.unlink()

    def close(self) -> None:
        """Remove both folders."""
        shutil.rmtree(self._folder, ignore_errors=True)


def _state(folder: Path) -> State:
    state: State = {}
    for path in folder.rglob("*"):
        status = path.lstat()
        plain = path.is_file()
        state[path.relative_to(folder)] = (status.st_size, status.st_mtime_ns) if plain else None
    return state


def _small(source: Path) -> bool:
    """Whether a folder is there and may be copied."""
    if not source.is_dir() or source == Path(source.anchor):
        return False
    size = 0
    for path in source.rglob("*"):
        size += path.lstat().st_size if path.is_file() else 0
        if size > _COPIED:
            return False
    return True
