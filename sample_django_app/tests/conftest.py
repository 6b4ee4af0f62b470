from decimal import Decimal
from itertools import count

import pytest
from accounts.models import Address, User
from catalog.models import Category, DigitalProduct, Product, Tag
from django.core.cache import cache
from orders.models import Coupon
from orders.services import place_order
from rest_framework.test import APIClient
from reviews.models import Review

PASSWORD = "a-long-passphrase"


@pytest.fixture(autouse=True)
def surroundings(settings, tmp_path):
    """Files go to a temporary folder, passwords hash fast, no throttle history is kept."""
    settings.MEDIA_ROOT = tmp_path
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    cache.clear()


@pytest.fixture
def make_user(db):
    numbers = count(1)

    def make(**fields):
        fields.setdefault("email", f"user{next(numbers)}@mail.example")
        return User.objects.create_user(password=PASSWORD, **fields)

    return make


@pytest.fixture
def user(make_user):
    return make_user(email="ada@mail.example", first_name="Ada", last_name="Lovelace")


@pytest.fixture
def other(make_user):
    return make_user(email="bob@mail.example", first_name="Bob")


@pytest.fixture
def staff(make_user):
    return make_user(email="staff@shop.example", is_staff=True)


def signed_in(user):
    client = APIClient()
    client.force_authenticate(user)
    return client


@pytest.fixture
def anonymous(db):
    return APIClient()


@pytest.fixture
def client(user):
    return signed_in(user)


@pytest.fixture
def other_client(other):
    return signed_in(other)


@pytest.fixture
def staff_client(staff):
    return signed_in(staff)


@pytest.fixture
def category(db):
    return Category.objects.create(name="Kitchen", slug="kitchen")


@pytest.fixture
def tag(db):
    return Tag.objects.create(name="New", slug="new")


@pytest.fixture
def make_product(category):
    numbers = count(1)

    def make(model=Product, **fields):
        number = next(numbers)
        defaults = {
            "name": f"Product {number}",
            "sku": f"ABC-{number:04d}",
            "category": category,
            "price": Decimal("10.00"),
            "stock": 5,
            "status": Product.Status.PUBLISHED,
        }
        return model.objects.create(**{**defaults, **fields})

    return make


@pytest.fixture
def product(make_product):
    return make_product(name="Kettle", sku="KET-1000", price=Decimal("19.99"), stock=10)


@pytest.fixture
def draft(make_product):
    return make_product(name="Secret", status=Product.Status.DRAFT)


@pytest.fixture
def make_digital(make_product):
    def make(**fields):
        defaults = {
            "file_format": DigitalProduct.FileFormat.PDF,
            "file_size": 5_000_000_000,
            "download_url": "https://downloads.shop.example/1.pdf",
        }
        return make_product(DigitalProduct, **{**defaults, **fields})

    return make


@pytest.fixture
def make_address(user):
    def make(**fields):
        defaults = {"user": user, "street": "1 Main St", "city": "Berlin", "postal_code": "10115"}
        return Address.objects.create(**{**defaults, **fields})

    return make


@pytest.fixture
def coupon(db):
    return Coupon.objects.create(
        code="TENOFF", percent_off=10, valid_from="2020-01-01", valid_until="2099-12-31"
    )


@pytest.fixture
def make_order(user, make_product):
    def make(user=user, quantity=2, product=None, **fields):
        item = {"product": product or make_product(), "quantity": quantity}
        return place_order(user, [item], **fields)

    return make


@pytest.fixture
def make_review(user, make_product):
    def make(**fields):
        defaults = {"user": user, "rating": 4, "title": "Good"}
        if "product" not in fields:
            fields["product"] = make_product()
        return Review.objects.create(**{**defaults, **fields})

    return make
