from django.contrib import admin

from .models import Category, DigitalProduct, Product, StockMovement, Tag


@admin.register(Category)
class CategoryAdmin(admin.ModelAdmin):
    list_display = ["name", "parent", "position"]
    prepopulated_fields = {"slug": ["name"]}
    search_fields = ["name"]


@admin.register(Tag)
class TagAdmin(admin.ModelAdmin):
    prepopulated_fields = {"slug": ["name"]}
    search_fields = ["name"]


@admin.register(Product)
class ProductAdmin(admin.ModelAdmin):
    list_display = ["name", "sku", "category", "price", "stock", "status"]
    list_filter = ["status", "category"]
    search_fields = ["name", "sku"]
    autocomplete_fields = ["category", "tags"]
    readonly_fields = ["slug", "created_at", "updated_at", "deleted_at"]

    def get_queryset(self, request):
        return Product.all_objects.select_related("category")


@admin.register(DigitalProduct)
class DigitalProductAdmin(ProductAdmin):
    list_display = ["name", "sku", "file_format", "price", "status"]

    def get_queryset(self, request):
        return DigitalProduct.all_objects.select_related("category")


@admin.register(StockMovement)
class StockMovementAdmin(admin.ModelAdmin):
    list_display = ["product", "quantity", "reason", "created_by", "created_at"]
    list_filter = ["reason"]
    date_hierarchy = "created_at"
