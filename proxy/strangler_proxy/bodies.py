"""The body of a request as it comes in, piece by piece."""

from strangler_proxy.heads import Fields, Refused
from strangler_proxy.replies import LAST_CHUNK, BadReply, Chunks, chunk


class Body:
    """Takes the bytes of a body off what a client sends.

    whole: it came to its end. rest: what came after it. unclear: the next request begins
    somewhere in what was read already, so it is not to be found.
    """

    __slots__ = ("_chunks", "_left", "began", "rest", "seen", "unclear", "whole")

    def __init__(self, fields: Fields, now: float) -> None:
        self._left = fields.length or 0
        self._chunks = Chunks(request=True) if fields.chunked else None
        self.whole = self.unclear = False
        self.rest = b""
        self.began = now
        self.seen = 0

    def take(self, data: bytes) -> bytes:
        """What goes to the side, framed; raise Refused for what are no chunks."""
        self.seen += len(data)
        if self._chunks is None:
            piece = data[: self._left]
            self._left -= len(piece)
            self.rest = data[len(piece) :]
            self.whole = not self._left
            return piece
        try:
            content = self._chunks.feed(data)
        except BadReply:
            raise Refused(400, "chunks") from None
        self.whole, self.unclear = self._chunks.done, self._chunks.rest
        return (chunk(content) if content else b"") + (LAST_CHUNK if self.whole else b"")

    def too_slow(self, now: float, grace: float, rate: int) -> bool:
        """Whether it comes in at less than `rate` bytes a second, once `grace` seconds are over."""
        taken = now - self.began
        return taken > grace and self.seen < rate * taken

    def begin_again(self, now: float) -> None:
        """Its rate counts from now on: until now the side held it back."""
        self.began, self.seen = now, 0
