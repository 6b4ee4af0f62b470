"""The relay to a MariaDB server.

The server speaks first; the client's first packet names the database. Encryption is not offered:
a Unix socket needs none. Source: MariaDB's documentation of its protocol, "Connection".
"""

import socket
import struct

from strangler.verify.relay import Relay, exactly

_WITH_DATABASE, _SSL, _SECURE, _LENGTH_ENCODED = 1 << 3, 1 << 11, 1 << 15, 1 << 21
_ACCESS_DENIED = 1044
#: Flags, the longest packet, the character set, zeros.
_FIXED = 32


class MariaDBRelay(Relay):
    """To a MariaDB server: clients take the path of the socket as their host."""

    socket_name = "mysqld.sock"

    @property
    def path(self) -> str:
        """The socket's path."""
        return f"{self.folder}/{self.socket_name}"

    def greeted(self, client: socket.socket) -> socket.socket | None:
        """Pass both greetings on where the client's database may be used."""
        try:
            server = self.connect()
        except OSError as error:
            client.sendall(_error(0, f"the server is not reachable: {error}"))
            return None
        greeting, answer = _packet(server), None
        if greeting is not None:
            client.sendall(_without_encryption(greeting))
            answer = _packet(client)
        if answer is None:
            server.close()
            return None
        database = asked_for(answer[4:])
        if not self.admits(database):
            client.sendall(_error(answer[3] + 1, f"strangler verify lets nobody into {database!r}"))
            server.close()
            return None
        server.sendall(answer)
        return server


def _packet(peer: socket.socket) -> bytes | None:
    """One packet with its head: three bytes of length, one of the sequence."""
    head = exactly(peer, 4)
    if head is None:
        return None
    rest = exactly(peer, int.from_bytes(head[:3], "little"))
    return None if rest is None else head + rest


def _without_encryption(greeting: bytes) -> bytes:
    """The server's greeting without the flag that offers TLS; an error packet as it is."""
    version = greeting[4]
    if version != 10:
        return greeting
    # after the server's version come its thread, eight bytes of salt and a zero
    place = greeting.index(b"\0", 5) + 1 + 4 + 8 + 1
    (flags,) = struct.unpack_from("<H", greeting, place)
    return greeting[:place] + struct.pack("<H", flags & ~_SSL) + greeting[place + 2 :]


def asked_for(answer: bytes) -> str:
    """The database that a client's answer to the greeting names; empty for none."""
    (flags,) = struct.unpack_from("<I", answer)
    if not flags & _WITH_DATABASE:
        return ""
    place = answer.index(b"\0", _FIXED) + 1
    if flags & _LENGTH_ENCODED or flags & _SECURE:
        length = answer[place]  # what proves a password is shorter than the long forms need
        place += 1 + length
    else:
        place = answer.index(b"\0", place) + 1
    return answer[place : answer.index(b"\0", place)].decode("utf-8", "replace")


def _error(sequence: int, text: str) -> bytes:
    body = b"\xff" + struct.pack("<H", _ACCESS_DENIED) + b"#42000" + text.encode()
    return len(body).to_bytes(3, "little") + bytes([sequence]) + body
