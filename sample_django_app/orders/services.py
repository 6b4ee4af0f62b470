"""The life of an order. Every function here is one transaction."""

from catalog.models import Product, StockMovement
from catalog.services import move_stock
from django.db import transaction
from reports.services import record
from rest_framework.exceptions import ValidationError
from shop.api.exceptions import Conflict

from .mail import send_order_confirmation
from .models import Order, OrderItem, Payment


def lock_products(items):
    """Lock the ordered products, always in the same sequence, and return them by key."""
    keys = sorted(item["product"].pk for item in items)
    products = Product.all_objects.select_for_update().filter(pk__in=keys).order_by("pk")
    return {product.pk: product for product in products}


def check_stock(product, quantity):
    """Refuse what was sold or taken off sale since the request was validated."""
    if product.deleted_at or product.status != Product.Status.PUBLISHED:
        raise ValidationError({"items": [f"{product.name} is no longer available."]})
    if product.stock < quantity:
        raise ValidationError({"items": [f"Only {product.stock} of {product.name} in stock."]})


@transaction.atomic
def place_order(user, items, **fields):
    """Make an order of ``items`` (mappings with ``product`` and ``quantity``).

    The goods leave the stock at once; the confirmation is sent when everything is committed.
    """
    products = lock_products(items)
    order = Order.objects.create(user=user, **fields)
    for item in items:
        product, quantity = products[item["product"].pk], item["quantity"]
        check_stock(product, quantity)
        OrderItem.objects.create(
            order=order, product=product, quantity=quantity, unit_price=product.price
        )
        move_stock(product, -quantity, StockMovement.Reason.SALE, user)
    record(user, "placed", order, total=str(order.total))
    transaction.on_commit(lambda: send_order_confirmation(order))
    return order


def lock_order(order, *allowed):
    """Return the order, locked, or refuse if its status is not among ``allowed``."""
    order = Order.objects.select_for_update().get(pk=order.pk)
    if order.status not in allowed:
        raise Conflict(f"The order is {order.get_status_display().lower()}.", code=order.status)
    return order


@transaction.atomic
def cancel_order(order, user):
    """Cancel an order that was not shipped yet and put the goods back."""
    order = lock_order(order, Order.Status.PENDING, Order.Status.PAID)
    for item in order.items.select_related("product"):
        move_stock(item.product, item.quantity, StockMovement.Reason.RETURN, user)
    order.status = Order.Status.CANCELLED
    order.save(update_fields=["status", "updated_at"])
    record(user, "cancelled", order)
    return order


@transaction.atomic
def pay_order(order, method, user):
    order = lock_order(order, Order.Status.PENDING)
    Payment.objects.create(
        order=order, method=method, amount=order.total, reference=f"{method}-{order.id.hex[:12]}"
    )
    order.status = Order.Status.PAID
    order.save(update_fields=["status", "updated_at"])
    record(user, "paid", order, method=method)
    return order


@transaction.atomic
def checkout(user, method, items, **fields):
    """Order and pay in one go."""
    return pay_order(place_order(user, items, **fields), method, user)
