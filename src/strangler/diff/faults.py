"""Faults that are planted in answers, to see which of them a comparison would miss."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from strangler.diff.exchange import Exchange
from strangler.diff.volatile import instant

#: Places of one kind in one answer at which a fault is planted.
_PLACES = 3
Path = tuple[str | int, ...]
_NOTHING = object()


@dataclass(frozen=True, slots=True)
class Fault:
    """A change of one thing. `pointer` as a difference has it; `kind` says what becomes of it."""

    kind: str
    pointer: str
    apply: Callable[[Exchange], Exchange]


def faults(exchange: Exchange) -> Iterator[Fault]:
    """Faults that this answer has a place for; each works on a repetition of the answer too."""
    yield Fault("status", "status", lambda each: replace(each, status=each.status + 1))
    for name in dict.fromkeys(name for name, _ in exchange.headers):
        if name.lower() not in {"content-length", "date", "server"}:
            yield Fault("header lost", f"header:{name}", _without(name))
            yield Fault("header changed", f"header:{name}", _other(name))
    yield from _body(exchange)


def _without(name: str) -> Callable[[Exchange], Exchange]:
    def apply(exchange: Exchange) -> Exchange:
        return replace(exchange, headers=tuple(p for p in exchange.headers if p[0] != name))

    return apply


def _other(name: str) -> Callable[[Exchange], Exchange]:
    def apply(exchange: Exchange) -> Exchange:
        pairs = ((key, f"{value}, x" if key == name else value) for key, value in exchange.headers)
        return replace(exchange, headers=tuple(pairs))

    return apply


def _body(exchange: Exchange) -> Iterator[Fault]:
    if not exchange.body:
        return
    yield Fault("body lost", "body", lambda each: replace(each, body=b""))
    try:
        document = json.loads(exchange.body)
    except (ValueError, RecursionError):
        yield Fault("text changed", "body", lambda each: replace(each, body=each.body + b"x"))
        return
    counts: dict[tuple[str, str], int] = {}
    for path, value in _walk(document, ()):
        for kind, change in _changes(value):
            changed = change(value)
            same = type(changed) is type(value) and changed == value
            if same or (changed is _NOTHING and not path):
                continue
            place = kind, _starred(path)
            counts[place] = counts.get(place, 0) + 1
            if counts[place] <= _PLACES:
                yield Fault(kind, _pointer(path), _at(path, change))


def _walk(value: Any, path: Path) -> Iterator[tuple[Path, Any]]:
    stack: list[tuple[Path, Any]] = [(path, value)]
    while stack:
        at, each = stack.pop()
        yield at, each
        if isinstance(each, dict):
            stack += [((*at, key), inner) for key, inner in each.items()]
        elif isinstance(each, list):
            stack += [((*at, number), inner) for number, inner in enumerate(each)]


Change = Callable[[Any], Any]


def _changes(value: Any) -> Iterator[tuple[str, Change]]:
    """What can become of a value; `_NOTHING` takes it away."""
    yield "value lost", lambda _: _NOTHING
    if value is not None:
        yield "null instead", lambda _: None
    if isinstance(value, bool):
        yield "turned round", lambda old: not old
    elif isinstance(value, int | float):
        yield "number changed", lambda old: old + 1
        yield "number as text", str
    elif isinstance(value, str):
        yield from _texts(value)
    elif isinstance(value, list):
        yield "item twice", lambda old: [*old, *old[-1:]]
        if len(value) > 1 and value[0] != value[-1]:
            yield "other order", lambda old: [*old[1:], old[0]]
    elif isinstance(value, dict):
        yield "key more", lambda old: {**old, "strangler": 1}


def _texts(value: str) -> Iterator[tuple[str, Change]]:
    yield "text longer", lambda old: f"{old}x"
    if value.swapcase() != value:
        yield "text in other case", lambda old: old.swapcase()
    letters = [number for number, letter in enumerate(value) if letter.isalnum()]
    if letters:
        yield "letter changed", _letter
    moment = instant(value) if value[:4].isdigit() and len(value) > 9 else None
    if moment is not None:
        yield "an hour later", _later


def _letter(value: str) -> str:
    """The last letter or digit is another one, of the same kind."""
    number = max((n for n, letter in enumerate(value) if letter.isalnum()), default=None)
    if number is None:
        return f"{value}x"
    old = value[number]
    new = str((int(old) + 1) % 10) if old.isdecimal() and old.isascii() else "b" if old == "a" else "a"  # fmt: skip
    return value[:number] + new + value[number + 1 :]


def _later(value: str) -> str:
    moment = instant(value)
    if moment is None:
        return value
    moved = (moment + timedelta(hours=1)).replace(tzinfo=None).isoformat()
    return moved[: len(value[:19])] + value[19:]


def _at(path: Path, change: Change) -> Callable[[Exchange], Exchange]:
    def apply(exchange: Exchange) -> Exchange:
        document = json.loads(exchange.body)
        return replace(exchange, body=json.dumps(_changed(document, path, change)).encode())

    return apply


def _changed(document: Any, path: Path, change: Change) -> Any:
    """The document with the value at `path` changed; where it is not, as it was."""
    if not path:
        return change(document)
    parent = document
    for step in path[:-1]:
        if not _holds(parent, step):
            return document
        parent = parent[step]
    last = path[-1]
    if not _holds(parent, last):
        return document
    found = change(parent[last])
    if found is _NOTHING:
        del parent[last]
    else:
        parent[last] = found
    return document


def _holds(parent: Any, step: str | int) -> bool:
    if isinstance(parent, dict):
        return step in parent
    return isinstance(parent, list) and isinstance(step, int) and step < len(parent)


def _pointer(path: Path) -> str:
    return "".join(f"/{str(step).replace('~', '~0').replace('/', '~1')}" for step in path)


def _starred(path: Path) -> str:
    return "/".join("*" if isinstance(step, int) else step for step in path)
