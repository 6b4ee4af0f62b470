"""What is said where a PostgreSQL server cannot be reached."""

import socket

import pytest

from strangler.errors import EnvironmentProblem
from strangler.verify.postgres_server import Server


def test_a_server_that_is_not_there_is_named_with_the_reason() -> None:
    with socket.socket() as taken:  # bound, and nobody listens
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        with pytest.raises(EnvironmentProblem) as told:
            Server("127.0.0.1", port, "nobody", database="shop").connect()
    wanted = f"PostgreSQL at 127.0.0.1:{port} refuses database 'shop': Connection refused"
    assert told.value.message == wanted
