"""What Django's user classes bring besides columns: `class User(AbstractUser, Base): …`.

Methods that read or write the database take the session: `user.check_password(session, word)`.
"""

import unicodedata
from collections.abc import Callable, Iterable
from typing import Any, ClassVar, TypeVar

from sqlalchemy.orm import Session

from . import model_permissions, passwords
from .models import Base
from .orm import save

U = TypeVar("U", bound=Base)


def normalize_email(email: str | None) -> str:
    """Write the domain of an e-mail address in lower case."""
    name, at, domain = (email or "").strip().rpartition("@")
    return f"{name}@{domain.lower()}" if at else email or ""


def normalize_username(username: Any) -> Any:
    """Write a name in the one Unicode form that is stored."""
    return unicodedata.normalize("NFKC", username) if isinstance(username, str) else username


def create_user(
    session: Session,
    model: type[U],
    /,
    username: str,
    email: str | None = None,
    password: str | None = None,
    **extra: Any,
) -> U:
    """Insert a user as `UserManager.create_user` does; ValueError without a name."""
    extra = {"is_staff": False, "is_superuser": False, **extra}
    if not username:
        raise ValueError("The given username must be set")
    email = normalize_email(email)
    make: Callable[..., U] = model
    user = make(username=normalize_username(username), email=email, **extra)
    passwords.set_password(user, password)
    save(session, user)
    return user


class AbstractBaseUser:
    """Somebody with a password. The model has a `password`, and the attribute USERNAME_FIELD."""

    USERNAME_FIELD: ClassVar[str] = "username"
    EMAIL_FIELD: ClassVar[str] = "email"

    @property
    def is_anonymous(self) -> bool:
        """Never: who is not known is None."""
        return False

    @property
    def is_authenticated(self) -> bool:
        """Always: who is not known is None."""
        return True

    def get_username(self) -> Any:
        """Return the name that the user logs in with."""
        return getattr(self, self.USERNAME_FIELD)

    def __str__(self) -> str:
        return str(self.get_username())

    def natural_key(self) -> tuple[Any]:
        """Return what fixtures name the user by."""
        return (self.get_username(),)

    def set_password(self, password: str | None) -> None:
        """Hash a new password; saving is the caller's."""
        passwords.set_password(self, password)

    def set_unusable_password(self) -> None:
        """Let no password match."""
        passwords.set_unusable_password(self)

    def has_usable_password(self) -> bool:
        """Whether the user may log in by a password."""
        return passwords.has_usable_password(self)

    def check_password(self, session: Session, password: str | None) -> bool:
        """Whether this is the user's password; an outdated hash is replaced and saved."""
        return passwords.check_password(session, self, password)


class PermissionsMixin:
    """Somebody with `user_permissions`, `groups` and `is_superuser`."""

    def get_all_permissions(self, session: Session) -> set[str]:
        """Return the permissions of the user and of their groups."""
        return model_permissions.get_all_permissions(session, self)

    def has_perm(self, session: Session, permission: str) -> bool:
        """Whether the user has a permission, such as "catalog.add_product"."""
        return model_permissions.has_perm(session, self, permission)

    def has_perms(self, session: Session, names: Iterable[str]) -> bool:
        """Whether the user has all of these permissions."""
        return model_permissions.has_perms(session, self, names)

    def has_module_perms(self, session: Session, app_label: str) -> bool:
        """Whether the user has any permission on the models of an app."""
        return model_permissions.has_module_perms(session, self, app_label)


class AbstractUser(AbstractBaseUser, PermissionsMixin):
    """Somebody with `first_name` and `last_name` too."""

    def get_full_name(self: Any) -> str:
        """Return the first and the last name."""
        return f"{self.first_name} {self.last_name}".strip()

    def get_short_name(self: Any) -> str:
        """Return the first name."""
        return str(self.first_name)
