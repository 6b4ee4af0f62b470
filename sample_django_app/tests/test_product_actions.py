from io import BytesIO

import pytest
from catalog.models import StockMovement
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image
from reports.models import Activity


def picture(name="kettle.png"):
    file = BytesIO()
    Image.new("RGB", (4, 4), "red").save(file, "PNG")
    return SimpleUploadedFile(name, file.getvalue(), content_type="image/png")


def test_publishing_shows_a_draft(staff_client, staff, anonymous, draft):
    response = staff_client.post(f"/api/products/{draft.pk}/publish/")
    assert response.status_code == 200
    assert response.json()["status"] == "published"
    assert anonymous.get(f"/api/products/{draft.pk}/").status_code == 200
    assert draft.activity.get().actor == staff


def test_publishing_twice_is_a_conflict(staff_client, product):
    response = staff_client.post(f"/api/products/{product.pk}/publish/")
    assert response.status_code == 409
    assert response.json() == {
        "detail": "The product is already published.",
        "code": "already_published",
    }


def test_restocking_adds_and_remembers(staff_client, staff, product):
    response = staff_client.post(f"/api/products/{product.pk}/restock/", {"quantity": 5})
    assert response.json() == {"id": product.pk, "stock": 15}
    movement = StockMovement.objects.get()
    assert (movement.quantity, movement.reason) == (5, "restock")
    assert movement.created_by == staff
    assert Activity.objects.get().details == {"quantity": 5}


@pytest.mark.parametrize("quantity", [0, -1, 10_001, "many", None])
def test_restocking_needs_a_sensible_quantity(staff_client, product, quantity):
    response = staff_client.post(
        f"/api/products/{product.pk}/restock/", {"quantity": quantity}, format="json"
    )
    assert response.status_code == 400
    assert list(response.json()) == ["quantity"]


def test_related_products_share_category_or_tag(anonymous, product, make_product, tag):
    elsewhere = product.category.__class__.objects.create(name="Garden", slug="garden")
    sibling = make_product(name="A sibling")
    tagged = make_product(name="B tagged", category=elsewhere)
    make_product(name="C stranger", category=elsewhere)
    product.tags.add(tag)
    tagged.tags.add(tag)
    sibling.tags.add(tag)
    related = anonymous.get(f"/api/products/{product.pk}/related/").json()
    assert [row["id"] for row in related] == [sibling.pk, tagged.pk]


def test_at_most_six_related_products(anonymous, product, make_product, draft):
    for _ in range(8):
        make_product()
    assert len(anonymous.get(f"/api/products/{product.pk}/related/").json()) == 6


def test_an_image_is_uploaded(staff_client, anonymous, product):
    response = staff_client.put(
        f"/api/products/{product.pk}/image/", {"image": picture()}, format="multipart"
    )
    assert response.status_code == 200
    url = anonymous.get(f"/api/products/{product.pk}/").json()["image"]
    assert url == response.json()["image"] == "http://testserver/media/products/kettle.png"


def test_what_is_no_image_is_refused(staff_client, product):
    file = SimpleUploadedFile("kettle.png", b"not a picture", content_type="image/png")
    url = f"/api/products/{product.pk}/image/"
    response = staff_client.put(url, {"image": file}, format="multipart")
    assert response.status_code == 400
    assert staff_client.put(url, {}, format="multipart").status_code == 400


def test_an_image_is_not_sent_as_json(staff_client, product):
    response = staff_client.put(f"/api/products/{product.pk}/image/", {"image": "x"}, format="json")
    assert response.status_code == 415


def test_digital_products_come_in_an_envelope(anonymous, make_digital):
    digital = make_digital(name="Manual")
    page = anonymous.get("/api/digital-products/").json()["data"]
    assert page["count"] == 1
    assert page["results"][0]["file_size"] == 5_000_000_000
    one = anonymous.get(f"/api/digital-products/{digital.pk}/").json()
    assert one["data"]["name"] == "Manual"


def test_digital_products_are_filtered_by_format(anonymous, make_digital):
    make_digital(file_format="epub")
    page = anonymous.get("/api/digital-products/", {"file_format": "pdf"}).json()["data"]
    assert page["results"] == []


def test_errors_come_without_envelope(anonymous, db):
    response = anonymous.get("/api/digital-products/999/")
    assert response.status_code == 404
    assert "data" not in response.json()


def test_a_digital_product_is_a_product(anonymous, make_digital):
    digital = make_digital()
    assert anonymous.get(f"/api/products/{digital.pk}/").status_code == 200
    assert anonymous.post("/api/digital-products/", {}).status_code == 405
