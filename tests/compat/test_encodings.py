"""Texts, bytes and parts of addresses: as Django makes them, errors and their texts included."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from django.utils import encoding, http

from strangler.compat import encodings

VALUES: list[Any] = [
    "", "word", "wörter", b"bytes", b"\xff\xfe", 7, 1.5, None, True, UUID(int=7), memoryview(b"x"), [1],
]  # fmt: skip
TEXTS = ["", "MQ", "MQ==", "_w", "a", "ab", "abc", "abcd", "***", "w\u00f6", "M Q", "////"]


def told(function: Callable[..., Any], *args: Any, **options: Any) -> tuple[Any, ...]:
    try:
        result = function(*args, **options)
    except (ValueError, TypeError, LookupError) as error:
        return type(error).__name__, str(error)
    return type(result), result


@pytest.mark.parametrize("options", [{}, {"encoding": "latin-1"}, {"errors": "replace"}])
@pytest.mark.parametrize("value", VALUES, ids=lambda value: repr(value).partition(" at ")[0])
def test_values_become_texts_and_bytes(value: Any, options: dict[str, Any]) -> None:
    for name in ("force_str", "force_bytes"):
        ours, theirs = getattr(encodings, name), getattr(encoding, name)
        if isinstance(value, memoryview) and name == "force_str":
            continue  # names where it lies in memory
        assert told(ours, value, **options) == told(theirs, value, **options)


@pytest.mark.parametrize("text", TEXTS)
def test_parts_of_addresses_are_read(text: str) -> None:
    ours = told(encodings.urlsafe_base64_decode, text)
    assert ours == told(http.urlsafe_base64_decode, text)
    assert encodings.urlsafe_base64_encode(text.encode()) == http.urlsafe_base64_encode(
        text.encode()
    )
