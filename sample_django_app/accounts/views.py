from rest_framework import generics, mixins
from rest_framework.decorators import action
from rest_framework.permissions import AllowAny, IsAuthenticated
from rest_framework.response import Response
from shop.api.permissions import IsOwner
from shop.api.viewsets import OwnedViewSet

from .models import Address
from .serializers import AddressSerializer, ProfileSerializer, RegisterSerializer


class RegisterView(generics.CreateAPIView):
    serializer_class = RegisterSerializer
    authentication_classes = []
    permission_classes = [AllowAny]


class ProfileView(generics.RetrieveUpdateAPIView):
    """What the signed-in user may know and change about themselves."""

    serializer_class = ProfileSerializer
    permission_classes = [IsAuthenticated]

    def get_object(self):
        return self.request.user


class AddressViewSet(mixins.UpdateModelMixin, mixins.DestroyModelMixin, OwnedViewSet):
    queryset = Address.objects.all()
    serializer_class = AddressSerializer
    permission_classes = [IsAuthenticated, IsOwner]
    pagination_class = None

    @action(detail=True, methods=["post"], url_path="make-default")
    def make_default(self, request, pk=None):
        address = self.get_object()
        address.make_default()
        return Response(self.get_serializer(address).data)
