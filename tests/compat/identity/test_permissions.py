"""Permission classes, their combinations and Django's permission tables: compat against DRF."""

import pytest
from django.contrib.auth.models import Group, Permission, User
from django.contrib.contenttypes.models import ContentType
from rest_framework.authtoken.models import Token

from strangler.compat import model_permissions, permissions
from tests.compat.identity import new
from tests.compat.identity.legacy import PERMISSIONS
from tests.compat.identity.twins import Twins


@pytest.fixture
def granted(both: Twins) -> Twins:
    """Ann may add groups by herself and change them by a group of hers."""
    kind = ContentType.objects.get_for_model(Group)
    named = {
        name: Permission.objects.create(codename=name, name=name, content_type=kind)
        for name in ("add_group", "change_group", "delete_group", "view_group")
    }
    ann = User.objects.get(username="ann")
    ann.user_permissions.add(named["add_group"])
    team = Group.objects.create(pk=1, name="ann")
    team.permissions.add(named["change_group"])
    ann.groups.add(team)
    Group.objects.create(pk=2, name="staff")
    return both


def _headers(name: str | None) -> dict[str, str]:
    if name is None:
        return {}
    user = User.objects.get(username=name)
    return {"authorization": f"Token {Token.objects.get_or_create(user=user)[0].key}"}


@pytest.mark.parametrize("user", [None, "ann", "staff", "root"])
@pytest.mark.parametrize("allowed", PERMISSIONS)
def test_permissions_let_the_same_requests_pass(
    granted: Twins, allowed: str, user: str | None
) -> None:
    headers = _headers(user)
    for method in ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "PURGE"):
        for tail in ("", "1/", "2/", "3/"):
            granted.agree(method, f"/may/{allowed}/{tail}", **headers)


@pytest.mark.parametrize("name", ["ann", "staff", "root", "gone"])
def test_the_tables_grant_the_same(granted: Twins, name: str) -> None:
    user = User.objects.get(username=name)
    names = ["auth.add_group", "auth.change_group", "auth.delete_group", "shop.add_x", ""]

    def ask(session):
        mine = session.get(new.User, user.pk)
        return (
            model_permissions.get_all_permissions(session, mine),
            [model_permissions.has_perm(session, mine, one) for one in names],
            [model_permissions.has_module_perms(session, mine, app) for app in ("auth", "shop")],
            model_permissions.has_perms(session, mine, names[:2]),
        )

    assert granted.run(ask) == (
        user.get_all_permissions(),
        [user.has_perm(one) for one in names],
        [user.has_module_perms(app) for app in ("auth", "shop")],
        user.has_perms(names[:2]),
    )


def test_combinations_of_the_same_classes_are_equal() -> None:
    one = permissions.IsAdminUser & ~permissions.AllowAny
    assert one == permissions.IsAdminUser & ~permissions.AllowAny
    assert hash(one) == hash(permissions.IsAdminUser & ~permissions.AllowAny)
    assert one != permissions.IsAdminUser | ~permissions.AllowAny
