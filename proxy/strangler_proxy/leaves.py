"""Leaves of the legacy URL resolver: what each matches, segment by segment where that says it all.

Django searches one expression a level, each in what the one above it left. Most of them say the
same as a list of segments, each a text or a small expression without a slash; those go into the
trie. The others are tried as Django does.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

#: A segment: its literal text, or the expression that the whole of it has to match.
Segment = str | re.Pattern[str]


@dataclass(frozen=True, slots=True)
class Leaf:
    """A leaf with what Django matches; `path` is None where no endpoint has it.

    Of one that is not certain we know only which paths it may match.
    """

    path: str | None
    expressions: tuple[re.Pattern[str], ...]
    certain: bool = True

    def matches(self, path: str) -> bool:
        """Try the leaf as Django does."""
        rest = path
        for expression in self.expressions:
            match = expression.search(rest)
            if match is None:
                return False
            rest = rest[match.end() :]
        return True


def leaf(path: str | None, *expressions: str, certain: bool = True) -> Leaf:
    """A leaf from the texts of its expressions; one that is no expression here makes it unsure."""
    try:
        compiled = tuple(re.compile(text) for text in expressions)
    except re.error:  # another version of Python wrote it: it may match anything
        return Leaf(None, (re.compile(""),), certain=False)
    return Leaf(path, compiled, certain and _agreed(expressions[-1]))


def _agreed(last: str) -> bool:
    """Whether all versions of Django match it alike: some search, some want the whole."""
    return not last.endswith("$") or (last.startswith("^") and not _has_choice(last))


def _has_choice(text: str) -> bool:
    """Whether a `|` stands outside all groups."""
    while text != (bare := re.sub(r"\\.|\[(?:\\.|[^\]\\])*\]|\([^()]*\)", "", text)):
        text = bare
    return "|" in text


@dataclass(frozen=True, slots=True)
class Shape:
    """A leaf for the trie: whole segment lists, or only the literal ones that it begins with."""

    whole: tuple[tuple[Segment, ...], ...] = ()
    prefix: tuple[str, ...] = ()


_RANGES = r"\[-?(?:\w-\w|\\[-.dw]|[\w.@+:,~!$&'()*;=])+-?\]"
_ALL_BUT = r"\[\^(?:[^\]\\/]|\\[-.\w])*/(?:[^\]\\]|\\[-./\w])*\]"  # among them the slash
_TIMES = r"(?:[*+?]|\{\d+(?:,\d*)?\})?"
_ATOM = rf"(?:{_RANGES}|{_ALL_BUT}|\\[-.dw]|[\w-]){_TIMES}"
_CHOICE = rf"\((?:\?:)?(?:{_ATOM}|\|)+\){_TIMES}"
_INNER = rf"(?:{_ATOM}|{_CHOICE}|\|)+"

#: What one level is made of; none of the parameters can match a slash.
_TOKEN = re.compile(
    rf"(?P<group>\((?:\?P<\w+>)?(?P<inner>{_INNER})(?P<open>/\?)?\))(?![*+?{{])"
    rf"|(?P<class>{_RANGES}{_TIMES}|{_ALL_BUT}{_TIMES}|\\[dw]{_TIMES})"
    r"|(?P<literal>\\[^\w\s]|[\w\-~!@&=:;,'\"/%<> ])(?![*+?{])"
    r"|(?P<slash>/\?)(?=\$?$|\\Z)"
    r"|(?P<end>\$|\\Z)$",
    re.ASCII,
)


class _Reader:
    """Reads the levels of one leaf into segments, as far as they can be read."""

    def __init__(self) -> None:
        self.done: list[list[tuple[str, bool]]] = []  # (expression, is it a parameter?)
        self.open: list[tuple[str, bool]] = []
        self.optional_slash = self.ended = False

    def level(self, text: str) -> bool:
        """Read one level; False where it cannot be said in segments."""
        if any(parameter for _, parameter in self.open) or self.ended:
            return False
        if text and not text.startswith("^"):
            return False
        position = len(text) and 1
        while position < len(text):
            match = _TOKEN.match(text, position)
            if match is None or self.ended:
                return False
            position = match.end()
            if self.optional_slash and not match["end"]:
                return False
            if match["open"] and _has_choice(match["inner"]):
                return False
            self._take(match)
        return True

    def _take(self, match: re.Match[str]) -> None:
        if match["end"]:
            self.ended = True
        elif match["group"]:
            self.open.append((f"(?:{match['inner']})", True))
            self.optional_slash = bool(match["open"])
        elif match["class"]:
            self.open.append((match["class"], True))
        elif match["slash"]:
            self.optional_slash = True
        elif match["literal"] == "/":
            self.done.append(self.open)
            self.open = []
        else:
            self.open.append((match["literal"][-1], False))

    def segments(self) -> tuple[Segment, ...]:
        return tuple(_segment(parts) for parts in [*self.done, self.open])

    def prefix(self) -> tuple[str, ...]:
        found: list[str] = []
        for parts in self.done:
            segment = _segment(parts)
            if not isinstance(segment, str):
                break
            found.append(segment)
        return tuple(found)


def _segment(parts: Sequence[tuple[str, bool]]) -> Segment:
    if not any(parameter for _, parameter in parts):
        return "".join(text for text, _ in parts)
    return re.compile("".join(text if parameter else re.escape(text) for text, parameter in parts))


def shape_of(leaf: Leaf) -> Shape:
    """How a leaf stands in the trie."""
    reader = _Reader()
    for expression in leaf.expressions:
        text = expression.pattern
        before = reader.prefix()
        if not reader.level(text):
            # An alternative may start anywhere: then only the levels above bind.
            bound = before if "|" in text or not text.startswith("^") else reader.prefix()
            return Shape(prefix=bound)
    if not reader.ended:
        return Shape(prefix=reader.prefix())
    whole = reader.segments()
    return Shape(whole=(whole, (*whole, "")) if reader.optional_slash else (whole,))
