"""Reads bodies within bounds; what breaks them is named, never guessed at."""

import json
import re
import zlib
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of one comparison."""

    body: int = 4 * 1024 * 1024
    #: How many times larger than its compressed form a body may be.
    ratio: int = 100
    elements: int = 500_000
    differences: int = 50


#: Bytes of bodies in which no bound can be broken but that of integers.
_SMALL = 1 << 18
_HUGE = re.compile(rb"\d{4000}")


class Uncomparable(Exception):
    """A body that is too large, too deep or not what it says; the message says which."""


class Number(float):
    """A JSON number with fraction or exponent that remembers how it was written."""

    __slots__ = ("text",)
    text: str

    def __new__(cls, text: str) -> "Number":
        """Read it as `json` does."""
        number = super().__new__(cls, text)
        number.text = text
        return number


def plain(body: bytes, encoding: str | None, limits: Limits) -> bytes:
    """The body without its Content-Encoding; raises Uncomparable."""
    if len(body) > limits.body:
        raise Uncomparable(f"the body is larger than {limits.body} bytes")
    if encoding in (None, "", "identity"):
        return body
    if encoding not in ("gzip", "deflate"):
        raise Uncomparable(f"the Content-Encoding {encoding!r} is not known")
    bound = min(limits.body, max(limits.ratio * len(body), 4096))
    unpacker = zlib.decompressobj(zlib.MAX_WBITS | 32)
    try:
        unpacked = unpacker.decompress(body, bound)
    except zlib.error as error:
        raise Uncomparable(f"the body is no {encoding}: {error}") from None
    if not unpacker.eof:
        raise Uncomparable("the compressed body is cut, or unpacks to too much")
    return unpacked


def same(left: bytes, right: bytes) -> bool:
    """Whether two bodies are the same JSON but for blanks and escapes.

    Names keep their order, numbers their digits: the decoder leaves both as they are written. False
    where one is none, is large, or holds what `parse` refuses.
    """
    if max(len(left), len(right)) > _SMALL or _HUGE.search(left):
        return False
    try:
        return bool(_as_written(left) == _as_written(right))
    except (ValueError, RecursionError):
        return False


def _as_written(body: bytes) -> Any:
    # bytes equal no text, tuples no lists: every kind of value stays apart, without Python's help
    return json.loads(
        body,
        parse_int=str.encode,
        parse_float=str.encode,
        parse_constant=_refuse,
        object_pairs_hook=_members,
    )


def _members(items: list[tuple[str, Any]]) -> tuple[tuple[str, Any], ...]:
    return tuple(items) if len(dict(items)) == len(items) else _refuse("")


def _refuse(_: str) -> Any:
    raise ValueError("to be refused by who can say why")


def parse(body: bytes, limits: Limits) -> Any:
    """A JSON body; ValueError where it is none, Uncomparable where it breaks a bound."""
    count = 0

    def pairs(items: list[tuple[str, Any]]) -> dict[str, Any]:
        nonlocal count
        count += len(items)
        if count > limits.elements:
            raise Uncomparable(f"the body has more than {limits.elements} members")
        result = dict(items)
        if len(result) != len(items):
            raise Uncomparable("an object has the same key twice")
        return result

    def constant(name: str) -> Any:
        raise Uncomparable(f"the body holds {name}, which is no JSON")

    try:
        return json.loads(
            body, parse_float=Number, parse_constant=constant, object_pairs_hook=pairs
        )
    except RecursionError:
        raise Uncomparable("the body is nested too deep") from None
    except json.JSONDecodeError:
        raise
    except UnicodeDecodeError:
        raise Uncomparable("the body is not UTF-8") from None
    except ValueError as error:
        raise Uncomparable(str(error)) from None  # an integer with thousands of digits


def shown(value: Any, length: int = 300) -> str:
    """A value as JSON text, cut for people."""
    try:
        text = json.dumps(value, ensure_ascii=False, default=str)
    except (ValueError, RecursionError):
        text = repr(type(value))
    return text if len(text) <= length else f"{text[:length]}…"
