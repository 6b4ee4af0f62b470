from decimal import Decimal

import pytest
from catalog.models import StockMovement
from django.core import mail
from orders.models import Coupon, Order, Payment


@pytest.fixture
def data(product):
    return {"items": [{"product": product.pk, "quantity": 3}]}


def post(client, data, path="/api/orders/"):
    return client.post(path, data, format="json")


def test_an_order_takes_the_goods_from_stock(client, user, product, data):
    response = post(client, data)
    assert response.status_code == 201
    order = Order.objects.get(pk=response.json()["id"])
    assert (order.user, order.status) == (user, Order.Status.PENDING)
    assert response.json()["total"] == "59.97"
    product.refresh_from_db()
    assert product.stock == 7
    assert StockMovement.objects.get().quantity == -3


def test_the_answer_nests_items(client, product, data):
    item = post(client, data).json()["items"][0]
    assert item["product"] == product.pk
    assert (item["product_name"], item["unit_price"], item["line_total"]) == (
        "Kettle",
        "19.99",
        "59.97",
    )


def test_a_coupon_makes_it_cheaper(client, data, coupon):
    body = post(client, {**data, "coupon": coupon.code}).json()
    assert (body["total"], body["coupon"]) == ("53.97", "TENOFF")


@pytest.mark.parametrize(
    "change",
    [{"is_active": False}, {"valid_until": "2020-02-01"}, {"valid_from": "2099-01-01"}],
)
def test_a_coupon_works_on_its_days_only(client, data, coupon, change):
    Coupon.objects.update(**change)
    response = post(client, {**data, "coupon": coupon.code})
    assert response.json() == {"coupon": ["This coupon is not valid today."]}


def test_an_unknown_coupon_is_refused(client, data):
    response = post(client, {**data, "coupon": "NOPE"})
    assert response.json() == {"coupon": ["Object with code=NOPE does not exist."]}


def test_more_than_the_stock_is_refused_and_nothing_stays(client, product, data, make_product):
    plenty = make_product(name="Plenty", stock=100)
    items = [{"product": plenty.pk, "quantity": 1}, {"product": product.pk, "quantity": 11}]
    response = post(client, {"items": items})
    assert response.status_code == 400
    assert response.json() == {"items": ["Only 10 of Kettle in stock."]}
    assert not Order.objects.exists()
    plenty.refresh_from_db()
    assert plenty.stock == 100


@pytest.mark.parametrize("items", [[], None, "x", [{}], [{"product": 999, "quantity": 1}]])
def test_items_are_validated(client, items):
    response = post(client, {"items": items})
    assert response.status_code == 400
    assert list(response.json()) == ["items"]


@pytest.mark.parametrize("quantity", [0, -1, "two"])
def test_quantities_are_positive_numbers(client, product, quantity):
    response = post(client, {"items": [{"product": product.pk, "quantity": quantity}]})
    assert response.status_code == 400
    # DRF before 3.18 answers with a list, later ones with an object keyed by position.
    errors = response.json()["items"]
    assert list(errors[0] if isinstance(errors, list) else errors["0"]) == ["quantity"]


def test_a_product_appears_once(client, data):
    response = post(client, {"items": data["items"] * 2})
    assert response.json() == {"items": ["Each product may appear only once."]}


def test_drafts_are_not_for_sale(client, draft):
    response = post(client, {"items": [{"product": draft.pk, "quantity": 1}]})
    assert response.status_code == 400


def test_parcels_go_to_addresses_of_the_customer(client, data, make_address, other):
    own, foreign = make_address(), make_address(user=other)
    assert post(client, {**data, "shipping_address": own.pk}).status_code == 201
    response = post(client, {**data, "shipping_address": foreign.pk})
    assert response.json() == {"shipping_address": ["This is not one of your addresses."]}


