"""`--report FILE`, and the command lines that one command advises to type next."""

import os
import shlex
from pathlib import Path

from strangler.config import FILE_NAME
from strangler.errors import OutputError


def check_report(file: Path | None) -> None:
    """Refuse a place that cannot be written, before work is done that would be lost.

    Raises:
        OutputError: it is a folder, lies in none, or may not be written.
    """
    if file is None:
        return
    if file.is_dir():
        raise _refusal(file, "it is a folder")
    if not file.parent.is_dir():
        raise _refusal(file, f"there is no folder {file.parent}")
    if not os.access(file if file.exists() else file.parent, os.W_OK):
        raise _refusal(file, "Permission denied")


def write_report(file: Path | None, text: str) -> None:
    """Write the text, if a file is given.

    Raises:
        OutputError: the disk or the file system does not let us.
    """
    if file is None:
        return
    try:
        file.write_text(text, encoding="utf-8")
    except OSError as error:
        raise _refusal(file, error.strerror or str(error)) from error


def _refusal(file: Path, reason: str) -> OutputError:
    text = f"the report cannot be written: {reason}"
    return OutputError(text, source=str(file), hint="name another file with --report")


def typed(name: str, path: Path, *arguments: str, **options: object) -> str:
    """A command line as people type it: PATH unless it is here, options that were given, quoted."""
    parts = ["strangler", *name.split()]
    if path != Path():
        parts.append(str(path))
    parts.extend(arguments)
    for option, value in options.items():
        if value is not None:
            parts += [f"--{option}", str(value)]
    return shlex.join(parts)


def config_option(path: Path, config: Path | None = None) -> dict[str, Path]:
    """`--config` for commands without PATH: the file that was typed, or the one in PATH."""
    if config is None and path != Path() and (path / FILE_NAME).is_file():
        config = path / FILE_NAME
    return {} if config is None else {"config": config}
