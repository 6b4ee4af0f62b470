"""The folders that uploads go to: one per side, put back after every case."""

import shutil
import tempfile
from pathlib import Path

from strangler.verify.executor import Side

#: Files of the project are copied up to this many bytes; views that open them need them.
_COPIED = 64 * 1024 * 1024


class Media:
    """Equal copies of MEDIA_ROOT; the project's own folder is only read."""

    def __init__(self, source: str) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="strangler-"))
        self._source = Path(source) if source and _small(Path(source)) else None
        self._known: set[Path] = set()
        for side in ("legacy", "new"):
            self._fill(self._folder / side)

    def _fill(self, folder: Path) -> None:
        if self._source is not None:
            shutil.copytree(self._source, folder)
        else:
            folder.mkdir()
        self._known = {each.relative_to(folder) for each in folder.rglob("*")}

    def root(self, side: Side) -> str:
        """MEDIA_ROOT of a side."""
        return str(self._folder / side)

    def restore(self) -> None:
        """Remove what was uploaded; bring back what was deleted."""
        for side in ("legacy", "new"):
            folder = self._folder / side
            present = {each.relative_to(folder) for each in folder.rglob("*")}
            if self._known - present:
                shutil.rmtree(folder)
                self._fill(folder)
                continue
            # the deepest first, so that folders are empty when their turn comes
            for name in sorted(present - self._known, reverse=True):
                path = folder / name
                path.rmdir() if path.is_dir() else path.unlink()

    def close(self) -> None:
        """Remove both folders."""
        shutil.rmtree(self._folder, ignore_errors=True)


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
