"""A PostgreSQL cluster of the tests' own: made, started, stopped and removed by one session.

Needs the server's binaries only. Where they lack, tests that ask for `postgres_url` are skipped
with a line that says so; with CI=true that is a failure.
"""

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

_ROLE = "strangler"
# Durability is of no use to a cluster that lives for minutes.
_SPEED = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "autovacuum=off")


@dataclass(frozen=True)
class Cluster:
    """A running server; `url` is its maintenance database."""

    port: int

    def database_url(self, name: str) -> str:
        return f"postgresql://{_ROLE}@127.0.0.1:{self.port}/{name}"

    @property
    def url(self) -> str:
        return self.database_url("postgres")

    def new_database(self, name: str, template: str = "template1") -> str:
        """Make a database, replacing one of that name, and return its URL."""
        with psycopg.connect(self.url, autocommit=True) as connection:
            this, that = sql.Identifier(name), sql.Identifier(template)
            connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(this))
            connection.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(this, that))
        return self.database_url(name)


@pytest.fixture(scope="session")
def postgres() -> Iterator[Cluster]:
    """The cluster, shared by the whole run."""
    binaries = binaries_folder()
    if binaries is None:
        line = "no PostgreSQL binaries (pg_config --bindir, /usr/lib/postgresql/*/bin)"
        if os.environ.get("CI") == "true":
            pytest.fail(f"{line}: CI must not skip these tests", pytrace=False)
        pytest.skip(line)
    with cluster(binaries) as started:
        yield started


@pytest.fixture(scope="session")
def postgres_url(postgres: Cluster) -> str:
    """`postgresql://strangler@127.0.0.1:PORT/postgres`, a role that may do everything."""
    return postgres.url


@pytest.fixture(scope="session")
def new_database(postgres: Cluster) -> Callable[..., str]:
    """`new_database("name", template="...")` makes a PostgreSQL database and gives its URL."""
    return postgres.new_database


def binaries_folder() -> Path | None:
    """Where the newest server lies that is installed; None where there is none."""
    candidates = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=_version, reverse=True)
    if config := shutil.which("pg_config"):
        command = [config, "--bindir"]
        told = subprocess.run(command, capture_output=True, text=True, check=False)
        candidates.insert(0, Path(told.stdout.strip()))
    return next((folder for folder in candidates if (folder / "initdb").exists()), None)


def _version(folder: Path) -> float:
    return float(folder.parent.name)


@contextmanager
def cluster(binaries: Path) -> Iterator[Cluster]:
    """A cluster made by these binaries, for as long as the block lasts."""
    folder = Path(tempfile.mkdtemp(prefix="strangler-postgres-"))
    try:
        if os.geteuid() == 0:  # the server refuses to run as root
            owner = pwd.getpwnam("postgres")
            os.chown(folder, owner.pw_uid, owner.pw_gid)
        data, log = folder / "data", folder / "log"
        options = ("--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync")
        _run(binaries / "initdb", "--pgdata", data, "--username", _ROLE, *options)
        port = _free_port()
        settings = " ".join(f"-c {setting}" for setting in _SPEED)
        server = f"-p {port} -c listen_addresses=127.0.0.1 -k {folder} {settings}"
        control = (binaries / "pg_ctl", "--pgdata", data, "--wait")
        _run(*control, "--log", log, "--options", server, "start")
        try:
            yield Cluster(port)
        finally:
            _run(*control, "--mode", "immediate", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _run(*command: str | Path) -> None:
    arguments = [str(part) for part in command]
    if os.geteuid() == 0:
        arguments = ["runuser", "-u", "postgres", "--", *arguments]
    # output goes to a file: the server inherits it, and a pipe would stay open as long as it runs
    with tempfile.TemporaryFile("w+") as output:
        done = subprocess.run(arguments, stdout=output, stderr=output, cwd="/", check=False)
        if done.returncode != 0:
            output.seek(0)
            pytest.fail(f"{' '.join(arguments)}\n{output.read()}", pytrace=False)


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port
