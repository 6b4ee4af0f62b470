"""One PostgreSQL server: makes, copies, drops databases. Passwords go by memory or PGPASSWORD."""

import os
import shutil
import subprocess
import time
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import psycopg
from psycopg import sql
from psycopg.rows import dict_row

from strangler.errors import EnvironmentProblem, UsageError

_SECONDS = 600
_ATTEMPTS = 20


@dataclass(frozen=True)
class Server:
    """Where a server is and who we are there; `database` is one that exists."""

    host: str
    port: int
    user: str
    password: str = field(default="", repr=False)
    database: str = "postgres"

    @classmethod
    def of_url(cls, url: str) -> "Server":
        """From `postgresql://user:password@host:port/database`, `?host=/folder` for a socket."""
        parts = urlsplit(url)
        if not parts.scheme.startswith(("postgres", "psql")):
            raise UsageError("--database takes a postgresql://, mysql:// or sqlite:// URL")
        query = {key: values[-1] for key, values in parse_qs(parts.query).items()}
        try:
            port = parts.port or int(query.get("port", os.environ.get("PGPORT", "5432")))
        except ValueError:
            raise UsageError("the port in --database is no number") from None
        return cls(
            host=query.get("host") or unquote(parts.hostname or "") or "localhost",
            port=port,
            user=unquote(
                parts.username or query.get("user") or os.environ.get("PGUSER", "postgres")
            ),
            password=unquote(parts.password or os.environ.get("PGPASSWORD", "")),
            database=unquote(parts.path.strip("/")) or "postgres",
        )

    @classmethod
    def of_django(cls, settings: Mapping[str, Any], variables: Mapping[str, str]) -> "Server":
        """From one alias of DATABASES; libpq's variables fill what it leaves open."""
        options = settings.get("OPTIONS") or {}

        def value(name: str, option: str, variable: str, fallback: str) -> str:
            given = settings.get(name) or options.get(option) or variables.get(variable)
            return str(given or fallback)

        return cls(
            host=value("HOST", "host", "PGHOST", _socket_folder()),
            port=int(value("PORT", "port", "PGPORT", "5432")),
            user=value("USER", "user", "PGUSER", "postgres"),
            password=value("PASSWORD", "password", "PGPASSWORD", ""),
            database=value("NAME", "dbname", "PGDATABASE", "postgres"),
        )

    def connect(self, database: str | None = None) -> psycopg.Connection[dict[str, Any]]:
        """An autocommit connection with dictionaries as rows."""
        name = database or self.database
        try:
            return psycopg.connect(
                host=self.host,
                port=self.port,
                user=self.user,
                password=self.password or None,
                dbname=name,
                connect_timeout=10,
                autocommit=True,
                prepare_threshold=None,
                row_factory=dict_row,
            )
        except psycopg.OperationalError as error:
            raise EnvironmentProblem(
                f"PostgreSQL at {self.host}:{self.port} refuses database {name!r}: "
                + _reason(str(error))
            ) from error

    @cached_property
    def superuser(self) -> bool:
        """Whether we may switch off foreign key checks for a moment."""
        with self.connect() as connection:
            row = connection.execute("SELECT current_setting('is_superuser') AS yes").fetchone()
        return row is not None and row["yes"] == "on"

    def create(self, name: str, template: str | None = None) -> None:
        """Make a database, anew where it exists; EnvironmentProblem names the right that lacks."""
        self.drop(name)
        source = sql.SQL(" TEMPLATE {}").format(sql.Identifier(template or "template0"))
        with self.connect() as connection:
            try:
                connection.execute(
                    sql.SQL("CREATE DATABASE {}{} ENCODING 'UTF8'").format(
                        sql.Identifier(name), source
                    )
                )
                # twins live for minutes: nobody has to wait for the disk
                connection.execute(
                    sql.SQL("ALTER DATABASE {} SET synchronous_commit = off").format(
                        sql.Identifier(name)
                    )
                )
            except psycopg.errors.InsufficientPrivilege:
                raise EnvironmentProblem(
                    f"user {self.user!r} may not create databases on {self.host}:{self.port}",
                    hint="grant CREATEDB, or name another server: verify --database, schema --scratch",
                ) from None
            except psycopg.Error as error:
                raise EnvironmentProblem(f"the twin cannot be made: {error}") from error

    def drop(self, name: str) -> None:
        """Remove a database and whoever is connected to it."""
        with self.connect() as connection:
            for attempt in range(_ATTEMPTS):
                connection.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s",
                    (name,),
                )
                try:
                    connection.execute(
                        sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(name))
                    )
                except psycopg.errors.ObjectInUse:  # somebody connected in between, or is leaving
                    if attempt + 1 == _ATTEMPTS:
                        raise
                    time.sleep(0.1)
                else:
                    return

    def copy_into(self, target: "Server", database: str) -> None:
        """Dump our database once and restore it as `database` of the target server."""
        with ExitStack() as started:
            dump = _started(["pg_dump", "--format=custom", *_PLAIN], self, self.database)
            started.callback(dump.kill)  # does nothing to a process that has ended
            restore = _started(
                ["pg_restore", *_PLAIN, "--exit-on-error", f"--dbname={database}"],
                target,
                database,
                stdin=dump.stdout,
            )
            started.callback(restore.kill)
            if dump.stdout is not None:
                dump.stdout.close()
            try:
                restored = restore.communicate(timeout=_SECONDS)[1]
                dumped = dump.communicate(timeout=_SECONDS)[1]
            except subprocess.TimeoutExpired:
                text = f"copying the database took over {_SECONDS} s"
                raise EnvironmentProblem(text) from None
        for process, errors in ((dump, dumped), (restore, restored)):
            if process.returncode != 0:
                lines = errors.decode("utf-8", "replace").strip().splitlines()
                raise EnvironmentProblem(f"the database cannot be copied: {' '.join(lines[-2:])}")


_PLAIN = ("--no-owner", "--no-privileges")


def _reason(text: str) -> str:
    """What a failed connection says: the reason after the address, not the advice that follows."""
    lines = text.strip().splitlines()
    told = next((line for line in lines if "failed: " in line), lines[-1])
    return told.rpartition("failed: ")[2]


def can_dump() -> bool:
    """Whether PostgreSQL's client programs are on this machine."""
    return _program("pg_dump") is not None and _program("pg_restore") is not None


def _program(name: str) -> str | None:
    newest = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), key=_version)
    return str(newest[-1]) if newest else shutil.which(name)


def _version(path: Path) -> int:
    number = path.parts[-3]
    return int(number) if number.isdigit() else 0


def _started(
    command: list[str], server: Server, database: str, stdin: Any = subprocess.DEVNULL
) -> subprocess.Popen[bytes]:
    program = _program(command[0])
    if program is None:
        raise EnvironmentProblem(f"{command[0]} is not installed")
    variables = dict(os.environ) | {
        "PGHOST": server.host,
        "PGPORT": str(server.port),
        "PGUSER": server.user,
        "PGDATABASE": database,
    }
    if server.password:
        variables["PGPASSWORD"] = server.password
    return subprocess.Popen(
        [program, *command[1:]],
        stdin=stdin,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=variables,
    )


def _socket_folder() -> str:
    """Where libpq looks when nobody names a host."""
    usual = "/var/run/postgresql"
    return usual if Path(usual).is_dir() else "localhost"
