"""Reads the path out of a request target, where every server would read the same one."""

import re
from urllib.parse import unquote_to_bytes

_LETTERS = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
_PLAIN = _LETTERS + b"-_~!$&'()*+,=:@./"
_ESCAPED = re.compile(
    rb"(/(?:[A-Za-z0-9\-_~!$&'()*+,=:@./]|%[0-9A-Fa-f]{2})*)(?:\?[!\x22$-~]*)?"
).fullmatch

# Decoded, these mean different things to different servers; so does a path with them.
_ODD = re.compile(r"[\x00-\x20\x7f-\xa0/\\%?#;\u2028\u2029]").search


def plain_path(target: bytes) -> str | None:
    """The decoded path of an origin-form target, None where it is odd.

    Odd are: dot segments and empty ones, whichever way they are written; encoded slashes,
    percent signs, blanks and control characters; `;`, `\\`, `#`; bytes that are no UTF-8.
    """
    path = target.partition(b"?")[0]
    if path.translate(None, _PLAIN) or b"//" in path or b"/." in path or b"#" in target:
        return _decoded(target)
    return path.decode() if path[:1] == b"/" else None


def _decoded(target: bytes) -> str | None:
    match = _ESCAPED(target)
    if match is None:
        return None
    try:
        parts = [unquote_to_bytes(part).decode() for part in match[1].split(b"/")]
    except UnicodeDecodeError:
        return None
    return _checked(parts)


def _checked(parts: list[str]) -> str | None:
    for position, part in enumerate(parts):
        inner = 0 < position < len(parts) - 1
        if part in {".", ".."} or (inner and not part) or _ODD(part):
            return None
    return "/".join(parts)
