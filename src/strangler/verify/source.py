"""Fills the template: a copy of legacy's default database, or its rows carried to another kind."""

import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote, urlencode, urlsplit

from strangler.errors import EnvironmentProblem
from strangler.verify import mariadb_server
from strangler.verify.postgres_server import Server, can_dump
from strangler.verify.project import Project
from strangler.verify.relay import PORT, PostgresRelay
from strangler.verify.relay_mariadb import MariaDBRelay
from strangler.verify.twins import Place, Twins, Vendor
from strangler.verify.twins_mariadb import MariaDBTwins
from strangler.verify.twins_postgres import PostgresTwins
from strangler.verify.twins_sqlite import SqliteTwins

_SECONDS = 600.0
_SOCKET = "/run/mysqld/mysqld.sock"
# Options of a connection that are files: what proves to server and client who the other is.
_PROOFS = ("sslrootcert", "sslcert", "sslkey", "sslcrl", "sslpassword", "passfile")


def prepared(project: Project, hello: Mapping[str, Any], url: str | None) -> Twins:
    """Twins whose template holds legacy's rows; not migrated to the code's state, not frozen yet.

    `hello` comes from an executor without twin. EnvironmentProblem when the database cannot be
    copied, with the right that lacks.
    """
    vendor = hello["vendor"]
    if vendor not in ("sqlite3", "postgresql", "mysql"):
        engine = hello["database"].get("ENGINE") or "no database"
        raise EnvironmentProblem(
            f"twins of {engine} cannot be made: SQLite, PostgreSQL and MariaDB can"
        )
    target = _target(url) or vendor
    return _same(project, hello, url) if target == vendor else _other(project, hello, url)


def _target(url: str | None) -> Vendor | None:
    if url is None:
        return None
    kind = urlsplit(url).scheme.partition("+")[0]
    return {"sqlite": "sqlite3", "mysql": "mysql", "mariadb": "mysql"}.get(kind, "postgresql")  # type: ignore[return-value]


def _same(project: Project, hello: Mapping[str, Any], url: str | None) -> Twins:
    if hello["vendor"] == "sqlite3":
        return SqliteTwins(sqlite_file(project, hello))
    if hello["vendor"] == "mysql":
        return _same_mariadb(project, hello, url)
    source = Server.of_django(hello["database"], project.environment)
    if not can_dump():
        return _other(project, hello, url or server_url(source))
    twins = PostgresTwins(Server.of_url(url) if url else source)
    try:
        source.copy_into(twins.server, twins.names["frozen"])
    except BaseException:
        twins.close()
        raise
    return twins


def _same_mariadb(project: Project, hello: Mapping[str, Any], url: str | None) -> Twins:
    own = mysql_url(hello["database"])
    if not mariadb_server.can_dump():
        return _other(project, hello, url or own)
    source = mariadb_server.Server.of_url(own)
    twins = MariaDBTwins(mariadb_server.Server.of_url(url) if url else source)
    try:
        with closing(source.dump(source.database)) as dump:
            twins.server.load(dump, twins.names["frozen"])
    except BaseException:
        twins.close()
        raise
    return twins


def database_url(project: Project, hello: Mapping[str, Any]) -> str:
    """Legacy's own database as the generated application is told it, the password in it.

    EnvironmentProblem for what is none of PostgreSQL, MariaDB and a file of SQLite.
    """
    if hello["vendor"] == "mysql":
        return mysql_url(hello["database"])
    if hello["vendor"] == "postgresql":
        options = hello["database"].get("OPTIONS") or {}
        proofs = {name: options[name] for name in _PROOFS if options.get(name)}
        return server_url(Server.of_django(hello["database"], project.environment), proofs)
    file = sqlite_file(project, hello) if hello["vendor"] == "sqlite3" else None
    if file is None:
        engine = hello["database"].get("ENGINE") or "no database"
        raise EnvironmentProblem(f"the new application cannot use {engine}")
    return f"sqlite:///{file}"


