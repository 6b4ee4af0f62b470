import pytest
from django.db import IntegrityError
from rest_framework.throttling import ScopedRateThrottle
from reviews.models import Review


@pytest.fixture
def data(product):
    return {"product": product.pk, "rating": 5, "title": "Excellent"}


def test_a_review_carries_its_author(client, user, data):
    response = client.post("/api/reviews/", data)
    assert response.status_code == 201
    assert response.json()["author"] == "Ada"
    assert Review.objects.get().user == user


@pytest.mark.parametrize("rating", [0, 6, -1, "five", ""])
def test_ratings_go_from_one_to_five(client, data, rating):
    response = client.post("/api/reviews/", {**data, "rating": rating})
    assert response.status_code == 400
    assert list(response.json()) == ["rating"]


def test_one_review_per_product(client, other_client, data):
    assert client.post("/api/reviews/", data).status_code == 201
    response = client.post("/api/reviews/", data)
    assert response.json() == {"non_field_errors": ["You have already reviewed this product."]}
    assert other_client.post("/api/reviews/", data).status_code == 201


def test_drafts_are_not_reviewed(client, data, draft):
    response = client.post("/api/reviews/", {**data, "product": draft.pk})
    assert list(response.json()) == ["product"]


def test_everybody_reads_reviews(anonymous, make_review):
    review = make_review()
    assert anonymous.get(f"/api/reviews/{review.pk}/").json()["title"] == "Good"


def test_anonymous_people_do_not_write(anonymous, data):
    assert anonymous.post("/api/reviews/", data).status_code == 401


def test_limit_and_offset(anonymous, make_review):
    for _ in range(12):
        make_review()
    body = anonymous.get("/api/reviews/").json()
    assert (body["count"], len(body["results"])) == (12, 10)
    assert "offset=10" in body["next"]
    body = anonymous.get("/api/reviews/", {"limit": 5, "offset": 10}).json()
    assert (len(body["results"]), body["next"]) == (2, None)


@pytest.mark.parametrize(("query", "count"), [({"rating": 5}, 1), ({"rating": 1}, 0)])
def test_reviews_are_filtered(anonymous, make_review, query, count):
    make_review(rating=5)
    make_review(rating=3)
    assert anonymous.get("/api/reviews/", query).json()["count"] == count


def test_reviews_are_ordered_by_rating(anonymous, make_review):
    for rating in (3, 5, 1):
        make_review(rating=rating)
    rows = anonymous.get("/api/reviews/", {"ordering": "-rating"}).json()["results"]
    assert [row["rating"] for row in rows] == [5, 3, 1]


def test_the_author_changes_a_review(client, make_review):
    review = make_review()
    response = client.patch(f"/api/reviews/{review.pk}/", {"rating": 2})
    assert (response.status_code, response.json()["rating"]) == (200, 2)


def test_a_review_stays_with_its_product(client, make_review, product):
    response = client.patch(f"/api/reviews/{make_review().pk}/", {"product": product.pk})
    assert response.json() == {"product": ["A review stays with its product."]}


def test_others_leave_a_review_alone(other_client, make_review):
    url = f"/api/reviews/{make_review().pk}/"
    response = other_client.patch(url, {"rating": 1})
    assert response.status_code == 403
    assert response.json()["detail"] == "Only the author may change this."
    assert other_client.delete(url).status_code == 403


def test_staff_removes_but_does_not_rewrite(staff_client, make_review):
    url = f"/api/reviews/{make_review().pk}/"
    assert staff_client.patch(url, {"rating": 1}).status_code == 403
    assert staff_client.delete(url).status_code == 204


def test_reviews_are_not_put(client, make_review):
    response = client.put(f"/api/reviews/{make_review().pk}/", {})
    assert response.status_code == 405


def test_reviews_are_throttled(client, make_review, monkeypatch):
    monkeypatch.setattr(ScopedRateThrottle, "THROTTLE_RATES", {"reviews": "2/min"})
    statuses = [client.get("/api/reviews/").status_code for _ in range(3)]
    assert statuses == [200, 200, 429]
    response = client.get("/api/reviews/")
    assert response.json()["code"] == "throttled"
    assert int(response["Retry-After"]) > 0


def test_the_database_refuses_six_stars(make_review):
    with pytest.raises(IntegrityError):
        make_review(rating=6)
