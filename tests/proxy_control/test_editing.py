"""Route changes: all or nothing, written down, and taken back."""

import json
import multiprocessing
import os
import signal
import stat
import time
from pathlib import Path

import pytest

from strangler.errors import ConfigError, EnvironmentProblem, UsageError
from strangler_proxy.editing import RouteState, Wish, write_whole
from strangler_proxy.routes import Route, load_routes

KNOWN = frozenset({"GET /a/", "GET /b/", "POST /a/", "GET /only-legacy/"})
SERVED = KNOWN - {"GET /only-legacy/"}


@pytest.fixture
def state(tmp_path: Path) -> RouteState:
    return RouteState(tmp_path / "routes.toml", tmp_path / "state", KNOWN, SERVED)


def shift(state: RouteState, endpoint: str, mode: str, **more: object) -> None:
    state.set([Wish(endpoint, mode, **more)], who="ann", why="a test")  # type: ignore[arg-type]  # any mode


def modes(state: RouteState) -> dict[str, str]:
    return {route.endpoint: route.mode for route in state.routes()}


def test_a_change_is_in_the_file_and_in_the_history(state: RouteState) -> None:
    """Who, when, from, to, why; and the file is one that the proxy reads."""
    shift(state, "GET /a/", "canary", percent=12.5)
    assert load_routes(state.file, KNOWN) == (Route("GET /a/", "canary", 12.5),)
    (change,) = state.history()
    assert (change.who, change.action, change.why) == ("ann", "set", "a test")
    assert change.when.endswith("Z")
    step = change.steps[0]
    assert (step.before, step.after) == (Route("GET /a/"), Route("GET /a/", "canary", 12.5))


def test_shadow_is_compared_and_other_modes_only_when_asked(state: RouteState) -> None:
    """What belongs to one mode does not linger in the next."""
    shift(state, "GET /a/", "shadow")
    assert state.routes()[0].compare == 1.0
    shift(state, "GET /a/", "canary", percent=50)
    assert state.routes()[0] == Route("GET /a/", "canary", 50.0)
    shift(state, "GET /a/", "new", compare=0.25, values=True)
    assert state.routes()[0] == Route("GET /a/", "new", 0.0, 0.25, True)
    shift(state, "GET /a/", "legacy", values=False)
    assert state.routes()[0] == Route("GET /a/")


@pytest.mark.parametrize(
    ("wish", "message"),
    [
        (Wish("GET /nowhere/", "new"), "legacy has no endpoint 'GET /nowhere/'"),
        (Wish("GET /only-legacy/", "shadow"), "the new application lacks 'GET /only-legacy/'"),
        (Wish("GET /a/", "canary"), "a canary needs a percent"),
        (Wish("GET /a/", "canary", 101), "percent should be between 0 and 100"),
        (Wish("GET /a/", "canary", -1), "percent should be between 0 and 100"),
        (Wish("GET /a/", "canary", float("nan")), "percent should be between 0 and 100"),
        (Wish("GET /a/", "new", compare=1.5), "compare should be between 0 and 1"),
    ],
)
def test_a_bad_wish_changes_nothing(state: RouteState, wish: Wish, message: str) -> None:
    """Not even the good wishes beside it."""
    with pytest.raises(UsageError, match=message.replace("(", r"\(")):
        state.set([Wish("GET /b/", "new"), wish], who="ann")
    assert not state.file.exists()
    assert state.history() == []


def test_rollbacks_go_back_step_by_step(state: RouteState) -> None:
    """Each takes the last change back that still stands, however many endpoints it moved."""
    shift(state, "GET /a/", "shadow")
    state.set([Wish("GET /a/", "new"), Wish("GET /b/", "new")], who="ann")
    state.rollback(who="bob")
    assert modes(state) == {"GET /a/": "shadow", "GET /b/": "legacy"}
    state.rollback(who="bob")
    assert modes(state) == {"GET /a/": "legacy", "GET /b/": "legacy"}
    with pytest.raises(UsageError, match="no change to take back"):
        state.rollback(who="bob")


def test_one_endpoint_is_rolled_back_alone(state: RouteState) -> None:
    """What happened to others since then stays."""
    shift(state, "GET /a/", "shadow")
    shift(state, "GET /a/", "new")
    shift(state, "GET /b/", "new")
    state.rollback("GET /a/", who="bob")
    assert modes(state) == {"GET /a/": "shadow", "GET /b/": "new"}
    state.rollback("GET /a/", who="bob")
    assert modes(state) == {"GET /a/": "legacy", "GET /b/": "new"}
    with pytest.raises(UsageError, match="no change of 'GET /a/'"):
        state.rollback("GET /a/", who="bob")
    state.rollback(who="bob")
    assert modes(state)["GET /b/"] == "legacy"


def test_a_change_after_a_rollback_is_the_next_to_go(state: RouteState) -> None:
    """What was taken back already is never taken back twice."""
    shift(state, "GET /a/", "shadow")
    shift(state, "GET /a/", "new")
    state.rollback(who="bob")
    shift(state, "GET /b/", "shadow")
    state.rollback(who="bob")
    assert modes(state) == {"GET /a/": "shadow", "GET /b/": "legacy"}
    state.rollback(who="bob")
    assert modes(state) == {"GET /a/": "legacy", "GET /b/": "legacy"}


