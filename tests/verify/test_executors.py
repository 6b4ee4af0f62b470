"""Both executors: booted apart, answering line by line, without a way out."""

import json
import socket
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from strangler import verify
from strangler.verify.executor import Executor, ExecutorFailure
from strangler.verify.project import Project
from strangler.verify.requests import Request
from strangler.verify.twins import Twins
from tests.legacy.old_python import require_python_3_6

FOLDER = Path(verify.__file__).parent
HOST = (("Host", "localhost"), ("Accept", "application/json"))

Legacy = Callable[[], Executor]


def get(path: str) -> Request:
    return Request("GET", path, HOST)


@pytest.mark.parametrize("name", sorted(each.name for each in FOLDER.glob("legacy_*.py")))
def test_what_legacy_runs_is_python_3_6(name: str) -> None:
    require_python_3_6((FOLDER / name).read_text())


def test_legacy_answers_through_its_middleware_from_the_twin(legacy: Legacy) -> None:
    exchange = legacy().send(get("/api/notes/?size=2"))
    assert exchange.status == 200
    assert exchange.header("X-Frame-Options") == "DENY"
    assert len(json.loads(exchange.body)["results"]) == 2
    assert exchange.started <= exchange.ended


def test_the_new_application_answers_from_its_twin(
    project: Project, twins: Twins, hello: dict[str, object]
) -> None:
    if twins.vendor != "sqlite3":
        pytest.skip("the hand-written application knows SQLite only")
    with project.new(twins.place("new"), "namespace", hello, "") as new:
        exchange = new.send(get("/api/notes/1/"))
    assert (exchange.status, json.loads(exchange.body)["id"]) == (200, 1)


def test_what_user_code_prints_does_no_harm(legacy: Legacy) -> None:
    exchange = legacy().send(Request("POST", "/api/stamp/", HOST))
    assert exchange.status == 401
    assert legacy().send(get("/api/odd/")).body == b"{}"


def test_a_connection_elsewhere_is_refused_and_recorded(legacy: Legacy) -> None:
    exchange = legacy().send(get("/api/odd/?what=connect"))
    assert json.loads(exchange.body) == {"refused": "ConnectionRefusedError"}
    assert exchange.refused == ("198.51.100.9:80",)


def test_mail_and_caches_stay_in_the_process(legacy: Legacy) -> None:
    assert legacy().send(get("/api/odd/?what=mail")).refused == ()
    assert legacy().send(get("/api/odd/?what=cache")).body == b'{"count":1}'
    legacy().ask({"op": "reset"})
    assert legacy().send(get("/api/odd/?what=cache")).body == b'{"count":1}'


def test_an_exception_is_an_answer_with_its_traceback(legacy: Legacy) -> None:
    exchange = legacy().send(get("/api/odd/?what=raise"))
    assert exchange.status == 500
    assert "KeyError: 'something'" in exchange.error
    assert b"Traceback" not in exchange.body  # DEBUG is off, whatever the settings say


def test_a_process_that_dies_is_one_clear_line(legacy: Legacy) -> None:
    with pytest.raises(ExecutorFailure, match=r"process ended \(exit code 7\)"):
        legacy().send(get("/api/odd/?what=exit"))


def test_a_process_that_hangs_is_ended(project: Project, twins: Twins) -> None:
    executor = project.legacy(twins.place("legacy"), "namespace")
    executor.seconds = 0.3
    with pytest.raises(ExecutorFailure, match="did not answer within"):
        executor.send(get("/api/odd/?what=hang"))
    assert executor.closed


def test_an_application_that_does_not_boot_is_one_line_with_its_place(
    project: Project, twins: Twins, hello: dict[str, object], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FAULT", "boot")
    with pytest.raises(ExecutorFailure) as failure:
        project.new(twins.place("new"), "namespace", hello, "")
    assert "main.py" in str(failure.value)
    assert "RuntimeError: no such thing" in str(failure.value)


def test_a_service_that_it_cannot_start_without_is_named_and_can_be_allowed(
    project: Project, twins: Twins, hello: dict[str, object], monkeypatch: pytest.MonkeyPatch
) -> None:
    if twins.vendor != "sqlite3":
        pytest.skip("the hand-written application knows SQLite only")
    with socket.create_server(("127.0.0.1", 0)) as service:
        address = f"127.0.0.1:{service.getsockname()[1]}"
        monkeypatch.setenv("FAULT", f"service={address}")
        with pytest.raises(ExecutorFailure, match=f"--allow {address}"):
            project.new(twins.place("new"), "sockets", hello, "")
        allowed = replace(project, services=(address,))
        with allowed.new(twins.place("new"), "namespace", hello, "") as new:
            assert new.hello["isolation"] == "sockets"
            assert new.send(get("/api/notes/1/")).status == 200


def test_a_service_that_legacy_cannot_start_without_is_named_too(
    project: Project, twins: Twins
) -> None:
    """It is asked for while views are imported, as a client of a search engine would."""
    with socket.create_server(("127.0.0.1", 0)) as service:
        address = f"127.0.0.1:{service.getsockname()[1]}"
        wanting = replace(project, environment=dict(project.environment, SERVICE=address))
        with pytest.raises(ExecutorFailure) as failure:
            wanting.legacy(twins.place("legacy"), "namespace")
        assert f"--allow {address}" in str(failure.value.hint)
        allowed = replace(wanting, services=(address,))
        with allowed.legacy(twins.place("legacy"), "namespace") as legacy:
            assert legacy.send(get("/api/notes/1/")).status == 200


def test_the_namespace_holds_what_patched_sockets_do_not(project: Project, twins: Twins) -> None:
    """Code in C opens connections of its own; only the kernel can refuse those."""
    source = (
        "import ctypes, socket, struct\n"
        "def operations(legacy):\n"
        "    def dial(message):\n"
        "        libc = ctypes.CDLL(None, use_errno=True)\n"
        "        handle = libc.socket(2, 1, 0)\n"
        "        address = struct.pack('=HH4s8x', 2, socket.htons(53), bytes([198, 51, 100, 9]))\n"
        "        code = libc.connect(handle, address, 16)\n"
        "        return {'code': code, 'errno': ctypes.get_errno()}\n"
        "    return {'dial': dial}\n"
    )
    with project.legacy(twins.place("legacy"), "namespace") as executor:
        if executor.hello["isolation"] != "namespace":
            pytest.skip("this system allows no network namespace")
        executor.ask({"op": "add", "name": "dial", "source": source})
        assert executor.ask({"op": "dial"}) == {"code": -1, "errno": 101}  # ENETUNREACH


def test_secrets_stay_off_the_command_line_and_out_of_the_environment(legacy: Legacy) -> None:
    process = Path("/proc") / str(legacy()._process.pid)
    if not process.is_dir():
        pytest.skip("this system has no /proc")
    for name in ("cmdline", "environ"):
        assert b"the-key-of-the-notes" not in (process / name).read_bytes()
