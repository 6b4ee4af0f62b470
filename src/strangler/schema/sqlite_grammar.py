"""Takes CREATE statements of SQLite apart: quotes, letter case and layout make no difference."""

import re
from collections.abc import Iterator, Sequence

_TOKEN = re.compile(
    r"""\s+ | --[^\n]* | /\*.*?\*/
    | (?P<string>[xX]?'(?:[^']|'')*')
    | "(?P<double>(?:[^"]|"")*)" | `(?P<back>(?:[^`]|``)*)` | \[(?P<bracket>[^\]]*)\]
    | (?P<word>[\w$.]+) | (?P<sign><>|<=|>=|<<|>>|!=|==|\|\||->>|->|.)""",
    re.VERBOSE | re.DOTALL,
)
_PLAIN = re.compile(r"[a-z_]\w*")


def tokens(sql: str) -> list[str]:
    """Words in small letters, names without quotes where they need none, strings as they are."""
    found = []
    for match in _TOKEN.finditer(sql):
        kind = match.lastgroup
        if kind is None:
            continue
        text = match[kind]
        if kind in ("double", "back", "bracket"):
            name = text.replace('""', '"').replace("``", "`").lower()
            found.append(name if _PLAIN.fullmatch(name) else f'"{name}"')
        else:
            found.append(text if kind == "string" else text.lower())
    return found


def closing(words: Sequence[str], start: int) -> int:
    """Where the parenthesis ends that `words[start]` opens."""
    depth = 0
    for position in range(start, len(words)):
        depth += {"(": 1, ")": -1}.get(words[position], 0)
        if depth == 0:
            return position
    return len(words) - 1


def listed(words: Sequence[str]) -> Iterator[list[str]]:
    """The parts between commas that stand in no parentheses."""
    part: list[str] = []
    depth = 0
    for word in words:
        depth += {"(": 1, ")": -1}.get(word, 0)
        if word == "," and depth == 0:
            yield part
            part = []
        else:
            part.append(word)
    if part:
        yield part


def bare(words: Sequence[str]) -> list[str]:
    """An expression without parentheses around all of it."""
    found = list(words)
    while len(found) > 1 and found[0] == "(" and closing(found, 0) == len(found) - 1:
        found = found[1:-1]
    return found


def text(words: Sequence[str]) -> str:
    """Words as people read them: `varchar(20)`, `price > 0`."""
    joined = " ".join(words)
    return (
        re.sub(r"(?<=\w) \(", "(", joined).replace("( ", "(").replace(" )", ")").replace(" ,", ",")
    )


def split(statement: str) -> tuple[str, list[str], str]:
    """Head, parts between the commas, and tail of CREATE TABLE, each as it is written."""
    depth = start = last = 0
    parts: list[str] = []
    for match in _TOKEN.finditer(statement):
        sign = match["sign"]
        if sign == "(":
            depth += 1
            if depth == 1 and not parts and not start:
                start = last = match.end()
        elif sign == ")":
            depth -= 1
            if depth == 0:
                parts.append(statement[last : match.start()].strip())
                return statement[: start - 1], parts, statement[match.end() :]
        elif sign == "," and depth == 1:
            parts.append(statement[last : match.start()].strip())
            last = match.end()
    return statement, [], ""
