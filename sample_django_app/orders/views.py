from django.db.models import Count
from rest_framework import mixins, status, viewsets
from rest_framework.decorators import action
from rest_framework.permissions import IsAdminUser, IsAuthenticated
from rest_framework.response import Response
from rest_framework.views import APIView
from shop.api.pagination import NewestFirstCursorPagination
from shop.api.permissions import IsOwner
from shop.api.viewsets import ActionClassesMixin, OwnedViewSet

from . import services
from .models import Coupon, Order, WishlistItem
from .serializers import (
    CheckoutSerializer,
    CouponSerializer,
    OrderListSerializer,
    OrderSerializer,
    PaymentSerializer,
    WishlistItemSerializer,
)


class OrderViewSet(ActionClassesMixin, OwnedViewSet):
    """A customer's own orders. They are never edited: cancel one and place another."""

    queryset = Order.objects.select_related("coupon", "payment").prefetch_related("items__product")
    serializer_class = OrderSerializer
    serializer_action_classes = {"list": OrderListSerializer, "pay": PaymentSerializer}
    permission_classes = [IsAuthenticated, IsOwner]
    pagination_class = NewestFirstCursorPagination
    filterset_fields = ["status"]

    def get_queryset(self):
        queryset = super().get_queryset()
        if self.action == "list":
            queryset = queryset.annotate(item_count=Count("items"))
        return queryset

    @action(detail=True, methods=["post"])
    def cancel(self, request, pk=None):
        order = services.cancel_order(self.get_object(), request.user)
        return Response(self.get_serializer(order).data)

    @action(detail=True, methods=["post"])
    def pay(self, request, pk=None):
        order = self.get_object()
        serializer = self.get_serializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        order = services.pay_order(order, serializer.validated_data["method"], request.user)
        return Response(OrderSerializer(order, context=self.get_serializer_context()).data)


class CheckoutView(APIView):
    """Place an order and pay it in one request."""

    permission_classes = [IsAuthenticated]

    def post(self, request):
        serializer = CheckoutSerializer(data=request.data, context={"request": request})
        serializer.is_valid(raise_exception=True)
        order = services.checkout(user=request.user, **serializer.validated_data)
        data = OrderSerializer(order, context={"request": request}).data
        return Response(data, status=status.HTTP_201_CREATED)


class CouponViewSet(viewsets.ModelViewSet):
    queryset = Coupon.objects.all()
    serializer_class = CouponSerializer
    permission_classes = [IsAdminUser]
    filterset_fields = ["is_active"]


class WishlistViewSet(
    mixins.ListModelMixin,
    mixins.CreateModelMixin,
    mixins.DestroyModelMixin,
    viewsets.GenericViewSet,
):
    queryset = WishlistItem.objects.all()
    serializer_class = WishlistItemSerializer

    def get_queryset(self):
        return self.queryset.filter(user=self.request.user)
