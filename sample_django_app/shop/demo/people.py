from accounts.models import Address, User
from django.contrib.auth.hashers import make_password

from . import words

PASSWORD = "shop-demo-password"


def make_users(rng, clock, count):
    """Make two members of staff and ``count`` customers; all have the same password."""
    # Hashing is slow by design: one hash for everybody, and a fixed salt to make it repeatable.
    password = make_password(PASSWORD, salt=f"{rng.getrandbits(128):032x}")
    joined = clock.before(days=400)
    staff = [
        User(email="admin@shop.example", first_name="Admin", is_staff=True, is_superuser=True),
        User(email="support@shop.example", first_name="Support", is_staff=True),
    ]
    customers = [
        User(
            email=f"customer{number}@mail.example",
            first_name=rng.choice(words.FIRST_NAMES),
            last_name=rng.choice(words.LAST_NAMES),
            phone=f"+49 30 {rng.randrange(10**6, 10**7)}" if rng.random() < 0.5 else "",
            newsletter=rng.random() < 0.3,
        )
        for number in range(1, count + 1)
    ]
    for user in staff + customers:
        user.password = password
        user.date_joined = joined
    User.objects.bulk_create(staff + customers)
    return staff, customers


def make_addresses(rng, clock, customers):
    addresses = []
    for user in customers:
        for number in range(rng.choice([1, 1, 2])):
            city, country = rng.choice(words.CITIES)
            addresses.append(
                Address(
                    user=user,
                    label="Office" if number else "Home",
                    street=f"{rng.choice(words.STREETS)} {rng.randrange(1, 200)}",
                    city=city,
                    postal_code=f"{rng.randrange(10**4, 10**5)}",
                    country=country,
                    is_default=number == 0,
                )
            )
    Address.objects.bulk_create(addresses)
    clock.date(Address, addresses, lambda address: clock.before(days=300))
    return addresses
