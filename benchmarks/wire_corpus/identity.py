"""Users who log in on one application are known to the other, whichever does which step."""

import json
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path
from typing import Any

from strangler.diff.exchange import Exchange
from strangler.verify.executor import Executor
from strangler.verify.requests import Request
from tests.postgres import Cluster

from .environments import Oracle
from .pair import pair

_STEPS = ("login", "list", "write", "refresh", "logout")
_LOGIN = {"username": "alice", "password": "alice-pass"}
_TOKENS = {
    "jwt": ("/guard/jwt/pair/", "access", "Bearer"),
    "token": ("/guard/obtain/", "token", "Token"),
}


@dataclass
class Client:
    """A client with cookies, and the headers that say who it is."""

    cookies: dict[str, str] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)

    def send(
        self, side: Executor, method: str, path: str, body: Any = None, csrf: bool = True
    ) -> Exchange:
        """Send JSON; cookies of the answer are kept."""
        headers = {"Host": "localhost", **self.headers}
        if self.cookies:
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        if csrf and "csrftoken" in self.cookies:
            headers["X-CSRFToken"] = self.cookies["csrftoken"]
        sent = b""
        if method != "GET":
            headers["Content-Type"] = "application/json"
            sent = json.dumps(body or {}).encode()
        answer = side.send(Request(method, path, tuple(headers.items()), sent))
        for name, value in answer.headers:
            if name.lower() == "set-cookie":
                key, _, text = value.strip().partition(";")[0].partition("=")
                self.cookies[key] = text
        return answer


def run_identity(
    oracle: Oracle, seed: int, folder: Path, server: Cluster | None
) -> tuple[int, list[str]]:
    """How many checks were made, and what failed, over every assignment of steps to sides."""
    made = pair(oracle, seed, "identity", folder, server)
    failed: list[str] = []
    checks = 0
    with made.started(shared=True) as (legacy, new, _):
        sides = {"legacy": legacy, "new": new}
        for names in product(sides, repeat=len(_STEPS)):
            told = " ".join(f"{step}={name}" for step, name in zip(_STEPS, names, strict=True))
            chosen = {step: sides[name] for step, name in zip(_STEPS, names, strict=True)}
            found = _session(chosen, sides)
            for kind in _TOKENS:
                found += _token(kind, chosen, sides)
            checks += len(found)
            failed += [
                f"identity {oracle.name}: {told}: {name}" for name, good in found if not good
            ]
    return checks, failed


def _session(chosen: dict[str, Executor], sides: dict[str, Executor]) -> list[tuple[str, bool]]:
    client = Client()
    found = []

    def expect(name: str, answer: Exchange, status: int, *parts: str) -> None:
        text = answer.body.decode("utf-8", "replace")
        good = answer.status == status and all(part in text for part in parts)
        found.append((f"{name}: {answer.status} {text[:80]}", good))

    expect("login", client.send(chosen["login"], "POST", "/sessions/login/", _LOGIN), 200, "alice")
    expect("list", client.send(chosen["list"], "GET", "/guard/session/"), 200, "alice")
    expect("write", client.send(chosen["write"], "POST", "/guard/session/"), 201, "alice")
    expect(
        "write without CSRF",
        client.send(chosen["write"], "POST", "/guard/session/", csrf=False),
        403,
        "CSRF",
    )
    expect("visit", client.send(chosen["list"], "GET", "/sessions/visits/"), 200, "1")
    expect("visit again", client.send(chosen["refresh"], "GET", "/sessions/visits/"), 200, "2")
    kept = dict(client.cookies)
    expect("logout", client.send(chosen["logout"], "POST", "/sessions/logout/"), 200)
    for name, side in sides.items():
        expect(
            f"logged out on {name}", Client(dict(kept)).send(side, "GET", "/guard/session/"), 403
        )
    return found


def _token(
    kind: str, chosen: dict[str, Executor], sides: dict[str, Executor]
) -> list[tuple[str, bool]]:
    path, key, word = _TOKENS[kind]
    answer = Client().send(chosen["login"], "POST", path, _LOGIN)
    if answer.status != 200:
        return [(f"{kind} login: {answer.status}", False)]
    told = json.loads(answer.body)
    client = Client(headers={"Authorization": f"{word} {told[key]}"})
    found = [(f"{kind} login", True)]
    for step, method, status in (("list", "GET", 200), ("write", "POST", 201)):
        given = client.send(chosen[step], method, f"/guard/{kind}/")
        found.append((f"{kind} {step}: {given.status}", given.status == status))
    if kind == "jwt":
        renewed = Client().send(
            chosen["refresh"], "POST", "/guard/jwt/refresh/", {"refresh": told["refresh"]}
        )
        found.append(
            (f"jwt refresh: {renewed.status} {renewed.error[-300:]}", renewed.status == 200)
        )
        if renewed.status != 200:
            return found
        access = json.loads(renewed.body)["access"]
        client = Client(headers={"Authorization": f"Bearer {access}"})
        for name, side in sides.items():
            given = client.send(side, "GET", "/guard/jwt/")
            found.append((f"jwt refreshed, on {name}: {given.status}", given.status == 200))
    return found
