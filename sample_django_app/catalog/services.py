"""What happens to products, beyond saving a row."""

from django.db import transaction
from django.db.models import F
from reports.services import record
from shop.api.exceptions import Conflict

from .models import Product, StockMovement


def move_stock(product, quantity, reason, user):
    """Add ``quantity`` (negative: take away) to the stock and remember why."""
    Product.all_objects.filter(pk=product.pk).update(stock=F("stock") + quantity)
    product.refresh_from_db(fields=["stock"])
    return StockMovement.objects.create(
        product=product, quantity=quantity, reason=reason, created_by=user
    )


@transaction.atomic
def restock(product, quantity, user):
    move_stock(product, quantity, StockMovement.Reason.RESTOCK, user)
    record(user, "restocked", product, quantity=quantity)
    return product


@transaction.atomic
def publish(product, user):
    """Show a product to customers."""
    if product.status == Product.Status.PUBLISHED:
        raise Conflict("The product is already published.", code="already_published")
    product.status = Product.Status.PUBLISHED
    product.save(update_fields=["status", "updated_at"])
    record(user, "published", product)
    return product
