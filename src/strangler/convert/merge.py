"""Three-way merge of one file by git."""

from __future__ import annotations

import subprocess
import tempfile
from pathlib import Path

from strangler.errors import EnvironmentProblem

_TOO_MANY = 128


def merge_text(base: str, ours: str, new: str) -> tuple[str, bool]:
    """Merge a person's edits (`ours`) with the new output; the text, and whether it holds conflict markers.

    Raises:
        EnvironmentProblem: git is missing or fails.
    """
    with tempfile.TemporaryDirectory(prefix="strangler-") as folder:
        paths = []
        for name, text in (("yours", ours), ("generated-before", base), ("generated-now", new)):
            path = Path(folder) / name
            path.write_text(text, encoding="utf-8")
            paths.append(str(path))
        labels = [
            part for name in ("yours", "generated before", "generated now") for part in ("-L", name)
        ]
        command = ["git", "merge-file", "-p", "--diff3", *labels, *paths]
        try:
            done = subprocess.run(command, capture_output=True, check=False)
        except OSError as error:
            raise EnvironmentProblem(
                "git is needed to merge hand edits", hint="install git"
            ) from error
    if done.returncode < 0 or done.returncode >= _TOO_MANY:
        raise EnvironmentProblem(
            f"git merge-file failed: {done.stderr.decode(errors='replace').strip()}"
        )
    return done.stdout.decode("utf-8"), done.returncode > 0
