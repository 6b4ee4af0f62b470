"""The proxy as a process in front of two sides that answer as a test says."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from strangler_proxy.asking import Proxy
from strangler_proxy.settings import Address
from tests.converted import configuration, free_ports
from tests.proxy.sides import Got, Raw, Side, get, recv_answer

STRANGLER = Path(sys.executable).with_name("strangler")


class Running:
    """A `strangler proxy` process; `admin` asks its admin listener."""

    def __init__(self, folder: Path, proxy: int, admin: int) -> None:
        self.folder, self.port = folder, proxy
        self.log = (folder / "log.txt").open("wb")
        environment = {k: v for k, v in os.environ.items() if not k.startswith("STRANGLER_")}
        self.process = subprocess.Popen(
            [STRANGLER, "proxy", str(folder)],
            stdout=self.log,
            stderr=subprocess.STDOUT,
            env=environment,
        )
        end = time.monotonic() + 60
        while "admin at" not in self.said():
            assert self.process.poll() is None, self.said()
            assert time.monotonic() < end, self.said()
            time.sleep(0.05)
        token = (folder / ".strangler" / "state" / "admin.token").read_text().strip()
        self.admin = Proxy(Address("127.0.0.1", admin), token)

    def said(self) -> str:
        return (self.folder / "log.txt").read_text()

    def ask(self, target: str, *lines: str) -> Got:
        with Raw(self.port) as client:
            client.send(get(target, *lines))
            return recv_answer(client)

    def stop(self) -> int:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(15)
        self.log.close()
        return code


@pytest.fixture
def sides() -> Iterator[tuple[Side, Side]]:
    with Side("legacy") as legacy, Side("new") as new:
        for side, price in ((legacy, b'"9.50"'), (new, b"9.5")):
            body = b'{"price": %b}' % price
            side.script = lambda c, body=body: c.ok(body, "Content-Type: application/json")
        yield legacy, new


@pytest.fixture
def start(project: Path, sides: tuple[Side, Side]) -> Iterator[Callable[[], Running]]:
    """Start the proxy between the sides."""
    started: list[Running] = []

    def begin() -> Running:
        proxy, admin = free_ports(2)
        text = configuration(sides[0].port, sides[1].port, proxy, admin)
        (project / "strangler.toml").write_text(text)
        started.append(Running(project, proxy, admin))
        return started[-1]

    yield begin
    for running in started:
        running.stop()