def test_comments_and_order_of_a_person_stay(state: RouteState) -> None:
    """Only the keys that change are touched."""
    text = '# ours\n[[route]]\nendpoint = "GET /b/" # the big one\nmode = "shadow"\n'
    state.file.write_text(text)
    shift(state, "GET /b/", "new")
    assert state.file.read_text() == text.replace("shadow", "new")


def test_an_edit_by_hand_is_written_down_and_can_be_taken_back(state: RouteState) -> None:
    """The history has no holes: the next command notes what happened in between."""
    shift(state, "GET /a/", "shadow")
    state.file.write_text(state.file.read_text().replace("shadow", "new"))
    state.note_edits()
    change = state.history()[-1]
    assert (change.action, change.who) == ("edited", "")
    assert change.steps[0].after.mode == "new"
    state.rollback(who="bob")
    assert modes(state) == {"GET /a/": "shadow"}


def test_a_broken_file_is_refused_with_its_line(state: RouteState) -> None:
    """Nothing is written over what we do not understand."""
    state.file.write_text('[[route]]\nendpoint = "GET /a/"\nmode = "shdow"\n')
    with pytest.raises(ConfigError, match=r"routes\.toml:3: mode"):
        shift(state, "GET /b/", "new")
    assert "shdow" in state.file.read_text()


def test_a_change_that_was_killed_before_the_file_does_not_count(state: RouteState) -> None:
    """The log says so, and a rollback takes back the change before it."""
    shift(state, "GET /a/", "shadow")
    before = state.file.read_text()
    shift(state, "GET /a/", "new")
    state.file.write_text(before)  # as if the second write never came to be
    state.note_edits()
    assert state.history()[-1].action == "void"
    state.rollback(who="bob")
    assert modes(state) == {"GET /a/": "legacy"}


def test_a_torn_line_of_the_log_is_left_out(state: RouteState) -> None:
    """The lines around it stand, and the next one starts on its own."""
    shift(state, "GET /a/", "shadow")
    with (state.folder / "audit.jsonl").open("a") as file:
        file.write('{"number": 2, "when"')
    shift(state, "GET /a/", "new")
    assert [change.steps[0].after.mode for change in state.history()] == ["shadow", "new"]


def test_a_link_stays_a_link(tmp_path: Path, state: RouteState) -> None:
    """The file that it leads to is replaced."""
    (tmp_path / "elsewhere").mkdir()
    target = tmp_path / "elsewhere" / "routes.toml"
    target.write_text("# here\n")
    state.file.symlink_to(target)
    shift(state, "GET /a/", "new")
    assert state.file.is_symlink()
    assert 'mode = "new"' in target.read_text()


def test_the_log_is_for_its_owner(state: RouteState) -> None:
    """Names and reasons are nobody else's business."""
    shift(state, "GET /a/", "new")
    assert stat.S_IMODE((state.folder / "audit.jsonl").stat().st_mode) == 0o600


@pytest.mark.skipif(os.getuid() == 0, reason="nothing is read-only to root")
def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path, state: RouteState) -> None:
    """One line that says which."""
    tmp_path.chmod(0o500)
    try:
        with pytest.raises(EnvironmentProblem, match=str(state.folder)):
            shift(state, "GET /a/", "new")
    finally:
        tmp_path.chmod(0o700)


def _write_for_ever(folder: str) -> None:
    state = RouteState(Path(folder) / "routes.toml", Path(folder) / "state", KNOWN, SERVED)
    modes = ("shadow", "new", "legacy")
    for number in range(100_000):
        mode = modes[number % 3]
        state.set([Wish("GET /a/", mode), Wish("GET /b/", mode)], who="ann")  # type: ignore[arg-type]  # a mode


def test_killed_at_any_moment_the_file_is_whole(tmp_path: Path) -> None:
    """Readers never see half a file, nor half a change; the log agrees with it afterwards."""
    state = RouteState(tmp_path / "routes.toml", tmp_path / "state", KNOWN, SERVED)
    context = multiprocessing.get_context("fork")
    for round_ in range(12):
        process = context.Process(target=_write_for_ever, args=(str(tmp_path),))
        process.start()
        time.sleep(0.02 + 0.013 * round_)
        assert process.pid is not None
        os.kill(process.pid, signal.SIGKILL)
        process.join()
        assert len(set(modes(state).values()) or {"none"}) == 1
        state.note_edits()
    state.set([Wish("POST /a/", "new")], who="ann")
    for line in (state.folder / "audit.jsonl").read_text().splitlines():
        with_number = [c.number for c in state.history()]
        assert with_number == sorted(with_number)
        if line.endswith("}"):
            json.loads(line)


def test_a_file_that_cannot_be_written_leaves_nothing_behind(tmp_path: Path) -> None:
    """No half-written neighbour stays in the folder."""
    target = tmp_path / "routes.toml"
    target.mkdir()
    with pytest.raises(ConfigError, match="cannot be written"):
        write_whole(target, "x")
    assert [each.name for each in tmp_path.iterdir()] == ["routes.toml"]
