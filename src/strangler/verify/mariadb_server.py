"""One MariaDB server: makes, copies, drops databases. Passwords go by memory or MYSQL_PWD."""

import os
import shutil
import subprocess
import tempfile
from contextlib import closing
from dataclasses import dataclass, field
from typing import IO
from urllib.parse import parse_qs, quote, unquote, urlencode, urlsplit

import pymysql
from pymysql.connections import Connection
from pymysql.cursors import DictCursor

from strangler.errors import EnvironmentProblem, UsageError

_SECONDS = 600
# access denied: to a server, to a database, to a table, for want of a privilege
_DENIED = frozenset({1044, 1045, 1142, 1227})
_DEFAULTS = "SELECT @@character_set_database AS words, @@collation_database AS way"


@dataclass(frozen=True)
class Server:
    """Where a server is and who we are there."""

    host: str
    port: int
    user: str
    password: str = field(repr=False)
    database: str
    socket: str | None = None

    @classmethod
    def of_url(cls, url: str) -> "Server":
        """From `mysql://user:password@host:port/database`, `?unix_socket=/path` for a socket."""
        parts = urlsplit(url)
        query = {key: values[-1] for key, values in parse_qs(parts.query).items()}
        try:
            port = parts.port or 3306
        except ValueError:
            raise UsageError("the port in --database is no number") from None
        return cls(
            host=unquote(parts.hostname or "") or "127.0.0.1",
            port=port,
            user=unquote(parts.username or "root"),
            password=unquote(parts.password or ""),
            database=unquote(parts.path.strip("/")),
            socket=query.get("unix_socket"),
        )

    @property
    def place(self) -> str:
        """Where the server is, for people."""
        return self.socket or f"{self.host}:{self.port}"

    def url(self, database: str, socket: str) -> str:
        """A database of the server as the generated application is told it, by a Unix socket."""
        login = f"{quote(self.user, safe='')}:{quote(self.password, safe='')}"
        return f"mysql://{login}@localhost/{quote(database)}?{urlencode({'unix_socket': socket})}"

    def connect(self, database: str | None = None) -> "Connection[DictCursor]":
        """An autocommit connection with dictionaries as rows.

        EnvironmentProblem where it is refused, UsageError for a server that is no MariaDB.
        """
        name = self.database if database is None else database
        try:
            connection = pymysql.connect(
                host=self.host,
                port=self.port,
                unix_socket=self.socket,
                user=self.user,
                password=self.password,
                database=name or None,
                charset="utf8mb4",
                autocommit=True,
                connect_timeout=10,
                cursorclass=DictCursor,
            )
        except pymysql.Error as error:
            raise EnvironmentProblem(
                f"MariaDB at {self.place} refuses database {name!r}: {error.args[-1]}"
            ) from error
        cursor = connection.cursor()
        cursor.execute("SELECT VERSION() AS version")
        if "mariadb" not in str((cursor.fetchone() or {})["version"]).lower():
            connection.close()
            raise UsageError("MySQL databases are not supported", hint="MariaDB's are")
        return connection

    def create(self, name: str) -> None:
        """Make a database with the defaults of ours; EnvironmentProblem names the right that lacks."""
        with closing(self.connect()) as connection:
            cursor = connection.cursor()
            cursor.execute(_DEFAULTS)
            defaults = cursor.fetchone() or {}
            try:
                cursor.execute(f"DROP DATABASE IF EXISTS `{name}`")
                cursor.execute(
                    f"CREATE DATABASE `{name}` CHARACTER SET {defaults['words']}"
                    f" COLLATE {defaults['way']}"
                )
            except pymysql.OperationalError as error:
                if error.args[0] not in _DENIED:
                    raise
                raise EnvironmentProblem(
                    f"user {self.user!r} may not create databases on {self.place}",
                    hint="GRANT ALL ON `strangler\\_%`.* TO the user, or name a copy with --database",
                ) from None

    def drop(self, name: str) -> None:
        """Remove a database."""
        with closing(self.connect()) as connection:
            connection.cursor().execute(f"DROP DATABASE IF EXISTS `{name}`")

    def dump(self, database: str) -> IO[bytes]:
        """The statements that make a database, rows and triggers with it, in an unnamed file."""
        file = tempfile.TemporaryFile()  # noqa: SIM115  # the caller closes it
        try:
            # one snapshot, as InnoDB gives it: nobody who writes there has to wait
            options = ["--single-transaction", "--skip-lock-tables", "--skip-comments"]
            self._run("dump", [*options, "--no-tablespaces", "--hex-blob", database], stdout=file)
        except BaseException:
            file.close()
            raise
        return file

    def load(self, dump: IO[bytes], database: str) -> None:
        """Execute what `dump` wrote in a database of this server."""
        dump.seek(0)
        self._run("", ["--default-character-set=utf8mb4", database], stdin=dump)

    def _run(self, name: str, arguments: list[str], **streams: IO[bytes]) -> None:
        program = _program(name)
        if program is None:
            raise EnvironmentProblem("the client programs of MariaDB are not installed")
        place = [f"--socket={self.socket}"] if self.socket else []
        place += ["--protocol=tcp", f"--host={self.host}", f"--port={self.port}"][bool(place) * 3 :]
        command = [program, "--no-defaults", *place, f"--user={self.user}", *arguments]
        variables = dict(os.environ) | ({"MYSQL_PWD": self.password} if self.password else {})
        pipes = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, **streams}
        try:
            done = subprocess.run(
                command, stderr=subprocess.PIPE, timeout=_SECONDS, env=variables, check=False,
                **pipes,
            )  # type: ignore[call-overload]  # fmt: skip
        except subprocess.TimeoutExpired:
            text = f"copying the database took over {_SECONDS} s"
            raise EnvironmentProblem(text) from None
        if done.returncode != 0:
            lines = done.stderr.decode("utf-8", "replace").strip().splitlines() or ["no word"]
            raise EnvironmentProblem(f"the database cannot be copied: {lines[-1]}")


def can_dump() -> bool:
    """Whether MariaDB's client programs are on this machine."""
    return _program("dump") is not None and _program("") is not None


def _program(name: str) -> str | None:
    """MariaDB's own client or dump program, or that of MySQL under the older name."""
    names = {"dump": ("mariadb-dump", "mysqldump"), "": ("mariadb", "mysql")}[name]
    return next(filter(None, map(shutil.which, names)), None)
