import random
from datetime import date

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from shop.demo import clock, goods, people, sales

from catalog.models import Product


class Command(BaseCommand):
    help = "Fill an empty database with demo data; the same options give the same data."

    def add_arguments(self, parser):
        parser.add_argument("--seed", type=int, default=1, help="of the random generator")
        parser.add_argument("--products", type=int, default=1000, help="default: 1000")
        parser.add_argument(
            "--today",
            type=date.fromisoformat,
            default=date(2026, 6, 30),
            help="everything happened before this day (YYYY-MM-DD)",
        )

    @transaction.atomic
    def handle(self, *, seed, products, today, **options):
        if products < 100:
            raise CommandError("The demo data needs at least 100 products.")
        if Product.all_objects.exists():
            raise CommandError("There are products already; run `manage.py flush` first.")
        count = self.fill(random.Random(seed), products, today)
        self.stdout.write(self.style.SUCCESS(f"{products} products and {count} orders made"))
        self.stdout.write(f"Sign in as admin@shop.example with {people.PASSWORD!r}")

    def fill(self, rng, product_count, today):
        """Make everything and return the number of orders."""
        times = clock.Clock(rng, today)
        staff, customers = people.make_users(rng, times, count=50)
        people.make_addresses(rng, times, customers)
        tags, categories = goods.make_tags(), goods.make_categories()
        products = goods.make_products(rng, times, product_count, categories, tags)
        goods.make_movements(rng, times, products, staff)
        on_sale = [product for product in products if self.is_on_sale(product)]
        coupons = sales.make_coupons()
        orders = sales.make_orders(rng, times, 300, customers, on_sale, coupons)
        sales.make_activity(times, orders)
        sales.make_reviews(rng, times, 1200, customers, on_sale)
        sales.make_wishlists(rng, times, 150, customers, on_sale)
        return len(orders)

    @staticmethod
    def is_on_sale(product):
        return product.deleted_at is None and product.status == Product.Status.PUBLISHED
