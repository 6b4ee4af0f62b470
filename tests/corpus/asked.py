"""Asks Django and the converted application the same, on databases of their own."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

from strangler.diff.exchange import Exchange
from strangler.verify.executor import Executor
from strangler.verify.project import Project
from strangler.verify.requests import Request
from strangler.verify.twins import Place
from tests.postgres import Cluster

_HEADERS = ("content-type", "allow", "vary", "www-authenticate", "location", "retry-after")


@dataclass
class Asked:
    """Both applications, running."""

    legacy: Executor
    new: Executor

    def each(
        self, method: str, path: str, data: Any = None, *headers: tuple[str, str]
    ) -> tuple[Exchange, Exchange]:
        """What both answer to one request with a JSON body."""
        body = b"" if data is None else json.dumps(data).encode()
        kind = (("Content-Type", "application/json"),) if body else ()
        request = Request(method, path, (("Host", "testserver"), *kind, *headers), body)
        return self.legacy.send(request), self.new.send(request)

    def agree(
        self, method: str, path: str, data: Any = None, *headers: tuple[str, str]
    ) -> Exchange:
        """Both answer the same; the answer of Django."""
        theirs, ours = self.each(method, path, data, *headers)
        assert _seen(ours) == _seen(theirs), (method, path, data, _seen(ours), _seen(theirs))
        return theirs


def _seen(exchange: Exchange) -> Any:
    kept = sorted((k.lower(), v) for k, v in exchange.headers if k.lower() in _HEADERS)
    return exchange.status, exchange.body, kept


@contextmanager
def asked(
    project: Path, folder: Path, server: Cluster | None = None, seed: str = ""
) -> Iterator[Asked]:
    """Both applications of a project that was converted into `folder`/api; `seed` is Python code."""
    if server is not None:
        server.new_database("asked_made")
    made, places = _places(folder, server)
    for command in (
        ["manage.py", "migrate", "auth", "-v0"],  # apps without migrations may need its tables
        ["manage.py", "migrate", "--run-syncdb", "-v0"],
        ["manage.py", "shell", "-c", seed or "0"],
    ):
        subprocess.run(
            [sys.executable, *command], cwd=project, check=True, capture_output=True,
            env={**os.environ, "DATABASE_URL": made},
        )  # fmt: skip
    for name in ("legacy", "new"):
        if server is None:
            shutil.copy(folder / "made.db", folder / f"{name}.db")
        else:
            server.new_database(f"asked_{name}", "asked_made")
    environment = {**os.environ, "DATABASE_URL": made}
    parts = Project(
        project,
        "settings",
        sys.executable,
        folder / "api",
        "app.main:app",
        sys.executable,
        environment,
    )
    with (
        parts.legacy(places["legacy"], "none") as legacy,
        parts.new(places["new"], "none", legacy.hello, "") as new,
    ):
        yield Asked(legacy, new)


def _places(folder: Path, server: Cluster | None) -> tuple[str, Mapping[str, Place]]:
    if server is None:
        files = {name: folder / f"{name}.db" for name in ("legacy", "new")}
        return f"sqlite:///{folder / 'made.db'}", {
            name: Place("sqlite3", {"NAME": str(file)}, f"sqlite:///{file}")
            for name, file in files.items()
        }
    found = {}
    for name in ("legacy", "new"):
        url = server.database_url(f"asked_{name}")
        told = psycopg.conninfo.conninfo_to_dict(url)
        keys = {"NAME": "dbname", "HOST": "host", "PORT": "port", "USER": "user"}
        settings = {ours: str(told[theirs]) for ours, theirs in keys.items()}
        found[name] = Place("postgresql", settings, url)
    return server.database_url("asked_made"), found
