"""What the viewsets of all apps have in common."""

from rest_framework import mixins, viewsets


class ActionClassesMixin:
    """Let a viewset name serializers and permissions per action.

    An action without an entry uses ``serializer_class`` and ``permission_classes``.
    """

    serializer_action_classes = {}
    permission_action_classes = {}

    def get_serializer_class(self):
        return self.serializer_action_classes.get(self.action) or super().get_serializer_class()

    def get_permissions(self):
        classes = self.permission_action_classes.get(self.action)
        if classes is None:
            return super().get_permissions()
        return [permission() for permission in classes]


class EnvelopeMixin:
    """Wrap successful answers in ``{"data": ...}``, as the mobile clients want them."""

    def finalize_response(self, request, response, *args, **kwargs):
        if response.status_code < 400 and getattr(response, "data", None) is not None:
            response.data = {"data": response.data}
        return super().finalize_response(request, response, *args, **kwargs)


class OwnedViewSet(
    mixins.ListModelMixin,
    mixins.CreateModelMixin,
    mixins.RetrieveModelMixin,
    viewsets.GenericViewSet,
):
    """Things of the signed-in user: nobody sees those of others."""

    def get_queryset(self):
        return super().get_queryset().filter(user=self.request.user)

    def perform_create(self, serializer):
        serializer.save(user=self.request.user)
