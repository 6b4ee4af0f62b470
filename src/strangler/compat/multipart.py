"""Multipart bodies that end too early."""

from collections.abc import AsyncGenerator
from typing import Final

_HEADERS_END: Final = b"\r\n\r\n"


class Completed:
    """The chunks of a multipart body, with an end where it was cut.

    Django takes fields that were cut, but no file, and no part without all of its headers.
    cut: known in the end, whether the last part came without what follows it.
    """

    def __init__(self, chunks: AsyncGenerator[bytes, None], boundary: str) -> None:
        self.chunks = chunks
        self.start, self.end = f"--{boundary}".encode(), f"--{boundary}--".encode()
        self.cut = False

    async def __aiter__(self) -> AsyncGenerator[bytes, None]:
        held, begun, ended = b"", False, False
        async for chunk in self.chunks:
            held += chunk
            ended = ended or self.end in held
            begun = begun or self.start in held
            # What is before the first part is kept until there is one: alone it is nothing.
            safe = len(held) if ended else self._safe(held) if begun else 0
            yield held[:safe]
            held = held[safe:]
        if ended:
            return
        last = held.rfind(self.start)
        if last >= 0 and _HEADERS_END not in held[last:]:
            self.cut = len(held) == last + len(self.start)
            yield held[:last] + self.end + b"\r\n"
        else:
            self.cut = begun
            yield (held + b"\r\n" if begun else b"") + self.end + b"\r\n"

    def _safe(self, held: bytes) -> int:
        """How many bytes no later chunk changes the meaning of."""
        last = held.rfind(self.start)
        if last >= 0 and _HEADERS_END not in held[last:]:
            return last
        return max(len(held) - len(self.end), 0)
