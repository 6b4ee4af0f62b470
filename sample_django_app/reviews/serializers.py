from catalog.models import Product
from rest_framework import serializers

from .models import Review


class ReviewSerializer(serializers.ModelSerializer):
    product = serializers.PrimaryKeyRelatedField(queryset=Product.objects.active())
    author = serializers.CharField(source="user.first_name", read_only=True)

    class Meta:
        model = Review
        fields = [
            "id",
            "product",
            "author",
            "rating",
            "title",
            "body",
            "created_at",
            "updated_at",
        ]

    def validate_product(self, value):
        if self.instance is not None and value != self.instance.product:
            raise serializers.ValidationError("A review stays with its product.")
        return value

    def validate(self, attrs):
        user = self.context["request"].user
        if self.instance is None and user.reviews.filter(product=attrs["product"]).exists():
            raise serializers.ValidationError(
                "You have already reviewed this product.", code="unique"
            )
        return attrs
