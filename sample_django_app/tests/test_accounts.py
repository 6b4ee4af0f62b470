import pytest
from accounts.models import User
from django.db import IntegrityError
from rest_framework.authtoken.models import Token
from rest_framework.test import APIClient

from .conftest import PASSWORD

REGISTRATION = {"email": "new@mail.example", "password": "correct-horse-battery"}


def test_registering_makes_a_user_who_can_sign_in(anonymous):
    response = anonymous.post("/api/auth/register/", REGISTRATION)
    assert response.status_code == 201
    assert response.json() == {
        "id": User.objects.get().pk,
        "email": "new@mail.example",
        "first_name": "",
        "last_name": "",
        "newsletter": False,
    }
    assert User.objects.get().check_password(REGISTRATION["password"])


def test_registration_lowers_the_email_address(anonymous):
    anonymous.post("/api/auth/register/", {**REGISTRATION, "email": "New@Mail.Example"})
    assert User.objects.get().email == "new@mail.example"


@pytest.mark.parametrize("email", ["ada@mail.example", "ADA@mail.example"])
def test_an_email_address_registers_once(anonymous, user, email):
    response = anonymous.post("/api/auth/register/", {**REGISTRATION, "email": email})
    assert response.status_code == 400
    assert response.json() == {"email": ["This email address is already registered."]}


@pytest.mark.parametrize("password", ["short", "12345678901", "password123"])
def test_weak_passwords_are_refused(anonymous, password):
    response = anonymous.post("/api/auth/register/", {**REGISTRATION, "password": password})
    assert response.status_code == 400
    assert list(response.json()) == ["password"]


def test_registration_needs_email_and_password(anonymous):
    response = anonymous.post("/api/auth/register/", {})
    assert response.status_code == 400
    assert set(response.json()) == {"email", "password"}


def test_a_token_opens_the_api(anonymous, user):
    credentials = {"username": user.email, "password": PASSWORD}
    token = anonymous.post("/api/auth/token/", credentials).json()["token"]
    assert token == Token.objects.get(user=user).key
    anonymous.credentials(HTTP_AUTHORIZATION=f"Token {token}")
    assert anonymous.get("/api/me/").status_code == 200


def test_a_wrong_password_gets_no_token(anonymous, user):
    credentials = {"username": user.email, "password": "wrong"}
    response = anonymous.post("/api/auth/token/", credentials)
    assert response.status_code == 400
    assert response.json() == {"non_field_errors": ["Unable to log in with provided credentials."]}


def test_jwt_opens_the_api_and_is_refreshed(anonymous, user):
    pair = anonymous.post("/api/auth/jwt/", {"email": user.email, "password": PASSWORD}).json()
    refreshed = anonymous.post("/api/auth/jwt/refresh/", {"refresh": pair["refresh"]}).json()
    for access in (pair["access"], refreshed["access"]):
        anonymous.credentials(HTTP_AUTHORIZATION=f"Bearer {access}")
        assert anonymous.get("/api/me/").status_code == 200


def test_jwt_refuses_wrong_passwords_and_broken_tokens(anonymous, user):
    wrong = anonymous.post("/api/auth/jwt/", {"email": user.email, "password": "wrong"})
    assert wrong.status_code == 401
    assert wrong.json()["code"] == "no_active_account"
    anonymous.credentials(HTTP_AUTHORIZATION="Bearer broken")
    broken = anonymous.get("/api/me/")
    assert broken.status_code == 401
    assert broken.json()["code"] == "token_not_valid"


def test_anonymous_people_have_no_profile(anonymous):
    response = anonymous.get("/api/me/")
    assert response.status_code == 401
    assert response["WWW-Authenticate"] == 'Bearer realm="api"'
    assert response.json()["code"] == "not_authenticated"


def test_the_profile_shows_the_signed_in_user(client, user):
    profile = client.get("/api/me/").json()
    assert profile["id"] == user.pk
    assert profile["full_name"] == "Ada Lovelace"
    assert "password" not in profile


