"""Runs one command of Alembic for the generated application, in `[new] python`.

    python new_alembic.py < boot.json

Standard input brings folder, environment and arguments: so the database's password stands neither
on a disk nor in the process list.
"""

import json
import os
import sys
from typing import Any


def main() -> None:
    """Read, go there, run."""
    boot: dict[str, Any] = json.loads(sys.stdin.read())
    os.environ.update(boot["environment"])
    os.chdir(boot["path"])
    sys.path[0] = boot["path"]  # the folder of this file: its modules are not the application's
    from alembic.config import main as alembic

    alembic(argv=boot["arguments"], prog="alembic")


if __name__ == "__main__":
    main()
