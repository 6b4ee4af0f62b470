from catalog.models import Product
from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from shop.models import TimeStampedModel


class Review(TimeStampedModel):
    """What a customer thinks of a product; one opinion per product."""

    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="reviews")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="reviews"
    )
    rating = models.PositiveSmallIntegerField(
        validators=[MinValueValidator(1), MaxValueValidator(5)]
    )
    title = models.CharField(max_length=120)
    body = models.TextField(blank=True)

    class Meta:
        ordering = ["-created_at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["user", "product"], name="reviews_one_per_product"),
            models.CheckConstraint(
                condition=models.Q(rating__gte=1, rating__lte=5), name="reviews_rating_1_to_5"
            ),
        ]

    def __str__(self):
        return f"{self.rating}/5 {self.title}"