def test_a_mail_confirms_the_order(client, user, data, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        post(client, data)
        assert mail.outbox == []
    assert mail.outbox[0].to == [user.email]
    assert "3 x Kettle: 59.97 EUR" in mail.outbox[0].body


def test_no_mail_without_an_order(client, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        post(client, {"items": []})
    assert mail.outbox == []


def test_the_list_is_short_and_newest_first(client, make_order):
    first, second = make_order(), make_order()
    body = client.get("/api/orders/").json()
    assert set(body) == {"next", "previous", "results"}
    assert [row["id"] for row in body["results"]] == [str(second.pk), str(first.pk)]
    assert body["results"][0]["item_count"] == 1


def test_the_cursor_leads_through_all_orders(client, make_order, settings):
    orders = {str(make_order().pk) for _ in range(22)}
    page = client.get("/api/orders/").json()
    assert len(page["results"]) == 20
    rest = client.get(page["next"]).json()
    assert rest["next"] is None
    assert {row["id"] for row in page["results"] + rest["results"]} == orders


def test_orders_are_filtered_by_status(client, make_order):
    make_order()
    assert client.get("/api/orders/", {"status": "paid"}).json()["results"] == []
    assert client.get("/api/orders/", {"status": "lost"}).status_code == 400


def test_orders_of_others_are_not_found(other_client, make_order):
    order = make_order()
    assert other_client.get("/api/orders/").json()["results"] == []
    for method, path in [("get", ""), ("post", "cancel/"), ("post", "pay/")]:
        response = getattr(other_client, method)(f"/api/orders/{order.pk}/{path}")
        assert response.status_code == 404


def test_anonymous_people_do_not_order(anonymous, data):
    assert post(anonymous, data).status_code == 401
    assert post(anonymous, data, "/api/checkout/").status_code == 401
    assert anonymous.get("/api/orders/").status_code == 401


def test_orders_are_never_edited(client, make_order):
    order = make_order()
    for method in ("put", "patch", "delete"):
        assert getattr(client, method)(f"/api/orders/{order.pk}/").status_code == 405


def test_a_malformed_id_is_not_found(client):
    assert client.get("/api/orders/not-a-uuid/").status_code == 404


def test_paying_an_order(client, make_order):
    order = make_order()
    response = client.post(f"/api/orders/{order.pk}/pay/", {"method": "card"})
    assert response.status_code == 200
    assert response.json()["status"] == "paid"
    assert response.json()["payment"]["amount"] == str(order.total)
    assert Payment.objects.get().reference == f"card-{order.pk.hex[:12]}"


def test_paying_twice_is_a_conflict(client, make_order):
    url = f"/api/orders/{make_order().pk}/pay/"
    client.post(url, {"method": "card"})
    response = client.post(url, {"method": "card"})
    assert response.status_code == 409
    assert response.json() == {"detail": "The order is paid.", "code": "paid"}


def test_an_unknown_way_of_paying_is_refused(client, make_order):
    response = client.post(f"/api/orders/{make_order().pk}/pay/", {"method": "shells"})
    assert response.json() == {"method": ['"shells" is not a valid choice.']}


def test_cancelling_puts_the_goods_back(client, make_order, product):
    order = make_order(product=product, quantity=4)
    response = client.post(f"/api/orders/{order.pk}/cancel/")
    assert response.json()["status"] == "cancelled"
    product.refresh_from_db()
    assert product.stock == 10
    assert [entry.verb for entry in order.activity.all()] == ["cancelled", "placed"]


@pytest.mark.parametrize("status", ["shipped", "cancelled"])
def test_what_is_gone_is_not_cancelled(client, make_order, status):
    order = make_order()
    Order.objects.update(status=status)
    response = client.post(f"/api/orders/{order.pk}/cancel/")
    assert (response.status_code, response.json()["code"]) == (409, status)


def test_checkout_orders_and_pays(client, data):
    response = post(client, {**data, "method": "invoice"}, "/api/checkout/")
    assert response.status_code == 201
    assert response.json()["status"] == "paid"
    assert response.json()["payment"]["method"] == "invoice"


def test_checkout_needs_a_way_of_paying(client, data):
    response = post(client, data, "/api/checkout/")
    assert response.json() == {"method": ["This field is required."]}
    assert not Order.objects.exists()


def test_checkout_out_of_stock_leaves_nothing(client, product):
    items = [{"product": product.pk, "quantity": 11}]
    assert post(client, {"items": items, "method": "card"}, "/api/checkout/").status_code == 400
    assert not Order.objects.exists()
    assert not Payment.objects.exists()


def test_the_total_follows_the_items(make_order, make_product):
    order = make_order(quantity=1)
    item = order.items.create(product=make_product(), quantity=2, unit_price=Decimal("1.25"))
    order.refresh_from_db()
    assert order.total == Decimal("12.50")
    item.delete()
    order.refresh_from_db()
    assert order.total == Decimal("10.00")


def test_a_deleted_coupon_leaves_the_order(client, make_order, coupon):
    order = make_order(coupon=coupon)
    coupon.delete()
    assert client.get(f"/api/orders/{order.pk}/").json()["coupon"] is None


def test_a_hidden_product_stays_in_the_order(client, make_order, product):
    order = make_order(product=product)
    product.soft_delete()
    body = client.get(f"/api/orders/{order.pk}/").json()
    assert body["items"][0]["product_name"] == "Kettle"
