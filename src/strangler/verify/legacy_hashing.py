"""Computes each password hash once a process: the most of what a login takes.

Both executors borrow it by path. A hash is a function of the password, its salt and its rounds,
so what applications answer and store stays what it was; only how long a repeated login takes does
not. Python 3.6.
"""

import functools
import hashlib
from typing import Any

_KEPT = 4096


def remember_hashes() -> None:
    """Keep what `hashlib`'s slow functions returned. Call it before the applications load."""
    module: Any = hashlib
    for name in ("pbkdf2_hmac", "scrypt"):
        if hasattr(module, name):  # OpenSSL may come without scrypt
            setattr(module, name, _remembering(getattr(module, name)))


def _remembering(function: Any) -> Any:
    remembering = functools.lru_cache(maxsize=_KEPT)(function)

    @functools.wraps(function)
    def called(*args: Any, **kwargs: Any) -> Any:
        try:
            return remembering(*args, **kwargs)
        except TypeError:  # a bytearray cannot be kept; wrong arguments raise once more
            return function(*args, **kwargs)

    return called
