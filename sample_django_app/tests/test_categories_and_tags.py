import pytest
from catalog.models import Category, Tag


@pytest.fixture
def pots(category):
    return Category.objects.create(name="Pots", slug="pots", parent=category)


def test_everybody_reads_categories(anonymous, category, pots):
    body = anonymous.get("/api/categories/").json()
    assert body["count"] == 2
    assert body["results"][1] == {
        "id": pots.pk,
        "name": "Pots",
        "slug": "pots",
        "description": "",
        "parent": category.pk,
        "position": 0,
    }


def test_categories_are_filtered_by_parent(anonymous, category, pots):
    body = anonymous.get("/api/categories/", {"parent": category.pk}).json()
    assert [row["id"] for row in body["results"]] == [pots.pk]


def test_one_category_is_read(anonymous, category):
    assert anonymous.get(f"/api/categories/{category.pk}/").json()["slug"] == "kitchen"


@pytest.mark.parametrize(("who", "status"), [("anonymous", 401), ("client", 403)])
def test_only_staff_changes_categories(request, category, who, status):
    client = request.getfixturevalue(who)
    url = f"/api/categories/{category.pk}/"
    assert client.post("/api/categories/", {"name": "A", "slug": "a"}).status_code == status
    assert client.put(url, {"name": "A", "slug": "a"}).status_code == status
    assert client.patch(url, {"name": "A"}).status_code == status
    assert client.delete(url).status_code == status


def test_staff_keeps_the_categories(staff_client, category):
    made = staff_client.post(
        "/api/categories/", {"name": "Pans", "slug": "pans", "parent": category.pk}
    )
    assert made.status_code == 201
    url = f"/api/categories/{made.json()['id']}/"
    assert staff_client.patch(url, {"position": 3}).json()["position"] == 3
    assert staff_client.put(url, {"name": "P", "slug": "p"}).json()["name"] == "P"
    assert staff_client.delete(url).status_code == 204


def test_a_category_slug_is_unique(staff_client, category):
    response = staff_client.post("/api/categories/", {"name": "K", "slug": "kitchen"})
    assert response.json() == {"slug": ["category with this slug already exists."]}


def test_a_category_is_not_below_itself(staff_client, category, pots):
    for parent in (category, pots):
        response = staff_client.patch(f"/api/categories/{category.pk}/", {"parent": parent.pk})
        assert response.status_code == 400
        assert response.json() == {"parent": ["A category cannot be below itself."]}


def test_a_category_in_use_stays(staff_client, category, product):
    response = staff_client.delete(f"/api/categories/{category.pk}/")
    assert response.status_code == 409
    assert response.json()["code"] == "protected"


def test_a_category_with_children_stays(staff_client, category, pots):
    assert staff_client.delete(f"/api/categories/{category.pk}/").status_code == 409


def test_the_tree_nests_and_counts(anonymous, category, pots, make_product):
    make_product(category=pots)
    make_product(category=pots, status="draft")
    make_product(category=pots).soft_delete()
    tree = anonymous.get("/api/categories/tree/").json()
    assert [(node["slug"], node["product_count"]) for node in tree] == [("kitchen", 0)]
    assert tree[0]["children"][0]["product_count"] == 1
    assert tree[0]["children"][0]["children"] == []


def test_tags_link_to_themselves(anonymous, tag):
    body = anonymous.get("/api/tags/").json()
    assert body["results"] == [
        {"url": "http://testserver/api/tags/new/", "name": "New", "slug": "new"}
    ]
    assert anonymous.get(body["results"][0]["url"]).json()["name"] == "New"


def test_staff_makes_tags(staff_client, client):
    data = {"name": "Sale", "slug": "sale"}
    assert client.post("/api/tags/", data).status_code == 403
    response = staff_client.post("/api/tags/", data)
    assert response.status_code == 201
    assert response["Location"] == "http://testserver/api/tags/sale/"
    assert Tag.objects.get().name == "Sale"


def test_tags_are_not_deleted_here(staff_client, tag):
    assert staff_client.delete("/api/tags/new/").status_code == 405
