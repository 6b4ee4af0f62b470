"""The short cut for equal documents: it says equal only of what is."""

import json
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from strangler.diff import Exchange, Gap, Pairing, compare
from strangler.diff.documents import same

#: Numbers that JSON has a form for.
FLOATS = st.floats(allow_nan=False, allow_infinity=False)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | FLOATS | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=15,
)


@given(VALUES)
def test_blanks_and_escapes_make_no_difference(value: object) -> None:
    plain = json.dumps(value).encode()
    assert same(
        plain, json.dumps(value, indent=2, ensure_ascii=False).encode("utf-8", "surrogatepass")
    )


@pytest.mark.parametrize(
    ("left", "right"),
    list(combinations(
        ['1', '1.0', '"1"', 'true', '[1]', '[]', '{}', '{"1":1}', 'null', '""', '-0', '0',
         '[["a",1]]', '{"a":1}', '{"a":1,"b":2}', '{"b":2,"a":1}', 'nonsense', '1e0'],
        2,
    )),
)  # fmt: skip
def test_other_values_types_digits_and_orders_do(left: str, right: str) -> None:
    assert not same(left.encode(), right.encode())


def test_equal_documents_in_other_bytes_are_noted() -> None:
    headers = (("Content-Type", "application/json"),)
    left = Exchange(200, headers, b'{"a": 1.50}')
    right = Exchange(200, headers, b'{"a":1.50}')
    comparison = compare(left, right, Pairing(Gap(0, 1)))
    assert comparison.equal
    assert [each.category for each in comparison.differences] == ["json-encoding"]
