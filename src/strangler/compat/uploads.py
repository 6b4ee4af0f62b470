"""Uploaded files of rows: written below MEDIA_ROOT when the row is saved, as Django does.

    image: Mapped[str] = mapped_column(String(100), info={"pre_save": Upload("photos/", 100)})

Until it is saved an object holds the upload itself in the column, afterwards the file's name.
"""

import os
import posixpath
import re
from collections.abc import Callable
from datetime import datetime
from pathlib import PurePath
from typing import Any, BinaryIO

from starlette.datastructures import UploadFile

from . import settings
from .crypto import in_thread, random_string
from .urls import SuspiciousRequest

UploadTo = str | Callable[[Any, str], str]
_CHUNK = 64 * 1024
_PERMISSIONS = 0o644


class Upload:
    """Stores what was uploaded into one column; `upload_to` is a folder, or makes the name."""

    def __init__(self, upload_to: UploadTo = "", max_length: int | None = None) -> None:
        self.upload_to = upload_to
        self.max_length = max_length

    def __call__(self, obj: Any, value: Any, adding: bool) -> Any:
        """The name to write; SuspiciousRequest for a name that cannot be one."""
        if value is None:
            return ""  # no file is an empty text, NULL or not
        if not isinstance(value, UploadFile):
            return value
        name = self._name(obj, value.filename or "")
        return in_thread(store, name, value.file, self.max_length)

    def _name(self, obj: Any, filename: str) -> str:
        if callable(self.upload_to):
            filename = self.upload_to(obj, filename)
        else:
            # the clock of the server, as Django takes it
            folder = datetime.now().strftime(self.upload_to)
            filename = posixpath.join(folder, filename)
        folder, base = os.path.split(filename.replace("\\", "/"))
        if ".." in PurePath(folder).parts or PurePath(filename).is_absolute():
            raise SuspiciousRequest(f"Detected path traversal attempt in '{filename}'")
        return os.path.normpath(os.path.join(folder, valid_name(base)))


def valid_name(name: str) -> str:
    """A file's name without anything but letters, digits, dashes, underscores and dots."""
    cleaned = re.sub(r"(?u)[^-\w.]", "", name.strip().replace(" ", "_"))
    if cleaned in {"", ".", ".."}:
        raise SuspiciousRequest(f"Could not derive file name from '{name}'")
    return cleaned


def media_root() -> str:
    """The folder of uploads; LookupError where the environment does not name it."""
    root = os.environ.get("MEDIA_ROOT")
    if not root:
        raise LookupError("MEDIA_ROOT is not set: uploads have no place")
    return root


def store(name: str, content: BinaryIO, max_length: int | None) -> str:
    """Write a file under `name`, or under another name where that is taken; the name it got."""
    root = media_root()
    while True:
        name = _free(root, name, max_length)
        path = os.path.join(root, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        try:
            number = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
        except FileExistsError:
            continue  # somebody else was faster
        content.seek(0)
        with os.fdopen(number, "wb") as file:
            while chunk := content.read(_CHUNK):
                file.write(chunk)
        if settings.DJANGO >= (3, 0):
            os.chmod(path, _PERMISSIONS)
        return name.replace("\\", "/")


def _free(root: str, name: str, max_length: int | None) -> str:
    folder, base = os.path.split(name)
    stem, extension = os.path.splitext(base)
    while os.path.exists(os.path.join(root, name)) or (max_length and len(name) > max_length):
        name = os.path.join(folder, f"{stem}_{random_string(7)}{extension}")
        over = len(name) - max_length if max_length else 0
        if over > 0:
            stem = stem[:-over]
            if not stem:
                raise SuspiciousRequest(f"Storage can not find an available filename for '{name}'")
            name = os.path.join(folder, f"{stem}_{random_string(7)}{extension}")
    return name
