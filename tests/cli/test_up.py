"""`strangler up` with the shop: three processes, one prefix each, stopped together."""

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

STRANGLER = Path(sys.executable).with_name("strangler")


class Up:
    """The command in a session of its own; `said` is what it printed so far."""

    def __init__(self, project: Path, *, migrate: bool = True) -> None:
        self.project = project
        self.log = (project / "up.txt").open("wb")
        database = project / "shop" / "db.sqlite3"
        environment = {k: v for k, v in os.environ.items() if not k.startswith("STRANGLER_")}
        if migrate:
            make = [sys.executable, "manage.py", "migrate", "-v0"]
            subprocess.run(make, cwd=project / "shop", check=True)
            assert database.exists()
        self.process = subprocess.Popen(
            [STRANGLER, "up"],
            cwd=project,
            stdout=self.log,
            stderr=subprocess.STDOUT,
            env=environment,
            start_new_session=True,
        )

    def said(self) -> str:
        return (self.project / "up.txt").read_text()

    def wait(self, text: str) -> None:
        end = time.monotonic() + 60
        while text not in self.said():
            assert self.process.poll() is None, self.said()
            assert time.monotonic() < end, self.said()
            time.sleep(0.1)

    def children(self) -> list[int]:
        """Everything that it started, grandchildren included."""
        every = []
        for entry in Path("/proc").iterdir():
            if not entry.name.isdecimal():
                continue
            try:
                parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
            except OSError:
                continue
            every.append((int(entry.name), parent))
        found = {self.process.pid}
        for _ in range(5):
            found |= {pid for pid, parent in every if parent in found}
        return sorted(found - {self.process.pid})

    def stop(self) -> int:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
        code = self.process.wait(30)
        self.log.close()
        return code


@pytest.fixture
def up(project: Path) -> Iterator[Up]:
    running = Up(project)
    yield running
    running.stop()


def port_of(project: Path, key: str) -> int:
    lines = (project / "strangler.toml").read_text().splitlines()
    line = next(each for each in lines if each.startswith(key))
    return int(line.rstrip('"').rpartition(":")[2])


def ask(port: int, path: str) -> tuple[int, object]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    connection.request("GET", path)
    answer = connection.getresponse()
    found = answer.status, json.loads(answer.read())
    connection.close()
    return found


def test_both_applications_and_the_proxy_run_and_stop_together(project: Path, up: Up) -> None:
    """One database, one address for clients, no process left, no secret in the process list."""
    up.wait("ready: http://")
    port = port_of(project, "listen")
    assert ask(port, "/api/tags/") == (
        200,
        {"count": 0, "next": None, "previous": None, "results": []},
    )
    up.wait("proxy  │ 20")
    assert " GET /api/tags/ 200 " in up.said()
    arguments = [STRANGLER, "route", "set", "GET /api/tags/", "--mode", "new"]
    done = subprocess.run(arguments, cwd=project, capture_output=True, text=True, check=True)
    assert "the proxy does so from generation 2" in done.stdout
    assert ask(port, "/api/tags/")[0] == 200
    up.wait(" new new 2 GET /api/tags/")
    children = up.children()
    assert len(children) >= 3
    key = (project / ".strangler" / "state" / "key").read_text().strip()
    lines = b"".join((Path("/proc") / str(pid) / "cmdline").read_bytes() for pid in children)
    environments = b"".join((Path("/proc") / str(p) / "environ").read_bytes() for p in children)
    assert key.encode() not in lines + environments
    assert b"development-only-key" not in lines + environments
    assert up.stop() == 0
    assert [pid for pid in children if (Path("/proc") / str(pid)).exists()] == []


def test_a_database_without_tables_is_told(project: Path) -> None:
    """Both applications run, but nobody should think that they are ready."""
    (project / "shop" / "db.sqlite3").unlink(missing_ok=True)
    up = Up(project, migrate=False)
    try:
        up.wait("but the new application is not: migrations missing (")
        up.wait("next: python manage.py migrate")
    finally:
        up.stop()


def test_when_one_ends_all_end(project: Path, up: Up) -> None:
    """Half of it would answer half of the requests."""
    up.wait("ready: http://")
    children = up.children()
    victims = [
        pid
        for pid in children
        if b"new_server" in (Path("/proc") / str(pid) / "cmdline").read_bytes()
    ]
    os.kill(victims[0], signal.SIGKILL)
    assert up.process.wait(30) == 2
    assert "new ended with exit code -9; the others were stopped" in " ".join(up.said().split())
    assert [pid for pid in children if (Path("/proc") / str(pid)).exists()] == []


def test_a_port_in_use_stops_it_before_anything_runs(project: Path) -> None:
    """Exit code 2, one line, nothing started."""
    with socket.create_server(("127.0.0.1", port_of(project, "url"))):
        done = subprocess.run(
            [STRANGLER, "up"], cwd=project, capture_output=True, text=True, timeout=60, check=False
        )
    assert done.returncode == 2
    assert "the port is in use" in done.stderr
    assert done.stderr.count("\n") == 1


def test_what_an_application_said_last_is_told(project: Path) -> None:
    """One that does not start names its reason."""
    (project / "newapp" / "app" / "main.py").write_text("raise SystemExit('no fuel')\n")
    done = subprocess.run(
        [STRANGLER, "up"], cwd=project, capture_output=True, text=True, timeout=90, check=False
    )
    assert done.returncode == 2
    assert "new ended with exit code 1 before it listened: no fuel" in done.stderr
