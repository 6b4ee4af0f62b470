"""The whole proxy as a process: routes, comparisons, admin listener, signals."""

import http.client
import json
import socket
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from strangler.cli import main
from strangler_proxy import store
from strangler_proxy.admin import CUSTOM
from strangler_proxy.judging import WRITE
from tests.converted import configuration, free_ports
from tests.proxy.sides import Side
from tests.proxy_control.conftest import STRANGLER, Running

ENDPOINT = "GET /api/products/{pk}/"

Start = Callable[[], Running]


def wait(found: Callable[[], Any], what: str = "it did not happen") -> Any:
    end = time.monotonic() + 10
    while not (value := found()):
        assert time.monotonic() < end, what
        time.sleep(0.05)
    return value


def route(project: Path, *arguments: str) -> None:
    assert main(["route", *arguments, "--config", str(project / "strangler.toml")]) == 0


def differences(project: Path) -> list[store.Kept]:
    return store.differences(project / ".strangler" / "state" / "diffs.db")


def test_a_difference_is_found_and_rolled_back(
    project: Path, start: Start, capsys: pytest.CaptureFixture[str]
) -> None:
    """Shadow, compare, see both values, take it back: the whole use of it, while it runs."""
    running = start()
    assert running.ask("/api/products/1/").body == b'{"price": "9.50"}'
    route(project, "set", ENDPOINT, "--mode", "shadow", "--values", "--why", "a try")
    assert "the proxy does so from generation 2" in capsys.readouterr().out
    assert running.ask("/api/products/1/").body == b'{"price": "9.50"}'
    (found,) = wait(lambda: differences(project))
    assert (found.category, found.pointer) == ("decimal-as-number", "/price")
    assert (found.legacy_value, found.new_value) == ('"9.50"', "9.5")
    route(project, "set", ENDPOINT, "--mode", "new")
    assert running.ask("/api/products/1/").body == b'{"price": 9.5}'
    route(project, "rollback", ENDPOINT)
    assert running.ask("/api/products/1/").body == b'{"price": "9.50"}'
    status = running.admin.get("/status")
    assert status["compared"] == {"different": 1}
    assert status["answers"][ENDPOINT]["new"]["answers"] == 1
    assert running.stop() == 0


def test_the_reverse_shadow_compares_what_new_answered(project: Path, start: Start) -> None:
    """In mode new with `compare` legacy is asked afterwards."""
    running = start()
    route(project, "set", ENDPOINT, "--mode", "new", "--compare", "1")
    assert running.ask("/api/products/1/").body == b'{"price": 9.5}'
    assert wait(lambda: differences(project))[0].legacy_type == "string"


def test_a_get_that_writes_is_not_sent_twice_again(
    project: Path, start: Start, sides: tuple[Side, Side]
) -> None:
    """One attempt is a finding; from then on the endpoint counts as unsafe."""
    sides[1].script = lambda c: c.ok(
        b'{"detail": "UPDATE catalog_product"}',
        f"Content-Type: {WRITE}",
        status="500 Internal Server Error",
    )
    running = start()
    route(project, "set", ENDPOINT, "--mode", "shadow")
    running.ask("/api/products/1/")
    (found,) = wait(lambda: differences(project))
    assert found.category == "shadow-write"
    assert "UPDATE catalog_product" in str(found.new_value)
    assert running.admin.get("/status")["endpoints"]["unsafe"] == [ENDPOINT]
    asked = len(sides[1].seen)
    running.ask("/api/products/1/")
    wait(lambda: running.admin.get("/status")["shadow"].get("unsafe"))
    assert len(sides[1].seen) == asked


def test_a_write_in_between_is_moving(
    project: Path, start: Start, sides: tuple[Side, Side]
) -> None:
    """A difference may be the write's doing: it is not laid to the new application."""
    running = start()
    route(project, "set", ENDPOINT, "--mode", "shadow")

    def slowly(talk: Any) -> None:
        with socket.create_connection(("127.0.0.1", running.port)) as client:
            client.sendall(
                b"PATCH /api/products/1/ HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n"
            )
            client.recv(4096)
        talk.ok(b'{"price": 1}', "Content-Type: application/json")

    sides[1].script = slowly
    running.ask("/api/products/1/")
    assert wait(lambda: running.admin.get("/status")["compared"]) == {"moving": 1}


def test_a_bad_routes_file_is_said_and_the_old_table_stays(project: Path, start: Start) -> None:
    """With file and line; mended, it is taken."""
    running = start()
    route(project, "set", ENDPOINT, "--mode", "new")
    file = project / "routes.toml"
    good = file.read_text()
    file.write_text(good.replace('"new"', '"nwe"'))
    status = wait(lambda: (s := running.admin.get("/status"))["routes"]["problem"] and s)
    assert "routes.toml:4: mode" in status["routes"]["problem"]
    assert running.ask("/api/products/1/").body == b'{"price": 9.5}'
    file.write_text(good.replace('"new"', '"legacy"'))
    wait(lambda: running.admin.get("/status")["routes"]["problem"] is None)
    assert running.ask("/api/products/1/").body == b'{"price": "9.50"}'


