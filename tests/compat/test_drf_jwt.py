"""Tokens of drf-jwt: who they name, where they are looked for, and how they are refused."""

from collections.abc import Iterator
from typing import Any

import jwt
import pytest
from sqlalchemy import create_engine
from sqlalchemy.orm import Mapped, Session, mapped_column
from starlette.requests import Request

from strangler.compat.context import Context
from strangler.compat.drf_jwt import JSONWebTokenAuthentication, TokenRules
from strangler.compat.errors import APIException
from strangler.compat.models import Base

KEY = "a key that is more than thirty-two bytes long"
RULES = TokenRules("email", KEY, cookie="jwt")


class TokenOwner(Base):
    """Somebody whose tokens are signed with a key of their own."""

    __tablename__ = "drf_jwt_owner"
    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str]
    is_active: Mapped[bool] = mapped_column(default=True)


@pytest.fixture
def session() -> Iterator[Session]:
    engine = create_engine("sqlite://")
    Base.metadata.create_all(engine, [TokenOwner.__table__])  # type: ignore[list-item]  # a table
    with Session(engine) as session:
        session.add_all(
            [
                TokenOwner(id=1, email="a@x.de"),
                TokenOwner(id=2, email="b@x.de", is_active=False),
            ]
        )
        session.flush()
        yield session


def asked(session: Session, *headers: tuple[str, str]) -> Context[Any]:
    lines = [(name.encode(), value.encode("latin-1")) for name, value in headers]
    return Context(Request({"type": "http", "headers": lines}), session)


def token(key: str = KEY, algorithm: str = "HS256", **claims: object) -> str:
    return jwt.encode(claims, key, algorithm)


def outcome(context: Context[Any], rules: TokenRules = RULES) -> object:
    try:
        found = JSONWebTokenAuthentication(TokenOwner, rules).authenticate(context)
    except APIException as refused:
        return refused.status_code, str(refused)
    return found and found[0].id


@pytest.mark.parametrize(
    "headers",
    [
        [("authorization", "Bearer {}")],
        [("authorization", "bEARER {}")],
        [("cookie", "jwt={}")],
        [("authorization", "Bearer"), ("cookie", "jwt={}")],
        [("authorization", "Bearer "), ("cookie", "jwt={}")],
        [("authorization", "Bearer a b"), ("cookie", "jwt={}")],
    ],
)
def test_a_token_is_taken_from_its_header_or_else_its_cookie(
    session: Session, headers: list[tuple[str, str]]
) -> None:
    text = token(username="a@x.de")
    assert outcome(asked(session, *((n, v.format(text)) for n, v in headers))) == 1


@pytest.mark.parametrize(
    "headers",
    [[], [("authorization", "Token x"), ("cookie", "jwt=x")], [("cookie", "other=x")]],
)
def test_credentials_of_others_are_left_to_others(
    session: Session, headers: list[tuple[str, str]]
) -> None:
    assert outcome(asked(session, *headers)) is None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (token(username="a@x.de", exp=1), "Token has expired."),
        ("x.y", "Error decoding token."),
        (token("another key that is long enough to be one", username="a@x.de"), "Error decoding token."),
        (token(username="a@x.de", aud="x"), "Invalid token."),
        (token(KEY * 2, "HS512", username="a@x.de"), "Invalid token."),
        (token(user_id=1), "Invalid payload."),
        (token(username="c@x.de"), "Invalid token."),
        (token(username="b@x.de"), "User account is disabled."),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_in_the_words_of_the_package(
    session: Session, text: str, said: str
) -> None:
    assert outcome(asked(session, ("authorization", f"Bearer {text}"))) == (401, said)


def test_a_user_may_have_a_key_of_their_own(session: Session) -> None:
    rules = TokenRules("email", user_key=lambda user: f"{KEY}{user.id}")
    own = asked(session, ("authorization", f"Bearer {token(f'{KEY}1', username='a@x.de')}"))
    assert outcome(own, rules) == 1
    common = asked(session, ("authorization", f"Bearer {token(username='a@x.de')}"))
    assert outcome(common, rules) == (401, "Error decoding token.")
    nobody = asked(session, ("authorization", f"Bearer {token(username='c@x.de')}"))
    status, text = outcome(nobody, rules)  # type: ignore[misc]  # refused
    assert (status, "User doesn't exist." in text) == (400, True)
