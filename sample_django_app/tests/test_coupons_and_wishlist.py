import pytest
from orders.models import Coupon, WishlistItem

COUPON = {
    "code": "SPRING15",
    "percent_off": 15,
    "valid_from": "2026-03-01",
    "valid_until": "2026-05-31",
}


def test_staff_keeps_the_coupons(staff_client):
    made = staff_client.post("/api/coupons/", COUPON, format="json")
    assert made.status_code == 201
    url = f"/api/coupons/{made.json()['id']}/"
    assert staff_client.get(url).json()["is_active"] is True
    assert staff_client.put(url, {**COUPON, "percent_off": 20}).json()["percent_off"] == 20
    assert staff_client.patch(url, {"valid_until": "2026-06-30"}).status_code == 200
    assert staff_client.delete(url).status_code == 204


@pytest.mark.parametrize(("who", "status"), [("anonymous", 401), ("client", 403)])
def test_coupons_are_for_staff(request, coupon, who, status):
    client = request.getfixturevalue(who)
    assert client.get("/api/coupons/").status_code == status
    assert client.post("/api/coupons/", COUPON).status_code == status
    assert client.get(f"/api/coupons/{coupon.pk}/").status_code == status


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("code", "spring"),
        ("code", "SPRING-15"),
        ("code", "TENOFF"),
        ("percent_off", 0),
        ("percent_off", 91),
        ("valid_until", "2026-02-01"),
        ("valid_from", "yesterday"),
    ],
)
def test_coupons_are_validated(staff_client, coupon, field, value):
    response = staff_client.post("/api/coupons/", {**COUPON, field: value})
    assert response.status_code == 400
    assert list(response.json()) == [field]


def test_a_changed_day_is_compared_with_the_other(staff_client, coupon):
    response = staff_client.patch(f"/api/coupons/{coupon.pk}/", {"valid_until": "2019-01-01"})
    assert response.json() == {"valid_until": ["The last day cannot be before the first."]}


def test_coupons_are_filtered_by_activity(staff_client, coupon):
    assert staff_client.get("/api/coupons/", {"is_active": "false"}).json()["count"] == 0
    assert staff_client.get("/api/coupons/", {"is_active": "true"}).json()["count"] == 1


@pytest.mark.parametrize(
    ("day", "count"), [("2019-12-31", 0), ("2020-01-01", 1), ("2099-12-31", 1), ("2100-01-01", 0)]
)
def test_the_queryset_knows_the_valid_days(coupon, day, count):
    assert Coupon.objects.valid_on(day).count() == count


def test_a_wish_is_remembered(client, user, product):
    response = client.post("/api/wishlist/", {"product": product.pk, "note": "for Bob"})
    assert response.status_code == 201
    assert "user" not in response.json()
    assert WishlistItem.objects.get().user == user


def test_a_product_is_wished_for_once(client, product):
    client.post("/api/wishlist/", {"product": product.pk})
    response = client.post("/api/wishlist/", {"product": product.pk})
    assert response.status_code == 400
    assert response.json() == {
        "non_field_errors": ["The fields user, product must make a unique set."]
    }


def test_two_people_may_wish_for_the_same(client, other_client, product):
    for who in (client, other_client):
        assert who.post("/api/wishlist/", {"product": product.pk}).status_code == 201
    assert client.get("/api/wishlist/").json()["count"] == 1


def test_a_wish_is_forgotten_by_its_owner(client, other_client, product):
    url = f"/api/wishlist/{client.post('/api/wishlist/', {'product': product.pk}).json()['id']}/"
    assert other_client.delete(url).status_code == 404
    assert client.delete(url).status_code == 204
    assert client.get("/api/wishlist/").json()["results"] == []


def test_wishes_need_a_user(anonymous):
    assert anonymous.get("/api/wishlist/").status_code == 401
