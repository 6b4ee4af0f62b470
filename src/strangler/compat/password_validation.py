"""Which passwords are good enough: Django's AUTH_PASSWORD_VALIDATORS."""

import gzip
import re
from collections.abc import Iterable, Mapping
from difflib import SequenceMatcher
from functools import cache, cached_property
from pathlib import Path
from typing import Any, Protocol

from . import settings
from .errors import ErrorDetail, InvalidValueError, ValidationError
from .texts import ngettext

_LIST = Path(__file__).with_name("common_passwords.txt")


class InvalidPasswordError(InvalidValueError):
    """What all validators say of a password, in Django's way."""

    def __init__(self, details: list[ErrorDetail]) -> None:
        super().__init__(str([str(one) for one in details]))
        self.details = details

    @property
    def messages(self) -> list[str]:
        return [str(one) for one in self.details]

    @property
    def refused(self) -> list[ErrorDetail]:
        return self.details


class PasswordValidator(Protocol):
    """Refuses bad passwords by raising ValidationError."""

    def validate(self, password: str, user: Any = None) -> None: ...


_SHORT = (
    "This password is too short. It must contain at least %d character.",
    "This password is too short. It must contain at least %d characters.",
)
# What catalogs know until Django 5.1.
_SHORT_BEFORE = (
    "This password is too short. It must contain at least %(min_length)d character.",
    "This password is too short. It must contain at least %(min_length)d characters.",
)


def _too_short(least: int) -> str:
    if settings.DJANGO >= (5, 2):
        return ngettext(*_SHORT, least) % least
    return ngettext(*_SHORT_BEFORE, least) % {"min_length": least}


def _refuse(text: str, code: str) -> ValidationError:
    return ValidationError([ErrorDetail(text, code)])


class MinimumLengthValidator:
    """Refuses short passwords."""

    def __init__(self, min_length: int = 8) -> None:
        self.min_length = min_length

    def validate(self, password: str, user: Any = None) -> None:
        if len(password) < self.min_length:
            raise _refuse(_too_short(self.min_length), "password_too_short")


class NumericPasswordValidator:
    """Refuses numbers."""

    def validate(self, password: str, user: Any = None) -> None:
        if password.isdigit():
            raise _refuse("This password is entirely numeric.", "password_entirely_numeric")


class CommonPasswordValidator:
    """Refuses the passwords of a list, one a line in lower case, gzipped or not.

    The list beside this module is that of the legacy application's Django.
    """

    def __init__(self, password_list_path: str | Path = _LIST) -> None:
        self.path = Path(password_list_path)

    @cached_property
    def passwords(self) -> frozenset[str]:
        """The list, read at first use."""
        data = self.path.read_bytes()
        if data.startswith(b"\x1f\x8b"):
            data = gzip.decompress(data)
        return frozenset(line.strip() for line in data.decode().splitlines())

    def validate(self, password: str, user: Any = None) -> None:
        if password.lower().strip() in self.passwords:
            raise _refuse("This password is too common.", "password_too_common")


class UserAttributeSimilarityValidator:
    """Refuses passwords like something that is known of the user.

    labels: the verbose name of each attribute, for the message.
    """

    LABELS: Mapping[str, str] = {
        "username": "username",
        "first_name": "first name",
        "last_name": "last name",
        "email": "email address",
    }

    def __init__(
        self,
        user_attributes: Iterable[str] = ("username", "first_name", "last_name", "email"),
        max_similarity: float = 0.7,
        labels: Mapping[str, str] | None = None,
    ) -> None:
        if max_similarity < 0.1:
            raise ValueError("max_similarity must be at least 0.1")
        self.user_attributes = tuple(user_attributes)
        self.max_similarity = max_similarity
        self.labels = {**self.LABELS, **settings.USER_LABELS, **(labels or {})}

    def validate(self, password: str, user: Any = None) -> None:
        if not user:
            return
        for name in self.user_attributes:
            value = getattr(user, name, None)
            if value and isinstance(value, str) and self._is_like(password.lower(), value.lower()):
                label = self.labels.get(name, name)
                text = "The password is too similar to the %(verbose_name)s."
                raise _refuse(text % {"verbose_name": label}, "password_too_similar")

    def _is_like(self, password: str, value: str) -> bool:
        return any(
            SequenceMatcher(a=password, b=part).quick_ratio() >= self.max_similarity
            for part in (*re.split(r"\W+", value), value)
            if not self._is_much_longer(password, part)
        )

    def _is_much_longer(self, password: str, part: str) -> bool:
        # Such a part cannot be similar, and comparing it would take long.
        length = len(password)
        return length >= 10 * len(part) and len(part) < self.max_similarity / 2 * length


_CLASSES = (
    MinimumLengthValidator,
    NumericPasswordValidator,
    CommonPasswordValidator,
    UserAttributeSimilarityValidator,
)


@cache
def usual_validators() -> tuple[PasswordValidator, ...]:
    """The validators that the legacy project's settings name."""
    own: dict[str, Any] = {cls.__name__: cls for cls in _CLASSES}
    return tuple(own[name](**options) for name, options in settings.PASSWORD_VALIDATORS)


def validate_password(
    password: str, user: Any = None, validators: Iterable[PasswordValidator] | None = None
) -> None:
    """Raise InvalidPasswordError with the messages of all validators that refuse.

    validators: those of the settings, unless others are given.
    """
    refusals: list[Any] = []
    for validator in usual_validators() if validators is None else validators:
        try:
            validator.validate(password, user)
        except ValidationError as refusal:
            refusals += refusal.detail
    if refusals:
        raise InvalidPasswordError(refusals)
