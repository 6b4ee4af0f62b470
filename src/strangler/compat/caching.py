"""Answers that are computed once for each class."""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

R = TypeVar("R")


def per_class(function: Callable[[type[Any]], R]) -> Callable[[type[Any]], R]:
    """Remember what `function` says of a class for as long as the class lives."""
    known: WeakKeyDictionary[type[Any], R] = WeakKeyDictionary()

    @wraps(function)
    def remembered(model: type[Any]) -> R:
        if model not in known:
            known[model] = function(model)
        return known[model]

    return remembered
