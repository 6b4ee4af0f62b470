"""The permissions that Django's tables grant: to users, to their groups, to superusers."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, ClassVar

from sqlalchemy import Select, inspect, select
from sqlalchemy.orm import Session

from .context import Context
from .errors import Http404, MethodNotAllowed
from .permissions import SAFE_METHODS, BasePermission


class DjangoModelPermissions(BasePermission):
    """Permits what Django's permission tables grant on `model`. Subclass it to name the model.

        class ProductPermissions(DjangoModelPermissions):
            model = Product

    perms_map: the permissions that each method needs.
    """

    model: ClassVar[type[Any]]
    perms_map: ClassVar[Mapping[str, Sequence[str]]] = {
        "GET": [],
        "OPTIONS": [],
        "HEAD": [],
        "POST": ["%(app_label)s.add_%(model_name)s"],
        "PUT": ["%(app_label)s.change_%(model_name)s"],
        "PATCH": ["%(app_label)s.change_%(model_name)s"],
        "DELETE": ["%(app_label)s.delete_%(model_name)s"],
    }
    authenticated_users_only: ClassVar[bool] = True

    def get_required_permissions(self, method: str) -> list[str]:
        """Return the permissions that `method` needs; MethodNotAllowed for unknown methods."""
        if method not in self.perms_map:
            raise MethodNotAllowed(method)
        app, _, name = self.model.django_label().rpartition(".")
        names = {"app_label": app, "model_name": name.lower()}
        return [permission % names for permission in self.perms_map[method]]

    def has_permission(self, context: Context[Any]) -> bool:
        if context.user is None and self.authenticated_users_only:
            return False
        needed = self.get_required_permissions(context.request.method)
        return has_perms(context.session, context.user, needed)


class DjangoModelPermissionsOrAnonReadOnly(DjangoModelPermissions):
    """As DjangoModelPermissions; who is not known may read."""

    authenticated_users_only = False


class DjangoObjectPermissions(DjangoModelPermissions):
    """Permissions on single objects. Django's own backend grants none to others than superusers.

    Override `has_object_perms` where a package such as guardian grants them.
    """

    def has_object_perms(self, context: Context[Any], needed: list[str], obj: Any) -> bool:
        """Whether the user has all the needed permissions on `obj`."""
        return not needed or _is_superuser(context.user)

    def has_object_permission(self, context: Context[Any], obj: Any) -> bool:
        method = context.request.method
        if self.has_object_perms(context, self.get_required_permissions(method), obj):
            return True
        # Who may not even read must not learn that the object exists.
        readable = self.get_required_permissions("GET")
        if method in SAFE_METHODS or not self.has_object_perms(context, readable, obj):
            raise Http404
        return False


def _has_permissions(user: Any) -> bool:
    # Users without a row, made of a token's claims, are granted nothing.
    return hasattr(type(user), "__mapper__") and bool(user.is_active)


def _is_superuser(user: Any) -> bool:
    return _has_permissions(user) and bool(user.is_superuser)


def _names(session: Session, statement: Select[Any]) -> set[str]:
    return {f"{app}.{name}" for app, name in session.execute(statement)}


def _permissions_of(session: Session, user: Any) -> set[str]:
    user_model = type(user)
    permission = inspect(user_model).relationships["user_permissions"].mapper.class_
    content_type = inspect(permission).relationships["content_type"].mapper.class_
    named = select(content_type.app_label, permission.codename)
    if user.is_superuser:
        return _names(session, named.select_from(permission).join(permission.content_type))
    mine = inspect(user_model).primary_key[0] == user.pk
    group = inspect(user_model).relationships["groups"].mapper.class_
    own = named.select_from(user_model).join(user_model.user_permissions)
    grouped = named.select_from(user_model).join(user_model.groups).join(group.permissions)
    found = _names(session, own.join(permission.content_type).where(mine))
    return found | _names(session, grouped.join(permission.content_type).where(mine))


def get_all_permissions(session: Session, user: Any) -> set[str]:
    """Return the permissions of a user and their groups: {"catalog.add_product"}.

    The user model has the relations `user_permissions` and `groups`, as Django's PermissionsMixin.
    They are read once for each user object.
    """
    if not _has_permissions(user):
        return set()
    known: set[str] | None = user.__dict__.get("_permission_names")
    if known is None:
        known = user.__dict__["_permission_names"] = _permissions_of(session, user)
    return known


def has_perm(session: Session, user: Any, permission: str) -> bool:
    """Whether the user has a permission: `has_perm(session, user, "catalog.add_product")`."""
    return _is_superuser(user) or permission in get_all_permissions(session, user)


def has_perms(session: Session, user: Any, permissions: Iterable[str]) -> bool:
    """Whether the user has all of these permissions."""
    return all(has_perm(session, user, permission) for permission in permissions)


def has_module_perms(session: Session, user: Any, app_label: str) -> bool:
    """Whether the user has any permission on the models of an app."""
    if _is_superuser(user):
        return True
    names = get_all_permissions(session, user)
    return any(name.partition(".")[0] == app_label for name in names)
