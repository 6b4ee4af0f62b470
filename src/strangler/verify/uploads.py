"""Small files for multipart bodies."""

import struct
import zlib
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Upload:
    """A file of a multipart body."""

    name: str
    content: bytes
    media: str


def picture(number: int) -> bytes:
    """A PNG of two by two pixels, its colour from `number`."""
    row = b"\0" + bytes((number % 256, 80, 160)) * 2

    def chunk(kind: bytes, data: bytes) -> bytes:
        body = kind + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

    head = struct.pack(">IIBBBBB", 2, 2, 8, 2, 0, 0, 0)
    parts = chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(row * 2)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + parts
