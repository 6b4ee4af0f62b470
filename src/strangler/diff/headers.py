"""Compares response headers: all of them but those that belong to the connection."""

from collections import Counter
from collections.abc import Iterator

from strangler.diff.exchange import Difference, Exchange
from strangler.diff.volatile import Pairing

_ABSENT = "(absent)"
#: Set by servers, or derived from a body that is compared itself.
_TRANSPORT = frozenset(
    {"connection", "content-length", "date", "keep-alive", "server", "transfer-encoding"}
)
_CATEGORIES = {
    "allow": "allow",
    "content-type": "content-type",
    "etag": "etag",
    "last-modified": "etag",
    "location": "redirect",
    "set-cookie": "cookie",
    "vary": "vary",
}
_SECURITY = frozenset(
    {
        "content-security-policy",
        "cross-origin-opener-policy",
        "permissions-policy",
        "referrer-policy",
        "strict-transport-security",
        "www-authenticate",
        "x-content-type-options",
        "x-frame-options",
        "x-xss-protection",
    }
)


def compare_headers(legacy: Exchange, new: Exchange, pairing: Pairing) -> Iterator[Difference]:
    """Differences by name, `header:Name` in the pointer."""
    left, right = _grouped(legacy), _grouped(new)
    for name in sorted(left.keys() | right.keys()):
        category = "security-header" if name in _SECURITY else _CATEGORIES.get(name, "header")
        if name == "set-cookie":
            yield from _cookies(left.get(name, []), right.get(name, []), pairing)
            continue
        mine, theirs = _value(name, left.get(name)), _value(name, right.get(name))
        if mine != theirs and not _paired(name, mine, theirs, pairing):
            pointer = f"header:{_titled(name)}"
            yield Difference(category, pointer, mine or _ABSENT, theirs or _ABSENT)


def _grouped(exchange: Exchange) -> dict[str, list[str]]:
    groups: dict[str, list[str]] = {}
    for name, value in exchange.headers:
        if name.lower() not in _TRANSPORT:
            groups.setdefault(name.lower(), []).append(value.strip())
    return groups


def _value(name: str, values: list[str] | None) -> str | None:
    if values is None:
        return None
    joined = ", ".join(values)
    if name in ("allow", "vary"):  # sets: for some views DRF's order changes with every start
        return ", ".join(sorted({part.strip().lower() for part in joined.split(",")}))
    if name == "content-type":
        return "; ".join(part.strip().lower() for part in joined.split(";"))
    return joined


def _paired(name: str, legacy: str | None, new: str | None, pairing: Pairing) -> bool:
    if legacy is None or new is None:
        return False
    if name == "retry-after" and legacy.isdigit() and new.isdigit():
        return abs(int(legacy) - int(new)) <= 1
    return pairing.texts(legacy, new, f"header:{_titled(name)}")


def _titled(name: str) -> str:
    return "-".join("WWW" if part == "www" else part.capitalize() for part in name.split("-"))


def _cookies(legacy: list[str], new: list[str], pairing: Pairing) -> Iterator[Difference]:
    left = {_cookie_name(each): each for each in legacy}
    right = {_cookie_name(each): each for each in new}
    for name in sorted(left.keys() | right.keys()):
        mine, theirs = left.get(name), right.get(name)
        pointer = f"header:Set-Cookie/{name}"
        if mine is None or theirs is None or not _same_cookie(mine, theirs, pairing, pointer):
            yield Difference("cookie", pointer, mine or _ABSENT, theirs or _ABSENT)


def _cookie_name(header: str) -> str:
    return header.partition("=")[0].strip()


def _same_cookie(legacy: str, new: str, pairing: Pairing, pointer: str) -> bool:
    left, right = _parts(legacy), _parts(new)
    if not pairing.texts(left[0], right[0], pointer):
        return False
    names = Counter(_cookie_name(part).lower() for part in left[1])
    if names != Counter(_cookie_name(part).lower() for part in right[1]):
        return False
    return all(
        pairing.texts(mine, theirs, pointer) for mine, theirs in zip(left[1], right[1], strict=True)
    )


def _parts(header: str) -> tuple[str, list[str]]:
    """The pair itself, then its attributes sorted, their names in lower case."""
    first, *rest = (part.strip() for part in header.split(";"))
    attributes = [part.partition("=") for part in rest if part]
    return first, sorted(f"{name.lower()}{equals}{value}" for name, equals, value in attributes)
