"""The OpenAPI document tells what the wire has."""

from typing import Annotated, Any

import pytest
from starlette.requests import Request

from strangler.compat.application import create_app
from strangler.compat.credentials import Challenge
from strangler.compat.fields_text import Char
from strangler.compat.filtering import OrderingFilter, SearchFilter
from strangler.compat.permissions import AllowAny, IsAuthenticatedOrReadOnly
from strangler.compat.responses import Response
from strangler.compat.schemas import Valid, WriteSchema
from tests.compat import shop_new


class ThingWrite(WriteSchema):
    name: Annotated[str, Char(max_length=5)]


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    told = {"/": {"name": "Things", "description": "All the things."}}
    router = shop_new.Router(prefix="/things", metadata=told)

    @router.get("/", query=(shop_new.Numbered, SearchFilter("name"), OrderingFilter(("name",))))
    async def list_things() -> shop_new.Page[shop_new.ProductRead]: ...

    @router.put("/", permissions=[AllowAny])
    async def replace_things() -> dict[str, str]:
        """Throw all things away for others."""
        ...

    @router.patch(
        "/", permissions=[IsAuthenticatedOrReadOnly], authentication=[Challenge("Bearer")]
    )
    async def change_things() -> dict[str, str]: ...

    @router.get("/open/", permissions=[IsAuthenticatedOrReadOnly])
    async def show_things() -> dict[str, str]: ...

    @router.post("/", status_code=201, permissions=[shop_new.IsKnown])
    async def create_thing(
        session: shop_new.Session, data: Valid[ThingWrite]
    ) -> dict[str, str]: ...

    @router.get("/{pk:int}/")
    async def retrieve_thing(request: Request, pk: str) -> shop_new.ProductRead | Response: ...

    found: dict[str, Any] = create_app(router, shop_new.lists).openapi()
    return found


def test_paths_have_no_converters_and_heads(document: dict[str, Any]) -> None:
    assert set(document["paths"]) >= {"/things/", "/things/{pk}/", "/api/pages/"}
    assert set(document["paths"]["/things/"]) == {"get", "post", "put", "patch"}


def test_bodies_are_the_write_schemas(document: dict[str, Any]) -> None:
    operation = document["paths"]["/things/"]["post"]
    content = operation["requestBody"]["content"]
    assert set(content) >= {"application/json", "multipart/form-data"}
    assert content["application/json"]["schema"] == {"$ref": "#/components/schemas/ThingWrite"}
    assert document["components"]["schemas"]["ThingWrite"]["properties"]["name"]["maxLength"] == 5
    assert set(operation["responses"]) == {"201", "400", "401"}


def test_lists_name_their_parameters(document: dict[str, Any]) -> None:
    parameters = document["paths"]["/things/"]["get"]["parameters"]
    assert [one["name"] for one in parameters] == ["page", "size", "search", "ordering"]


def test_authenticators_become_security_schemes(document: dict[str, Any]) -> None:
    paths = document["paths"]
    assert paths["/things/"]["post"]["security"] == [{"HeaderAuthentication": []}]
    assert paths["/things/"]["get"]["security"] == [{"HeaderAuthentication": []}, {}]
    assert document["components"]["securitySchemes"]["HeaderAuthentication"]["in"] == "header"


def test_ready_made_responses_leave_the_schema_to_the_rest(document: dict[str, Any]) -> None:
    answer = document["paths"]["/things/{pk}/"]["get"]["responses"]["200"]
    assert set(document["paths"]["/things/{pk}/"]["get"]["responses"]) == {"200", "404"}
    schema = answer["content"]["application/json"]["schema"]
    assert schema == {"$ref": "#/components/schemas/ProductRead"}


def test_operations_are_called_after_their_functions(document: dict[str, Any]) -> None:
    """Names of Django's routes are the same for every method of a path."""
    paths = document["paths"]
    assert paths["/things/"]["post"]["summary"] == "Create thing"
    assert paths["/things/{pk}/"]["get"]["summary"] == "Retrieve thing"


def test_operations_are_found_by_the_names_of_their_functions(document: dict[str, Any]) -> None:
    """Names that generators of clients make methods of, each once."""
    paths = document["paths"]
    assert paths["/things/"]["post"]["operationId"] == "create_thing"
    found = [one["operationId"] for each in paths.values() for one in each.values()]
    assert len(found) == len(set(found))


def test_what_options_tells_stands_where_no_docstring_does(document: dict[str, Any]) -> None:
    operations = document["paths"]["/things/"]
    assert operations["get"]["description"] == "All the things."
    assert operations["put"]["description"] == "Throw all things away for others."


def test_who_may_ask_without_a_login_is_told(document: dict[str, Any]) -> None:
    """An authenticator that knows nobody is none."""
    paths = document["paths"]
    public = [{"HeaderAuthentication": []}, {}]
    assert paths["/things/"]["put"]["security"] == public
    assert paths["/things/open/"]["get"]["security"] == public
    assert "security" not in paths["/things/"]["patch"]
    assert "403" in paths["/things/"]["patch"]["responses"]
    assert "Challenge" not in document["components"]["securitySchemes"]


def test_schemas_of_an_answer_that_nobody_gets_are_left_out(document: dict[str, Any]) -> None:
    assert {"HTTPValidationError", "ValidationError"}.isdisjoint(document["components"]["schemas"])