def test_edits_by_hand_are_in_the_history(project: Path, start: Start) -> None:
    """The proxy notes what it sees change."""
    running = start()
    text = f'[[route]]\nendpoint = "{ENDPOINT}"\nmode = "shadow"\n'
    (project / "routes.toml").write_text(text)
    (change,) = wait(lambda: running.admin.get("/history"))
    assert (change["action"], change["steps"][0]["to"]["mode"]) == ("edited", "shadow")


def test_metrics_are_what_a_scraper_reads(project: Path, start: Start) -> None:
    """Counters by endpoint and side, and a histogram that adds up."""
    running = start()
    for _ in range(3):
        running.ask("/api/products/1/")
    text = _get(running, "/metrics")
    families = {family.name: family for family in text_string_to_metric_families(text)}
    answers = families["strangler_answers"].samples
    labels = {"endpoint": ENDPOINT, "side": "legacy", "status": "2xx"}
    assert [sample.value for sample in answers if sample.labels == labels] == [3.0]
    histogram = families["strangler_seconds"].samples
    inner = [s.value for s in histogram if s.labels.get("endpoint") == ENDPOINT]
    counts = [s.value for s in histogram if s.name.endswith("_bucket")]
    assert counts == sorted(counts)
    assert 3.0 in inner


def _get(running: Running, path: str) -> str:
    admin = running.admin.admin
    connection = http.client.HTTPConnection(admin.host, admin.port, timeout=10)
    connection.request("GET", path, headers={"Authorization": f"Bearer {running.admin.token}"})
    text = connection.getresponse().read().decode()
    connection.close()
    return text


def _post(running: Running, path: str, data: object) -> tuple[int, Any]:
    admin = running.admin.admin
    connection = http.client.HTTPConnection(admin.host, admin.port, timeout=10)
    headers = {
        "Authorization": f"Bearer {running.admin.token}",
        "Content-Type": "application/json",
        "X-Strangler-Actor": "ann",
        CUSTOM: "1",
    }
    connection.request("POST", path, json.dumps(data), headers)
    answer = connection.getresponse()
    found = answer.status, json.loads(answer.read())
    connection.close()
    return found


def test_modes_change_over_the_admin_listener(project: Path, start: Start) -> None:
    """With the same checks, the same file and the same history as on the command line."""
    running = start()
    status, told = _post(running, "/routes", {"endpoint": ENDPOINT, "mode": "new", "why": "x"})
    assert (status, told["change"]["who"]) == (200, "admin: ann")
    wait(lambda: running.ask("/api/products/1/").body == b'{"price": 9.5}')
    status, told = _post(running, "/routes", {"endpoint": "GET /nowhere/", "mode": "new"})
    assert (status, "legacy has no endpoint" in told["error"]) == (400, True)
    assert _post(running, "/rollback", {})[0] == 200
    wait(lambda: running.ask("/api/products/1/").body == b'{"price": "9.50"}')
    assert _post(running, "/rollback", {})[0] == 400
    assert 'mode = "legacy"' in (project / "routes.toml").read_text()


def test_secrets_of_requests_are_in_no_log(project: Path, start: Start) -> None:
    """The access log has paths without queries, and no header."""
    running = start()
    running.ask("/api/products/1/?key=canary1", "Authorization: Bearer canary2")
    running.ask("/api/products/1/?key=canary1", "Cookie: sessionid=canary3")
    assert running.stop() == 0
    assert "GET /api/products/1/ 200" in running.said()
    assert "canary" not in running.said()


def refused(project: Path, *arguments: str, **variables: str) -> str:
    """Run `strangler proxy`, expect exit code 2 and one line."""
    done = subprocess.run(
        [STRANGLER, "proxy", str(project), *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        env={"PATH": "/usr/bin:/bin", **variables},
        check=False,
    )
    assert done.returncode == 2, done.stderr
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1
    return done.stderr


@pytest.mark.parametrize("which", [2, 3])
def test_a_port_in_use_is_one_line(project: Path, which: int) -> None:
    """It says which address, and that another program may be there."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        ports = free_ports(4)
        ports[which] = taken.getsockname()[1]
        (project / "strangler.toml").write_text(configuration(*ports))
        assert f"cannot listen at 127.0.0.1:{ports[which]}" in refused(project)


def test_an_open_admin_listener_is_refused(project: Path) -> None:
    """Without a token that somebody chose it listens to this machine only."""
    file = project / "strangler.toml"
    ports = free_ports(4)
    file.write_text(configuration(*ports).replace(f"127.0.0.1:{ports[3]}", f"0.0.0.0:{ports[3]}"))
    assert "open to other machines" in refused(project)


@pytest.mark.parametrize(
    ("setting", "line"),
    [
        ('routes = "postgresql://x/y"', "can only be a file"),
        ('store = "postgresql://x/y"', "can only be a file"),
        ('sticky = ["moon"]', "strangler.toml:11: proxy.sticky"),
        ("nonsense = 1", "strangler.toml:11: unknown key"),
    ],
)
def test_bad_settings_are_one_line(project: Path, setting: str, line: str) -> None:
    """With the place where they stand."""
    file = project / "strangler.toml"
    file.write_text(file.read_text().replace("[proxy]\n", f"[proxy]\n{setting}\n"))
    assert line in refused(project)


def test_without_an_application_there_is_nothing_to_route(tmp_path: Path) -> None:
    """The next step is named."""
    assert "strangler convert" in refused(tmp_path)
