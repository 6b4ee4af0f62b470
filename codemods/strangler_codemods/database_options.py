"""OPTIONS of DATABASES: what the new app's driver is told too, and what has no rule."""

from __future__ import annotations

from strangler.facts import Database, Facts, Json

#: libpq's parameters that say how to talk to a server, not where it is or who asks.
_LIBPQ = frozenset(
    {
        "application_name", "channel_binding", "connect_timeout", "gssencmode", "keepalives",
        "keepalives_count", "keepalives_idle", "keepalives_interval", "load_balance_hosts",
        "prepare_threshold", "ssl_max_protocol_version", "ssl_min_protocol_version", "sslmode",
        "sslnegotiation", "sslsni", "target_session_attrs", "tcp_user_timeout",
    }
)  # fmt: skip
_CARRIED = {
    "postgresql": _LIBPQ,
    "sqlite": frozenset({"timeout", "init_command"}),
    "mysql": frozenset(
        {"charset", "collation", "connect_timeout", "init_command", "isolation_level", "sql_mode"}
    ),
}
#: What SQLAlchemy calls a kind of database that Django calls otherwise.
_CALLED = {"mysql": "mariadb"}
#: Where the server is and what proves who asks: DATABASE_URL says so. The others change nothing
#: here: connections are pooled, texts are UTF-8, writes begin with BEGIN IMMEDIATE anyway.
_ELSEWHERE = {
    "postgresql": frozenset(
        {
            "client_encoding", "dbname", "host", "hostaddr", "krbsrvname", "passfile", "password",
            "pool", "port", "requirepeer", "server_side_binding", "service", "sslcert", "sslcrl",
            "sslkey", "sslpassword", "sslrootcert", "user",
        }
    ),
    "sqlite": frozenset({"check_same_thread", "transaction_mode", "uri"}),
    "mysql": frozenset(
        {
            "database", "db", "host", "passwd", "password", "port", "ssl", "ssl_mode",
            "unix_socket", "use_unicode", "user",
        }
    ),
}  # fmt: skip
#: Parameters of a session, as PostgreSQL's `options` sets them.
_OF_SESSION = {"assume_role": "role", "isolation_level": "default_transaction_isolation"}
_LEVELS = {1: "read uncommitted", 2: "read committed", 3: "repeatable read", 4: "serializable"}


def carried_options(facts: Facts) -> dict[str, dict[str, Json]]:
    """By kind of database, what its driver gets when a connection is opened."""
    database = facts.databases.get("default")
    if database is None:
        return {}
    known = _CARRIED.get(database.vendor, frozenset())
    found = {name: v for name, v in database.option_values.items() if name in known}
    if database.vendor == "postgresql":
        words = _words(database)
        found |= {"options": words} if words else {}
    kind = _CALLED.get(database.vendor, database.vendor)
    return {kind: dict(sorted(found.items()))} if found else {}


def option_obstacles(facts: Facts) -> list[tuple[str, str]]:
    """Options and settings of the default database without a rule, each with what is said of it."""
    database = facts.databases.get("default")
    if database is None or database.vendor not in _CARRIED:
        return []
    found = []
    known = _CARRIED[database.vendor] | _ELSEWHERE[database.vendor]
    if database.vendor == "postgresql":
        known |= _OF_SESSION.keys() | {"options"}
    for name in database.options:
        if name not in known or (name not in database.option_values and _is_carried(name)):
            found.append((f"OPTIONS.{name}", f"the option `{name}` of the database has no rule"))
    if not database.autocommit:
        found.append(("AUTOCOMMIT", "AUTOCOMMIT of the database is off"))
    if database.time_zone is not None:
        found.append(("TIME_ZONE", "the database has a TIME_ZONE of its own"))
    return found


def _is_carried(name: str) -> bool:
    return (
        name in _LIBPQ | _OF_SESSION.keys() | {"options"} | _CARRIED["sqlite"] | _CARRIED["mysql"]
    )


def _words(database: Database) -> str:
    """`-c search_path=shop -c role=clerk`, as libpq splits it."""
    words = [str(database.option_values.get("options") or "")]
    for name, parameter in _OF_SESSION.items():
        value = database.option_values.get(name)
        if name == "isolation_level" and isinstance(value, int):
            value = _LEVELS.get(value)
        if value:
            escaped = str(value).replace("\\", "\\\\").replace(" ", "\\ ")
            words.append(f"-c {parameter}={escaped}")
    return " ".join(word for word in words if word)
