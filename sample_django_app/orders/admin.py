from django.contrib import admin

from .models import Coupon, Order, OrderItem, Payment, WishlistItem


class OrderItemInline(admin.TabularInline):
    model = OrderItem
    extra = 0
    raw_id_fields = ["product"]


@admin.register(Order)
class OrderAdmin(admin.ModelAdmin):
    list_display = ["id", "user", "status", "total", "created_at"]
    list_filter = ["status"]
    search_fields = ["id", "user__email"]
    raw_id_fields = ["user", "shipping_address"]
    readonly_fields = ["total"]
    inlines = [OrderItemInline]
    actions = ["mark_shipped"]

    @admin.action(description="Mark selected orders as shipped")
    def mark_shipped(self, request, queryset):
        shipped = queryset.filter(status=Order.Status.PAID).update(status=Order.Status.SHIPPED)
        self.message_user(request, f"{shipped} orders marked as shipped.")


@admin.register(Coupon)
class CouponAdmin(admin.ModelAdmin):
    list_display = ["code", "percent_off", "valid_from", "valid_until", "is_active"]
    list_filter = ["is_active"]
    search_fields = ["code"]


@admin.register(Payment)
class PaymentAdmin(admin.ModelAdmin):
    list_display = ["reference", "order", "method", "amount", "created_at"]
    list_filter = ["method"]


admin.site.register(WishlistItem)
