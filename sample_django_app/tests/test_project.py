import json
import logging
import re
from datetime import timedelta
from io import StringIO

import pytest
from accounts.models import User
from catalog.models import Product
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone
from orders.models import Order
from shop import database
from shop.middleware import RequestIDFilter, current_request_id


def test_every_answer_has_a_request_id(anonymous):
    assert re.fullmatch(r"[0-9a-f]{32}", anonymous.get("/healthz")["X-Request-ID"])


@pytest.mark.parametrize(
    ("sent", "kept"), [("trace-12345678", True), ("short", False), ("with spaces in it", False)]
)
def test_a_sensible_request_id_is_kept(anonymous, sent, kept):
    received = anonymous.get("/healthz", headers={"X-Request-ID": sent})["X-Request-ID"]
    assert (received == sent) is kept


def test_log_records_carry_the_request_id():
    record = logging.makeLogRecord({})
    token = current_request_id.set("abcdefgh")
    assert RequestIDFilter().filter(record)
    current_request_id.reset(token)
    assert record.request_id == "abcdefgh"


def test_errors_carry_a_code(anonymous):
    body = anonymous.get("/api/products/999/").json()
    assert body == {"detail": "No Product matches the given query.", "code": "not_found"}


def test_broken_json_is_refused(client):
    response = client.post("/api/addresses/", "{", content_type="application/json")
    assert (response.status_code, response.json()["code"]) == (400, "parse_error")


def test_cors_knows_the_web_shop(anonymous):
    known = anonymous.get("/healthz", headers={"Origin": "http://localhost:3000"})
    assert known["Access-Control-Allow-Origin"] == "http://localhost:3000"
    unknown = anonymous.get("/healthz", headers={"Origin": "http://elsewhere.example"})
    assert "Access-Control-Allow-Origin" not in unknown


def test_the_home_page_shows_what_is_new(anonymous, product, draft):
    page = anonymous.get("/").content.decode()
    assert "Kettle (Kitchen): 19.99 EUR" in page
    assert "Secret" not in page


@pytest.mark.parametrize(
    "path",
    [
        "accounts/user",
        "accounts/address",
        "catalog/product",
        "catalog/digitalproduct",
        "orders/order",
        "reviews/review",
        "reports/activity",
    ],
)
def test_the_admin_lists(make_user, anonymous, path, make_review, make_order, make_digital):
    make_review(), make_order(), make_digital()
    anonymous.force_login(make_user(is_staff=True, is_superuser=True))
    assert anonymous.get(f"/admin/{path}/").status_code == 200


def test_the_admin_marks_paid_orders_as_shipped(make_user, anonymous, make_order):
    paid, pending = make_order(status=Order.Status.PAID), make_order()
    anonymous.force_login(make_user(is_staff=True, is_superuser=True))
    data = {"action": "mark_shipped", "_selected_action": [paid.pk, pending.pk]}
    anonymous.post("/admin/orders/order/", data)
    paid.refresh_from_db()
    pending.refresh_from_db()
    assert (paid.status, pending.status) == ("shipped", "pending")


def test_stale_orders_are_cancelled(make_order, product):
    stale, fresh = make_order(product=product, quantity=4), make_order()
    Order.objects.filter(pk=stale.pk).update(created_at=timezone.now() - timedelta(days=20))
    out = StringIO()
    call_command("cancel_stale_orders", "--dry-run", stdout=out)
    assert "1 orders would be cancelled" in out.getvalue()
    call_command("cancel_stale_orders", stdout=out)
    stale.refresh_from_db()
    fresh.refresh_from_db()
    product.refresh_from_db()
    assert (stale.status, fresh.status, product.stock) == ("cancelled", "pending", 10)


def dump():
    """Return what was made, without keys: sequences go on after a rollback."""
    out = StringIO()
    call_command("dumpdata", "--natural-foreign", "catalog.product", "orders", stdout=out)
    rows = json.loads(out.getvalue())
    for row in rows:
        if isinstance(row["pk"], int):
            del row["pk"]
        for name in ("product", "category", "tags", "shipping_address", "coupon"):
            row["fields"].pop(name, None)
    return rows


def test_the_seed_decides_about_the_data(db):
    dumps = []
    for seed in (3, 3, 4):
        with transaction.atomic():
            call_command("seed", seed=seed, products=150, stdout=StringIO())
            dumps.append(dump())
            transaction.set_rollback(True)
    assert dumps[0] == dumps[1] != dumps[2]


def test_seeding_fills_an_empty_shop_only(anonymous):
    call_command("seed", products=150, stdout=StringIO())
    assert Product.all_objects.count() == 150
    assert User.objects.get(email="admin@shop.example").check_password("shop-demo-password")
    assert anonymous.get("/api/products/").json()["count"] > 50
    with pytest.raises(CommandError, match="products already"):
        call_command("seed", stdout=StringIO())


def test_every_seeded_total_is_what_its_items_say(db):
    call_command("seed", products=150, stdout=StringIO())
    for order in Order.objects.prefetch_related("items")[:20]:
        before = order.total
        order.recompute_total()
        assert order.total == before


@pytest.mark.django_db(transaction=True)
def test_products_from_before_slugs_get_them():
    executor = MigrationExecutor(connection)
    executor.migrate([("catalog", "0002_product_slug")])
    old = executor.loader.project_state([("catalog", "0002_product_slug")]).apps
    category = old.get_model("catalog", "Category").objects.create(name="Kitchen", slug="kitchen")
    for number in (1, 2):
        old.get_model("catalog", "Product").objects.create(
            name="Kettle", sku=f"KET-00{number}", price=1, category=category
        )
    MigrationExecutor(connection).migrate([("catalog", "0004_product_slug_unique")])
    slugs = Product.objects.order_by("pk").values_list("slug", flat=True)
    assert list(slugs) == ["kettle", "kettle-2"]


def test_no_migration_is_missing(db):
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


def test_a_postgresql_url_is_read():
    settings = database.from_url("postgresql://shop:p%40ss@db.example:5433/orders?sslmode=require")
    assert settings == {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": "orders",
        "USER": "shop",
        "PASSWORD": "p@ss",
        "HOST": "db.example",
        "PORT": "5433",
        "OPTIONS": {"sslmode": "require"},
    }


def test_a_sqlite_url_is_read():
    assert database.from_url("sqlite:////var/shop.sqlite3")["NAME"] == "/var/shop.sqlite3"
    assert database.from_url("sqlite:///shop.sqlite3")["NAME"] == "shop.sqlite3"


def test_other_databases_are_refused():
    with pytest.raises(ValueError, match="unsupported scheme: 'oracle'"):
        database.from_url("oracle://localhost/shop")
