from django.db.models.signals import post_delete, post_save
from django.dispatch import receiver

from .models import OrderItem


@receiver([post_save, post_delete], sender=OrderItem)
def recompute_order_total(sender, instance, raw=False, **kwargs):
    """Keep the order's total right, wherever its items are edited."""
    if raw:
        return
    instance.order.recompute_total()
