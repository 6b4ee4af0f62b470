"""URL expressions as paths, read on their own: what the ledger is compared with."""

import re

_ATOM = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|.", re.DOTALL)
_QUANTIFIER = re.compile(r"(?:[*+?]|\{\d*,?\d*\})[?+]?")
_NAMED = re.compile(r"\?P<(\w+)>")
_VARIABLE = "{arg}"


def simplified(expression: str) -> str:
    """A URL expression as a path: groups by their names, anything else that varies as `{arg}`.

    Anchors, escapes and quantifiers are dropped; of alternatives only the first is read.
    """
    return "/" + _path(expression).replace(" ", "%20").removeprefix("/")


def _path(text: str) -> str:
    parts, position = [], 0
    while position < len(text) and text[position] != "|":
        if text[position] == "(":
            end = _closing(text, position)
            parts.append(_group(text[position + 1 : end]))
            position = end + 1
        else:
            atom = _ATOM.match(text, position)
            assert atom is not None
            parts.append(_literal(atom[0]))
            position = atom.end()
        quantifier = _QUANTIFIER.match(text, position)
        position = quantifier.end() if quantifier else position
    return "".join(parts)


def _literal(atom: str) -> str:
    if atom in ("^", "$") or re.fullmatch(r"\\[AZzbB]", atom):
        return ""
    if atom == "." or re.fullmatch(r"\\[dDwWsS]", atom):
        return _VARIABLE
    if atom.startswith("["):
        inner = atom[1:-1].replace("\\", "")
        return inner if len(inner) == 1 else _VARIABLE
    return atom.removeprefix("\\")


def _group(inner: str) -> str:
    named = _NAMED.match(inner)
    if named:
        return f"{{{named[1]}}}"
    holds_names = _NAMED.search(inner) is not None
    if inner.startswith("?:") or (holds_names and not inner.startswith("?")):
        is_choice = "|" in inner and not holds_names
        return _VARIABLE if is_choice else _path(inner.removeprefix("?:"))
    return "" if inner.startswith("?") else _VARIABLE


def _closing(text: str, start: int) -> int:
    """Where the group that opens at `start` closes."""
    depth, position = 0, start
    while position < len(text):
        atom = _ATOM.match(text, position)
        assert atom is not None
        depth += {"(": 1, ")": -1}.get(atom[0], 0)
        if depth == 0:
            return position
        position = atom.end()
    return len(text)
