from rest_framework.permissions import SAFE_METHODS, BasePermission


class IsStaffOrReadOnly(BasePermission):
    """Everybody may look, only staff may change."""

    def has_permission(self, request, view):
        if request.method in SAFE_METHODS:
            return True
        return bool(request.user and request.user.is_staff)


class IsOwner(BasePermission):
    """Objects with a ``user`` belong to that user alone."""

    message = "This belongs to somebody else."

    def has_object_permission(self, request, view, obj):
        return obj.user_id == request.user.id


class IsAuthorOrReadOnly(BasePermission):
    """Only the author changes an object; staff may remove it too."""

    message = "Only the author may change this."

    def has_object_permission(self, request, view, obj):
        if request.method in SAFE_METHODS:
            return True
        if request.method == "DELETE" and request.user.is_staff:
            return True
        return obj.user_id == request.user.id
