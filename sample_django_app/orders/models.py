import uuid
from decimal import ROUND_HALF_UP, Decimal

from catalog.models import Product
from django.conf import settings
from django.contrib.contenttypes.fields import GenericRelation
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.utils import timezone
from shop.models import TimeStampedModel


class CouponQuerySet(models.QuerySet):
    def valid_on(self, day):
        return self.filter(is_active=True, valid_from__lte=day, valid_until__gte=day)


class Coupon(models.Model):
    """A code that makes an order cheaper during some days."""

    code = models.CharField(
        max_length=20,
        unique=True,
        validators=[RegexValidator(r"^[A-Z0-9]+$", "Use capital letters and digits only.")],
    )
    percent_off = models.PositiveSmallIntegerField(
        validators=[MinValueValidator(1), MaxValueValidator(90)]
    )
    valid_from = models.DateField()
    valid_until = models.DateField(help_text="the last day on which the code works")
    is_active = models.BooleanField(default=True)

    objects = CouponQuerySet.as_manager()

    class Meta:
        ordering = ["code"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(valid_until__gte=models.F("valid_from")),
                name="orders_coupon_dates_ordered",
            ),
        ]

    def __str__(self):
        return self.code

    def is_redeemable(self):
        return self.is_active and self.valid_from <= timezone.localdate() <= self.valid_until


class Order(TimeStampedModel):
    class Status(models.TextChoices):
        PENDING = "pending", "Pending"
        PAID = "paid", "Paid"
        SHIPPED = "shipped", "Shipped"
        CANCELLED = "cancelled", "Cancelled"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="orders"
    )
    products = models.ManyToManyField(Product, through="OrderItem", related_name="orders")
    coupon = models.ForeignKey(
        Coupon, on_delete=models.SET_NULL, null=True, blank=True, related_name="orders"
    )
    shipping_address = models.ForeignKey(
        "accounts.Address", on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    status = models.CharField(max_length=10, choices=Status, default=Status.PENDING)
    total = models.DecimalField(max_digits=12, decimal_places=2, default=0, editable=False)
    note = models.CharField(max_length=500, blank=True)
    activity = GenericRelation("reports.Activity")

    class Meta:
        ordering = ["-created_at", "id"]
        indexes = [
            models.Index(fields=["user", "-created_at"], name="orders_order_user_newest"),
        ]

    def __str__(self):
        return f"Order {self.id}"

    def recompute_total(self):
        """Sum up the items, take the coupon off, and save the result."""
        lines = self.items.values_list("unit_price", "quantity")
        total = sum((price * quantity for price, quantity in lines), Decimal("0"))
        if self.coupon is not None:
            total = total * (100 - self.coupon.percent_off) / 100
        self.total = total.quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)
        self.save(update_fields=["total", "updated_at"])


class OrderItem(models.Model):
    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="items")
    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="order_items")
    quantity = models.PositiveIntegerField(validators=[MinValueValidator(1)])
    unit_price = models.DecimalField(
        max_digits=10, decimal_places=2, help_text="the price when the order was placed"
    )

    class Meta:
        ordering = ["id"]
        unique_together = [("order", "product")]

    def __str__(self):
        return f"{self.quantity} × {self.product_id}"

    @property
    def line_total(self):
        return self.unit_price * self.quantity


class Payment(models.Model):
    class Method(models.TextChoices):
        CARD = "card", "Card"
        TRANSFER = "transfer", "Bank transfer"
        INVOICE = "invoice", "Invoice"

    order = models.OneToOneField(Order, on_delete=models.CASCADE, related_name="payment")
    method = models.CharField(max_length=10, choices=Method)
    amount = models.DecimalField(max_digits=12, decimal_places=2)
    reference = models.CharField(max_length=40, unique=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-created_at"]

    def __str__(self):
        return self.reference


class WishlistItem(models.Model):
    """A product that a customer wants to remember."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="wishlist"
    )
    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="+")
    note = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-created_at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["user", "product"], name="orders_wishlist_unique"),
        ]

    def __str__(self):
        return f"{self.user_id} wants {self.product_id}"
