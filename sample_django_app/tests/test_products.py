from decimal import Decimal

import pytest
from catalog.models import Product
from django.db import IntegrityError
from django.utils import timezone


def names(response):
    return [row["name"] for row in response.json()["results"]]


@pytest.fixture
def data(category, tag):
    return {
        "name": "Copper Pan",
        "sku": "PAN-001",
        "category_id": category.pk,
        "tag_ids": [tag.pk],
        "price": "49.50",
        "attributes": {"size": 24},
    }


def test_the_list_shows_the_short_form(anonymous, product, tag):
    product.tags.add(tag)
    body = anonymous.get("/api/products/").json()
    assert (body["count"], body["next"], body["previous"]) == (1, None, None)
    row = body["results"][0]
    assert row["price"] == "19.99"
    assert row["tags"] == ["new"]
    assert row["category"]["slug"] == "kitchen"
    assert "description" not in row


def test_customers_see_published_products_only(anonymous, staff_client, product, draft):
    assert names(anonymous.get("/api/products/")) == ["Kettle"]
    assert names(staff_client.get("/api/products/")) == ["Kettle", "Secret"]
    assert anonymous.get(f"/api/products/{draft.pk}/").status_code == 404


@pytest.mark.parametrize(
    ("search", "found"),
    [("kett", ["Kettle"]), ("ket-", ["Kettle"]), ("boils", ["Kettle"]), ("1000", [])],
)
def test_search_looks_at_name_sku_and_description(anonymous, product, search, found):
    product.description = "Boils water."
    product.save()
    assert names(anonymous.get("/api/products/", {"search": search})) == found


def test_a_blank_search_finds_everything(anonymous, product):
    assert names(anonymous.get("/api/products/", {"search": "  "})) == ["Kettle"]


@pytest.mark.parametrize(
    ("ordering", "expected"),
    [
        ("price", ["Cheap", "Middle", "Dear"]),
        ("-price", ["Dear", "Middle", "Cheap"]),
        ("name", ["Cheap", "Dear", "Middle"]),
        ("nonsense", ["Cheap", "Dear", "Middle"]),
    ],
)
def test_ordering(anonymous, make_product, ordering, expected):
    for name, price in [("Dear", 30), ("Cheap", 10), ("Middle", 20)]:
        make_product(name=name, price=price)
    assert names(anonymous.get("/api/products/", {"ordering": ordering})) == expected


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"min_price": "20"}, ["Dear"]),
        ({"max_price": "20"}, ["Cheap"]),
        ({"in_stock": "true"}, ["Dear"]),
        ({"in_stock": "false"}, ["Cheap"]),
        ({"tag": "new"}, ["Dear"]),
        ({"status": "published"}, ["Cheap", "Dear"]),
        ({"sku": "DEA-100"}, ["Dear"]),
    ],
)
def test_filters(anonymous, make_product, tag, query, expected):
    make_product(name="Cheap", price=10, stock=0)
    make_product(name="Dear", sku="DEA-100", price=30).tags.add(tag)
    assert names(anonymous.get("/api/products/", query)) == expected


@pytest.mark.parametrize("query", [{"min_price": "x"}, {"category": "999"}, {"status": "lost"}])
def test_a_filter_that_makes_no_sense_is_refused(anonymous, product, query):
    response = anonymous.get("/api/products/", query)
    assert response.status_code == 400
    assert list(response.json()) == list(query)


def test_products_are_filtered_by_category(anonymous, product, category):
    assert names(anonymous.get("/api/products/", {"category": category.pk})) == ["Kettle"]


def test_pages(anonymous, make_product):
    for _ in range(5):
        make_product()
    body = anonymous.get("/api/products/", {"page_size": 2, "page": 2}).json()
    assert body["count"] == 5
    assert len(body["results"]) == 2
    assert "page=3" in body["next"]
    assert anonymous.get("/api/products/", {"page_size": 2, "page": 4}).status_code == 404


def test_the_detail_nests_category_and_tags(anonymous, product, tag, make_review, other):
    product.tags.add(tag)
    make_review(product=product, rating=5)
    make_review(product=product, rating=4, user=other)
    body = anonymous.get(f"/api/products/{product.pk}/").json()
    assert body["slug"] == "kettle"
    assert body["tags"] == [{"id": tag.pk, "name": "New", "slug": "new"}]
    assert body["status_label"] == "Published"
    assert body["average_rating"] == 4.5
    assert body["image"] is None


