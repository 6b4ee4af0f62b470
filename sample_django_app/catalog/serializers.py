from django.db.models import Avg
from rest_framework import serializers

from .models import Category, DigitalProduct, Product, Tag


class CategorySerializer(serializers.ModelSerializer):
    class Meta:
        model = Category
        fields = ["id", "name", "slug", "description", "parent", "position"]

    def validate_parent(self, value):
        if value and self.instance and self.instance in [value, *value.ancestors()]:
            raise serializers.ValidationError("A category cannot be below itself.")
        return value


class CategorySummarySerializer(serializers.ModelSerializer):
    class Meta:
        model = Category
        fields = ["id", "name", "slug"]


class TagSerializer(serializers.HyperlinkedModelSerializer):
    class Meta:
        model = Tag
        fields = ["url", "name", "slug"]
        extra_kwargs = {"url": {"lookup_field": "slug"}}


class TagSummarySerializer(serializers.ModelSerializer):
    class Meta:
        model = Tag
        fields = ["id", "name", "slug"]


class ProductSerializer(serializers.ModelSerializer):
    category = CategorySummarySerializer(read_only=True)
    category_id = serializers.PrimaryKeyRelatedField(
        source="category", queryset=Category.objects.all(), write_only=True
    )
    tags = TagSummarySerializer(many=True, read_only=True)
    tag_ids = serializers.PrimaryKeyRelatedField(
        source="tags", queryset=Tag.objects.all(), many=True, write_only=True, required=False
    )
    status_label = serializers.CharField(source="get_status_display", read_only=True)
    average_rating = serializers.SerializerMethodField()

    class Meta:
        model = Product
        fields = [
            "id",
            "name",
            "slug",
            "sku",
            "description",
            "category",
            "category_id",
            "tags",
            "tag_ids",
            "price",
            "stock",
            "in_stock",
            "status",
            "status_label",
            "attributes",
            "image",
            "weight_kg",
            "released_on",
            "average_rating",
            "created_at",
            "updated_at",
        ]
        read_only_fields = ["stock", "status", "image"]

    def get_average_rating(self, obj):
        average = obj.reviews.aggregate(average=Avg("rating"))["average"]
        return None if average is None else round(average, 2)

    def validate_sku(self, value):
        others = Product.objects.filter(sku=value)
        if self.instance is not None:
            others = others.exclude(pk=self.instance.pk)
        if others.exists():
            raise serializers.ValidationError("Another product has this SKU.", code="unique")
        return value

    def validate_price(self, value):
        if value <= 0:
            raise serializers.ValidationError("The price must be greater than zero.")
        return value

    def validate_attributes(self, value):
        if not isinstance(value, dict):
            raise serializers.ValidationError("Attributes must be an object.")
        return value


class ProductListSerializer(serializers.ModelSerializer):
    """The short form for lists."""

    category = CategorySummarySerializer(read_only=True)
    tags = serializers.SlugRelatedField(slug_field="slug", many=True, read_only=True)

    class Meta:
        model = Product
        fields = [
            "id",
            "name",
            "slug",
            "sku",
            "category",
            "tags",
            "price",
            "in_stock",
            "status",
            "image",
            "created_at",
        ]


class ProductImageSerializer(serializers.ModelSerializer):
    class Meta:
        model = Product
        fields = ["id", "image"]
        extra_kwargs = {"image": {"required": True, "allow_empty_file": False}}


class RestockSerializer(serializers.Serializer):
    quantity = serializers.IntegerField(min_value=1, max_value=10_000)


class DigitalProductSerializer(serializers.ModelSerializer):
    class Meta:
        model = DigitalProduct
        fields = ["id", "name", "slug", "price", "file_format", "file_size", "license_days"]
