"""Writes a text that a regular expression accepts: enough of the grammar for validators."""

import re
import string
from collections.abc import Iterable
from importlib import import_module
from typing import Any

# The tree of a pattern has no public reader; these two have been so named since Python 3.11.
codes: Any = import_module("re._constants")
parser: Any = import_module("re._parser")

_CLASSES = {
    codes.CATEGORY_DIGIT: string.digits,
    codes.CATEGORY_WORD: string.ascii_letters,
    codes.CATEGORY_SPACE: " ",
    codes.CATEGORY_NOT_DIGIT: string.ascii_letters,
    codes.CATEGORY_NOT_SPACE: string.ascii_letters,
    codes.CATEGORY_NOT_WORD: "-",
}
_MORE = 2


def matching(pattern: str, number: int) -> str | None:
    """A text that `pattern` matches whole, another for most numbers; None where we find none."""
    try:
        text = "".join(_Writer(number).write(parser.parse(pattern)))
        return text if re.search(pattern, text) else None
    except (re.error, KeyError, IndexError, OverflowError, TypeError):
        return None


class _Writer:
    def __init__(self, number: int) -> None:
        self.number = number

    def _pick(self, letters: str) -> str:
        letter = letters[self.number % len(letters)]
        # the next position takes another digit of the number
        self.number = self.number // len(letters) + 3 * (self.number % 7)
        return letter

    def write(self, parts: Iterable[Any]) -> Iterable[str]:
        for code, argument in parts:
            yield from self._part(code, argument)

    def _part(self, code: Any, argument: Any) -> Iterable[str]:
        if code is codes.LITERAL:
            yield chr(argument)
        elif code is codes.ANY:
            yield self._pick(string.ascii_lowercase)
        elif code is codes.NOT_LITERAL:
            yield "a" if argument != ord("a") else "b"
        elif code is codes.IN:
            yield self._pick(_letters(argument))
        elif code is codes.BRANCH:
            yield from self.write(argument[1][self.number % len(argument[1])])
        elif code is codes.SUBPATTERN:
            yield from self.write(argument[-1])
        elif code in (codes.MAX_REPEAT, codes.MIN_REPEAT):
            least, most, inner = argument
            for _ in range(min(max(least, 1) + _MORE * (least == 0), int(most))):
                yield from self.write(inner)
        elif code is not codes.AT:
            raise KeyError(code)


def _letters(members: Any) -> str:
    """The characters of a set; of a negated one some that it leaves in."""
    chosen: list[str] = []
    negated = False
    for code, argument in members:
        if code is codes.NEGATE:
            negated = True
        elif code is codes.LITERAL:
            chosen.append(chr(argument))
        elif code is codes.RANGE:
            chosen += [chr(each) for each in range(argument[0], min(argument[1], 0x24F) + 1)]
        else:
            chosen += _CLASSES[argument]
    if negated:
        return "".join(each for each in string.ascii_letters if each not in chosen)
    return "".join(chosen)
