"""Who may do what: DRF's permission classes. Those that ask Django's tables: `model_permissions`.

    class IsOwner(BasePermission):
        message = "This is not yours."

        def has_object_permission(self, context: Context[User], obj: Post) -> bool:
            return obj.owner_id == context.user.id

Classes are combined by `&`, `|` and `~`; a combination sends the standard text in place of its
members' messages, as DRF's does.
"""

from collections.abc import Callable, Sequence
from typing import Any, Protocol

from .context import Context

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


class PermissionsByRequest(BasePermission):
    """Permissions that a view chooses for each request, as its `get_permissions` does.

        class EntryPermissions(PermissionsByRequest):
            def choose(self, context: Context[User]) -> list[PermissionSource]:
                return [IsOwner] if context.request.method == "POST" else [AllowAny]

    message, code: those of the first permission that did not hold.
    """

    message: Any = None
    code: str | None = None

    def choose(self, context: Context[Any]) -> Sequence[PermissionSource]:
        """Return what has to hold for this request."""
        raise NotImplementedError

    def has_permission(self, context: Context[Any]) -> bool:
        return self._hold(context, lambda each: each.has_permission(context))

    def has_object_permission(self, context: Context[Any], obj: Any) -> bool:
        return self._hold(context, lambda each: each.has_object_permission(context, obj))

    def _hold(self, context: Context[Any], asked: Callable[[Permission], bool]) -> bool:
        for source in self.choose(context):
            permission = source()
            if not asked(permission):
                self.message = getattr(permission, "message", None)
                self.code = getattr(permission, "code", None)
                return False
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
