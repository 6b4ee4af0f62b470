"""Texts in the language of each request, where the application speaks several.

`locale/<code>.json` beside this module holds a language: `texts` by the text in the code (with a
context `context\\x04text`), and `plurals` by the singular: its forms, and a digit for each of 0 to 199,
and for a million, that says which. What is not in it is shown as the code has it.
"""

import json
import re
import secrets
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

_FOLDER: Final = Path(__file__).with_name("locale")
_SPEAKS: Final = _FOLDER.is_dir()
#: Stands before the text in the code: what is shown without being translated can be seen. Another one
#: in each process, so that nobody can write it into a row.
_MARK: Final = f"\x02{secrets.token_hex(8)}:"
#: Stands before what a text is filled in with, as JSON.
_FILLED: Final = "\x0f"
_MARKED: Final = re.compile(rf'"\\u0002{_MARK[1:]}(?:[^"\\]|\\.)*"')
_language: ContextVar[str | None] = ContextVar("language", default=None)


def activate(language: str) -> None:
    """Choose the language of the request, by its code."""
    _language.set(language.lower())


def active() -> str | None:
    """Return the code of the request's language, None outside of requests."""
    return _language.get()


def spoken() -> Mapping[str, Any]:
    """Return texts, plurals and formats of the request's language, or of the usual one."""
    return _catalog(_language.get() or "default")


@lru_cache
def _catalog(code: str) -> Mapping[str, Any]:
    place = _FOLDER / f"{code}.json"
    if not place.is_file():
        return {}
    found: Mapping[str, Any] = json.loads(place.read_text(encoding="utf-8"))
    return _catalog(found["as"]) if "as" in found else found


def gettext(text: str) -> str:
    """Return a text in the language of the request."""
    found = spoken().get("texts", {}).get(text)
    return text.rpartition("\x04")[2] if found is None else str(found)


class LazyText(str):
    """A text that is translated when it is shown: by `str`, in another text, by its methods."""

    __slots__ = ()

    def __str__(self) -> str:
        return _read(str.__str__(self))

    def __format__(self, spec: str) -> str:
        return format(str(self), spec)

    def __repr__(self) -> str:
        return repr(str(self))

    def __eq__(self, other: object) -> bool:
        return str(self) == (str(other) if isinstance(other, LazyText) else other)

    def __ne__(self, other: object) -> bool:
        return not self.__eq__(other)

    def __hash__(self) -> int:
        return hash(str.__str__(self))


def _shown(name: str) -> Callable[..., Any]:
    method = getattr(str, name)

    def show(self: LazyText, *args: Any, **options: Any) -> Any:
        return method(str(self), *args, **options)

    return show


for _name, _method in vars(str).items():
    if callable(_method) and _name not in vars(object) and _name not in vars(LazyText):
        setattr(LazyText, _name, _shown(_name))


def _read(written: str) -> str:
    """What a text shows that was written as `gettext_lazy` keeps it."""
    if not written.startswith(_MARK):
        return written
    text, _, given = written.removeprefix(_MARK).partition(_FILLED)
    params: dict[str, str] = json.loads(given) if given else {}
    found, large = gettext(text), params.pop("", None)
    found = found % {name: _read(value) for name, value in params.items()} if params else found
    return f"{found[:1].upper()}{found[1:]}" if large else found


def settled(text: str, dumps: Callable[[str], str]) -> str:
    """A JSON document in which texts that were written as they are in the code are translated."""
    if not _SPEAKS or _MARKED.search(text) is None:
        return text
    return _MARKED.sub(lambda found: dumps(_read(json.loads(found[0]))), text)


def gettext_lazy(text: str, /, *, capitalized: bool = False, **params: str) -> str:
    """Return a text that is translated when it is shown, and filled in by % then.

    capitalized: its first letter is written large.
    """
    given = {name: str.__str__(value) for name, value in params.items()}
    given |= {"": "large"} if capitalized else {}
    return LazyText(f"{_MARK}{text}{_FILLED}{json.dumps(given)}" if given else f"{_MARK}{text}")
