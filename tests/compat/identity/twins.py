"""One request to both sides, and what their answers have to agree in."""

import asyncio
import re
from http.cookies import SimpleCookie
from typing import Any, NamedTuple

import httpx
from django.test import Client, override_settings

from strangler.compat import settings as ours
from tests.compat.identity import legacy, new

HEADERS = ("content-type", "retry-after", "vary", "www-authenticate", "allow")
_AGE = re.compile(r"expires=[^;]*\d\d:\d\d:\d\d GMT")


class Answer(NamedTuple):
    """What a client sees. `cookies` have the values, `shown` the attributes without times."""

    status: int
    body: bytes
    headers: dict[str, str]
    cookies: dict[str, str]
    shown: list[str]

    @property
    def comparable(self) -> tuple[Any, ...]:
        return self.status, self.body, self.headers, self.shown


def _cookies(lines: list[str]) -> tuple[dict[str, str], list[str]]:
    values, shown = {}, []
    for line in lines:
        for name, morsel in SimpleCookie(line).items():
            values[name] = morsel.value
            # Values are random; times may fall into two seconds.
            kept = line.replace(morsel.value, "*") if morsel.value else line
            shown.append(_AGE.sub("expires=*", kept) if "1970" not in line else kept)
    return values, shown


class Twins:
    """Both applications on one database. `options` are settings that both have."""

    def __init__(self) -> None:
        self.runner = asyncio.Runner()
        self.options: dict[str, Any] = {}

    def _given(self, headers: dict[str, str], cookies: dict[str, str] | None) -> dict[str, str]:
        text = "; ".join(f"{name}={value}" for name, value in (cookies or {}).items())
        return {**headers, **({"cookie": text} if text else {})}

    def legacy(
        self,
        method: str,
        url: str,
        body: bytes = b"",
        cookies: dict[str, str] | None = None,
        *,
        secure: bool = False,
        **headers: str,
    ) -> Answer:
        """Ask Django."""
        given = self._given(_named(headers), cookies)
        kind = given.pop("content-type", "")
        with override_settings(**legacy.SETTINGS | self.options):
            client = Client(raise_request_exception=False, enforce_csrf_checks=True)
            answer = client.generic(method, url, body, kind, secure=secure, headers=given)
        values, shown = _cookies([one.OutputString() for one in answer.cookies.values()])
        present = {name: answer[name] for name in HEADERS if name in answer}
        return Answer(answer.status_code, answer.content, present, values, shown)

    def new(
        self,
        method: str,
        url: str,
        body: bytes = b"",
        cookies: dict[str, str] | None = None,
        *,
        secure: bool = False,
        **headers: str,
    ) -> Answer:
        """Ask the application on compat."""
        given = {
            name: value.encode("latin-1")
            for name, value in self._given(_named(headers), cookies).items()
        }
        base = "https://testserver" if secure else "http://testserver"

        async def ask() -> httpx.Response:
            transport = httpx.ASGITransport(new.app)
            async with httpx.AsyncClient(transport=transport, base_url=base) as client:
                return await client.send(
                    client.build_request(
                        method, url, content=body, headers={"accept": b"*/*", **given}
                    )
                )

        answer = self.runner.run(ask())
        values, shown = _cookies(answer.headers.get_list("set-cookie"))
        present = {name: answer.headers[name] for name in HEADERS if name in answer.headers}
        return Answer(answer.status_code, answer.content, present, values, shown)

    def agree(self, method: str, url: str, body: bytes = b"", **options: Any) -> Answer:
        """Ask both the same; return the legacy answer."""
        expected = self.legacy(method, url, body, **options)
        found = self.new(method, url, body, **options)
        assert found.comparable == expected.comparable, f"\nnew    {found}\nlegacy {expected}"
        return expected

    def run(self, work: Any) -> Any:
        """Run `work(session)` below `run_sync` on a session without a request."""

        async def go() -> Any:
            async with new.database.sessions() as session:
                return await session.run_sync(work)

        return self.runner.run(go())


def _named(headers: dict[str, str]) -> dict[str, str]:
    return {name.replace("_", "-"): value for name, value in headers.items()}


def set_both(monkeypatch: Any, twins: Twins, **options: Any) -> None:
    """Give both sides some settings."""
    twins.options = {**twins.options, **options}
    for name, value in options.items():
        constant = tuple(value) if isinstance(value, list) else value
        monkeypatch.setattr(ours, name, constant, raising=False)
