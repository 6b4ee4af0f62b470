"""Functions of compat that are known to read are there, so that no writer hides behind an old name."""

from strangler.compat import actions, orm, users
from strangler_codemods.query_cache import READING


def test_what_is_said_to_read_is_there() -> None:
    assert READING.issubset({*dir(orm), *dir(actions), *dir(users)})
