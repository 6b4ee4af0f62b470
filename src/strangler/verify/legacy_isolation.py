"""Keeps an application from the network: by a namespace of its own, or by patched sockets.

Loaded by path into both executors: Python 3.6 grammar, nothing but the standard library.
"""
# ruff: noqa: UP006, UP032, UP035

import ctypes
import fcntl
import os
import signal
import socket
import struct
import sys
from typing import Any, Dict, List, Tuple

Message = Dict[str, Any]
_CLONE_NEWUSER, _CLONE_NEWNET = 0x10000000, 0x40000000
_SIOCGIFFLAGS, _SIOCSIFFLAGS, _IFF_UP = 0x8913, 0x8914, 1
_PR_SET_PDEATHSIG = 1


def enter_namespace() -> bool:
    """Move this process into a network namespace of its own, loopback up; False where refused."""
    if sys.platform != "linux":
        return False
    libc = ctypes.CDLL(None, use_errno=True)
    user, group = os.getuid(), os.getgid()
    if libc.unshare(_CLONE_NEWNET) != 0:
        if libc.unshare(_CLONE_NEWUSER | _CLONE_NEWNET) != 0:
            return False
        for name, text in (
            ("setgroups", "deny"),
            ("uid_map", "{0} {0} 1".format(user)),
            ("gid_map", "{0} {0} 1".format(group)),
        ):
            with open("/proc/self/" + name, "w") as file:
                file.write(text)
    _raise_loopback()
    return True


def _raise_loopback() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as handle:
        request = struct.pack("16sh14x", b"lo", 0)
        flags = struct.unpack("16sh14x", fcntl.ioctl(handle, _SIOCGIFFLAGS, request))[1]
        fcntl.ioctl(handle, _SIOCSIFFLAGS, struct.pack("16sh14x", b"lo", flags | _IFF_UP))


class Guard:
    """Refuses and records every connection but those to the twin's Unix socket folder."""

    def __init__(self, allowed: List[str], services: List[str]) -> None:
        self.allowed = allowed
        #: `host:port` of services that somebody allowed; their addresses join when looked up.
        self.services = set(services)
        self.refused: List[str] = []
        #: Knows of addresses where another server answers instead.
        self.stand_in: Any = None

    def take(self) -> List[str]:
        """What was refused since the last call."""
        taken, self.refused = self.refused, []
        return taken

    def permits(self, address: Any) -> bool:
        """Whether an address is the twin or a service; anything else is written down."""
        if isinstance(address, str) and any(address.startswith(path) for path in self.allowed):
            return True
        shown = _shown(address)
        if shown in self.services:
            return True
        self.refused.append(shown or str(address))
        return False

    def unanswered(self, command: str) -> None:
        """Write down what the server that stands in cannot do."""
        self.refused.append("Redis, for {}".format(command))

    def instead(self, address: Any) -> Any:
        """Where to go for an address: to it, or to who stands in for it."""
        shown = _shown(address)
        if self.stand_in is None or not shown or shown in self.services:
            return address
        place = self.stand_in.place(shown)
        if place is not None:
            self.services.add(_shown(place))
        return place or address

    def install(self) -> None:
        """Patch `socket`: connections in Python end here, those in C in the namespace."""
        permits, instead = self.permits, self.instead
        connect, connect_ex = socket.socket.connect, socket.socket.connect_ex
        sendto, resolve = socket.socket.sendto, socket.getaddrinfo

        def guarded(handle: Any, address: Any) -> None:
            address = instead(address)
            if not permits(address):
                raise ConnectionRefusedError(111, "refused by strangler verify")
            connect(handle, address)

        def guarded_ex(handle: Any, address: Any) -> int:
            address = instead(address)
            return connect_ex(handle, address) if permits(address) else 111

        def guarded_sendto(handle: Any, data: Any, *rest: Any) -> int:
            if not permits(rest[-1]):
                raise ConnectionRefusedError(111, "refused by strangler verify")
            return sendto(handle, data, *rest)

        def guarded_resolve(host: Any, port: Any, *rest: Any, **more: Any) -> Any:
            place = instead((host, port))
            if place != (host, port):
                return [(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", place)]
            if not _numeric(host) and not permits((host, port)):
                raise socket.gaierror(socket.EAI_NONAME, "refused by strangler verify")
            found = resolve(host, port, *rest, **more)
            if _shown((host, port)) in self.services:
                self.services.update(_shown(each[4]) for each in found)
            return found

        patched: Any = socket
        patched.socket.connect = guarded
        patched.socket.connect_ex = guarded_ex
        patched.socket.sendto = guarded_sendto
        patched.getaddrinfo = guarded_resolve
        patched.getfqdn = lambda name="": name or "localhost"


def _shown(address: Any) -> str:
    """`host:port`; empty where it is no such address."""
    return ":".join(str(part) for part in address[:2]) if isinstance(address, tuple) else ""


def _numeric(host: Any) -> bool:
    if host in (None, "", b"", "localhost", b"localhost"):
        return True
    text = host.decode("ascii", "replace") if isinstance(host, bytes) else str(host)
    for family in (socket.AF_INET, socket.AF_INET6):
        try:
            socket.inet_pton(family, text)
        except OSError:
            continue
        return True
    return False


def end_with_parent() -> None:
    """Let the system kill this process when its parent is gone, killed even; Linux can."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0)


def isolate(boot: Message) -> Tuple[str, Guard]:
    """Close the network as the boot line asks; say what was possible."""
    wanted = boot.get("isolation", "none")
    services = boot.get("services", [])
    guard = Guard(boot.get("allowed", []), services)
    held = wanted == "namespace" and not services and enter_namespace()
    end_with_parent()  # a new user namespace would have cleared it
    if wanted == "none":
        return "none", guard
    guard.install()
    return ("namespace" if held else "sockets"), guard
