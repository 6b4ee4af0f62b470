"""What `strangler.toml` may hold: frozen models, unknown keys refused."""

import re
from datetime import date
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    Strict,
    StrictBool,
    StringConstraints,
    model_validator,
)

from strangler.endpoint import Endpoint

_STICKY = re.compile(r"client-ip|(jwt|cookie|header):\S+")


def _upstream(url: str) -> str:
    """An origin that the proxy can forward to: `http://127.0.0.1:8000`."""
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError("should be an http or https URL such as 'http://127.0.0.1:8000'")
    if parts.path.strip("/") or parts.query or parts.fragment or parts.username:
        raise ValueError("should name a scheme, a host and a port, nothing more")
    port_of(url)
    return url.rstrip("/")


def _address(address: str) -> str:
    """A place to listen at: `127.0.0.1:8080`, `[::1]:8080`."""
    host, colon, port = address.rpartition(":")
    if not (host and colon and port.isdecimal() and int(port) <= 65535):
        raise ValueError("should be an address such as '127.0.0.1:8080'")
    return address


def _endpoint(text: str) -> str:
    return str(Endpoint.parse(text))


def _sticky(source: str) -> str:
    if not _STICKY.fullmatch(source):
        raise ValueError("should be 'jwt:CLAIM', 'cookie:NAME', 'header:NAME' or 'client-ip'")
    return source


def _function(target: str) -> str:
    """A function of a file: `overrides/core.py:get_queryset`."""
    path, _, name = target.rpartition(":")
    if not path.endswith(".py") or not name.isidentifier():
        raise ValueError("should be a file and a function such as 'overrides/core.py:get_queryset'")
    return target


def _store(url: str) -> str:
    if not url.startswith(("sqlite:///", "postgresql://")):
        raise ValueError("should be a sqlite:/// or postgresql:// URL")
    return url


def _routes(target: str) -> str:
    if not target or ("://" in target and not target.startswith("postgresql://")):
        raise ValueError("should be a file or a postgresql:// URL")
    return target


def _network(text: str) -> str:
    try:
        return str(ip_network(text))
    except ValueError as error:
        raise ValueError("should be an address or a network such as '10.0.0.0/8'") from error


Size = Annotated[int, Strict(), Field(gt=0)]
Seconds = Annotated[float, Field(gt=0, allow_inf_nan=False)]
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Upstream = Annotated[str, AfterValidator(_upstream)]
Address = Annotated[str, AfterValidator(_address)]


class Section(BaseModel):
    """A table of the file."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Legacy(Section):
    """The Django project. None means: found out when it is needed."""

    path: Path = Path()
    settings: Text | None = None
    python: Text | None = None
    url: Upstream = "http://127.0.0.1:8000"
    env_file: Path | None = None


class New(Section):
    """The generated FastAPI application."""

    path: Path = Path("newapp")
    app: Annotated[str, StringConstraints(pattern=r"^[\w.]+:\w+$")] = "app.main:app"
    url: Upstream = "http://127.0.0.1:8001"
    python: Text | None = None
    isolated: StrictBool = False


class Convert(Section):
    """What a person decided about the conversion."""

    rules: tuple[Path, ...] = ()
    skip: tuple[Text, ...] = ()
    accept: dict[str, Text] = Field(default_factory=dict)
    bodies: dict[str, Annotated[str, AfterValidator(_function)]] = Field(default_factory=dict)


class Limits(Section):
    """Sizes in bytes and times in seconds that the proxy keeps to."""

    request_line: Size = 8 * 1024
    header: Size = 16 * 1024
    head: Size = 64 * 1024
    fields: Size = 100
    interim: Size = 16  # 1xx answers before the real one
    buffered: Size = 64 * 1024  # a direction
    clients: Size = 1000
    head_time: Seconds = 10.0
    body_idle: Seconds = 30.0
    body_rate: Size = 240  # bytes a second that a request body has to keep up
    body_grace: Seconds = 10.0  # before its rate counts
    send_idle: Seconds = 30.0  # a client that does not read
    connect: Seconds = 2.0
    answer_head: Seconds = 30.0
    answer_idle: Seconds = 120.0  # between two pieces of a body that is no event stream
    keep_alive: Seconds = 15.0
    upstream_idle: Seconds = 4.0  # a pooled connection; applications close theirs after 2 to 75
    unsafe_idle: Seconds = 0.5  # one that may still carry a write
    linger: Seconds = 2.0  # reading on after an early answer, so that it arrives
    drain: Seconds = 10.0
    shadow_queue: Size = 256
    shadow_bytes: Size = 64 * 1024 * 1024
    shadow_body: Size = 1024 * 1024
    shadow_running: Size = 32
    shadow_time: Seconds = 10.0


class Proxy(Section):
    """Where the proxy listens, whom it trusts, and where it keeps its state.

    trusted: addresses or networks of proxies before it, whose X-Forwarded-* stand. forwarded:
    what it says about clients itself: "for", "proto".
    """

    listen: Address = "127.0.0.1:8080"
    admin: Address = "127.0.0.1:8081"
    routes: Annotated[str, AfterValidator(_routes)] = "routes.toml"
    store: Annotated[str, AfterValidator(_store)] = "sqlite:///.strangler/state/diffs.db"
    sticky: tuple[Annotated[str, AfterValidator(_sticky)], ...] = (
        "jwt:user_id",
        "cookie:strangler",
        "header:authorization",
        "client-ip",
    )
    trusted: tuple[Annotated[str, AfterValidator(_network)], ...] = ()
    forwarded: tuple[Literal["for", "proto"], ...] = ("for", "proto")
    limits: Limits = Limits()


class Ignore(Section):
    """A known difference that somebody accepted, why, and until when."""

    endpoint: Annotated[str, AfterValidator(_endpoint)]
    pointer: Text
    reason: Text
    until: Annotated[date, Strict()]


class Config(Section):
    """The whole file, and the folder that its relative paths start from."""

    legacy: Legacy = Legacy()
    new: New = New()
    convert: Convert = Convert()
    proxy: Proxy = Proxy()
    ignore: tuple[Ignore, ...] = ()
    folder: Path = Path()

    def at(self, path: Path) -> Path:
        """The absolute form of a path that stands in the file."""
        return (self.folder / path.expanduser()).absolute()

    @model_validator(mode="after")
    def _upstreams_are_not_the_proxy(self) -> Self:
        host, _, port = self.proxy.listen.rpartition(":")
        for section, url in (("legacy", self.legacy.url), ("new", self.new.url)):
            if _same_host(urlsplit(url).hostname or "", host) and port_of(url) == int(port):
                raise ValueError(f"[{section}] url is the proxy's own address")
        return self

    @model_validator(mode="after")
    def _ignores_differ(self) -> Self:
        seen: set[tuple[str, str]] = set()
        for entry in self.ignore:
            key = (entry.endpoint, entry.pointer)
            if key in seen:
                raise ValueError(f"two [[ignore]] for {entry.endpoint} {entry.pointer}")
            seen.add(key)
        return self


def port_of(url: str) -> int:
    """The port of an http or https URL; ValueError outside 1-65535."""
    parts = urlsplit(url)
    return parts.port or (443 if parts.scheme == "https" else 80)


def _same_host(one: str, other: str) -> bool:
    loopback = {"127.0.0.1", "::1", "localhost", "0.0.0.0", "::"}
    one, other = one.strip("[]"), other.strip("[]")
    return one == other or {one, other} <= loopback
