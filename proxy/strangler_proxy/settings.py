"""What the data plane is told: addresses, trust, limits, timeouts."""

from collections.abc import Callable
from dataclasses import dataclass, field
from ipaddress import IPv4Network, IPv6Network, ip_network
from urllib.parse import urlsplit

from strangler.config.models import Config, Limits, port_of


@dataclass(frozen=True, slots=True)
class Address:
    """Where a side listens."""

    host: str
    port: int
    tls: bool = False

    @property
    def authority(self) -> bytes:
        """As a Host header names it."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}".encode()


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything but the routes.

    key: signs shadow marks and checks forced sides. trusted: peers whose X-Forwarded-* stand.
    forwarded: which of "for" and "proto" the proxy says. log: takes access log lines.
    """

    listen: Address
    legacy: Address
    new: Address
    key: bytes
    sticky: tuple[str, ...] = ("client-ip",)
    trusted: tuple[IPv4Network | IPv6Network, ...] = ()
    forwarded: frozenset[str] = frozenset({"for", "proto"})
    limits: Limits = field(default_factory=Limits)
    log: Callable[[bytes], object] | None = None


def address(text: str) -> Address:
    """`127.0.0.1:8080` or `http://127.0.0.1:8000` as an address."""
    if "://" not in text:
        text = f"http://{text}"
    parts = urlsplit(text)
    return Address(parts.hostname or "", _port(text), parts.scheme == "https")


def _port(text: str) -> int:
    port = urlsplit(text).port
    return port if port is not None else port_of(text)


def settings_of(
    config: Config, key: bytes, *, log: Callable[[bytes], object] | None = None
) -> Settings:
    """The settings that a strangler.toml says."""
    return Settings(
        listen=address(config.proxy.listen),
        legacy=address(config.legacy.url),
        new=address(config.new.url),
        key=key,
        sticky=config.proxy.sticky,
        trusted=tuple(map(ip_network, config.proxy.trusted)),
        forwarded=frozenset(config.proxy.forwarded),
        limits=config.proxy.limits,
        log=log,
    )
