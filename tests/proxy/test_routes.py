"""`routes.toml`: what it may say, and how a running proxy takes it."""

import os
from pathlib import Path

import pytest

from strangler.errors import ConfigError
from strangler_proxy.counters import Counters
from strangler_proxy.routes import Route, parse_routes
from strangler_proxy.running import RoutesFile
from tests.proxy.conftest import CATALOGUE

GOOD = """
[[route]]
endpoint = "GET /items/"
mode = "canary"
percent = 12.5
compare = 0.5
values = true

[[route]]
endpoint = "GET /items/{pk}/"
mode = "shadow"
"""


def test_a_file_says_modes() -> None:
    """A shadow is compared unless it says otherwise."""
    assert parse_routes(GOOD, Path("r"), CATALOGUE.known) == (
        Route("GET /items/", "canary", 12.5, 0.5, values=True),
        Route("GET /items/{pk}/", "shadow", 0.0, 1.0),
    )


def route(*lines: str, endpoint: str = "GET /items/") -> str:
    return "\n".join(["# routes", "[[route]]", f'endpoint = "{endpoint}"', *lines])


BAD = {
    "an unknown key": (route('mode = "new"', "color = 1"), 5, "unknown key 'color'"),
    "an unknown table": ("[proxy]\na = 1\n", 1, "unknown key 'proxy'"),
    "an unknown mode": (route('mode = "old"'), 4, "mode"),
    "no mode": (route(), 2, "'mode' is missing"),
    "-1 %": (route('mode = "canary"', "percent = -1"), 5, "percent"),
    "101 %": (route('mode = "canary"', "percent = 101"), 5, "percent"),
    "nan %": (route('mode = "canary"', "percent = nan"), 5, "percent"),
    "10 % as text": (route('mode = "canary"', 'percent = "10%"'), 5, "percent"),
    "true %": (route('mode = "canary"', "percent = true"), 5, "percent"),
    "a canary of no share": (route('mode = "canary"'), 3, "percent"),
    "compare over 1": (route('mode = "new"', "compare = 2"), 5, "compare"),
    "no such endpoint": (route('mode = "new"', endpoint="GET /nope/"), 3, "legacy has no endpoint"),
    "no endpoint at all": (route('mode = "new"', endpoint="nope"), 3, "is no endpoint"),
    "a duplicate": (route('mode = "new"') + "\n" + route('mode = "new"'), 7, "a second route"),
    "no TOML": ("[[route]\n", 1, ""),
    "a duplicate key": (route('mode = "new"', 'mode = "new"'), 5, ""),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD)
def test_what_is_wrong_is_refused_with_its_line(case: str) -> None:
    text, line, message = BAD[case]
    with pytest.raises(ConfigError) as caught:
        parse_routes(text, Path("routes.toml"), CATALOGUE.known)
    assert str(caught.value).startswith(f"routes.toml:{line}: ")
    assert message in str(caught.value)


def test_what_new_does_not_answer_stays_on_legacy() -> None:
    """Its route may stand there, but only as legacy."""
    served = frozenset({"GET /items/{pk}/"})
    with pytest.raises(ConfigError, match="the new application lacks"):
        parse_routes(route('mode = "new"'), Path("r"), CATALOGUE.known, served)
    assert parse_routes(route('mode = "legacy"'), Path("r"), CATALOGUE.known, served)


@pytest.fixture
def file(tmp_path: Path) -> RoutesFile:
    (tmp_path / "routes.toml").write_text(GOOD)
    return RoutesFile(tmp_path / "routes.toml", CATALOGUE, Counters())


def test_a_good_change_is_one_generation(file: RoutesFile) -> None:
    assert file.first().generation == 1
    assert file.changed() is None
    file.path.write_text(route('mode = "new"'))
    table = file.changed()
    assert table is not None
    assert (table.generation, table.decide("GET", b"/items/").mode) == (2, "new")
    assert table.decide("GET", b"/items/1/").mode == "legacy"


CHANGES = {
    "half of it": lambda path: path.write_text(GOOD[: len(GOOD) // 2]),
    "nothing": lambda path: path.write_bytes(b""),
    "a byte order mark": lambda path: path.write_bytes(b"\xef\xbb\xbf" + GOOD.encode()),
    "no UTF-8": lambda path: path.write_bytes(b"\xff\xfe"),
    "too much": lambda path: path.write_bytes(b"#" * (1024 * 1024 + 1)),
    "gone": lambda path: path.unlink(),
    "a folder": lambda path: (path.unlink(), path.mkdir()),
    "a dangling link": lambda path: (path.unlink(), path.symlink_to("nowhere")),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_bad_change_leaves_the_old_table(file: RoutesFile, change: str) -> None:
    """And says why, until the file is good again."""
    file.first()
    CHANGES[change](file.path)
    assert file.changed() is None
    assert file.problem is not None
    assert str(file.path) in file.problem
    assert file.changed() is None
    assert file.counters.reloads["refused"] == 1
    if file.path.is_dir():
        file.path.rmdir()
    file.path.unlink(missing_ok=True)
    file.path.write_text(GOOD)
    table = file.changed()
    assert table is not None
    assert (table.generation, file.problem) == (2, None)


def test_a_link_that_is_swapped_is_a_change(tmp_path: Path) -> None:
    """As deployments do it."""
    for name, mode in (("a", "new"), ("b", "shadow")):
        (tmp_path / name).write_text(route(f'mode = "{mode}"'))
    link = tmp_path / "routes.toml"
    link.symlink_to("a")
    file = RoutesFile(link, CATALOGUE, Counters())
    assert file.first().decide("GET", b"/items/").mode == "new"
    (tmp_path / "draft").symlink_to("b")
    os.replace(tmp_path / "draft", link)
    table = file.changed()
    assert table is not None
    assert table.decide("GET", b"/items/").mode == "shadow"


def test_without_a_file_all_is_on_legacy(tmp_path: Path) -> None:
    table = RoutesFile(tmp_path / "routes.toml", CATALOGUE, Counters()).first()
    assert table.decide("GET", b"/items/").mode == "legacy"


def test_a_bad_file_at_the_start_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "routes.toml").write_text("[[route]\n")
    with pytest.raises(ConfigError):
        RoutesFile(tmp_path / "routes.toml", CATALOGUE, Counters()).first()
