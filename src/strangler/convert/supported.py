"""Refuses databases for which nothing could be written that is known to be right."""

from strangler.errors import EnvironmentProblem, UsageError
from strangler.facts import Facts, Server

_OLDEST = (10, 5)


def require_supported(facts: Facts) -> None:
    """Refuse servers of MySQL's kind that are not known, or not there.

    Raises EnvironmentProblem where the server does not answer: its version decides about types;
    UsageError for one that is no MariaDB with InnoDB.
    """
    default = facts.databases.get("default")
    if default is None or default.vendor != "mysql":
        return
    if default.server is None:
        raise EnvironmentProblem(
            f"the database server does not answer: {_reason(facts)}",
            hint="MariaDB's version decides about types; start it, or name settings with one",
        )
    _require_known(default.server)


def _require_known(server: Server) -> None:
    if server.product != "mariadb":
        raise UsageError(
            f"the database is MySQL {server.version}, which is not supported",
            hint="MariaDB, PostgreSQL and SQLite are",
        )
    if tuple(map(int, server.version.split(".")[:2])) < _OLDEST:
        raise UsageError(
            f"the database is MariaDB {server.version}", hint="10.5 is the oldest that is supported"
        )
    if server.storage_engine != "InnoDB":
        raise UsageError(f"tables of {server.storage_engine} have no rule", hint="InnoDB's have")


def _reason(facts: Facts) -> str:
    told = [each.message for each in facts.problems if each.code == "database"]
    return told[0] if told else "nothing is known of it"
