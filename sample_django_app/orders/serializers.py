from accounts.models import Address
from catalog.models import Product
from rest_framework import serializers

from . import services
from .models import Coupon, Order, OrderItem, Payment, WishlistItem


class CouponSerializer(serializers.ModelSerializer):
    class Meta:
        model = Coupon
        fields = ["id", "code", "percent_off", "valid_from", "valid_until", "is_active"]

    def validate(self, attrs):
        valid_from = attrs.get("valid_from", getattr(self.instance, "valid_from", None))
        valid_until = attrs.get("valid_until", getattr(self.instance, "valid_until", None))
        if valid_from and valid_until and valid_until < valid_from:
            raise serializers.ValidationError(
                {"valid_until": "The last day cannot be before the first."}
            )
        return attrs


class PaymentSerializer(serializers.ModelSerializer):
    class Meta:
        model = Payment
        fields = ["method", "amount", "reference", "created_at"]
        read_only_fields = ["amount", "reference"]


class OrderItemSerializer(serializers.ModelSerializer):
    product = serializers.PrimaryKeyRelatedField(queryset=Product.objects.active())
    product_name = serializers.CharField(source="product.name", read_only=True)
    line_total = serializers.DecimalField(max_digits=12, decimal_places=2, read_only=True)

    class Meta:
        model = OrderItem
        fields = ["id", "product", "product_name", "quantity", "unit_price", "line_total"]
        read_only_fields = ["unit_price"]


class OrderSerializer(serializers.ModelSerializer):
    """An order with its items; the price of each item is the product's of today."""

    items = OrderItemSerializer(many=True, allow_empty=False)
    coupon = serializers.SlugRelatedField(
        slug_field="code", queryset=Coupon.objects.all(), required=False, allow_null=True
    )
    shipping_address = serializers.PrimaryKeyRelatedField(
        queryset=Address.objects.all(), required=False, allow_null=True
    )
    payment = PaymentSerializer(read_only=True)

    class Meta:
        model = Order
        fields = [
            "id",
            "status",
            "items",
            "coupon",
            "shipping_address",
            "note",
            "total",
            "payment",
            "created_at",
            "updated_at",
        ]
        read_only_fields = ["status", "total"]

    def validate_items(self, value):
        products = [item["product"] for item in value]
        if len(products) != len(set(products)):
            raise serializers.ValidationError("Each product may appear only once.")
        return value

    def validate_coupon(self, value):
        if value is not None and not value.is_redeemable():
            raise serializers.ValidationError("This coupon is not valid today.")
        return value

    def validate_shipping_address(self, value):
        if value is not None and value.user != self.context["request"].user:
            raise serializers.ValidationError("This is not one of your addresses.")
        return value

    def create(self, validated_data):
        return services.place_order(**validated_data)


class OrderListSerializer(serializers.ModelSerializer):
    item_count = serializers.IntegerField(read_only=True)

    class Meta:
        model = Order
        fields = ["id", "status", "total", "item_count", "created_at"]


class CheckoutSerializer(OrderSerializer):
    """An order together with the way of paying it."""

    method = serializers.ChoiceField(choices=Payment.Method.choices, write_only=True)

    class Meta(OrderSerializer.Meta):
        fields = [*OrderSerializer.Meta.fields, "method"]


class WishlistItemSerializer(serializers.ModelSerializer):
    user = serializers.HiddenField(default=serializers.CurrentUserDefault())

    class Meta:
        model = WishlistItem
        fields = ["id", "user", "product", "note", "created_at"]