def test_no_reviews_no_rating(anonymous, product):
    assert anonymous.get(f"/api/products/{product.pk}/").json()["average_rating"] is None


def test_staff_makes_a_product(staff_client, data, tag):
    response = staff_client.post("/api/products/", data, format="json")
    assert response.status_code == 201
    product = Product.objects.get()
    assert response.json()["slug"] == product.slug == "copper-pan"
    assert (product.status, product.stock) == (Product.Status.DRAFT, 0)
    assert list(product.tags.all()) == [tag]


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("price", "0", "The price must be greater than zero."),
        ("price", "-1.00", "The price must be greater than zero."),
        ("price", "1.999", "Ensure that there are no more than 2 decimal places."),
        ("sku", "pan-1", "A SKU looks like ABC-12345."),
        ("attributes", [1, 2], "Attributes must be an object."),
        ("name", "", "This field may not be blank."),
        ("category_id", 999, 'Invalid pk "999" - object does not exist.'),
        ("released_on", "soon", "Date has wrong format."),
    ],
)
def test_products_are_validated(staff_client, data, field, value, message):
    response = staff_client.post("/api/products/", {**data, field: value}, format="json")
    assert response.status_code == 400
    assert list(response.json()) == [field]
    assert response.json()[field][0].startswith(message)


def test_a_sku_is_unique_among_live_products(staff_client, data, product):
    taken = {**data, "sku": product.sku}
    response = staff_client.post("/api/products/", taken, format="json")
    assert list(response.json()) == ["sku"]
    product.soft_delete()
    assert staff_client.post("/api/products/", taken, format="json").status_code == 201


def test_a_product_keeps_its_own_sku(staff_client, product):
    response = staff_client.patch(f"/api/products/{product.pk}/", {"sku": product.sku})
    assert response.status_code == 200


def test_equal_names_get_different_slugs(staff_client, data):
    for number in (1, 2, 3):
        sku = f"PAN-00{number}"
        staff_client.post("/api/products/", {**data, "sku": sku}, format="json")
    slugs = set(Product.objects.values_list("slug", flat=True))
    assert slugs == {"copper-pan", "copper-pan-2", "copper-pan-3"}


def test_put_and_patch_change_a_product(staff_client, product, data, tag):
    url = f"/api/products/{product.pk}/"
    assert staff_client.put(url, data, format="json").json()["price"] == "49.50"
    patched = staff_client.patch(url, {"tag_ids": [], "weight_kg": 1.25}, format="json").json()
    assert (patched["tags"], patched["weight_kg"]) == ([], 1.25)


def test_stock_and_status_are_not_set_directly(staff_client, product):
    staff_client.patch(f"/api/products/{product.pk}/", {"stock": 99, "status": "archived"})
    product.refresh_from_db()
    assert (product.stock, product.status) == (10, "published")


def test_deleting_hides_a_product(staff_client, product):
    assert staff_client.delete(f"/api/products/{product.pk}/").status_code == 204
    assert not Product.objects.exists()
    assert Product.all_objects.get().deleted_at <= timezone.now()
    assert staff_client.get(f"/api/products/{product.pk}/").status_code == 404


@pytest.mark.parametrize(("who", "status"), [("anonymous", 401), ("client", 403)])
@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("post", ""),
        ("put", "{pk}/"),
        ("patch", "{pk}/"),
        ("delete", "{pk}/"),
        ("post", "{pk}/publish/"),
        ("post", "{pk}/restock/"),
        ("put", "{pk}/image/"),
    ],
)
def test_only_staff_changes_products(request, product, who, status, method, path):
    client = request.getfixturevalue(who)
    response = getattr(client, method)("/api/products/" + path.format(pk=product.pk))
    assert response.status_code == status


def test_the_database_refuses_a_price_of_zero(make_product):
    with pytest.raises(IntegrityError):
        make_product(price=Decimal("0"))


def test_the_queryset_knows_what_is_on_sale(product, draft, make_product):
    make_product(stock=0)
    assert list(Product.objects.active().in_stock()) == [product]
