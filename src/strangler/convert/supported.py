"""Refuses databases for which nothing could be written that is known to be right."""

from strangler.errors import EnvironmentProblem, UsageError
from strangler.facts import Facts, Server, release

_OLDEST = (10, 5)


def require_supported(facts: Facts) -> None:
    """Refuse servers of MySQL's kind that are not known; one that does not answer is assumed.

    Raises EnvironmentProblem where not even its driver is there; UsageError for one that is no
    MariaDB with InnoDB.
    """
    default = facts.databases.get("default")
    if default is None or default.vendor != "mysql":
        return
    if default.server is None:
        raise EnvironmentProblem(
            f"nothing is known of the database server: {_reason(facts)}",
            hint="install its driver for the legacy project's Python, or name other settings",
        )
    _require_known(default.server)


def assumed(facts: Facts) -> str:
    """What was assumed of a server that did not answer; empty where nothing was."""
    default = facts.databases.get("default")
    server = default.server if default is not None else None
    if server is None or server.answers:
        return ""
    return (
        f"the database server does not answer ({_reason(facts)}): it was taken for MariaDB "
        f"{server.version.removesuffix('.0')}, on which types, checks and indexes depend"
    )


def _require_known(server: Server) -> None:
    if server.product != "mariadb":
        raise UsageError(
            f"the database is MySQL {server.version}, which is not supported",
            hint="MariaDB, PostgreSQL and SQLite are",
        )
    if release(server.version) < _OLDEST:
        raise UsageError(
            f"the database is MariaDB {server.version}", hint="10.5 is the oldest that is supported"
        )
    if server.storage_engine != "InnoDB":
        raise UsageError(f"tables of {server.storage_engine} have no rule", hint="InnoDB's have")


def _reason(facts: Facts) -> str:
    told = [each.message for each in facts.problems if each.code == "database"]
    return told[0] if told else "nothing is known of it"
