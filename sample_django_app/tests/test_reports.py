from datetime import timedelta

import pytest
from django.utils import timezone
from orders.models import Order
from orders.services import pay_order
from reports.models import Activity
from rest_framework.test import APIClient


@pytest.fixture
def sold(make_order, user, product):
    order = make_order(product=product, quantity=2)
    return pay_order(order, "card", user)


@pytest.mark.parametrize(("who", "status"), [("anonymous", 401), ("client", 403)])
@pytest.mark.parametrize(
    "path", ["/api/activity/", "/api/reports/sales/", "/api/reports/top-products/"]
)
def test_reports_are_for_staff(request, who, status, path):
    assert request.getfixturevalue(who).get(path).status_code == status


def test_sales_are_summed_up(staff_client, sold, make_order):
    make_order()
    body = staff_client.get("/api/reports/sales/").json()
    assert body["summary"]["orders"] == 1
    assert body["summary"] == {"orders": 1, "revenue": "39.98", "average": "39.98"}
    day = str(timezone.localdate())
    assert body["per_day"] == [{"day": day, "orders": 1, "revenue": "39.98"}]


def test_sales_without_orders(staff_client):
    body = staff_client.get("/api/reports/sales/").json()
    assert body == {"summary": {"orders": 0, "revenue": None, "average": None}, "per_day": []}


def test_old_sales_are_left_out(staff_client, sold):
    Order.objects.update(created_at=timezone.now() - timedelta(days=10))
    assert staff_client.get("/api/reports/sales/", {"days": 7}).json()["per_day"] == []
    assert staff_client.get("/api/reports/sales/", {"days": 14}).json()["per_day"] != []


@pytest.mark.parametrize("days", ["0", "4000", "week"])
def test_the_period_is_validated(staff_client, days):
    response = staff_client.get("/api/reports/sales/", {"days": days})
    assert response.status_code == 400
    assert list(response.json()) == ["days"]


def test_the_best_sellers(staff_client, sold, product, make_order):
    make_order()
    rows = staff_client.get("/api/reports/top-products/").json()
    assert rows == [
        {
            "id": product.pk,
            "name": "Kettle",
            "sku": "KET-1000",
            "units": 2,
            "revenue": "39.98",
        }
    ]


def test_the_log_tells_who_did_what(staff_client, sold, user):
    body = staff_client.get("/api/activity/").json()["data"]
    newest = body["results"][0]
    assert (newest["actor"], newest["verb"]) == (user.email, "paid")
    assert (newest["target_type"], newest["object_id"]) == ("order", str(sold.pk))
    assert newest["details"] == {"method": "card"}


def test_the_log_is_filtered(staff_client, sold, user, staff):
    def count(**query):
        return staff_client.get("/api/activity/", query).json()["data"]["count"]

    assert count(verb="paid") == 1
    assert count(actor=user.pk) == 2
    assert count(actor=staff.pk) == 0


def test_the_log_outlives_its_actor(sold, staff, product):
    entry = Activity.objects.create(actor=staff, verb="looked", target=product)
    staff.delete()
    entry.refresh_from_db()
    assert entry.actor is None


def test_orders_are_exported_as_csv(staff, sold, user):
    browser = APIClient()
    browser.force_login(staff)
    response = browser.get("/reports/orders.csv")
    assert response["Content-Type"] == "text/csv"
    assert response.streaming
    lines = b"".join(response.streaming_content).decode().splitlines()
    assert lines[0] == "id,customer,status,coupon,total,created_at"
    assert lines[1].startswith(f"{sold.pk},{user.email},paid,,39.98,")


def test_the_export_sends_strangers_to_the_login(anonymous, user):
    response = anonymous.get("/reports/orders.csv")
    assert response.status_code == 302
    assert response["Location"].startswith("/admin/login/")


def test_health(anonymous):
    response = anonymous.get("/healthz")
    assert (response.status_code, response.json()) == (200, {"status": "ok"})
    assert anonymous.post("/healthz").status_code == 405
