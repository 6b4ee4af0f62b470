"""Where in a TOML text each key stands. tomllib keeps no positions, and people need them."""

import re
from collections.abc import Iterator

Path = tuple[str | int, ...]

# Enough of TOML's grammar to find keys in a text that tomllib has accepted already.
_TOKEN = re.compile(
    r'"""(?:\\.|[^\\])*?"{3,5}'
    r"|'''.*?'{3,5}"
    r'|"(?:\\.|[^"\\\n])*"'
    r"|'[^'\n]*'"
    r"|\#[^\n]*|\n|\[\[|\]\]|[\[\]{}=.,]|[^\s\"'\#\[\]{}=.,]+",
    re.DOTALL,
)

_DEPTHS = {"[": 1, "[[": 2, "{": 1, "]": -1, "]]": -2, "}": -1}


def lines_of(text: str) -> dict[Path, int]:
    """The line, from 1, of each table and key: `("ignore", 0, "until") -> 12`."""
    lines: dict[Path, int] = {}
    counts: dict[Path, int] = {}
    table: Path = ()
    for line, tokens in _statements(text):
        if tokens[0] in {"[", "[["}:
            table = _names(tokens[1:])
            if tokens[0] == "[[":
                counts[table] = counts.get(table, -1) + 1
                lines.setdefault(table, line)
                table = (*table, counts[table])
            lines.setdefault(table, line)
        else:
            lines.setdefault((*table, *_names(tokens)), line)
    return lines


def line_of(text: str, path: Path) -> int:
    """The line of a key, else of the closest table around it, else 1."""
    lines = lines_of(text)
    while path and path not in lines:
        path = path[:-1]
    return lines.get(path, 1)


def _statements(text: str) -> Iterator[tuple[int, list[str]]]:
    """Each header or assignment up to its "=", with the line where it starts."""
    line, start, depth, in_value = 1, 1, 0, False
    tokens: list[str] = []
    for match in _TOKEN.finditer(text):
        token = match[0]
        if token == "\n" and depth == 0:
            if tokens:
                yield start, tokens
            tokens, in_value = [], False
        elif in_value:
            depth += _DEPTHS.get(token, 0)
        elif token != "\n" and not token.startswith("#"):
            start = start if tokens else line
            tokens.append(token)
            in_value = token == "="
        line += token.count("\n")
    if tokens:
        yield start, tokens


def _names(tokens: list[str]) -> Path:
    names: list[str] = []
    for token in tokens:
        if token in {"=", "]", "]]"}:
            break
        if token != ".":
            names.append(token.strip("\"'"))
    return tuple(names)
