from catalog.models import Product
from rest_framework import serializers

from .models import Activity


class ActivitySerializer(serializers.ModelSerializer):
    actor = serializers.SlugRelatedField(slug_field="email", read_only=True)
    target_type = serializers.CharField(source="content_type.model", read_only=True)

    class Meta:
        model = Activity
        fields = ["id", "actor", "verb", "target_type", "object_id", "details", "created_at"]


class PeriodSerializer(serializers.Serializer):
    """The query parameters of a report."""

    days = serializers.IntegerField(min_value=1, max_value=3650, default=30)


class MoneyField(serializers.DecimalField):
    def __init__(self, **kwargs):
        super().__init__(max_digits=14, decimal_places=2, **kwargs)


class SalesSummarySerializer(serializers.Serializer):
    orders = serializers.IntegerField()
    revenue = MoneyField()
    average = MoneyField()


class DaySalesSerializer(serializers.Serializer):
    day = serializers.DateField()
    orders = serializers.IntegerField()
    revenue = MoneyField()


class BestSellerSerializer(serializers.ModelSerializer):
    units = serializers.IntegerField()
    revenue = MoneyField()

    class Meta:
        model = Product
        fields = ["id", "name", "sku", "units", "revenue"]
