"""Databases for which nothing is known to be right are refused before anything is written."""

import pytest

from strangler.convert.supported import assumed, require_supported
from strangler.errors import EnvironmentProblem, UsageError
from strangler.facts import Database, Facts, Legacy, Problem, Server

LEGACY = Legacy(python="3.11.7", django="5.2.19")


def facts(server: Server | None) -> Facts:
    default = Database(vendor="mysql", engine="django.db.backends.mysql", server=server)
    problems = (Problem(code="database", message="default: OperationalError: no route"),)
    return Facts(legacy=LEGACY, databases={"default": default}, problems=problems)


def test_a_mariadb_with_innodb_is_supported() -> None:
    require_supported(facts(Server(product="mariadb", version="10.11.6")))
    require_supported(Facts(legacy=LEGACY))


def test_a_server_without_a_driver_is_named_with_its_error() -> None:
    with pytest.raises(EnvironmentProblem, match="no route"):
        require_supported(facts(None))


def test_what_is_assumed_of_a_server_that_does_not_answer_is_told() -> None:
    silent = facts(Server(product="mariadb", version="10.11.0", answers=False))
    require_supported(silent)
    assert "(default: OperationalError: no route): it was taken for MariaDB 10.11," in assumed(
        silent
    )
    assert assumed(facts(Server(product="mariadb", version="10.11.6"))) == ""


@pytest.mark.parametrize(
    ("server", "told"),
    [
        (Server(product="mysql", version="8.0.36"), "MySQL 8.0.36, which is not supported"),
        (Server(product="mariadb", version="10.4.2"), "MariaDB 10.4.2"),
        (Server(product="mariadb", version="10.11.6", storage_engine="MyISAM"), "MyISAM"),
    ],
)
def test_other_servers_are_refused(server: Server, told: str) -> None:
    with pytest.raises(UsageError, match=told):
        require_supported(facts(server))
