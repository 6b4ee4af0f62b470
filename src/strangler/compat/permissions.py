"""Who may do what: DRF's permission classes, and the permissions that Django's tables grant.

    class IsOwner(BasePermission):
        message = "This is not yours."

        def has_object_permission(self, context: Context[User], obj: Post) -> bool:
            return obj.owner_id == context.user.id

Classes are combined by `&`, `|` and `~`; a combination sends the standard text in place of its
members' messages, as DRF's does.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, ClassVar, Protocol

from sqlalchemy import Select, inspect, select
from sqlalchemy.orm import Session

from .backends import key_column
from .context import Context
from .errors import Http404, MethodNotAllowed

SAFE_METHODS = ("GET", "HEAD", "OPTIONS")


class Permission(Protocol):
    """What the gate of a route asks."""

    def has_permission(self, context: Context[Any]) -> bool: ...

    def has_object_permission(self, context: Context[Any], obj: Any) -> bool: ...


class PermissionSource(Protocol):
    """A permission class, or a combination of them."""

    def __call__(self) -> Permission: ...


class _Operators:
    """`&`, `|` and `~` between permission classes and their combinations."""

    def __and__(self, other: PermissionSource) -> "Combined":
        return Combined(And, self, other)

    def __or__(self, other: PermissionSource) -> "Combined":
        return Combined(Or, self, other)

    def __rand__(self, other: PermissionSource) -> "Combined":
        return Combined(And, other, self)

    def __ror__(self, other: PermissionSource) -> "Combined":
        return Combined(Or, other, self)

    def __invert__(self) -> "Combined":
        return Combined(Not, self)


class Combined(_Operators):
    """Permission classes under an operator; called, it gives one permission."""

    def __init__(self, operator: type[Any], *parts: Any) -> None:
        self.operator = operator
        self.parts = parts

    def __call__(self) -> Permission:
        permission: Permission = self.operator(*(part() for part in self.parts))
        return permission

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Combined):
            return NotImplemented
        return (self.operator, self.parts) == (other.operator, other.parts)

    def __hash__(self) -> int:
        return hash((self.operator, self.parts))


class And:
    """Both hold."""

    def __init__(self, left: Permission, right: Permission) -> None:
        self.left = left
        self.right = right

    def has_permission(self, context: Context[Any]) -> bool:
        return self.left.has_permission(context) and self.right.has_permission(context)

    def has_object_permission(self, context: Context[Any], obj: Any) -> bool:
        return self.left.has_object_permission(context, obj) and self.right.has_object_permission(
            context, obj
        )


class Or:
    """One holds. For an object the same one must hold for the request too."""

    def __init__(self, left: Permission, right: Permission) -> None:
        self.left = left
        self.right = right

    def has_permission(self, context: Context[Any]) -> bool:
        return self.left.has_permission(context) or self.right.has_permission(context)

    def has_object_permission(self, context: Context[Any], obj: Any) -> bool:
        return any(
            side.has_permission(context) and side.has_object_permission(context, obj)
            for side in (self.left, self.right)
        )


class Not:
    """The other does not hold."""

    def __init__(self, inner: Permission) -> None:
        self.inner = inner

    def has_permission(self, context: Context[Any]) -> bool:
        return not self.inner.has_permission(context)

    def has_object_permission(self, context: Context[Any], obj: Any) -> bool:
        return not self.inner.has_object_permission(context, obj)


class PermissionMeta(_Operators, type):  # type: ignore[misc]  # `|` unites permissions, not types
    """Gives permission classes their operators."""


class BasePermission(metaclass=PermissionMeta):
    """Permits everything; subclasses override one method or both.

    message, code: what a refusal says in place of the standard text.
    """

    def has_permission(self, context: Context[Any]) -> bool:
        """Whether the request may go on."""
        return True

    def has_object_permission(self, context: Context[Any], obj: Any) -> bool:
        """Whether the request may deal with `obj`."""
        return True


class AllowAny(BasePermission):
    """Permits everybody."""


class IsAuthenticated(BasePermission):
    """Permits whoever is known."""

    def has_permission(self, context: Context[Any]) -> bool:
        return context.user is not None


class IsAdminUser(BasePermission):
    """Permits staff."""

    def has_permission(self, context: Context[Any]) -> bool:
        return context.user is not None and bool(context.user.is_staff)


class IsAuthenticatedOrReadOnly(BasePermission):
    """Permits reading to everybody, the rest to whoever is known."""

    def has_permission(self, context: Context[Any]) -> bool:
        return context.request.method in SAFE_METHODS or context.user is not None


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
    mine = key_column(user_model) == user.pk
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
