from decimal import Decimal

from django.conf import settings
from django.contrib.contenttypes.fields import GenericRelation
from django.core.validators import RegexValidator
from django.db import models
from django.utils import timezone
from django.utils.text import slugify
from shop.models import TimeStampedModel


class Category(models.Model):
    """A node of the category tree."""

    name = models.CharField(max_length=100)
    slug = models.SlugField(max_length=100, unique=True)
    description = models.TextField(blank=True)
    parent = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="children"
    )
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["position", "name"]
        verbose_name_plural = "categories"

    def __str__(self):
        return self.name

    def ancestors(self):
        """Return the nodes above this one, the root last."""
        node, found = self.parent, []
        while node is not None:
            found.append(node)
            node = node.parent
        return found


class Tag(models.Model):
    name = models.CharField(max_length=50, unique=True)
    slug = models.SlugField(max_length=50, unique=True)

    class Meta:
        ordering = ["name"]

    def __str__(self):
        return self.name


class ProductQuerySet(models.QuerySet):
    def active(self):
        """Products that customers may see."""
        return self.filter(status=Product.Status.PUBLISHED)

    def in_stock(self):
        return self.filter(stock__gt=0)


class ProductManager(models.Manager.from_queryset(ProductQuerySet)):
    """Hides products that were deleted."""

    def get_queryset(self):
        return super().get_queryset().filter(deleted_at__isnull=True)


class Product(TimeStampedModel):
    """Something we sell. Deleting one hides it: past orders still refer to it."""

    class Status(models.TextChoices):
        DRAFT = "draft", "Draft"
        PUBLISHED = "published", "Published"
        ARCHIVED = "archived", "Archived"

    name = models.CharField(max_length=200)
    slug = models.SlugField(max_length=220, unique=True, editable=False)
    sku = models.CharField(
        "SKU",
        max_length=20,
        validators=[
            RegexValidator(r"^[A-Z]{2,4}-[0-9]{3,8}$", "A SKU looks like ABC-12345."),
        ],
    )
    description = models.TextField(blank=True)
    category = models.ForeignKey(Category, on_delete=models.PROTECT, related_name="products")
    tags = models.ManyToManyField(Tag, blank=True, related_name="products")
    price = models.DecimalField(max_digits=10, decimal_places=2)
    stock = models.PositiveIntegerField(default=0)
    status = models.CharField(max_length=10, choices=Status, default=Status.DRAFT)
    attributes = models.JSONField(default=dict, blank=True)
    image = models.ImageField(upload_to="products/", blank=True)
    weight_kg = models.FloatField("weight in kg", null=True, blank=True)
    released_on = models.DateField(null=True, blank=True)
    deleted_at = models.DateTimeField(null=True, blank=True, editable=False)
    activity = GenericRelation("reports.Activity")

    objects = ProductManager()
    all_objects = models.Manager()

    class Meta:
        ordering = ["name", "id"]
        indexes = [
            models.Index(fields=["status", "-created_at"], name="catalog_product_status"),
            models.Index(fields=["category", "price"], name="catalog_product_price"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(price__gt=Decimal("0")), name="catalog_price_positive"
            ),
            models.UniqueConstraint(
                fields=["sku"],
                condition=models.Q(deleted_at__isnull=True),
                name="catalog_live_sku_unique",
            ),
        ]

    def __str__(self):
        return self.name

    def save(self, *args, **kwargs):
        if not self.slug:
            self.slug = self.free_slug()
        super().save(*args, **kwargs)

    def free_slug(self):
        """Return a slug made from the name that no other product has, deleted ones included."""
        base = slugify(self.name)[:200] or "product"
        slug, number = base, 2
        while Product.all_objects.filter(slug=slug).exclude(pk=self.pk).exists():
            slug, number = f"{base}-{number}", number + 1
        return slug

    def soft_delete(self):
        self.deleted_at = timezone.now()
        self.save(update_fields=["deleted_at", "updated_at"])

    @property
    def in_stock(self):
        return self.stock > 0


class DigitalProduct(Product):
    """A product that is downloaded instead of shipped."""

    class FileFormat(models.TextChoices):
        PDF = "pdf", "PDF"
        EPUB = "epub", "EPUB"
        MP3 = "mp3", "MP3"
        ZIP = "zip", "ZIP archive"

    file_format = models.CharField(max_length=4, choices=FileFormat)
    file_size = models.BigIntegerField(help_text="in bytes")
    download_url = models.URLField()
    license_days = models.PositiveSmallIntegerField(null=True, blank=True)


class StockMovement(models.Model):
    """Why the stock of a product changed."""

    class Reason(models.TextChoices):
        RESTOCK = "restock", "Restock"
        SALE = "sale", "Sale"
        RETURN = "return", "Return"

    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="movements")
    quantity = models.IntegerField(help_text="negative when goods leave")
    reason = models.CharField(max_length=10, choices=Reason)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-created_at", "-id"]

    def __str__(self):
        return f"{self.product_id}: {self.quantity:+d} ({self.reason})"
