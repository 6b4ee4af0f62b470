"""Two requests at once, on a database that can have two."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from catalog.models import Category, Product
from django.db import connection
from orders.models import Order

from .conftest import signed_in


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(
    connection.vendor == "sqlite", reason="threads of a test share one SQLite connection"
)
def test_the_last_piece_is_sold_once(make_user):
    category = Category.objects.create(name="Kitchen", slug="kitchen")
    product = Product.objects.create(
        name="Kettle", sku="KET-1", category=category, price=10, stock=1, status="published"
    )

    def buy(user):
        data = {"items": [{"product": product.pk, "quantity": 1}]}
        try:
            return signed_in(user).post("/api/orders/", data, format="json").status_code
        finally:
            connection.close()

    users = [make_user() for _ in range(4)]
    with ThreadPoolExecutor(len(users)) as pool:
        statuses = sorted(pool.map(buy, users))
    assert statuses == [201, 400, 400, 400]
    assert Order.objects.count() == 1
    product.refresh_from_db()
    assert product.stock == 0
