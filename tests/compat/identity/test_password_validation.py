"""Which passwords are refused, with which words: compat against Django."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import django
import pytest
from django.contrib.auth import password_validation as theirs
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError as DjangoError
from hypothesis import given
from hypothesis import strategies as st
from rest_framework.fields import get_error_detail

from strangler.compat import password_validation as ours
from strangler.compat.errors import ValidationError

LIST = Path(django.__file__).parent / "contrib/auth/common-passwords.txt.gz"
PAIRS: list[tuple[Any, Any]] = [
    (ours.MinimumLengthValidator(), theirs.MinimumLengthValidator()),
    (ours.MinimumLengthValidator(1), theirs.MinimumLengthValidator(1)),
    (ours.NumericPasswordValidator(), theirs.NumericPasswordValidator()),
    (ours.CommonPasswordValidator(LIST), theirs.CommonPasswordValidator()),
    (ours.UserAttributeSimilarityValidator(), theirs.UserAttributeSimilarityValidator()),
    (
        ours.UserAttributeSimilarityValidator(("email",), 0.3),
        theirs.UserAttributeSimilarityValidator(("email",), 0.3),
    ),
]


def _theirs(password: str, user: Any) -> Any:
    try:
        theirs.validate_password(password, user, [pair[1] for pair in PAIRS])
    except DjangoError as error:
        return [(str(one), one.code) for one in get_error_detail(error)]
    return None


def _ours(password: str, user: Any) -> Any:
    try:
        ours.validate_password(password, user, [pair[0] for pair in PAIRS])
    except ours.InvalidPasswordError as error:
        return [(str(one), one.code) for one in error.refused]
    return None


PASSWORDS = [
    "",
    "1",
    "12345678",
    "password",
    " PassWord ",
    "annabelle.smith",
    "correct horse",
    "²³",
]


@given(
    st.one_of(st.sampled_from(PASSWORDS), st.text("anbel.sm@1", max_size=30)),
    st.sampled_from(["annabelle", "ann", "", "Smith"]),
    st.sampled_from(["annabelle.smith@example.com", "", "a@b.c"]),
)
def test_the_same_passwords_are_refused_in_the_same_words(
    password: str, name: str, email: str
) -> None:
    user = User(username=name, email=email)
    assert _ours(password, SimpleNamespace(**user.__dict__)) == _theirs(password, user)
    assert _ours(password, None) == _theirs(password, None)


def test_a_project_names_its_attributes() -> None:
    validator = ours.UserAttributeSimilarityValidator(("nick",), labels={"nick": "pet name"})
    with pytest.raises(ValidationError) as refusal:
        validator.validate("rexandbello", SimpleNamespace(nick="RexAndBello"))
    assert refusal.value.detail == ["The password is too similar to the pet name."]


def test_a_plain_list_works_as_a_packed_one(tmp_path: Path) -> None:
    (tmp_path / "common.txt").write_text("first\nsecond\n")
    validator = ours.CommonPasswordValidator(tmp_path / "common.txt")
    assert validator.passwords == {"first", "second"}


def test_nearly_everything_similar_is_too_much_to_ask() -> None:
    with pytest.raises(ValueError, match=r"at least 0\.1"):
        ours.UserAttributeSimilarityValidator(max_similarity=0.09)
