"""Tokens for resetting a password, as `django.contrib.auth.tokens` of Django 3.1 and later."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from .clock import app_zone
from .crypto import Secret, salted_hmac, same

_SALT = "django.contrib.auth.tokens.PasswordResetTokenGenerator"
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
# An int of more digits is not read, as Django does not.
_MAX_DIGITS = 13
_EPOCH = datetime(2001, 1, 1)


def int_to_base36(number: int) -> str:
    """Write a number with digits and letters."""
    text = ""
    while number or not text:
        number, digit = divmod(number, 36)
        text = _DIGITS[digit] + text
    return text


class PasswordResetTokens:
    """Makes and checks tokens that count once: a login or a new password ends them.

    timeout: PASSWORD_RESET_TIMEOUT in seconds. email_field: the model's EMAIL_FIELD.
    salt: the `key_salt` of a project's own generator.
    """

    def __init__(
        self,
        *,
        secret_key: Secret,
        fallbacks: Iterable[Secret] = (),
        timeout: int = 259_200,
        email_field: str = "email",
        salt: str = _SALT,
    ) -> None:
        self.keys = (secret_key, *fallbacks)
        self.timeout = timeout
        self.email_field = email_field
        self.salt = salt

    def make_token(self, user: Any) -> str:
        """Return a token for the user as they are now."""
        return self._token(user, self._seconds(), self.keys[0])

    def check_token(self, user: Any, token: str | None) -> bool:
        """Whether the token was made for the user, who has not changed since."""
        stamp, dash, rest = (token or "").partition("-")
        if not (user and token and dash) or "-" in rest or len(stamp) > _MAX_DIGITS:
            return False
        try:
            made = int(stamp, 36)
        except ValueError:
            return False
        if not any(same(self._token(user, made, key), token) for key in self.keys):
            return False
        return self._seconds() - made <= self.timeout

    def _token(self, user: Any, seconds: int, key: Secret) -> str:
        digest = salted_hmac(self.salt, self.hash_value(user, seconds), key, "sha256").hexdigest()
        return f"{int_to_base36(seconds)}-{digest[::2]}"

    def hash_value(self, user: Any, seconds: int) -> str:
        """Return what the token depends on; override it as `_make_hash_value`."""
        login = user.last_login
        login_text = "" if login is None else login.replace(microsecond=0, tzinfo=None)
        email = getattr(user, self.email_field, "") or ""
        return f"{user.pk}{user.password}{login_text}{seconds}{email}"

    def _seconds(self) -> int:
        # Django counts by the clock of TIME_ZONE.
        now = datetime.now(app_zone()).replace(tzinfo=None)
        return int((now - _EPOCH).total_seconds())
