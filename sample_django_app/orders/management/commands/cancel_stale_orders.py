from datetime import timedelta

from django.core.management.base import BaseCommand
from django.utils import timezone

from orders.models import Order
from orders.services import cancel_order


class Command(BaseCommand):
    help = "Cancel orders that were not paid in time and put their goods back into stock."

    def add_arguments(self, parser):
        parser.add_argument("--days", type=int, default=14, help="how long an order may be unpaid")
        parser.add_argument("--dry-run", action="store_true", help="only list the orders")

    def handle(self, *, days, dry_run, **options):
        limit = timezone.now() - timedelta(days=days)
        stale = Order.objects.filter(status=Order.Status.PENDING, created_at__lt=limit)
        for order in stale:
            self.stdout.write(str(order.id))
            if not dry_run:
                cancel_order(order, user=None)
        verb = "would be cancelled" if dry_run else "cancelled"
        self.stdout.write(self.style.SUCCESS(f"{len(stale)} orders {verb}"))
