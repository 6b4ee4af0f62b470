"""Keys are found where they stand, whatever the values around them look like."""

import time

import pytest

from strangler.config.lines import line_of, lines_of

TEXT = '''\
# [legacy]
top = """
[legacy]
settings = 'no'
"""

[legacy] # comment
"settings" = "a # no comment"
list = [
  "x", # ]
  [1, 2],
]
after . dotted = 1
inline = { a = 1, b = [2] }

[[ignore]]
reason = 'one'
[[ignore]]
reason = 'two'
[a."b.c"]
d = 1979-05-27T07:32:00Z'''


@pytest.mark.parametrize(
    ("path", "line"),
    [
        (("top",), 2),
        (("legacy",), 7),
        (("legacy", "settings"), 8),
        (("legacy", "list"), 9),
        (("legacy", "list", 1), 9),
        (("legacy", "after", "dotted"), 13),
        (("legacy", "inline", "b"), 14),
        (("legacy", "missing"), 7),
        (("ignore",), 16),
        (("ignore", 0, "reason"), 17),
        (("ignore", 1, "reason"), 19),
        (("a", "b.c", "d"), 21),
        ((), 1),
    ],
)
def test_each_key_has_its_line(path: tuple[str | int, ...], line: int) -> None:
    assert line_of(TEXT, path) == line


def test_the_largest_file_takes_no_longer_than_a_blink() -> None:
    text = "a = [\n" + '"x", 1.5,\n' * 100_000 + "]\n"
    start = time.perf_counter()
    assert lines_of(text) == {("a",): 1}
    assert time.perf_counter() - start < 5