def mysql_url(database: Mapping[str, Any]) -> str:
    """A MySQL database of DATABASES as a URL; without a host the driver's own socket, if it is there.

    EnvironmentProblem where the settings say more than a URL can.
    """
    options = database.get("OPTIONS") or {}
    beyond = sorted({"ssl", "ssl_mode", "read_default_file"} & set(options))
    if beyond:
        raise EnvironmentProblem(
            f"the option {beyond[0]} of the database has no form in a URL",
            hint="name the database with --database, or DATABASE_URL",
        )

    def given(name: str, *others: str) -> str:
        return str(database.get(name) or next((options[o] for o in others if options.get(o)), ""))

    host = given("HOST", "host")
    socket = host if host.startswith("/") else str(options.get("unix_socket") or "")
    if not socket and host in ("", "localhost") and Path(_SOCKET).exists():
        socket = _SOCKET  # what the C library takes
    login = f"{quote(given('USER', 'user'), safe='')}:{quote(given('PASSWORD', 'passwd', 'password'), safe='')}"
    place = "localhost" if socket else f"{host or '127.0.0.1'}:{given('PORT', 'port') or 3306}"
    query = f"?{urlencode({'unix_socket': socket})}" if socket else ""
    return f"mysql://{login}@{place}/{quote(given('NAME', 'database', 'db'))}{query}"


def server_url(server: Server, more: Mapping[str, str] | None = None) -> str:
    """A server's database as a URL; `more` are other parameters of libpq."""
    login = f"{quote(server.user, safe='')}:{quote(server.password, safe='')}"
    query = urlencode({"host": server.host, "port": server.port, **(more or {})})
    return f"postgresql://{login}@/{quote(server.database)}?{query}"


def sqlite_file(project: Project, hello: Mapping[str, Any]) -> Path | None:
    """Legacy's SQLite file; None for a database in memory."""
    name = str(hello["database"].get("NAME") or "")
    if name in ("", ":memory:") or "mode=memory" in name:
        return None
    path = Path(unquote(urlsplit(name).path) if name.startswith("file:") else name)
    return path if path.is_absolute() else project.path / path


def _other(project: Project, hello: Mapping[str, Any], url: str | None) -> Twins:
    """Rows carried by `dumpdata` and `loaddata`: another kind of database, or no pg_dump."""
    twins = empty_twins(url)
    try:
        with tempfile.TemporaryDirectory(prefix="strangler-") as folder:
            file = os.path.join(folder, "rows.json")
            with _original(project, hello) as place, project.seeding(place, "namespace") as origin:
                origin.ask({"op": "dump", "file": file}, seconds=_SECONDS)
            with project.seeding(twins.template(), "namespace") as executor:
                executor.ask({"op": "fill", "file": file}, seconds=_SECONDS)
    except BaseException:
        twins.close()
        raise
    return twins


def empty_twins(url: str | None) -> Twins:
    """Twins without tables on the server at a URL; of SQLite where there is none."""
    target = _target(url)
    if url is None or target == "sqlite3":
        return SqliteTwins(None)
    if target == "mysql":
        return MariaDBTwins(mariadb_server.Server.of_url(url))
    return PostgresTwins(Server.of_url(url))


@contextmanager
def _original(project: Project, hello: Mapping[str, Any]) -> Iterator[Place]:
    """Legacy's own rows: a copy of its file, or its server through a relay."""
    if hello["vendor"] == "sqlite3":
        copy = SqliteTwins(sqlite_file(project, hello))
        try:
            with project.seeding(copy.template(), "namespace") as executor:
                executor.ask({"op": "migrate"}, seconds=_SECONDS)
            yield copy.template()
        finally:
            copy.close()
        return
    if hello["vendor"] == "mysql":
        with _original_mariadb(hello) as place:
            yield place
        return
    server = Server.of_django(hello["database"], project.environment)
    relay = PostgresRelay(server.host, server.port, {server.database})
    settings = {
        "NAME": server.database,
        "USER": server.user,
        "PASSWORD": server.password,
        "HOST": relay.folder,
        "PORT": str(PORT),
    }
    try:
        yield Place("postgresql", settings, "", (relay.folder,))
    finally:
        relay.close()


@contextmanager
def _original_mariadb(hello: Mapping[str, Any]) -> Iterator[Place]:
    server = mariadb_server.Server.of_url(mysql_url(hello["database"]))
    relay = MariaDBRelay(server.socket or server.host, server.port, {server.database})
    settings = {
        "NAME": server.database,
        "USER": server.user,
        "PASSWORD": server.password,
        "HOST": relay.path,
        "PORT": "",
    }
    try:
        yield Place("mysql", settings, "", (relay.path,))
    finally:
        relay.close()
