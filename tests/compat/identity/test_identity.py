"""Callers as dependencies, the token endpoint, and backends of a project's own."""

import json
from types import SimpleNamespace
from typing import Any

import pytest
from django.contrib.auth.models import User
from rest_framework.authtoken.models import Token
from sqlalchemy import select

from strangler.compat import backends, orm
from strangler.compat.errors import NotAuthenticated, PermissionDenied
from strangler.compat.identity import current_user, optional_user
from tests.compat.identity import new
from tests.compat.identity.twins import Twins
from tests.compat.identity.users import PASSWORD


def _request(**state: Any) -> Any:
    return SimpleNamespace(state=SimpleNamespace(**state))


def test_the_caller_is_whom_the_gate_found() -> None:
    assert current_user(_request(user="ann")) == "ann"
    assert optional_user(_request(user=None)) is None
    assert optional_user(_request()) is None
    with pytest.raises(NotAuthenticated):
        current_user(_request(user=None))


def test_the_token_endpoint_gives_everybody_one_token(both: Twins) -> None:
    body = json.dumps({"username": "ann", "password": PASSWORD}).encode()
    made = both.new("POST", "/token/", body, content_type="application/json")
    assert len(json.loads(made.body)["token"]) == 40
    assert Token.objects.get().key == json.loads(made.body)["token"]
    both.agree("POST", "/token/", body, content_type="application/json")
    both.agree("POST", "/token/", body, content_type="application/json", authorization="Basic")


def _authenticate(*known: Any, name: str = "ann", password: str | None = PASSWORD) -> Any:
    return lambda session: backends.authenticate(session, _request(), known, name, password)


def test_backends_are_asked_in_turn(both: Twins) -> None:
    class Stop:
        path = "stop"

        def authenticate(self, *_: Any) -> Any:
            raise PermissionDenied

    class Skip(Stop):
        def authenticate(self, *_: Any) -> Any:
            return None

    model = backends.ModelBackend(new.User)
    assert both.run(_authenticate(Skip(), model)).backend == model.path
    assert both.run(_authenticate(Stop(), model)) is None
    assert both.run(_authenticate(model, password=None)) is None


def test_a_failed_login_is_announced(both: Twins) -> None:
    heard: list[Any] = []

    def listen(**facts: Any) -> None:
        heard.append(facts["credentials"])

    backends.user_login_failed.connect(listen)
    try:
        both.run(_authenticate(backends.ModelBackend(new.User), password="wrong"))
    finally:
        backends.user_login_failed.disconnect(listen)
    assert heard == [{"username": "ann", "password": "*" * 20}]


def test_managers_of_a_project_find_users_their_way(both: Twins) -> None:
    def by_lower_name(session: Any, name: str) -> Any:
        return orm.get(session, select(new.User).where(new.User.username == name.lower()))

    mine = backends.ModelBackend(new.User, natural_key=by_lower_name)
    assert both.run(_authenticate(mine, name="ANN")).username == "ann"
    staff = backends.ModelBackend(
        new.User, users=lambda: select(new.User).where(new.User.is_staff.is_(True))
    )
    assert both.run(_authenticate(staff)) is None
    assert both.run(_authenticate(staff, name="staff")).username == "staff"
    everybody = backends.ModelBackend(new.User, allow_inactive=True, path="all")
    assert both.run(_authenticate(everybody, name="gone")).backend == "all"
    by_mail = backends.ModelBackend(new.User, username_field="email")
    User.objects.filter(username="ann").update(email="a@b.c")
    assert both.run(_authenticate(by_mail, name="a@b.c")).username == "ann"
