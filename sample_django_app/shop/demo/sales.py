import uuid
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from orders.models import Coupon, Order, OrderItem, Payment, WishlistItem
from reports.models import Activity
from reviews.models import Review

from . import words


def make_coupons():
    first, last = date(2025, 1, 1), date(2099, 12, 31)
    return Coupon.objects.bulk_create(
        [
            Coupon(code="WELCOME10", percent_off=10, valid_from=first, valid_until=last),
            Coupon(code="FRIENDS25", percent_off=25, valid_from=first, valid_until=last),
            Coupon(
                code="SPRING15", percent_off=15, valid_from=first, valid_until=date(2025, 5, 31)
            ),
            Coupon(code="FUTURE5", percent_off=5, valid_from=date(2099, 1, 1), valid_until=last),
            Coupon(
                code="STOPPED50",
                percent_off=50,
                valid_from=first,
                valid_until=last,
                is_active=False,
            ),
        ]
    )


def make_orders(rng, clock, count, customers, products, coupons):
    """Make orders with their items and payments; stock stays as it is."""
    homes = {user.pk: user.addresses.filter(is_default=True).first() for user in customers}
    orders, items = [], []
    for _ in range(count):
        user = rng.choice(customers)
        order = Order(
            id=uuid.UUID(int=rng.getrandbits(128), version=4),
            user=user,
            coupon=rng.choice(coupons) if rng.random() < 0.2 else None,
            shipping_address=homes[user.pk],
            status=rng.choices(Order.Status.values, weights=[25, 30, 30, 15])[0],
            note="Please ring twice." if rng.random() < 0.1 else "",
        )
        lines = [
            OrderItem(
                order=order,
                product_id=product.pk,
                quantity=rng.randrange(1, 5),
                unit_price=product.price,
            )
            for product in rng.sample(products, rng.randrange(1, 5))
        ]
        percent = 100 - (order.coupon.percent_off if order.coupon else 0)
        total = sum(line.line_total for line in lines) * percent / 100
        order.total = total.quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)
        orders.append(order)
        items.extend(lines)
    Order.objects.bulk_create(orders)
    OrderItem.objects.bulk_create(items)
    clock.date(Order, orders, lambda order: clock.before(days=180))
    make_payments(rng, clock, orders)
    return orders


def make_payments(rng, clock, orders):
    payments = []
    for order in orders:
        if order.status in {Order.Status.PAID, Order.Status.SHIPPED}:
            method = rng.choice(Payment.Method.values)
            reference = f"{method}-{order.id.hex[:12]}"
            payments.append(
                Payment(order=order, method=method, amount=order.total, reference=reference)
            )
    Payment.objects.bulk_create(payments)
    clock.date(Payment, payments, lambda payment: payment.order.created_at)


def pairs(rng, customers, products, count):
    """Return ``count`` different pairs of a customer and a product."""
    numbers = rng.sample(range(len(customers) * len(products)), count)
    return [
        (customers[number % len(customers)], products[number // len(customers)])
        for number in numbers
    ]


def make_reviews(rng, clock, count, customers, products):
    reviews = []
    for user, product in pairs(rng, customers, products, count):
        rating = rng.choices([1, 2, 3, 4, 5], weights=[5, 10, 20, 35, 30])[0]
        title = rng.choice(words.REVIEW_TITLES[rating])
        body = f"{title}. I use it every day." if rng.random() < 0.6 else ""
        reviews.append(
            Review(user=user, product_id=product.pk, rating=rating, title=title, body=body)
        )
    Review.objects.bulk_create(reviews)
    clock.date(Review, reviews, lambda review: clock.before(days=180))


def make_wishlists(rng, clock, count, customers, products):
    items = [
        WishlistItem(user=user, product_id=product.pk)
        for user, product in pairs(rng, customers, products, count)
    ]
    WishlistItem.objects.bulk_create(items)
    clock.date(WishlistItem, items, lambda item: clock.before(days=90))


def make_activity(clock, orders):
    entries = [
        Activity(actor=order.user, verb="placed", target=order, details={"total": str(order.total)})
        for order in orders
    ]
    Activity.objects.bulk_create(entries)
    clock.date(Activity, entries, lambda entry: entry.target.created_at)
