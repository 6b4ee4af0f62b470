"""A MariaDB server of the tests' own: made, started, stopped and removed by one session.

Needs the server's binaries only. Where they lack, tests that ask for `mariadb_url` are skipped
with a line that says so; with CI=true that is a failure.
"""

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pymysql
import pytest

_ROLE = "strangler"
_SECONDS = 60
#: The zones that tests use; UTC is how Django asks whether there are any.
_ZONES = ("UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata")
# Durability is of no use to a server that lives for minutes; the character set is Debian's.
_OPTIONS = (
    "--character-set-server=utf8mb4", "--collation-server=utf8mb4_general_ci",
    "--innodb-flush-log-at-trx-commit=0", "--innodb-flush-method=nosync", "--skip-log-bin",
    "--innodb-doublewrite=0", "--innodb-fast-shutdown=2", "--max-connections=400",
)  # fmt: skip


@dataclass(frozen=True)
class Server:
    """A running server; `url` names no database."""

    port: int
    folder: str

    def database_url(self, name: str) -> str:
        return f"mysql://{_ROLE}@127.0.0.1:{self.port}/{name}"

    @property
    def url(self) -> str:
        return self.database_url("")

    def execute(self, *statements: str) -> None:
        """Run statements as the role that may do everything."""
        with pymysql.connect(
            host="127.0.0.1", port=self.port, user=_ROLE, autocommit=True
        ) as connection:
            for statement in statements:
                connection.cursor().execute(statement)

    def databases(self, pattern: str) -> list[str]:
        """Names of databases that are there."""
        with pymysql.connect(host="127.0.0.1", port=self.port, user=_ROLE) as connection:
            cursor = connection.cursor()
            cursor.execute("SHOW DATABASES LIKE %s", (pattern,))
            return [row[0] for row in cursor.fetchall()]

    def new_database(self, name: str) -> str:
        """Make an empty database, replacing one of that name, and return its URL."""
        self.execute(f"DROP DATABASE IF EXISTS `{name}`", f"CREATE DATABASE `{name}`")
        return self.database_url(name)

    def learn(self, zone: str) -> None:
        """Fill the tables of time zones with one of the system's."""
        command = ["mariadb-tzinfo-to-sql", f"/usr/share/zoneinfo/{zone}", zone]
        made = subprocess.run(command, capture_output=True, check=True)
        subprocess.run([*self._client(), "mysql"], input=made.stdout, check=True)

    def _client(self, program: str = "mariadb") -> list[str]:
        address = ["--no-defaults", "--protocol=tcp", "--host=127.0.0.1", f"--port={self.port}"]
        return [program, *address, f"--user={_ROLE}"]

    def copy(self, source: str, target: str) -> None:
        """Make the tables of one database in another, rows too."""
        dump = [*self._client("mariadb-dump"), "--routines", "--skip-comments", source]
        made = subprocess.run(dump, capture_output=True, check=True)
        subprocess.run([*self._client(), target], input=made.stdout, check=True)


@pytest.fixture(scope="session")
def mariadb() -> Iterator[Server]:
    """The server, shared by the whole run."""
    if not is_installed():
        line = "no MariaDB binaries (mariadbd, mariadb-install-db)"
        if os.environ.get("CI") == "true":
            pytest.fail(f"{line}: CI must not skip these tests", pytrace=False)
        pytest.skip(line)
    with server() as started:
        yield started


@pytest.fixture(scope="session")
def new_mariadb_database(mariadb: Server) -> Callable[[str], str]:
    """`new_mariadb_database("name")` makes a MariaDB database and gives its URL."""
    return mariadb.new_database


def is_installed() -> bool:
    """Whether the server's programs are on this machine."""
    return _program("mariadbd") is not None and _program("mariadb-install-db") is not None


def _program(name: str) -> str | None:
    return shutil.which(name) or shutil.which(name, path="/usr/sbin:/usr/local/sbin")


@contextmanager
def server() -> Iterator[Server]:
    """A server for as long as the block lasts."""
    folder = Path(tempfile.mkdtemp(prefix="strangler-mariadb-"))
    user = []
    if os.geteuid() == 0:  # the server refuses to run as root
        owner = pwd.getpwnam("mysql")
        os.chown(folder, owner.pw_uid, owner.pw_gid)
        user = ["--user=mysql"]
    data = folder / "data"
    install = [_program("mariadb-install-db"), "--no-defaults", f"--datadir={data}", *user]
    install += ["--auth-root-authentication-method=normal", "--skip-test-db"]
    process = None
    try:
        made = subprocess.run(list(map(str, install)), capture_output=True, text=True, check=False)
        if made.returncode != 0:
            pytest.fail(f"mariadb-install-db\n{made.stdout}{made.stderr}", pytrace=False)
        port = _free_port()
        init = folder / "init.sql"
        init.write_text(
            "".join(
                f"CREATE USER {_ROLE}@'{host}';"
                f"\nGRANT ALL ON *.* TO {_ROLE}@'{host}' WITH GRANT OPTION;\n"
                for host in ("127.0.0.1", "localhost")
            )
        )
        command = [_program("mariadbd"), "--no-defaults", f"--datadir={data}", f"--port={port}"]
        command += ["--bind-address=127.0.0.1", f"--socket={folder / 'socket'}", *_OPTIONS, *user]
        command += [f"--init-file={init}"]
        with (folder / "log").open("wb") as log:
            process = subprocess.Popen(
                list(map(str, command)), stdout=log, stderr=log, start_new_session=True
            )
        found = Server(port, str(folder))
        _wait(found, process, folder / "log")
        for zone in _ZONES:
            found.learn(zone)
        yield found
    finally:
        if process is not None:
            process.kill()
            process.wait()
        shutil.rmtree(folder, ignore_errors=True)


def _wait(found: Server, process: "subprocess.Popen[bytes]", log: Path) -> None:
    end = time.monotonic() + _SECONDS
    while True:
        try:
            found.execute("SELECT 1")
        except pymysql.OperationalError:
            if process.poll() is not None or time.monotonic() > end:
                pytest.fail(f"mariadbd does not start\n{log.read_text()}", pytrace=False)
            time.sleep(0.1)
        else:
            return


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port