def test_the_profile_is_changed_in_part_or_as_a_whole(client, user):
    assert client.patch("/api/me/", {"phone": "+49 30 123456"}).status_code == 200
    assert client.put("/api/me/", {"first_name": "Augusta"}).status_code == 200
    user.refresh_from_db()
    assert (user.first_name, user.phone) == ("Augusta", "+49 30 123456")


def test_email_and_staff_flag_are_read_only(client, user):
    response = client.patch("/api/me/", {"email": "x@mail.example", "is_staff": True})
    assert response.status_code == 200
    user.refresh_from_db()
    assert (user.email, user.is_staff) == ("ada@mail.example", False)


def test_a_phone_number_has_digits(client):
    response = client.patch("/api/me/", {"phone": "call me"})
    assert response.status_code == 400
    assert response.json() == {"phone": ["Enter a valid phone number."]}


ADDRESS = {"street": "1 Main St", "city": "Berlin", "postal_code": "10115", "country": "de"}


def test_an_address_belongs_to_who_made_it(client, user):
    response = client.post("/api/addresses/", ADDRESS)
    assert response.status_code == 201
    assert response.json()["country"] == "DE"
    assert user.addresses.get().street == "1 Main St"


@pytest.mark.parametrize("country", ["D", "D1", "DEU"])
def test_a_country_has_two_letters(client, country):
    assert client.post("/api/addresses/", {**ADDRESS, "country": country}).status_code == 400


def test_addresses_come_as_a_plain_list_default_first(client, make_address):
    first, second = make_address(), make_address(is_default=True)
    assert [row["id"] for row in client.get("/api/addresses/").json()] == [second.pk, first.pk]


def test_addresses_of_others_are_not_found(other_client, make_address):
    address = make_address()
    assert other_client.get("/api/addresses/").json() == []
    assert other_client.get(f"/api/addresses/{address.pk}/").status_code == 404
    assert other_client.delete(f"/api/addresses/{address.pk}/").status_code == 404


def test_an_address_is_changed_and_deleted(client, user, make_address):
    address = make_address()
    url = f"/api/addresses/{address.pk}/"
    assert client.put(url, {**ADDRESS, "city": "Lyon"}).json()["city"] == "Lyon"
    assert client.patch(url, {"label": "Office"}).json()["label"] == "Office"
    assert client.delete(url).status_code == 204
    assert not user.addresses.exists()


def test_the_default_moves_to_another_address(client, make_address):
    old, new = make_address(is_default=True), make_address()
    response = client.post(f"/api/addresses/{new.pk}/make-default/")
    assert response.json()["is_default"] is True
    old.refresh_from_db()
    assert old.is_default is False


def test_the_database_allows_one_default_address(make_address):
    make_address(is_default=True)
    with pytest.raises(IntegrityError):
        make_address(is_default=True)


def test_the_login_page_signs_people_in(user):
    browser = APIClient()
    assert b"<h1>Sign in</h1>" in browser.get("/accounts/login/").content
    credentials = {"username": user.email, "password": PASSWORD}
    response = browser.post("/accounts/login/", credentials)
    assert (response.status_code, response["Location"]) == (302, "/")
    assert browser.get("/api/me/").json()["email"] == user.email


def test_a_session_needs_the_csrf_token_to_write(user):
    browser = APIClient(enforce_csrf_checks=True)
    browser.force_login(user)
    response = browser.patch("/api/me/", {"first_name": "Eve"})
    assert response.status_code == 403
    assert response.json()["code"] == "permission_denied"


def test_signing_out_ends_the_session(user):
    browser = APIClient()
    browser.force_login(user)
    assert browser.post("/accounts/logout/").status_code == 302
    assert browser.get("/api/me/").status_code == 401


def test_inactive_users_are_kept_out(anonymous, make_user):
    user = make_user(is_active=False)
    credentials = {"username": user.email, "password": PASSWORD}
    assert anonymous.post("/api/auth/token/", credentials).status_code == 400
