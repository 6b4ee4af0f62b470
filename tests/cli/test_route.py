"""`strangler route` and `strangler status` without a running proxy."""

import json
import os
import time
from datetime import date, timedelta
from pathlib import Path

import pytest

from strangler.cli import main
from strangler.errors import ExitCode
from strangler_proxy.counters import Counters
from strangler_proxy.store import Observation, Seen, Store

TAGS = "GET /api/tags/"
PRODUCT = "GET /api/products/{pk}/"

Capture = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def _inside(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Commands find strangler.toml in the working directory."""
    monkeypatch.chdir(project)


def test_routes_are_set_listed_and_rolled_back(project: Path, capsys: Capture) -> None:
    """Each command says what it changed, and where."""
    assert main(["route", "set", TAGS, PRODUCT, "--mode", "shadow", "--why", "a try"]) == 0
    said = capsys.readouterr().out
    assert f"{TAGS}: legacy → shadow" in said
    assert "verify says" not in said
    assert main(["route", "set", TAGS, "--mode", "canary", "--percent", "12.5"]) == 0
    said = capsys.readouterr().out
    assert f"{TAGS}: shadow → canary 12.5 %" in said
    assert f"{TAGS}: verify says never asked" in said
    assert main(["route", "list", "--json"]) == 0
    listed = {each["endpoint"]: each for each in json.loads(capsys.readouterr().out)}
    assert (listed[TAGS]["mode"], listed[TAGS]["percent"]) == ("canary", 12.5)
    assert listed["GET /api/me/"]["mode"] == "legacy"
    assert main(["route", "rollback"]) == 0
    assert f"{TAGS}: canary 12.5 % → shadow" in capsys.readouterr().out
    assert main(["route", "history", "--json"]) == 0
    history = json.loads(capsys.readouterr().out)
    assert [each["action"] for each in history] == ["set", "set", "rollback"]
    assert history[0]["why"] == "a try"
    assert main(["route", "history"]) == 0
    assert "rollback of 2" in capsys.readouterr().out


def test_what_is_never_compared_is_said(capsys: Capture) -> None:
    """A write is not sent twice, whatever its route says."""
    assert main(["route", "set", "POST /api/tags/", "--mode", "shadow"]) == 0
    assert "(not compared: it may write)" in capsys.readouterr().out
    assert main(["route", "list"]) == 0
    assert "no: it may write" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["set", TAGS], "nothing to set (--mode shadow)"),
        (["set", "GET /nowhere/", "--mode", "new"], "legacy has no endpoint 'GET /nowhere/'"),
        (["set", "GET /api/tag/", "--mode", "new"], "did you mean 'GET /api/tags/'?"),
        (["set", TAGS, "--mode", "shadow", "--percent", "10"], "only a canary has a percent"),
        (["set", "POST /api/checkout/", "--mode", "new"], "lacks 'POST /api/checkout/'"),
        (["set", TAGS, "--mode", "canary"], "a canary needs a percent"),
        (["set", TAGS, "--mode", "canary", "--percent", "101"], "between 0 and 100"),
        (["set", TAGS, "--mode", "canary", "--percent", "nan"], "between 0 and 100"),
        (["set", TAGS, "--mode", "canary", "--percent", "10%"], "Invalid value for '--percent'"),
        (["set", TAGS, "--mode", "nix"], "'nix' is not one of"),
        (["set", TAGS, "--mdoe", "new"], "No such option: --mdoe"),
        (["rollback"], "there is no change to take back"),
        (["rollback", TAGS], f"there is no change of '{TAGS}' to take back"),
        (["list", "--config", "nowhere.toml"], "there is no file nowhere.toml"),
        (["promote"], "No such command 'promote'"),
    ],
)
def test_bad_input_is_one_line(
    project: Path, capsys: Capture, arguments: list[str], line: str
) -> None:
    """Exit code 2, and nothing is written."""
    assert main(["route", *arguments]) == ExitCode.USAGE
    streams = capsys.readouterr()
    assert line in streams.err
    assert streams.err.count("\n") == 1
    assert not (project / "routes.toml").exists()


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (b"", "routes.toml:1: is empty"),
        (b"\xef\xbb\xbf# bom\n", "routes.toml:1: starts with a byte order mark"),
        (b"# \xff\n", "routes.toml:1: is not UTF-8"),
        (b"# x\n" * 300_000, "routes.toml:1: is larger than 1 MiB"),
        (b'[[route]]\nendpoint = "GET /api/tags/"\nmode = "new"\npercent = nan\n', ":4: percent"),
        (b'[[route]]\nendpoint = "GET /api/tags/"\nmode = "new"\nmode = "new"\n', ":4: "),
        (b'[[route]]\nendpoint = "GET /api/tags/"\nmode = "new"\nxx = 1\n', ":4: unknown key 'xx'"),
    ],
)
def test_a_wrong_file_is_named_with_its_line(
    project: Path, capsys: Capture, text: bytes, line: str
) -> None:
    """And stays as it is: it may be half of somebody's edit."""
    file = project / "routes.toml"
    file.write_bytes(text)
    for arguments in (["set", TAGS, "--mode", "new"], ["list"], ["rollback"]):
        assert main(["route", *arguments]) == ExitCode.USAGE
        assert line in capsys.readouterr().err
    assert file.read_bytes() == text


def _kept(project: Path) -> None:
    keeping = Store(project / ".strangler" / "state" / "diffs.db", Counters())
    seen = Seen(
        "decimal-as-number", "/price", "/price", ("string", "number"), ("aaaaaaaa", "bbbbbbbb"),
        ('"9.50"\x1b[31m', "9.5"),
    )  # fmt: skip
    keeping.add(Observation(PRODUCT, "different", "", time.time(), "shadow", "legacy", (seen,)))
    keeping.add(Observation(PRODUCT, "equal", "", time.time(), "shadow", "legacy"))
    keeping.close()


def test_status_shows_modes_and_differences(project: Path, capsys: Capture) -> None:
    """With both values, the sources of both sides, and nothing that a terminal would act upon."""
    main(["route", "set", PRODUCT, "--mode", "shadow"])
    _kept(project)
    capsys.readouterr()
    assert main(["status"]) == ExitCode.DONE
    out = capsys.readouterr().out
    assert "no proxy is running here" in out
    assert 'legacy "9.50"·[31m, new 9.5  (×1)' in out
    assert "\x1b" not in out
    assert "legacy catalog/serializers.py:" in out
    assert "/schemas.py:" in out, "the line of the field"
    assert "1 shadow" in out
    assert f"next: mend it, then strangler verify '{PRODUCT}'" in out
    main(["route", "set", PRODUCT, "--mode", "new"])
    capsys.readouterr()
    assert main(["status"]) == ExitCode.DONE
    assert f"next: strangler route rollback '{PRODUCT}'" in capsys.readouterr().out


def test_check_fails_where_there_are_differences(project: Path, capsys: Capture) -> None:
    """For scripts: exit code 1, and everything as JSON."""
    assert main(["status", "--check"]) == ExitCode.DONE
    _kept(project)
    capsys.readouterr()
    assert main(["status", "--check", "--json"]) == ExitCode.FINDINGS
    report = json.loads(capsys.readouterr().out)
    assert report["differences"][0]["pointer"] == "/price"


def test_an_outdated_acceptance_is_a_problem(project: Path, capsys: Capture) -> None:
    """It counts again, and somebody should know."""
    yesterday = date.today() - timedelta(days=2)
    with (project / "strangler.toml").open("a") as file:
        file.write(
            f'[[ignore]]\nendpoint = "{TAGS}"\npointer = "/x"\nreason = "r"\nuntil = {yesterday}\n'
        )
    assert main(["status", "--check"]) == ExitCode.FINDINGS
    assert f"accepted until {yesterday}" in " ".join(capsys.readouterr().out.split())


def test_a_store_that_cannot_be_read_is_a_problem(project: Path, capsys: Capture) -> None:
    """The rest is shown nevertheless."""
    state = project / ".strangler" / "state"
    state.mkdir(parents=True)
    (state / "diffs.db").write_bytes(os.urandom(4096))
    assert main(["status", "--check"]) == ExitCode.FINDINGS
    assert "DRF endpoints" in capsys.readouterr().out
