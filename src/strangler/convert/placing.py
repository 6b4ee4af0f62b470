"""Putting a finished tree in a folder's place: the old one or the new one, never a mixture."""

from __future__ import annotations

import ctypes
import errno
import fcntl
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from strangler.errors import OutputError

_AT_FDCWD, _RENAME_EXCHANGE = -100, 2


@contextmanager
def staging_beside(out: Path) -> Iterator[Path]:
    """A folder beside `out` with the files of `out` in it; afterwards it is gone, whatever happens.

    The files are hard links where the file system has them: replace them, never write into them.

    Raises:
        OutputError: another conversion is writing to `out`, or the place cannot be written.
    """
    target = out.resolve()
    place = target.with_name(f".{target.name}-strangler")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        descriptor = _claimed(place, out)
    except OSError as error:
        text = f"{target.parent} cannot be written: {error.strerror}"
        raise OutputError(text, hint="name another folder with --out") from error
    try:
        for left_over in place.iterdir():  # of a run that was killed
            removed(left_over)
        staging = place / "tree"
        if target.is_dir():
            shutil.copytree(target, staging, symlinks=True, copy_function=_linked)
        else:
            staging.mkdir()
        yield staging
    finally:
        removed(place)
        os.close(descriptor)


def _claimed(place: Path, out: Path) -> int:
    """Make the folder and lock it; a killed run's folder is taken over, its lock went with it."""
    while True:
        place.mkdir(exist_ok=True)
        descriptor = os.open(place, os.O_RDONLY | os.O_DIRECTORY)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if os.path.samestat(os.fstat(descriptor), os.stat(place)):
                return descriptor
        except BlockingIOError:
            os.close(descriptor)
            raise OutputError(
                f"another conversion is writing to {out}", hint="wait until it has ended"
            ) from None
        except FileNotFoundError:  # the other one has just ended and removed it
            pass
        os.close(descriptor)


def _linked(source: str, target: str) -> str:
    try:
        os.link(source, target, follow_symlinks=False)
    except OSError:  # a file system without hard links, or one that forbids them here
        shutil.copy2(source, target)
    return target


def swap(staging: Path, out: Path) -> None:
    """Put the staged tree in the old one's place, in one step where the system can."""
    target = out.resolve()
    if not target.exists():
        os.rename(staging, target)
    elif not _exchanged(staging, target):
        old = staging.with_name("old")
        os.rename(target, old)
        try:
            os.rename(staging, target)
        except BaseException:
            os.rename(old, target)
            raise


def _exchanged(one: Path, other: Path) -> bool:
    """Whether the two folders have changed places: Linux can, its file systems for the most part."""
    libc = ctypes.CDLL(None, use_errno=True)
    if not hasattr(libc, "renameat2"):
        return False
    paths = os.fsencode(one), os.fsencode(other)
    if libc.renameat2(_AT_FDCWD, paths[0], _AT_FDCWD, paths[1], _RENAME_EXCHANGE) == 0:
        return True
    code = ctypes.get_errno()
    if code in (errno.EINVAL, errno.ENOSYS):
        return False
    raise OSError(code, os.strerror(code), str(other))


def removed(path: Path) -> None:
    """Remove a folder or file, if it is there, also where its folders may not be written."""

    def allow(function: Callable[..., Any], name: str, _: Any) -> None:
        with suppress(OSError):
            os.chmod(os.path.dirname(name), 0o700)
            if os.path.isdir(name) and not os.path.islink(name):
                os.chmod(name, 0o700)
                shutil.rmtree(name, ignore_errors=True)
            function(name)

    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, onerror=allow)
    else:
        path.unlink(missing_ok=True)
