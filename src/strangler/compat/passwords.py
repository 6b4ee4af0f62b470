"""Passwords: hashed and checked as Django does, hashes renewed when somebody logs in.

Hashing takes a tenth of a second or more. Call these below `session.run_sync` or from a plain
endpoint: there the work is done in a thread and the event loop goes on.
"""

from collections.abc import Callable
from typing import Any

from sqlalchemy.orm import Session

from .crypto import in_thread, random_string
from .hashers import Hasher, hashers
from .orm import save

UNUSABLE = "!"


def _preferred() -> Hasher:
    return next(iter(hashers().values()))


def make_password(password: str | None, salt: str | None = None, hasher: str | None = None) -> str:
    """Return a new hash, by the preferred hasher or the algorithm `hasher`.

    None gives a value that no password matches. TypeError for what is no text.
    """
    if password is None:
        return UNUSABLE + random_string(40)
    if not isinstance(password, str):
        raise TypeError(f"Password must be a string or bytes, got {type(password).__qualname__}.")
    chosen = _preferred() if hasher is None else hashers()[hasher]
    return in_thread(chosen.encode, password, salt or chosen.salt())


def is_password_usable(encoded: str | None) -> bool:
    """Whether any password may match."""
    return encoded is None or not encoded.startswith(UNUSABLE)


def identify_hasher(encoded: str) -> Hasher | None:
    """Return the hasher that wrote `encoded`; None when it is not among PASSWORD_HASHERS."""
    if (len(encoded) == 32 and "$" not in encoded) or (
        len(encoded) == 37 and encoded.startswith("md5$$")
    ):
        return hashers().get("unsalted_md5")
    if len(encoded) == 46 and encoded.startswith("sha1$$"):
        return hashers().get("unsalted_sha1")
    return hashers().get(encoded.split("$", 1)[0])


def verify_password(password: str | None, encoded: str | None) -> tuple[bool, bool]:
    """Tell whether the password is right, and whether it should be hashed anew."""
    hasher = identify_hasher(encoded) if encoded and is_password_usable(encoded) else None
    if password is None or encoded is None or hasher is None:
        # Costs as much as a wrong password, so that time does not tell who exists.
        make_password(random_string(40))
        return False, False
    return in_thread(_verify, hasher, password, encoded)


def _verify(hasher: Hasher, password: str, encoded: str) -> tuple[bool, bool]:
    preferred = _preferred()
    changed = hasher.algorithm != preferred.algorithm
    outdated = changed or preferred.must_update(encoded)
    correct = hasher.verify(password, encoded)
    if not correct and not changed and outdated:
        hasher.harden_runtime(password, encoded)
    return correct, outdated


def matches(
    password: str | None, encoded: str | None, setter: Callable[[str], object] | None = None
) -> bool:
    """Django's `check_password(password, encoded)`; `setter` gets a password to hash anew."""
    correct, outdated = verify_password(password, encoded)
    if setter is not None and password is not None and correct and outdated:
        setter(password)
    return correct


def set_password(user: Any, password: str | None) -> None:
    """Give the user a new password; saving is the caller's."""
    user.password = make_password(password)


def set_unusable_password(user: Any) -> None:
    """Let no password match."""
    user.password = make_password(None)


def has_usable_password(user: Any) -> bool:
    """Whether the user may log in by a password."""
    return is_password_usable(user.password)


def check_password(session: Session, user: Any, password: str | None) -> bool:
    """Whether `password` is the user's; an outdated hash is replaced and saved."""

    def renew(raw: str) -> None:
        set_password(user, raw)
        save(session, user, update_fields=["password"])

    return matches(password, user.password, renew)
