"""Serves the generated application with uvicorn, in `[new] python`.

    python new_server.py

Standard input brings one JSON object: folder, application, address and environment. So secrets
stand neither on a disk nor in the process list.
"""

import json
import os
import sys
from typing import Any


def main() -> None:
    """Read, load, serve."""
    boot: dict[str, Any] = json.loads(sys.stdin.read())
    os.environ.update(boot["environment"])
    os.chdir(boot["path"])
    sys.path[0] = boot["path"]  # the folder of this file: its modules are not the application's
    import uvicorn

    uvicorn.run(
        boot["app"],
        host=boot["host"],
        port=boot["port"],
        access_log=False,
        # who asked and how is what the application says, as Django says it, not the server
        proxy_headers=False,
        timeout_graceful_shutdown=5,
        log_level="warning",
    )


if __name__ == "__main__":
    main()
