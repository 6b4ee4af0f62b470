"""What Django's user classes bring: compat's are the same to use."""

from typing import Any

import pytest
from django.contrib.auth import models as dj
from django.contrib.auth.base_user import BaseUserManager
from django.contrib.auth.models import User
from django.test import override_settings
from hypothesis import given
from hypothesis import strategies as st

from strangler.compat import users
from tests.compat.identity import new
from tests.compat.identity.twins import Twins
from tests.compat.identity.users import HASHERS, PASSWORD


class Person(users.AbstractUser, new.User):
    """As a generated user model has it."""


@pytest.mark.parametrize(
    ("first", "last"), [("Ann", "Smith"), ("", "Smith"), ("Ann", ""), (" ", "")]
)
def test_names_are_put_together_alike(first: str, last: str) -> None:
    ours = Person(username="ann", first_name=first, last_name=last)
    theirs = User(username="ann", first_name=first, last_name=last)
    for name in ("get_full_name", "get_short_name", "get_username", "natural_key", "__str__"):
        assert getattr(ours, name)() == getattr(theirs, name)()
    assert (ours.is_authenticated, ours.is_anonymous) == (True, False)


def test_passwords_are_set_and_checked(both: Twins) -> None:
    ours = Person(username="x")
    ours.set_password("secret")
    assert ours.has_usable_password()
    with override_settings(PASSWORD_HASHERS=list(HASHERS)):
        assert User(username="x", password=ours.password).check_password("secret")
    ours.set_unusable_password()
    assert not ours.has_usable_password()

    def check(session: Any) -> tuple[bool, bool]:
        ann = session.query(Person).filter_by(username="ann").one()
        return ann.check_password(session, PASSWORD), ann.check_password(session, "wrong")

    assert both.run(check) == (True, False)


def test_permissions_are_asked_of_the_user(both: Twins) -> None:
    def ask(name: str) -> Any:
        def work(session: Any) -> list[Any]:
            user = session.query(Person).filter_by(username=name).one()
            return [
                user.has_perm(session, "auth.add_group"),
                user.has_perms(session, []),
                user.has_module_perms(session, "auth"),
                user.get_all_permissions(session),
            ]

        return both.run(work)

    for name in ("ann", "root", "gone"):
        user = User.objects.get(username=name)
        assert ask(name) == [
            user.has_perm("auth.add_group"),
            user.has_perms([]),
            user.has_module_perms("auth"),
            user.get_all_permissions(),
        ]


@given(st.one_of(st.none(), st.text("aB@. ", max_size=8)))
def test_addresses_are_normalized_alike(email: str | None) -> None:
    assert users.normalize_email(email) == BaseUserManager.normalize_email(email)


@given(st.one_of(st.text(), st.none(), st.integers()))
def test_usernames_are_normalized_alike(name: object) -> None:
    assert users.normalize_username(name) == dj.AbstractUser.normalize_username(name)
